"""What a person does on the site's pages and no web service can: activities, criteria, cohort enrolment, reports.

Used to seed sites and by tests. Each function writes and returns the new id.
"""

import json
from dataclasses import dataclass

from connector.sandbox.cohort_enrolment import enrol_members
from connector.sandbox.enrolments import STUDENT
from connector.sandbox.site import Site

# Order of ids on a fresh Moodle: system, category, front page and user contexts come first (recorded: course 2 has 12).
FIRST_CONTEXT = 12
MANUAL = 1
AUTOMATIC = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity to be made. `completion`: 0 none, 1 by hand, 2 automatic (pages by view, quizzes by pass mark)."""

    modname: str
    name: str
    idnumber: str
    section: int = 0
    completion: int = AUTOMATIC
    gradepass: float = 5
    grademax: float = 10
    group: int | None = None


def add_category(site: Site, name: str, idnumber: str | None, description: str = "") -> int:
    """A course category."""
    categoryid = site.next_id("categories")
    site.db.execute(
        "INSERT INTO categories (id, name, idnumber, description, sortorder, timemodified) VALUES (?, ?, ?, ?, ?, ?)",
        (categoryid, name, idnumber, description, categoryid * 10000, site.now()),
    )
    return categoryid


def add_course(
    site: Site,
    category: int,
    fullname: str,
    shortname: str,
    idnumber: str,
    *,
    startdate: int = 0,
    enddate: int = 0,
    sections: int = 1,
    completion: bool = True,
    summary: str = "",
) -> int:
    """A course with its sections, its course grade item and a manual enrolment instance for students."""
    courseid = site.next_id("courses")
    site.db.execute(
        "INSERT INTO courses (id, category, fullname, shortname, idnumber, summary, startdate, enddate,"
        " enablecompletion, sortorder, timecreated, contextid, gradeitem)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (courseid, category, fullname, shortname, idnumber, summary, startdate, enddate, int(completion),
         category * 10000, site.now(), next_context(site), next_grade_item(site)),
    )  # fmt: skip
    # A new course takes the first place of its category; the others move down one (recorded: sortorder 20003 of three).
    site.db.execute("UPDATE courses SET sortorder = sortorder + 1 WHERE category = ?", (category,))
    for number in range(sections + 1):
        name = "General" if number == 0 else "New section"
        site.db.execute(
            "INSERT INTO sections (id, course, section, name) VALUES (?, ?, ?, ?)",
            (site.next_id("sections"), courseid, number, name),
        )
    site.db.execute(
        "INSERT INTO enrol (id, course, method, roleid) VALUES (?, ?, 'manual', ?)",
        (site.next_id("enrol"), courseid, STUDENT),
    )
    return courseid


def next_context(site: Site) -> int:
    """The id of a new context: courses and activities share one row of numbers."""
    row = site.one("SELECT max(m) FROM (SELECT max(contextid) m FROM courses UNION SELECT max(contextid) FROM modules)")
    last = row[0] if row and row[0] else 0
    return max(last + 1, FIRST_CONTEXT)


def next_grade_item(site: Site) -> int:
    """The id of a new grade item: those of courses and of activities share one row of numbers."""
    row = site.one("SELECT max(m) FROM (SELECT max(gradeitem) m FROM courses UNION SELECT max(gradeitem) FROM modules)")
    return (row[0] or 0) + 1 if row else 1


def add_activity(site: Site, course: int, activity: Activity) -> int:
    """An activity; its course module id."""
    cmid = site.next_id("modules")
    row = site.one("SELECT count(*) FROM modules WHERE modname = ?", (activity.modname,))
    instance = (row[0] if row else 0) + 1
    graded = activity.modname == "quiz"
    site.db.execute(
        "INSERT INTO modules (id, course, section, modname, instance, name, idnumber, completion, gradepass,"
        " grademax, gradeitem, groupid, contextid, timecreated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (cmid, course, activity.section, activity.modname, instance, activity.name, activity.idnumber,
         activity.completion, activity.gradepass if graded else 0, activity.grademax if graded else 0,
         next_grade_item(site) if graded else None, activity.group, next_context(site), site.now()),
    )  # fmt: skip
    site.memory.clear()
    return cmid


def complete_by(site: Site, course: int, cmid: int) -> None:
    """Make the completion of this activity the only criterion of the course's completion."""
    site.db.execute("UPDATE courses SET criterion = ? WHERE id = ?", (cmid, course))
    site.memory.clear()


