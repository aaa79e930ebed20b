"""The three custom reports: completions, users, cohort members, cell by cell as people read them.

Source: reportbuilder/classes/external; reference/moodle-ws-facts.md section 9; recordings moodle-4.5/reports.jsonl.
Dates are always written in English (a caller sends moodlewssettinglang=en to make a real site do so).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connector.sandbox.enrolled import active_enrolment
from connector.sandbox.faults import missing
from connector.sandbox.site import ADMIN_ID, GUEST_ID, Site

COMPLETIONS = "core_course\\reportbuilder\\datasource\\participants"
USERS = "core_user\\reportbuilder\\datasource\\users"
COHORTS = "core_cohort\\reportbuilder\\datasource\\cohorts"

Page = tuple[list[list[str]], int]
Rows = Callable[[Site, int, int], Page]


def list_reports(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_reportbuilder_list_reports: by name, ten a page unless told."""
    rows = site.all(
        "SELECT id, name, source, conditions, timecreated FROM reports ORDER BY name LIMIT ? OFFSET ?",
        (args["perpage"], args["page"] * args["perpage"]),
    )
    return {"reports": [_details(site, row) for row in rows], "warnings": []}


def retrieve_report(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_reportbuilder_retrieve_report: one page of text cells; there is no largest page size (facts 9)."""
    row = site.one("SELECT id, name, source, conditions, timecreated FROM reports WHERE id = ?", (args["reportid"],))
    if row is None:
        raise missing("reportbuilder_report")
    headers, rows = _SOURCES[row[2]][1:]
    columns, total = rows(site, args["perpage"], args["page"] * args["perpage"])
    data = {"headers": headers, "rows": [{"columns": cells} for cells in columns], "totalrowcount": total}
    return {"details": _details(site, row), "data": data, "warnings": []}


def _details(site: Site, row: tuple[Any, ...]) -> dict[str, Any]:
    reportid, name, source, conditions, created = row
    return {
        "name": name,
        "source": source,
        "type": 0,
        "uniquerows": False,
        "conditiondata": conditions,
        "settingsdata": None,
        "contextid": 1,
        "component": "",
        "area": "",
        "itemid": 0,
        "usercreated": ADMIN_ID,
        "id": reportid,
        "timecreated": created,
        "timemodified": created,
        "usermodified": ADMIN_ID,
        "sourcename": _SOURCES[source][0],
        "tags": [],
        "modifiedby": _author(site),
    }


def _author(site: Site) -> dict[str, Any]:
    row = site.one("SELECT email, firstname, lastname FROM users WHERE id = ?", (ADMIN_ID,))
    email, firstname, lastname = row or ("", "", "")
    empty = dict.fromkeys(("idnumber", "phone1", "phone2", "department", "institution"), "")
    return empty | {
        "id": ADMIN_ID,
        "email": email,
        "fullname": f"{firstname} {lastname}",
        "identity": email,
        "profileurl": f"{site.switches.wwwroot}/user/profile.php?id={ADMIN_ID}",
        "profileimageurl": site.picture("f1"),
        "profileimageurlsmall": site.picture("f2"),
    }


def _dates(site: Site, never: str) -> Callable[[int | None], str]:
    zone = site.zone()
    known: dict[int, str] = {}

    def text(epoch: int | None) -> str:
        if not epoch:
            return never
        minute = epoch // 60
        if minute not in known:
            moment = datetime.fromtimestamp(epoch, tz=zone)
            hour = f"{moment:%I}".lstrip("0")
            known[minute] = f"{moment:%A}, {moment.day} {moment:%B %Y}, {hour}:{moment:%M %p}"
        return known[minute]

    return text


def _page(site: Site, columns: str, source: str, *, order: str, limit: int, offset: int) -> tuple[list[Any], int]:
    count = site.one(f"SELECT count(*) FROM {source}")
    sql = f"SELECT {columns} FROM {source} ORDER BY {order} LIMIT ? OFFSET ?"
    return site.all(sql, (limit, offset)), count[0] if count else 0


def _completions(site: Site, limit: int, offset: int) -> Page:
    source = (
        "user_enrolments e JOIN users u ON u.id = e.userid AND u.deleted = 0 AND u.suspended = 0"
        " JOIN courses c ON c.id = e.course"
        " LEFT JOIN course_completions d ON d.course = e.course AND d.userid = e.userid"
        " LEFT JOIN course_access a ON a.course = e.course AND a.userid = e.userid"
        f" WHERE {active_enrolment(site.now(), 'e')}"
    )
    columns = "c.idnumber, u.username, d.timecompleted, a.timeaccess"
    rows, total = _page(site, columns, source, order="c.idnumber, u.username", limit=limit, offset=offset)
    done, seen = _dates(site, ""), _dates(site, "Never")
    cells = [[course, user, "Yes" if time else "", done(time), seen(access)] for course, user, time, access in rows]
    return cells, total


def _users(site: Site, limit: int, offset: int) -> Page:
    source = f"users WHERE deleted = 0 AND suspended = 0 AND id <> {GUEST_ID}"
    columns = "username, idnumber, firstname, lastname, lastaccess, id"
    rows, total = _page(site, columns, source, order="firstname, lastname, username", limit=limit, offset=offset)
    seen = _dates(site, "")
    root = site.switches.wwwroot
    cells = [
        [name, idnumber, first, last, "No", seen(access),
         f'<a href="{root}/user/profile.php?id={userid}">{first} {last}</a>']
        for name, idnumber, first, last, access, userid in rows
    ]  # fmt: skip
    return cells, total


def _cohorts(site: Site, limit: int, offset: int) -> Page:
    source = (
        "cohort_members m JOIN cohorts c ON c.id = m.cohort AND c.visible = 1 JOIN users u ON u.id = m.userid"
        " WHERE u.deleted = 0"
    )
    rows, total = _page(
        site, "c.idnumber, u.username, m.timeadded", source, order="c.idnumber, u.username", limit=limit, offset=offset
    )
    added = _dates(site, "")
    return [[cohort, user, added(time)] for cohort, user, time in rows], total


_SOURCES: dict[str, tuple[str, list[str], Rows]] = {
    COMPLETIONS: (
        "Course participants",
        ["Course ID number", "Username", "Completed", "Time completed", "Last access to course"],
        _completions,
    ),
    USERS: (
        "Users",
        ["Username", "ID number", "First name", "Last name", "Suspended", "Last access", "Full name with link"],
        _users,
    ),
    COHORTS: ("Cohorts", ["Cohort ID", "Username", "Time added"], _cohorts),
}
