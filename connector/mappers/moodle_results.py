"""What Moodle says of learning: enrolled people, completion states, grades, certificate issues.

Shapes of `core_enrol_get_enrolled_users`, `core_completion_get_activities_completion_status`,
`core_completion_get_course_completion_status`, `gradereport_user_get_grade_items` and `mod_customcert_list_issues`
(reference/moodle-ws-schemas.md, recordings moodle-4.5). Seconds since 1970 become aware UTC times.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connector.mappers.moodle import moment
from connector.model import CertificateIssue, EnrolmentSeen, TopicRef, TopicResult

# completionlib.php: FAILED_HIDDEN is a failed attempt whose grade the learner may not see.
INCOMPLETE, COMPLETE, PASSED, FAILED, FAILED_HIDDEN = range(5)


def enrolment(course: str, row: Mapping[str, Any], *, active: bool | None) -> EnrolmentSeen:
    """One enrolled person; `active` comes from another read, the row itself does not tell it."""
    return EnrolmentSeen(
        course=course,
        username=str(row["username"]),
        active=active,
        last_access=moment(row.get("lastaccess")),
        last_course_access=moment(row.get("lastcourseaccess")),
    )


def activity_result(
    ref: TopicRef, username: str, status: Mapping[str, Any], grade: float | None = None
) -> TopicResult | None:
    """The learner's state in one activity; None when it is not begun.

    A failed quiz is begun, with a grade, and not done. A completed row without a time cannot be placed in a
    programme's window, so it does not count as done either. Raises ValueError for a state that Moodle does not have.
    """
    state = int(status["state"])
    if state not in range(FAILED_HIDDEN + 1):
        raise ValueError(f"unknown completion state {state}")
    if state == INCOMPLETE:
        return None
    completed_at = moment(status["timecompleted"]) if state in (COMPLETE, PASSED) else None
    return TopicResult(
        ref=ref,
        username=username,
        done=completed_at is not None,
        completed_at=completed_at,
        grade=grade,
        overridden=bool(status.get("overrideby")),
        overridden_by=str(status.get("overrideby") or ""),
    )


def course_result(ref: TopicRef, username: str, status: Mapping[str, Any]) -> TopicResult | None:
    """The learner's state in a whole course, from `completionstatus`; None when it is not completed.

    Moodle's time of completion is that of the criterion that was met last; a completion without any time cannot be
    placed in a programme's window and is left out, as the report leaves its time empty.
    """
    times = [int(row["timecompleted"]) for row in status["completions"] if row["timecompleted"]]
    if not times or not status["completed"]:
        return None
    return TopicResult(ref=ref, username=username, done=True, completed_at=moment(max(times)))


def grades(items: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    """Grades by course module id, as per cent of the highest grade (0..100); items without a grade are left out."""
    found: dict[int, float] = {}
    for item in items:
        cmid, raw, highest = item.get("cmid"), item.get("graderaw"), item.get("grademax")
        if cmid and raw is not None and highest:
            found[int(cmid)] = min(100.0, max(0.0, float(raw) / float(highest) * 100))
    return found


def issue(certificate: str, row: Mapping[str, Any]) -> CertificateIssue:
    """One issued certificate; `certificate` is our key of it, the row holds only Moodle's number."""
    return CertificateIssue(
        issue_id=str(row["issue"]["id"]),
        certificate=certificate,
        username=str(row["user"]["username"]),
        code=str(row["issue"]["code"]),
        issued_at=datetime.fromtimestamp(int(row["issue"]["timecreated"]), UTC),
    )
