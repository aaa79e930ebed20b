"""Cohorts of a course: settings, list, creation, renaming; they cannot be deleted.

Source: openedx/core/djangoapps/course_groups; reference/openedx-facts.md section 6; the recorded cohorts_*.
"""

from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.answers import Refusal, developer, empty, error, page, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.courses import course_row
from connector.sandbox.openedx.paging import numbered
from connector.sandbox.openedx.site import EdxSite

UNASSIGNED = "[unassigned]"
# user_count counts members who are actively enrolled
_SQL = (
    "SELECT c.name, c.id, (SELECT count(*) FROM members m JOIN enrolments e ON e.userid = m.userid AND"
    " e.course = m.course WHERE m.cohort = c.id AND e.is_active = 1), c.assignment_type"
    " FROM cohorts c WHERE c.course = ?"
)


def settings(ask: Ask) -> SandboxAnswer:
    """Whether the course is divided into cohorts, read or set; anything but a bool breaks the platform."""
    course = _course(ask)
    if ask.method == "PUT":
        data = ask.data()
        if "is_cohorted" not in data:
            raise developer(400, 'Missing field "is_cohorted".')
        if not isinstance(data["is_cohorted"], bool):
            return page(500)
        ask.site.db.execute("UPDATE courses SET is_cohorted = ? WHERE id = ?", (data["is_cohorted"], course["id"]))
        course["is_cohorted"] = data["is_cohorted"]
    return reply({"id": course["settings_id"], "is_cohorted": bool(course["is_cohorted"])})


def cohorts(ask: Ask) -> SandboxAnswer:
    """The course's cohorts as a bare list, in pages of ten that name no other page."""
    course = _course(ask)
    if ask.method == "POST":
        return _create(ask, course["id"])
    rows = ask.site.all(f"{_SQL} ORDER BY c.id", (course["id"],))
    _here, _pages, part = numbered(ask, rows)
    return reply([_shown(row) for row in part])


def cohort(ask: Ask) -> SandboxAnswer:
    """One cohort read or renamed."""
    course = _course(ask)
    row = ask.site.one(f"{_SQL} AND c.id = ?", (course["id"], ask.arguments["cohort"]))
    if row is None:
        raise developer(404, "CourseUserGroup matching query does not exist.")
    return _change(ask, course["id"], int(row[1])) if ask.method == "PATCH" else reply(_shown(row))


def cohort_named(site: EdxSite, course: str, name: str) -> int | None:
    """The id of the course's cohort of this name."""
    row = site.one("SELECT id FROM cohorts WHERE course = ? AND name = ?", (course, name))
    return None if row is None else int(row[0])


def put_in_cohort(site: EdxSite, course: str, cohort: int, userid: int) -> str | None:
    """Put an account into a cohort, out of any other of the course; the name of the one it was in."""
    before = cohort_of(site, course, userid, "")
    sql = "INSERT OR REPLACE INTO members (course, userid, cohort) VALUES (?, ?, ?)"
    site.db.execute(sql, (course, userid, cohort))
    return before


def preassign(site: EdxSite, course: str, cohort: int, email: str) -> None:
    """Note the cohort of an e-mail that has no account. Registration and activation do not make it a membership."""
    sql = "INSERT OR REPLACE INTO preassigned (course, email, cohort) VALUES (?, ?, ?)"
    site.db.execute(sql, (course, email, cohort))


def cohort_of(site: EdxSite, course: str, userid: int | None, email: str) -> str | None:
    """The name of the cohort that an account is in, or that an e-mail without account is noted for."""
    if userid is None:
        sql, values = "SELECT cohort FROM preassigned WHERE course = ? AND email = ?", (course, email)
    else:
        sql, values = "SELECT cohort FROM members WHERE course = ? AND userid = ?", (course, str(userid))
    row = site.one(f"SELECT name FROM cohorts WHERE id = ({sql})", values)
    return None if row is None else str(row[0])


def need_course(ask: Ask) -> None:
    """Global staff only, and a course that exists."""
    _course(ask)


def _course(ask: Ask) -> dict[str, Any]:
    ask.need_staff()
    row = course_row(ask.site, ask.course)
    if row is None:
        raise Refusal(error(ask.style, 404, f"Course not found: {ask.course}."))
    return row


def _create(ask: Ask, course: str) -> SandboxAnswer:
    data = ask.data()
    for name, what in (("name", "cohort-name"), ("assignment_type", "assignment-type")):
        if not data.get(name):
            raise developer(400, f'"{name}" must be specified to create cohort.', f"missing-{what}")
    if cohort_named(ask.site, course, data["name"]) is not None:
        return page(500)  # a ValueError that nobody catches, still so on later releases
    values = (course, data["name"], data["assignment_type"])
    ask.site.db.execute("INSERT INTO cohorts (course, name, assignment_type) VALUES (?, ?, ?)", values)
    return reply(_shown(ask.site.all(f"{_SQL} AND c.name = ?", (course, data["name"]))[0]))


def _change(ask: Ask, course: str, cohort: int) -> SandboxAnswer:
    data = ask.data()
    name, kind = data.get("name"), data.get("assignment_type")
    if not name and not kind:
        raise developer(400, "Request must include name and/or assignment type.", "missing-fields")
    if name and cohort_named(ask.site, course, name) not in (None, cohort):
        raise developer(400, "A cohort with the same name already exists.", "cohort-name-exists")
    sql = "UPDATE cohorts SET name = coalesce(?, name), assignment_type = coalesce(?, assignment_type) WHERE id = ?"
    ask.site.db.execute(sql, (name, kind, cohort))
    return empty(204)


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    named = dict(zip(("name", "id", "user_count", "assignment_type"), row, strict=True))
    return named | {"user_partition_id": None, "group_id": None}
