"""Enrolments one by one: written by POST, read for one learner.

Source: openedx/core/djangoapps/enrollments/{views,api,data}.py; reference/openedx-facts.md section 4; enrollment_*.
"""

from dataclasses import dataclass
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.allowed import enrolment_of, write_enrolment
from connector.sandbox.openedx.answers import Refusal, empty, reply
from connector.sandbox.openedx.asking import FORM, Ask
from connector.sandbox.openedx.certificates import consider
from connector.sandbox.openedx.cohorts import cohort_named, put_in_cohort
from connector.sandbox.openedx.courses import course_details, course_row, default_mode, mode_slugs
from connector.sandbox.openedx.site import EdxSite, iso


@dataclass(frozen=True, slots=True)
class _Learner:
    id: int
    username: str


def write(ask: Ask) -> SandboxAnswer:
    """Enrol, change the mode or unenrol: always 200 with the enrolment.

    An unknown cohort is answered 400 after the enrolment has been made. Leaving out the mode on an enrolment that is
    not active writes the default mode into it, so unenrolling twice turns honor into audit.
    """
    data: dict[str, Any] = {} if ask.content_type == FORM else ask.data()
    username = data.get("user") or ("" if data.get("email") else ask.user.username)
    ask.need_or_hide(ask.user.is_staff or username == ask.user.username)
    course = _course(ask, data)
    learner = _learner(ask.site, username, str(data.get("email", "")))
    active = data.get("is_active")
    if active is not None and not isinstance(active, bool):
        raise _refused(f"'{active}' is an invalid enrollment activation status.")
    if not isinstance(data.get("force_enrollment", False), bool):
        raise _refused(f"'{data['force_enrollment']}' is an invalid force enrollment status.")
    answer = _write(ask.site, learner, course, mode=data.get("mode"), active=active)
    cohort = data.get("cohort")
    if cohort is not None:
        found = cohort_named(ask.site, course["id"], str(cohort))
        if found is None:
            return reply({"message": f"An error occured while adding to cohort [{cohort}]"}, 400)
        put_in_cohort(ask.site, course["id"], found, learner.id)
    return answer


def read(ask: Ask) -> SandboxAnswer:
    """One enrolment; nobody's is 200 with neither body nor content type."""
    username = ask.arguments.get("username", ask.user.username)
    ask.need_or_hide(ask.user.is_staff or username == ask.user.username)
    user, course = user_row(ask.site, username), course_row(ask.site, ask.course)
    if user is None or course is None or enrolment_of(ask.site, user[0], ask.course) is None:
        return empty(200)
    return reply(shown(ask.site, user[0], user[1], course))


def read_user(ask: Ask) -> SandboxAnswer:
    """All active enrolments of a learner; for callers who are not global staff only those of their own courses."""
    username = ask.query.get("user", ask.user.username)
    user = user_row(ask.site, username)
    sql = "SELECT course FROM enrolments WHERE userid = ? AND is_active = 1 ORDER BY created"
    ids = [course for (course,) in ask.site.all(sql, (user[0],))] if user else []
    if not ask.user.is_staff and username != ask.user.username:
        ids = [course for course in ids if (course, "staff") in ask.user.roles]
    rows = [course_row(ask.site, course) for course in ids]
    return reply([shown(ask.site, user[0], user[1], row) for row in rows if user and row])


def unenrol_everywhere(_ask: Ask) -> SandboxAnswer:
    """Only for accounts on their way to retirement, of which this site has none."""
    return reply("No retirement request status for username.", 404)


def shown(site: EdxSite, userid: int, username: str, course: dict[str, Any]) -> dict[str, Any]:
    """An enrolment with its course as the API shows it."""
    sql = "SELECT mode, is_active, created FROM enrolments WHERE userid = ? AND course = ?"
    mode, active, created = site.row(sql, (userid, course["id"]))
    head = {"created": iso(created), "mode": mode, "is_active": bool(active)}
    return head | {"course_details": course_details(site, course), "user": username}


def _course(ask: Ask, data: dict[str, Any]) -> dict[str, Any]:
    key = data.get("course_details", {}).get("course_id")  # a text or a list there breaks the platform's view too
    if not key:
        raise _refused("Course ID must be specified to create a new enrollment.")
    row = course_row(ask.site, str(key))
    if row is None:
        raise _refused(f"No course '{key}' found for enrollment")
    return row


def _learner(site: EdxSite, username: str, email: str) -> _Learner:
    column, value = ("username", username) if username else ("email", email)
    row = site.one(f"SELECT id, username FROM users WHERE {column} = ?", (value,))
    if row is None:
        text = f"user {username}" if username else f"user with the email address {email}"
        raise Refusal(reply({"message": f"The {text} does not exist."}, 406))
    return _Learner(*row)


def _write(
    site: EdxSite, learner: _Learner, course: dict[str, Any], *, mode: str | None, active: bool | None
) -> SandboxAnswer:
    before = enrolment_of(site, learner.id, course["id"])
    if mode is not None and mode not in mode_slugs(site, course["id"]):
        text = f"The [{mode}] course mode is expired or otherwise unavailable for course run [{course['id']}]."
        raise Refusal(reply({"message": text, "course_details": course_details(site, course)}, 400))
    if before and before[1]:
        _change(site, learner, course["id"], before[0], mode=mode, active=active)
    else:  # add_enrollment: also for the second unenrolment in a row, whose mode becomes the default one
        chosen = mode or default_mode(site, course["id"])
        write_enrolment(site, learner.id, course["id"], chosen, active=active is not False)
    consider(site, learner.id, course["id"])
    return reply(shown(site, learner.id, learner.username, course))


def _change(site: EdxSite, learner: _Learner, course: str, old: str, *, mode: str | None, active: bool | None) -> None:
    if active is False:
        if mode not in (None, old):
            text = f"Enrollment mode mismatch: active mode={old}, requested mode={mode}. Won't deactivate."
            raise _refused(text)
        write_enrolment(site, learner.id, course, old, active=False)
    elif mode not in (None, old):
        write_enrolment(site, learner.id, course, str(mode), active=True)


def _refused(text: str) -> Refusal:
    return Refusal(reply({"message": text}, 400))