def restrict(site: Site, cmid: int, group: int) -> None:
    """Restrict access to an activity to the members of a group."""
    site.db.execute("UPDATE modules SET groupid = ? WHERE id = ?", (group, cmid))
    site.memory.clear()


def restrict_by_field(site: Site, cmid: int, shortname: str, value: str) -> None:
    """Restrict access to an activity to people in whose custom profile field this value stands."""
    _restrict(site, cmid, {"type": "profile", "op": "isequalto", "cf": shortname, "v": value})


def restrict_by_completion(site: Site, cmid: int, gate: int) -> None:
    """Restrict access to an activity to people who have completed another one."""
    _restrict(site, cmid, {"type": "completion", "cm": gate, "e": 1})


def _restrict(site: Site, cmid: int, condition: dict[str, str | int]) -> None:
    """Write the restriction as Moodle does (availability/condition/*/classes/condition.php), instead of any other."""
    site.db.execute("UPDATE modules SET groupid = NULL WHERE id = ?", (cmid,))
    site.db.execute("INSERT OR REPLACE INTO restrictions VALUES (?, ?)", (cmid, json.dumps(condition)))
    site.memory.clear()


def track(site: Site, cmid: int, completion: int) -> None:
    """Set the completion tracking of an activity, and take away every restriction: its own completion is the gate."""
    site.db.execute("UPDATE modules SET groupid = NULL, completion = ? WHERE id = ?", (completion, cmid))
    site.db.execute("DELETE FROM restrictions WHERE cmid = ?", (cmid,))
    site.memory.clear()


def add_group(site: Site, course: int, name: str, idnumber: str) -> int:
    """A group made on the site's pages."""
    groupid = site.next_id("groups")
    site.db.execute(
        "INSERT INTO groups (id, course, name, idnumber) VALUES (?, ?, ?, ?)", (groupid, course, name, idnumber)
    )
    return groupid


def add_cohort_enrolment(site: Site, course: int, cohort: int, roleid: int = STUDENT) -> int:
    """A cohort enrolment instance; those who are already members are enrolled at once."""
    enrol = site.next_id("enrol")
    site.db.execute(
        "INSERT INTO enrol (id, course, method, cohort, roleid) VALUES (?, ?, 'cohort', ?, ?)",
        (enrol, course, cohort, roleid),
    )
    enrol_members(
        site, cohort, [row[0] for row in site.all("SELECT userid FROM cohort_members WHERE cohort = ?", (cohort,))]
    )
    return enrol


def add_profile_field(site: Site, shortname: str, name: str, sortorder: int = 1) -> None:
    """A custom profile field of kind text."""
    site.db.execute(
        "INSERT INTO profile_fields (id, shortname, name, sortorder) VALUES (?, ?, ?, ?)",
        (site.next_id("profile_fields"), shortname, name, sortorder),
    )


def add_report(site: Site, name: str, source: str, conditions: str) -> None:
    """A custom report shared with the service account."""
    site.db.execute(
        "INSERT INTO reports (id, name, source, conditions, timecreated) VALUES (?, ?, ?, ?, ?)",
        (site.next_id("reports"), name, source, conditions, site.now()),
    )


def add_token(site: Site, token: str, *, functions: str = "", valid_until: int = 0, address: str = "") -> None:
    """A permanent token of the administrator; `functions` limits its service to these names, with spaces between."""
    site.db.execute(
        "INSERT OR REPLACE INTO tokens (token, functions, valid_until, address) VALUES (?, ?, ?, ?)",
        (token, functions, valid_until, address),
    )
