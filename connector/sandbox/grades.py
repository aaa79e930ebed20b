"""Grades: read as the user report shows them, written for an activity; and the quizzes of courses.

Source: grade/report/user/classes/external/user.php, lib/classes/grades_external.php; reference/moodle-ws-facts.md
section 8; recorded calls `grades.*`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.completion_state import FAILED, PASSED, Module, course_modules, module
from connector.sandbox.courses import course_row
from connector.sandbox.enrolled import active_enrolment
from connector.sandbox.faults import missing
from connector.sandbox.site import Site

OK, FAILURE = 0, 1
_PASSED_ICON = '<i class="icon fa fa-check text-success fa-fw inline"  title="Pass" role="img" aria-label="Pass"></i>'
_FAILED_ICON = '<i class="icon fa fa-xmark text-danger fa-fw inline"  title="Fail" role="img" aria-label="Fail"></i>'

Graded = Mapping[int, tuple[float, int]]


def update_grades(site: Site, args: Mapping[str, Any]) -> int:
    """core_grades_update_grades: grades of many for one activity; completion follows. 0 is done, 1 is failed."""
    item = module(site, args["activityid"])
    if args["component"] != f"mod_{item.modname}" or item.course != args["courseid"]:
        raise missing("course_modules")
    if args["itemnumber"] != 0 or item.gradeitem is None:
        return FAILURE
    rows = [(grade["studentid"], item.cmid, float(grade["grade"]), site.now()) for grade in args["grades"]]
    site.db.executemany("INSERT OR REPLACE INTO grades (userid, cmid, raw, timegraded) VALUES (?, ?, ?, ?)", rows)
    site.db.executemany(
        "INSERT INTO module_completion (userid, cmid, state, timemodified) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (userid, cmid) DO UPDATE SET state = excluded.state, timemodified = excluded.timemodified"
        " WHERE overrideby IS NULL",
        [(userid, cmid, PASSED if raw >= item.gradepass else FAILED, time) for userid, cmid, raw, time in rows],
    )
    return OK


def get_grade_items(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """gradereport_user_get_grade_items: one person, a group, or (userid 0) all active students; no pages (facts 8)."""
    course = course_row(site, args["courseid"])
    people = _people(site, args)
    items = [item for item in course_modules(site, course["id"]) if item.gradeitem is not None]
    grades: dict[int, dict[int, tuple[float, int]]] = {}
    marks = "SELECT userid, cmid, raw, timegraded FROM grades WHERE userid IN ({})"
    for userid, cmid, raw, time in site.among(marks, [person[0] for person in people]):
        grades.setdefault(userid, {})[cmid] = (raw, time)
    total = site.one("SELECT gradeitem FROM courses WHERE id = ?", (course["id"],))
    report = _Report(items, course["id"], total[0] if total else 0)
    return {
        "usergrades": [
            {
                "courseid": course["id"],
                "courseidnumber": course["idnumber"],
                "userid": userid,
                "userfullname": f"{firstname} {lastname}",
                "useridnumber": idnumber,
                "maxdepth": 2,
                "gradeitems": report.of(grades.get(userid, {})),
            }
            for userid, firstname, lastname, idnumber in people
        ],
        "warnings": [],
    }


def _people(site: Site, args: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    select = "SELECT u.id, u.firstname, u.lastname, u.idnumber FROM users u"
    if args["userid"]:
        rows = site.all(f"{select} WHERE u.id = ? AND u.deleted = 0", (args["userid"],))
        if not rows:
            raise missing("user")
        return rows
    return site.all(
        f"{select} WHERE u.deleted = 0 AND u.id IN (SELECT userid FROM user_enrolments"
        f" WHERE course = ? AND {active_enrolment(site.now())})"
        " AND (? = 0 OR u.id IN (SELECT userid FROM group_members WHERE groupid = ?)) ORDER BY u.id",
        (args["courseid"], args["groupid"], args["groupid"]),
    )


class _Report:
    """The user report of one course: its items with one person's grades, the course total last."""

    def __init__(self, items: Sequence[Module], courseid: int, total: int) -> None:
        self.items = items
        self.fixed = [_fixed(item) for item in items]
        self.total = _fixed_total(courseid, total)

    def of(self, grades: Graded) -> list[dict[str, Any]]:
        """One person's items. Weights are natural: only what is graded counts."""
        own = [item for item in self.items if item.cmid in grades]
        most = sum(item.grademax for item in (own or self.items))
        rows = [
            fixed | _graded(item, grades.get(item.cmid), most if own else 0)
            for item, fixed in zip(self.items, self.fixed, strict=True)
        ]
        return [*rows, self.total | _total(own, grades, most)]


