"""What follows from being put into a cohort or taken out of one: enrolment in the courses that are tied to it.

Removing destroys: on the last enrolment, group memberships, grades and the last access go, by Moodle's default
(enrol_cohort/unenrolaction = unenrol); completion rows stay. Source: enrol/cohort/locallib.php, lib/enrollib.php
unenrol_user; reference/moodle-ws-facts.md section 3.
"""

from collections.abc import Sequence

from connector.sandbox.site import Site

ACTIVE = 0
SUSPENDED = 1


def enrol_members(site: Site, cohortid: int, userids: Sequence[int]) -> None:
    """Put these people into the cohort and, through its instances, into courses."""
    site.db.executemany(
        "INSERT OR IGNORE INTO cohort_members (cohort, userid, timeadded) VALUES (?, ?, ?)",
        [(cohortid, userid, site.now()) for userid in userids],
    )
    instances = "SELECT id, course, roleid FROM enrol WHERE method = 'cohort' AND cohort = ?"
    for enrol, course, roleid in site.all(instances, (cohortid,)):
        site.db.executemany(
            "INSERT INTO user_enrolments (enrol, userid, course, status, timestart, timeend, timecreated)"
            " VALUES (?, ?, ?, 0, 0, 0, ?) ON CONFLICT (enrol, userid) DO UPDATE SET status = 0",
            [(enrol, userid, course, site.now()) for userid in userids],
        )
        site.db.executemany(
            "INSERT OR IGNORE INTO roles (course, userid, enrol, roleid) VALUES (?, ?, ?, ?)",
            [(course, userid, enrol, roleid) for userid in userids],
        )


def remove_members(site: Site, cohortid: int, userids: Sequence[int]) -> None:
    """Take these people out of the cohort and, by the site's setting, unenrol them or suspend them without roles."""
    site.db.executemany(
        "DELETE FROM cohort_members WHERE cohort = ? AND userid = ?", [(cohortid, userid) for userid in userids]
    )
    for enrol, course in site.all("SELECT id, course FROM enrol WHERE method = 'cohort' AND cohort = ?", (cohortid,)):
        if site.switches.cohort_unenrol:
            unenrol(site, enrol, course, userids)
        else:
            site.db.executemany(
                "UPDATE user_enrolments SET status = ? WHERE enrol = ? AND userid = ?",
                [(SUSPENDED, enrol, userid) for userid in userids],
            )
            _take_roles(site, enrol, course, userids)


def unenrol(site: Site, enrol: int, course: int, userids: Sequence[int]) -> None:
    """End one enrolment of each; who has no other in the course loses groups, grades and last access there."""
    site.db.executemany(
        "DELETE FROM user_enrolments WHERE enrol = ? AND userid = ?", [(enrol, userid) for userid in userids]
    )
    _take_roles(site, enrol, course, userids)
    marks = f"SELECT userid FROM user_enrolments WHERE course = {int(course)} AND userid IN ({{}})"
    still = {row[0] for row in site.among(marks, list(userids))}
    gone = [(course, userid) for userid in userids if userid not in still]
    for statement in (
        "DELETE FROM group_members WHERE groupid IN (SELECT id FROM groups WHERE course = ?) AND userid = ?",
        "DELETE FROM grades WHERE cmid IN (SELECT id FROM modules WHERE course = ?) AND userid = ?",
        "DELETE FROM course_access WHERE course = ? AND userid = ?",
    ):
        site.db.executemany(statement, gone)


def _take_roles(site: Site, enrol: int, course: int, userids: Sequence[int]) -> None:
    site.db.executemany(
        "DELETE FROM roles WHERE course = ? AND userid = ? AND enrol = ?",
        [(course, userid, enrol) for userid in userids],
    )
