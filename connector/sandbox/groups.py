"""Groups of a course and their members.

Source: group/externallib.php; reference/moodle-ws-facts.md section 6; recorded calls `groups.*`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.faults import invalid_parameter, missing, moodle_exception
from connector.sandbox.site import Site

_COLUMNS = (
    "id", "courseid", "name", "idnumber", "description", "descriptionformat", "enrolmentkey", "visibility",
    "participation",
)  # fmt: skip


def create_groups(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_group_create_groups: one transaction; a name that the course has already refuses the list."""
    made = []
    for group in args["groups"]:
        _course(site, group["courseid"])
        idnumber = group.get("idnumber") or ""
        if site.one("SELECT 1 FROM groups WHERE course = ? AND name = ?", (group["courseid"], group["name"])):
            raise invalid_parameter()
        same = "SELECT 1 FROM groups WHERE course = ? AND idnumber = ?"
        if idnumber and site.one(same, (group["courseid"], idnumber)):
            raise moodle_exception("idnumbertaken", "ID number is already taken")
        row = (
            site.next_id("groups"), group["courseid"], group["name"], idnumber, group["description"],
            group["descriptionformat"], group.get("enrolmentkey") or "", group["visibility"],
            int(group["participation"]),
        )  # fmt: skip
        site.db.execute(
            "INSERT INTO groups (id, course, name, idnumber, description, descriptionformat, enrolmentkey, visibility,"
            " participation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        made.append(_shown(site, row))
    return made


def _course(site: Site, courseid: int) -> None:
    if not site.one("SELECT 1 FROM courses WHERE id = ?", (courseid,)):
        raise missing("course")


def _shown(site: Site, row: tuple[Any, ...]) -> dict[str, Any]:
    group = dict(zip(_COLUMNS, row, strict=True))
    return group | {"name": site.text(group["name"]), "description": site.text(group["description"])}


def get_course_groups(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_group_get_course_groups: all groups of the course; the enrolment key is not shown."""
    _course(site, args["courseid"])
    rows = site.all(
        "SELECT id, course, name, idnumber, description, descriptionformat, NULL, visibility, participation"
        " FROM groups WHERE course = ? ORDER BY id",
        (args["courseid"],),
    )
    return [_shown(site, row) for row in rows]


def get_group_members(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_group_get_group_members: ids only."""
    answer = []
    for groupid in args["groupids"]:
        _group(site, groupid)
        rows = site.all("SELECT userid FROM group_members WHERE groupid = ? ORDER BY userid", (groupid,))
        answer.append({"groupid": groupid, "userids": [row[0] for row in rows]})
    return answer


def _group(site: Site, groupid: int) -> int:
    row = site.one("SELECT course FROM groups WHERE id = ?", (groupid,))
    if row is None:
        raise missing("groups")
    return int(row[0])


def add_group_members(site: Site, args: Mapping[str, Any]) -> None:
    """core_group_add_group_members: one transaction; one who is unknown or not enrolled fails all (facts 6)."""
    members = args["members"]
    alive = _alive(site, [member["userid"] for member in members])
    enrolled: dict[int, set[int]] = {}
    for member in members:  # the first one that is wrong is told
        groupid, userid = member["groupid"], member["userid"]
        if groupid not in enrolled:
            enrolled[groupid] = _enrolled(site, _group(site, groupid))
        if userid not in alive:
            raise missing("user")
        if userid not in enrolled[groupid]:
            raise invalid_parameter()
    _write(site, "INSERT OR IGNORE INTO group_members (groupid, userid) VALUES (?, ?)", members)


def _alive(site: Site, userids: list[int]) -> set[int]:
    return {row[0] for row in site.among("SELECT id FROM users WHERE id IN ({}) AND deleted = 0", userids)}


def _enrolled(site: Site, courseid: int) -> set[int]:
    return {row[0] for row in site.all("SELECT userid FROM user_enrolments WHERE course = ?", (courseid,))}


def delete_group_members(site: Site, args: Mapping[str, Any]) -> None:
    """core_group_delete_group_members: one transaction; not being a member is no error."""
    members = args["members"]
    alive = _alive(site, [member["userid"] for member in members])
    for member in members:  # the first one that is wrong is told
        _group(site, member["groupid"])
        if member["userid"] not in alive:
            raise missing("user")
    _write(site, "DELETE FROM group_members WHERE groupid = ? AND userid = ?", members)


def _write(site: Site, sql: str, members: list[Mapping[str, int]]) -> None:
    site.db.executemany(sql, [(member["groupid"], member["userid"]) for member in members])