def _fixed(item: Module) -> dict[str, Any]:
    return _flags() | {
        "id": item.gradeitem,
        "itemname": item.name,
        "itemtype": "mod",
        "itemmodule": item.modname,
        "iteminstance": item.instance,
        "itemnumber": 0,
        "idnumber": item.idnumber,
        "categoryid": max(item.course - 1, 1),
        "cmid": item.cmid,
        "grademax": item.grademax,
        "rangeformatted": f"0&ndash;{item.grademax:g}",
    }


def _fixed_total(courseid: int, gradeitem: int) -> dict[str, Any]:
    empty = dict.fromkeys(("itemname", "itemmodule", "itemnumber", "idnumber", "categoryid"))
    return _flags() | empty | {"id": gradeitem, "itemtype": "course", "iteminstance": max(courseid - 1, 1)}


def _flags() -> dict[str, Any]:
    return {
        "outcomeid": None,
        "scaleid": None,
        "locked": False,
        "gradedatesubmitted": None,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": False,
        "gradeislocked": False,
        "gradeisoverridden": False,
        "grademin": 0,
        "feedback": "",
    }


def _graded(item: Module, grade: tuple[float, int] | None, most: float) -> dict[str, Any]:
    if grade is None:
        shown = _nothing(0 if not most else 2)
        return shown | {"weightraw": 0, "weightformatted": "0.00 %", "status": "novalue"} if most else shown
    raw, time = grade
    weight = item.grademax / most
    icon = _PASSED_ICON if raw >= item.gradepass else _FAILED_ICON
    return _value(raw, time, item.grademax, icon) | {
        "weightraw": weight,
        "weightformatted": f"{weight * 100:.2f} %",
    }


def _total(own: Sequence[Module], grades: Graded, most: float) -> dict[str, Any]:
    fixed = {"grademax": most, "rangeformatted": f"0&ndash;{most:g}"}
    if not own:
        return fixed | _nothing(0)
    time = max(grades[item.cmid][1] for item in own)
    return fixed | _value(sum(grades[item.cmid][0] for item in own), time, most, "")


def _nothing(feedbackformat: int) -> dict[str, Any]:
    return {
        "graderaw": None,
        "gradedategraded": None,
        "gradeformatted": "-",
        "percentageformatted": "-",
        "feedbackformat": feedbackformat,
    }


def _value(raw: float, time: int, most: float, icon: str) -> dict[str, Any]:
    return {
        "graderaw": raw,
        "gradedategraded": time,
        "gradeformatted": f"{icon}{raw:.2f}",
        "percentageformatted": f"{raw / most * 100:.2f} %",
        "feedbackformat": 2,
    }


_QUIZ = {
    "introformat": 1, "introfiles": [], "visible": True, "groupmode": 0, "groupingid": 0, "lang": "", "timeopen": 0,
    "timeclose": 0, "timelimit": 0, "overduehandling": "autosubmit", "graceperiod": 86400,
    "preferredbehaviour": "deferredfeedback", "canredoquestions": 0, "attempts": 0, "attemptonlast": 0,
    "grademethod": 1, "decimalpoints": 2, "questiondecimalpoints": -1, "reviewattempt": 69904,
    "reviewcorrectness": 69904, "reviewmaxmarks": 69904, "reviewmarks": 69904, "reviewspecificfeedback": 69904,
    "reviewgeneralfeedback": 69904, "reviewrightanswer": 69904, "reviewoverallfeedback": 4368, "questionsperpage": 1,
    "navmethod": "free", "shuffleanswers": 1, "sumgrades": 0, "password": "", "subnet": "", "browsersecurity": "",
    "delay1": 0, "delay2": 0, "showuserpicture": 0, "showblocks": 0, "completionattemptsexhausted": 0,
    "completionpass": 1, "allowofflineattempts": 0, "autosaveperiod": 60, "hasfeedback": 0, "hasquestions": 0,
}  # fmt: skip


def get_quizzes_by_courses(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """mod_quiz_get_quizzes_by_courses: an unknown course is a warning, its quizzes are simply missing."""
    quizzes, warnings = [], []
    for courseid in args["courseids"]:
        if not site.one("SELECT 1 FROM courses WHERE id = ?", (courseid,)):
            message = "No access rights in course context Course or activity not accessible."
            warnings.append({"item": "course", "itemid": courseid, "warningcode": "1", "message": message})
            continue
        quizzes += [_quiz(site, item) for item in course_modules(site, courseid) if item.modname == "quiz"]
    return {"quizzes": quizzes, "warnings": warnings}


def _quiz(site: Site, item: Module) -> dict[str, Any]:
    return _QUIZ | {
        "id": item.instance,
        "coursemodule": item.cmid,
        "course": item.course,
        "name": site.text(item.name),
        "intro": f"Test quiz {item.instance}",
        "section": item.section,
        "grade": item.grademax,
        "timecreated": item.timecreated,
        "timemodified": item.timecreated,
    }
