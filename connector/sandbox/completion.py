"""Completion of activities and courses.

Source: completion/classes/external.php, lib/completionlib.php; reference/moodle-ws-facts.md section 7; recorded calls
`completion.*`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.building import AUTOMATIC
from connector.sandbox.completion_state import COMPLETE, OPEN, Module, course_modules, module, module_state
from connector.sandbox.courses import course_row
from connector.sandbox.enrolled import active_enrolment
from connector.sandbox.faults import missing, moodle_exception
from connector.sandbox.site import ADMIN_ID, GUEST_ID, Site

ACTIVITY_CRITERION = 4
_BROKEN = (
    "An internal error occurred in the completion system. (System administrators can enable debugging information to"
    " see more detail.)"
)


def get_activities_completion_status(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_completion_get_activities_completion_status: one person, all tracked activities of one course.

    An unknown, deleted or guest account is an error; a suspended or unenrolled one is not (facts 7).
    """
    courseid, userid = args["courseid"], args["userid"]
    if ("course", courseid) not in site.memory:
        site.memory["course", courseid] = course_row(site, courseid)
    _living(site, userid)
    rows = {
        cmid: (state, overrideby, time)
        for cmid, state, overrideby, time in site.db.execute(
            "SELECT cmid, state, overrideby, timemodified FROM module_completion WHERE userid = ?", (userid,)
        )
    }
    tracked = is_tracked(site, courseid, userid)
    statuses = [
        _status(item, rows.get(item.cmid), tracked=tracked)
        for item in course_modules(site, courseid)
        if item.completion
    ]
    return {"statuses": statuses, "warnings": []}


def _living(site: Site, userid: int) -> None:
    if userid == GUEST_ID:
        raise moodle_exception("guestsarenotallowed", "The guest user is not allowed to do this")
    row = site.one("SELECT deleted, confirmed FROM users WHERE id = ?", (userid,))
    if row is None:
        raise missing("user")
    if row[0]:
        raise moodle_exception("userdeleted", "error/userdeleted")
    if not row[1]:
        raise moodle_exception("usernotconfirmed", "Could not confirm the user")


def is_tracked(site: Site, courseid: int, userid: int) -> bool:
    """Whether the person's enrolment in the course is active now."""
    condition = active_enrolment(site.now())
    sql = f"SELECT 1 FROM user_enrolments WHERE userid = ? AND course = ? AND {condition}"
    return site.one(sql, (userid, courseid)) is not None


def _status(item: Module, row: tuple[int, int | None, int] | None, *, tracked: bool) -> dict[str, Any]:
    shown = module_state(item, row, tracked=tracked)
    shown["cmid"] = item.cmid
    shown["modname"] = item.modname
    shown["instance"] = item.instance
    shown["tracking"] = item.completion
    return shown


def override_activity_completion_status(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_completion_override_activity_completion_status: a row is written even for somebody who is not enrolled.

    The same state again writes nothing; a passed or failed one counts as complete.
    """
    userid, state = args["userid"], args["newstate"]
    item = module(site, args["cmid"])
    site.require("moodle/course:overridecompletion", "nopermission")
    before = _row(site, userid, item.cmid)
    if not item.completion:  # it is not tracked: Moodle does nothing, whatever the state
        state = before[0] if before else OPEN
    if state not in (OPEN, COMPLETE) and state != (before[0] if before else OPEN):
        raise moodle_exception("err_system", _BROKEN)
    if bool(before and before[0]) != bool(state):
        site.db.execute(
            "INSERT OR REPLACE INTO module_completion (userid, cmid, state, overrideby, timemodified)"
            " VALUES (?, ?, ?, ?, ?)",
            (userid, item.cmid, state, ADMIN_ID, site.now()),
        )
        aggregate(site, item.cmid, userid)
    after = _row(site, userid, item.cmid) or (OPEN, None, 0)
    return {
        "cmid": item.cmid,
        "userid": userid,
        "state": after[0],
        "timecompleted": after[2],
        "overrideby": after[1],
        "tracking": item.completion,
    }


def _row(site: Site, userid: int, cmid: int) -> tuple[int, int | None, int] | None:
    found = site.one(
        "SELECT state, overrideby, timemodified FROM module_completion WHERE userid = ? AND cmid = ?", (userid, cmid)
    )
    return (found[0], found[1], found[2]) if found else None


def aggregate(site: Site, cmid: int = 0, userid: int = 0) -> int:
    """Write the course completions whose criterion is met; of one person and activity, or of all. How many.

    Only people with an enrolment in the course are credited; the time is that of the criterion (facts 7).
    """
    before = site.db.total_changes
    site.db.execute(
        "INSERT OR IGNORE INTO course_completions (course, userid, timecompleted)"
        " SELECT c.id, m.userid, m.timemodified FROM courses c JOIN module_completion m ON m.cmid = c.criterion"
        " WHERE c.criterion > 0 AND m.state IN (1, 2) AND (? = 0 OR m.cmid = ?) AND (? = 0 OR m.userid = ?)"
        " AND EXISTS (SELECT 1 FROM user_enrolments e WHERE e.course = c.id AND e.userid = m.userid)",
        (cmid, cmid, userid, userid),
    )
    return site.db.total_changes - before


def get_course_completion_status(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_completion_get_course_completion_status: one person; without criteria it is an error (nocriteriaset)."""
    courseid, userid = args["courseid"], args["userid"]
    course = course_row(site, courseid)
    _living(site, userid)
    if not course["criterion"]:
        raise moodle_exception("nocriteriaset", "No completion criteria set for this course")
    if not is_tracked(site, courseid, userid):
        raise moodle_exception("usernotenroled", "User is not enrolled")
    item = module(site, course["criterion"])
    done = site.one("SELECT timecompleted FROM course_completions WHERE course = ? AND userid = ?", (courseid, userid))
    criterion = {
        "type": ACTIVITY_CRITERION,
        "title": "Activity completion",
        "status": "Yes" if done else "No",
        "complete": done is not None,
        "timecompleted": done[0] if done else None,
        "details": {
            "type": "Activity completion",
            "criteria": f'<a href="{site.switches.wwwroot}/mod/{item.modname}/view.php?id={item.cmid}">{item.name}</a>',
            "requirement": _requirement(item),
            "status": "",
        },
    }
    status = {"completed": done is not None, "aggregation": 1, "completions": [criterion]}
    return {"completionstatus": status, "warnings": []}


def _requirement(item: Module) -> str:
    if item.completion != AUTOMATIC:
        return "Marking yourself complete"
    return "Viewing the page" if item.by_view else "Achieving grade"
