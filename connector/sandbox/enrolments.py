"""Manual enrolment: enrol, change, unenrol.

Source: enrol/manual/externallib.php; reference/moodle-ws-facts.md 4.1, 4.2; recorded calls `enrol.manual*`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.cohort_enrolment import SUSPENDED, unenrol
from connector.sandbox.faults import coding_error, invalid_parameter, missing, moodle_exception, php_type_error
from connector.sandbox.site import Site

ROLES = {1: "manager", 3: "editingteacher", 4: "teacher", 5: "student"}
STUDENT = 5
FRONT_PAGE = 1  # a course on a real site, in which nobody can be enrolled
_UNKNOWN_USER = (
    "core\\user::get_name_placeholders(): Argument #1 ($user) must be of type stdClass, bool given, called in"
    " /var/www/moodle/lib/enrollib.php on line 3674"
)


def enrol_users(site: Site, args: Mapping[str, Any]) -> None:
    """enrol_manual_enrol_users: one transaction. Left-out times and state overwrite with 0 and active (facts 4.1).

    An unknown person ends in a PHP TypeError without errorcode, a deleted one in a coding error; nothing is kept.
    """
    rows = args["enrolments"]
    people = {
        userid: bool(deleted)
        for userid, deleted in site.among(
            "SELECT id, deleted FROM users WHERE id IN ({})", list({row["userid"] for row in rows})
        )
    }
    if rows:
        site.require("enrol/manual:enrol")
    instances: dict[int, int | None] = {}
    enrolments, roles = [], []
    for row in rows:
        course, userid = row["courseid"], row["userid"]
        if course not in instances:
            instances[course] = _manual(site, course)
        enrol = instances[course]
        _check(row, enrol, site.switches.lacks, deleted=people.get(userid))
        times = (row.get("timestart") or 0, row.get("timeend") or 0, site.now())
        enrolments.append((enrol, userid, course, SUSPENDED if row.get("suspend") else 0, *times))
        roles.append((course, userid, enrol, row["roleid"]))
    site.db.executemany(
        "INSERT INTO user_enrolments (enrol, userid, course, status, timestart, timeend, timecreated)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (enrol, userid) DO UPDATE SET"
        " status = excluded.status, timestart = excluded.timestart, timeend = excluded.timeend",
        enrolments,
    )
    site.db.executemany("INSERT OR IGNORE INTO roles (course, userid, enrol, roleid) VALUES (?, ?, ?, ?)", roles)
    if site.switches.welcome_messages:
        _welcome(site, rows)


def _welcome(site: Site, rows: Sequence[Mapping[str, Any]]) -> None:
    """The course's welcome message goes out at every call, also to those who are enrolled already (facts 4.1)."""
    site.db.executemany(
        "INSERT INTO welcomes (userid, course, timecreated) VALUES (?, ?, ?)",
        [(row["userid"], row["courseid"], site.now()) for row in rows],
    )


def _manual(site: Site, course: int) -> int | None:
    if course != FRONT_PAGE and not site.one("SELECT 1 FROM courses WHERE id = ?", (course,)):
        raise invalid_parameter()
    row = site.one("SELECT id FROM enrol WHERE course = ? AND method = 'manual'", (course,))
    return int(row[0]) if row else None


def _check(row: Mapping[str, Any], enrol: int | None, lacks: frozenset[str], *, deleted: bool | None) -> None:
    if row["roleid"] not in ROLES or "moodle/role:assign" in lacks:
        where = f"this role ({row['roleid']}) to this user ({row['userid']}) in this course ({row['courseid']})"
        raise moodle_exception("wsusercannotassign", f"You don't have the permission to assign {where}.")
    if enrol is None:
        message = (
            f"Manual enrolment plugin instance doesn't exist or is disabled for the course (id = {row['courseid']})"
        )
        raise moodle_exception("wsnoinstance", message)
    if deleted is None:
        raise php_type_error(_UNKNOWN_USER)
    if deleted:
        raise coding_error("User ID does not exist or is deleted!")


def unenrol_users(site: Site, args: Mapping[str, Any]) -> None:
    """enrol_manual_unenrol_users: only the manual enrolment ends; who is not enrolled is silently nothing."""
    for row in args["enrolments"]:
        if not site.one("SELECT 1 FROM courses WHERE id = ?", (row["courseid"],)):
            raise missing("course")
        enrol = _manual(site, row["courseid"])
        if not site.one("SELECT 1 FROM users WHERE id = ?", (row["userid"],)):
            raise invalid_parameter()
        if enrol is None:
            raise moodle_exception("wsnoinstance", "Manual enrolment plugin instance doesn't exist or is disabled")
        unenrol(site, enrol, row["courseid"], [row["userid"]])
