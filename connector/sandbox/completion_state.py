"""Activities, and how far one person has come in each, as completion shows it.

Source: completion/classes/external.php, completion/classes/cm_completion_details.php; recorded calls
`completion.activities.*`. States: 0 open, 1 complete, 2 passed, 3 failed.
"""

import json
from dataclasses import dataclass
from typing import Any

from connector.sandbox.building import AUTOMATIC
from connector.sandbox.faults import missing
from connector.sandbox.site import Site

OPEN, COMPLETE, PASSED, FAILED = 0, 1, 2, 3
DONE = (COMPLETE, PASSED)

_COLUMNS = (
    "id, course, section, modname, instance, name, idnumber, completion, gradepass, grademax, gradeitem, groupid,"
    " contextid, timecreated, (SELECT condition FROM restrictions WHERE cmid = modules.id)"
)
# For a state of the whole activity: the state of the rule "receive a grade" and of "receive a passing grade".
_GRADE_RULES = {OPEN: (0, 0), COMPLETE: (1, 1), PASSED: (2, 2), FAILED: (1, 3)}


@dataclass(frozen=True, slots=True)
class Module:
    """One activity of a course (Moodle: course module)."""

    cmid: int
    course: int
    section: int
    modname: str
    instance: int
    name: str
    idnumber: str
    completion: int
    gradepass: float
    grademax: float
    gradeitem: int | None
    groupid: int | None
    contextid: int
    timecreated: int
    condition: str | None = None  # a restriction other than the group, as Moodle writes it in JSON

    @property
    def by_view(self) -> bool:
        """Whether looking at it completes it."""
        return self.modname == "page" and self.completion == AUTOMATIC

    @property
    def availability(self) -> str | None:
        """The restriction as Moodle stores it, or None."""
        conditions = [] if self.groupid is None else [{"type": "group", "id": self.groupid}]
        if self.condition is not None:
            conditions.append(json.loads(self.condition))
        if not conditions:
            return None
        rule = {"op": "&", "c": conditions, "showc": [False] * len(conditions)}
        return json.dumps(rule, separators=(",", ":"))


def course_modules(site: Site, courseid: int) -> list[Module]:
    """The activities of a course in the order of its page; kept in memory, since no web service changes them."""
    key = ("modules", courseid)
    if key not in site.memory:
        rows = site.all(f"SELECT {_COLUMNS} FROM modules WHERE course = ? ORDER BY section, id", (courseid,))
        site.memory[key] = [Module(*row) for row in rows]
    found: list[Module] = site.memory[key]
    return found


def module(site: Site, cmid: int) -> Module:
    """One activity. Raises the missing-record fault."""
    row = site.one(f"SELECT {_COLUMNS} FROM modules WHERE id = ?", (cmid,))
    if row is None:
        raise missing("course_modules")
    return Module(*row)


def module_state(item: Module, row: tuple[int, int | None, int] | None, *, tracked: bool) -> dict[str, Any]:
    """One person's completion of one activity; `row` is (state, overridden by, time) or None when not begun."""
    state, overrideby, time = row or (OPEN, None, 0)
    return {
        "state": state,
        "timecompleted": time,
        "overrideby": overrideby,
        "valueused": False,
        "hascompletion": True,
        "isautomatic": item.completion == AUTOMATIC,
        "istrackeduser": tracked,
        "uservisible": True,
        "details": _details(item, state),
        "isoverallcomplete": state in DONE,
    }


def _details(item: Module, state: int) -> list[dict[str, Any]]:
    if item.completion != AUTOMATIC:
        return []
    if item.by_view:
        return [_rule("completionview", state, "View")]
    grade, passing = _GRADE_RULES[state]
    return [
        _rule("completionusegrade", grade, "Receive a grade"),
        _rule("completionpassgrade", passing, "Receive a passing grade"),
    ]


def _rule(name: str, status: int, description: str) -> dict[str, Any]:
    return {"rulename": name, "rulevalue": {"status": status, "description": description}}
