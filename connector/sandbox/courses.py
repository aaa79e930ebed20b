"""Courses and categories.

Source: course/externallib.php; reference/moodle-ws-facts.md section 5; recorded calls `courses.*`, `categories`.
"""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.building import add_course
from connector.sandbox.enrolled import active_enrolment
from connector.sandbox.faults import invalid_parameter, missing, moodle_exception
from connector.sandbox.site import Site

_COLUMNS = (
    "id", "category", "fullname", "shortname", "idnumber", "summary", "startdate", "enddate", "enablecompletion",
    "visible", "sortorder", "timecreated", "contextid", "criterion",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM courses"
_FIELDS = {"id", "shortname", "idnumber", "category"}
_FILTERS = ("displayh5p", "activitynames", "mathjaxloader", "emoticon", "urltolink", "mediaplugin")
_ZEROES = (
    "newsitems", "maxbytes", "showreports", "groupmode", "groupmodeforce", "defaultgroupingid", "completionnotify",
    "marker", "legacyfiles", "requested",
)  # fmt: skip


def course_row(site: Site, courseid: int, table: str = "course") -> dict[str, Any]:
    """The course's row by name of column. Raises the missing-record fault."""
    row = site.one(f"{_SELECT} WHERE id = ?", (courseid,))
    if row is None:
        raise missing(table)
    return dict(zip(_COLUMNS, row, strict=True))


def get_courses_by_field(site: Site, args: Mapping[str, Any]) -> dict[str, Any]:
    """core_course_get_courses_by_field: what does not exist is left out without a word (facts 5)."""
    name, value = args["field"], args["value"]
    if not name:
        rows = site.all(f"{_SELECT} ORDER BY sortorder")
    elif name == "ids":
        ids = [int(part) for part in value.split(",") if part.strip().isdigit()]
        rows = sorted(site.among(f"{_SELECT} WHERE id IN ({{}})", ids))
    elif name in _FIELDS:
        rows = site.all(f"{_SELECT} WHERE {name} = ? ORDER BY sortorder", (value,))
    else:
        raise invalid_parameter()
    categories = dict(site.all("SELECT id, name FROM categories"))
    courses = [_shown(site, dict(zip(_COLUMNS, row, strict=True)), categories) for row in rows]
    return {"courses": courses, "warnings": []}


def _shown(site: Site, course: dict[str, Any], categories: Mapping[int, str]) -> dict[str, Any]:
    same = ("id", "idnumber", "startdate", "enddate", "visible", "enablecompletion", "sortorder", "timecreated")
    return {name: course[name] for name in same} | dict.fromkeys(_ZEROES, 0) | _names(site, course) | {
        "courseimage": _image(site, course["contextid"]),
        "categoryid": course["category"],
        "categoryname": site.text(categories.get(course["category"], "")),
        "summary": course["summary"],
        "summaryformat": 1,
        "summaryfiles": [],
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True,
        "contacts": [],
        "enrollmentmethods": [
            row[0] for row in site.all("SELECT method FROM enrol WHERE course = ? ORDER BY id", (course["id"],))
        ],
        "format": "topics",
        "showgrades": 1,
        "lang": "",
        "theme": "",
        "calendartype": "",
        "timemodified": course["timecreated"],
        "cacherev": course["timecreated"],
        "filters": [{"filter": name, "localstate": 0, "inheritedstate": 1} for name in _FILTERS],
        "courseformatoptions": [
            {"name": "hiddensections", "value": 1},
            {"name": "coursedisplay", "value": 0},
            {"name": "indentation", "value": "1"},
        ],
    }  # fmt: skip


def _names(site: Site, course: Mapping[str, Any]) -> dict[str, Any]:
    fullname = site.text(course["fullname"])
    return {"fullname": fullname, "displayname": fullname, "shortname": site.text(course["shortname"])}


def _image(site: Site, contextid: int) -> str:
    return f"{site.switches.wwwroot}/pluginfile.php/{contextid}/course/generated/course.svg"


def create_courses(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_course_create_courses: empty courses with default enrolment; one transaction; names in use refuse it."""
    made = []
    for course in args["courses"]:
        if not site.one("SELECT 1 FROM categories WHERE id = ?", (course["categoryid"],)):
            raise missing("course_categories")
        shortname, idnumber = course["shortname"], course.get("idnumber") or ""
        if site.one("SELECT 1 FROM courses WHERE shortname = ?", (shortname,)):
            raise moodle_exception("shortnametaken", f"Short name is already used for another course ({shortname})")
        if idnumber and site.one("SELECT 1 FROM courses WHERE idnumber = ?", (idnumber,)):
            message = f"ID number is already used for another course ({idnumber})"
            raise moodle_exception("courseidnumbertaken", message)
        courseid = add_course(
            site,
            course["categoryid"],
            course["fullname"],
            shortname,
            idnumber,
            startdate=course.get("startdate") or 0,
            enddate=course.get("enddate") or 0,
            sections=course.get("numsections") or 0,
            completion=bool(course.get("enablecompletion")),
            summary=course.get("summary") or "",
        )
        made.append({"id": courseid, "shortname": shortname})
    return made


def get_categories(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_course_get_categories: all, or those that fit the criteria (id, name, idnumber)."""
    if any(criterion["key"] not in ("id", "name", "idnumber") for criterion in args["criteria"]):
        raise invalid_parameter()
    where = " AND ".join(f"{criterion['key']} = ?" for criterion in args["criteria"]) or "1 = 1"
    rows = site.all(
        "SELECT id, name, idnumber, description, sortorder, timemodified,"
        " (SELECT count(*) FROM courses WHERE category = categories.id)"
        f" FROM categories WHERE {where} ORDER BY sortorder",
        [criterion["value"] for criterion in args["criteria"]],
    )
    names = ("id", "name", "idnumber", "description", "sortorder", "timemodified", "coursecount")
    return [_category(site, dict(zip(names, row, strict=True))) for row in rows]


def _category(site: Site, category: dict[str, Any]) -> dict[str, Any]:
    fixed = {"descriptionformat": 1, "parent": 0, "visible": 1, "visibleold": 1, "depth": 1, "theme": ""}
    return category | fixed | {"name": site.text(category["name"]), "path": f"/{category['id']}"}


def get_users_courses(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_enrol_get_users_courses: one person's courses with an active enrolment; no completion times (facts 4.6)."""
    userid = args["userid"]
    if not site.one("SELECT 1 FROM users WHERE id = ?", (userid,)):
        raise missing("user")
    rows = site.all(
        f"{_SELECT} WHERE id IN (SELECT course FROM user_enrolments"
        f" WHERE userid = ? AND {active_enrolment(site.now())}) ORDER BY sortorder",
        (userid,),
    )
    courses = [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
    return [_mine(site, course, userid, count=args["returnusercount"]) for course in courses]


def _mine(site: Site, course: dict[str, Any], userid: int, *, count: bool) -> dict[str, Any]:
    key = (course["id"], userid)
    done = site.one("SELECT 1 FROM course_completions WHERE course = ? AND userid = ?", key)
    seen = site.one("SELECT timeaccess FROM course_access WHERE course = ? AND userid = ?", key)
    shown = {name: course[name] for name in ("id", "idnumber", "visible", "category", "startdate", "enddate")}
    shown |= _names(site, course)
    shown |= {
        "summary": course["summary"],
        "summaryformat": 1,
        "format": "topics",
        "courseimage": _image(site, course["contextid"]),
        "showgrades": True,
        "lang": "",
        "enablecompletion": bool(course["enablecompletion"]),
        "completionhascriteria": bool(course["criterion"]),
        "completionusertracked": True,
        "progress": _progress(site, course["id"], userid),
        "completed": done is not None,
        "marker": 0,
        "lastaccess": seen[0] if seen else None,
        "isfavourite": False,
        "hidden": False,
        "overviewfiles": [],
        "showactivitydates": False,
        "showcompletionconditions": True,
        "timemodified": course["timecreated"],
    }
    if count:
        row = site.one("SELECT count(DISTINCT userid) FROM user_enrolments WHERE course = ?", (course["id"],))
        shown["enrolledusercount"] = row[0] if row else 0
    return shown


def _progress(site: Site, courseid: int, userid: int) -> float:
    row = site.one(
        "SELECT count(*), count(CASE WHEN c.state IN (1, 2) THEN 1 END) FROM modules m"
        " LEFT JOIN module_completion c ON c.cmid = m.id AND c.userid = ?"
        " WHERE m.course = ? AND m.completion > 0",
        (userid, courseid),
    )
    total, done = row or (0, 0)
    return 100 * done / total if total else 0
