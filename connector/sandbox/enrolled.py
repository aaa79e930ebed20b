"""Who is enrolled, read course by course or person by person.

Source: enrol/externallib.php; reference/moodle-ws-facts.md 4.6; recorded calls `enrol.users.*`, `enrol.user_courses`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connector.sandbox.enrolments import ROLES
from connector.sandbox.faults import missing, moodle_exception
from connector.sandbox.profiles import profile_values, told
from connector.sandbox.site import Site

_COLUMNS = (
    "id", "username", "firstname", "lastname", "email", "address", "phone1", "phone2", "department", "institution",
    "idnumber", "firstaccess", "lastaccess", "description", "city", "country",
)  # fmt: skip
_ALWAYS = {"department", "firstaccess", "lastaccess"}
_USERFIELDS = {
    *_COLUMNS, "fullname", "lastcourseaccess", "interests", "profileimageurl", "profileimageurlsmall", "customfields",
    "groups", "roles", "preferences", "enrolledcourses", "descriptionformat", "suspended",
}  # fmt: skip
_SORTS = {"id": "u.id", "firstname": "u.firstname", "lastname": "u.lastname", "siteorder": "u.firstname, u.lastname"}
_ACTIVE = "status = 0 AND timestart <= {now} AND (timeend = 0 OR timeend > {now})"


def active_enrolment(now: int, alias: str = "") -> str:
    """The SQL condition of an enrolment that is active at this moment: its state and its window."""
    text = _ACTIVE.format(now=int(now))
    return text.replace("status", f"{alias}.status").replace("time", f"{alias}.time") if alias else text


def get_enrolled_users(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_enrol_get_enrolled_users: pages, few fields on demand; fullname and phone2 come unasked (facts 4.6)."""
    course = args["courseid"]
    if not site.one("SELECT 1 FROM courses WHERE id = ?", (course,)):
        raise missing("course")
    options = {option["name"]: option["value"] for option in args["options"]}
    fields = _fields(options.get("userfields", ""))
    rows = _rows(site, course, options)
    extras = _extras(site, course, [row[0] for row in rows], fields)
    return [_shown(row, fields, extras) for row in rows]


def _fields(text: str) -> set[str]:
    if not text:
        return _USERFIELDS
    wanted = {name.strip() for name in text.split(",")}
    for name in wanted - _USERFIELDS:
        raise moodle_exception("invaliduserfield", f"Invalid user field: {name}")
    return wanted | {"id", "fullname", "phone2"}


def _rows(site: Site, course: int, options: Mapping[str, str]) -> list[tuple[Any, ...]]:
    now = site.now()
    active = f"EXISTS (SELECT 1 FROM user_enrolments e WHERE e.course = :course AND e.userid = u.id AND {_ACTIVE})"
    conditions = ["u.deleted = 0", "u.id IN (SELECT userid FROM user_enrolments WHERE course = :course)"]
    if options.get("onlyactive") == "1":
        conditions.append(active.format(now=now))
    if options.get("onlysuspended") == "1":
        conditions.append(f"NOT {active.format(now=now)}")
    if int(options.get("groupid") or 0):
        conditions.append("u.id IN (SELECT userid FROM group_members WHERE groupid = :group)")
    sort = _SORTS.get(options.get("sortby", "id"), "u.id")
    direction = "DESC" if options.get("sortdirection", "").upper() == "DESC" else "ASC"
    columns = ", ".join(f"u.{name}" for name in _COLUMNS)
    sql = (
        f"SELECT {columns}, coalesce(a.timeaccess, 0) FROM users u"
        " LEFT JOIN course_access a ON a.userid = u.id AND a.course = :course"
        f" WHERE {' AND '.join(conditions)} ORDER BY {sort} {direction} LIMIT :limit OFFSET :offset"
    )
    values = {
        "course": course,
        "group": int(options.get("groupid") or 0),
        "limit": int(options.get("limitnumber") or 0) or -1,
        "offset": int(options.get("limitfrom") or 0),
    }
    return site.db.execute(sql, values).fetchall()


def _extras(site: Site, course: int, userids: Sequence[int], fields: set[str]) -> dict[str, Any]:
    extras: dict[str, Any] = {"small": site.picture("f2"), "large": site.picture("f1")}
    if "customfields" in fields:
        extras["customfields"] = profile_values(site, userids, display=False)
    if "roles" in fields:
        extras["roles"] = _roles(site, course)
    if "groups" in fields:
        extras["groups"] = _groups(site, course)
    if "enrolledcourses" in fields:
        extras["enrolledcourses"] = _courses(site, userids)
    return extras


def _roles(site: Site, course: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    rows = site.all("SELECT DISTINCT userid, roleid FROM roles WHERE course = ? ORDER BY userid, roleid", (course,))
    for userid, roleid in rows:
        role = {"roleid": roleid, "name": "", "shortname": ROLES[roleid], "sortorder": 0}
        found.setdefault(userid, []).append(role)
    return found


def _groups(site: Site, course: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    sql = (
        "SELECT m.userid, g.id, g.name, g.description, g.descriptionformat FROM groups g"
        " JOIN group_members m ON m.groupid = g.id WHERE g.course = ? ORDER BY g.name"
    )
    for userid, *group in site.all(sql, (course,)):
        named = dict(zip(("id", "name", "description", "descriptionformat"), group, strict=True))
        found.setdefault(userid, []).append(named)
    return found


def _courses(site: Site, userids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    marks = (
        "SELECT DISTINCT e.userid, c.id, c.fullname, c.shortname FROM user_enrolments e"
        f" JOIN courses c ON c.id = e.course WHERE {active_enrolment(site.now(), 'e')}"
        " AND e.userid IN ({}) ORDER BY e.userid, c.sortorder"
    )
    for userid, *course in site.among(marks, userids):
        found.setdefault(userid, []).append(dict(zip(("id", "fullname", "shortname"), course, strict=True)))
    return found


def _shown(row: tuple[Any, ...], fields: set[str], extras: Mapping[str, Any]) -> dict[str, Any]:
    values = zip(_COLUMNS, row, strict=False)
    user = {name: value for name, value in values if name in fields and (told(name, value) or name in _ALWAYS)}
    user["fullname"] = f"{row[2]} {row[3]}"
    if "lastcourseaccess" in fields:
        user["lastcourseaccess"] = row[-1]
    if "profileimageurl" in fields:
        user["profileimageurlsmall"], user["profileimageurl"] = extras["small"], extras["large"]
    for name in ("customfields", "groups", "roles", "enrolledcourses"):
        if found := extras.get(name, {}).get(row[0]):
            user[name] = found
    return user


def get_course_enrolment_methods(site: Site, args: Mapping[str, Any]) -> list[dict[str, Any]]:
    """core_enrol_get_course_enrolment_methods: manual and cohort offer nothing to the caller, so [] (facts 4.6)."""
    if not site.one("SELECT 1 FROM courses WHERE id = ?", (args["courseid"],)):
        raise missing("course")
    return []
