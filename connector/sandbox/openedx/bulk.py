"""Bulk enrolment: many identifiers into courses in the default mode, each row with its own result.

Accounts that are not active yet are allowed rather than enrolled. Source: lms/djangoapps/bulk_enroll,
lms/djangoapps/instructor/enrollment.py; reference/openedx-facts.md section 5; the recorded bulk_enroll_*.
"""

import re
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.allowed import allow, allowance, disallow, enrolment_of, write_enrolment
from connector.sandbox.openedx.answers import Refusal, detail, reply
from connector.sandbox.openedx.asking import COURSE_KEY, Ask
from connector.sandbox.openedx.certificates import consider
from connector.sandbox.openedx.cohorts import cohort_named, cohort_of, preassign, put_in_cohort
from connector.sandbox.openedx.courses import course_row, default_mode
from connector.sandbox.openedx.registration import is_email
from connector.sandbox.openedx.site import EdxSite

_REQUIRED = ["This field is required."]


def bulk_enrol(ask: Ask) -> SandboxAnswer:
    """Enrol or unenrol many; 200 even if every row failed. An unknown course undoes the courses before it."""
    ask.need_staff()
    order = _order(ask.site, ask.data())
    results: dict[str, Any] = {}
    for number, course in enumerate(order["courses"]):
        if course_row(ask.site, course) is None:
            raise detail(404, "Not found.")
        cohort = order["cohorts"][number] if order["cohorts"] else None
        results[course] = enrol_in(ask.site, course, order, cohort)
    head = {name: order[name] for name in ("auto_enroll", "email_students", "action")}
    return reply(head | {"courses": results})


def update_enrolment(ask: Ask) -> SandboxAnswer:
    """The instructor dashboard's own form: the same for one course, for a login cookie only."""
    form = ask.form()
    order = _order(ask.site, form | {"courses": ask.course})
    return reply(enrol_in(ask.site, ask.course, order, None))


def enrol_in(site: EdxSite, course: str, order: dict[str, Any], cohort: str | None) -> dict[str, Any]:
    """The rows of one course."""
    rows = [_row(site, course, name, order, cohort) for name in order["identifiers"]]
    return {"action": order["action"], "results": rows, "auto_enroll": order["auto_enroll"]}


def _row(site: EdxSite, course: str, name: str, order: dict[str, Any], cohort: str | None) -> dict[str, Any]:
    user = user_row(site, name)
    if user is None and not is_email(name):
        return {"identifier": name, "invalidIdentifier": True}
    email = user[2] if user else name
    before = _state(site, course, user, email, with_cohort=cohort is not None)
    if order["action"] == "enroll":
        _enrol(site, course, user, email, auto=order["auto_enroll"])
        if cohort is not None:
            _place(site, course, user, email, cohort)
    else:
        _unenrol(site, course, user, email)
    return {
        "identifier": name,
        "before": before,
        "after": _state(site, course, user, email, with_cohort=cohort is not None),
    }


def _enrol(site: EdxSite, course: str, user: tuple[int, str, str] | None, email: str, *, auto: bool) -> None:
    found = enrolment_of(site, user[0], course) if user else None
    active_user = user is not None and site.one("SELECT 1 FROM users WHERE id = ? AND is_active = 1", (user[0],))
    if user and active_user:
        if not (found and found[1]):
            write_enrolment(site, user[0], course, default_mode(site, course), active=True)
            consider(site, user[0], course)
        return
    allow(site, email, course, auto_enroll=auto)


def _unenrol(site: EdxSite, course: str, user: tuple[int, str, str] | None, email: str) -> None:
    found = enrolment_of(site, user[0], course) if user else None
    if user and found and found[1]:
        write_enrolment(site, user[0], course, found[0], active=False)
    disallow(site, email, course)


def _place(site: EdxSite, course: str, user: tuple[int, str, str] | None, email: str, cohort: str) -> None:
    number = int(site.row("SELECT id FROM cohorts WHERE course = ? AND name = ?", (course, cohort))[0])
    if user:
        put_in_cohort(site, course, number, user[0])
    else:
        preassign(site, course, number, email)


def _state(
    site: EdxSite, course: str, user: tuple[int, str, str] | None, email: str, *, with_cohort: bool
) -> dict[str, Any]:
    found = enrolment_of(site, user[0], course) if user else None
    allowed, auto = allowance(site, email, course)
    state: dict[str, Any] = {"user": user is not None, "enrollment": bool(found and found[1])}
    state |= {"allowed": allowed, "auto_enroll": auto}
    return state | ({"cohort": cohort_of(site, course, user[0] if user else None, email)} if with_cohort else {})


def _order(site: EdxSite, data: dict[str, Any]) -> dict[str, Any]:
    sent = {name: data.get(name) for name in ("action", "courses", "identifiers")}
    wrong: dict[str, list[str]] = {name: _REQUIRED for name, value in sent.items() if not value}
    if sent["action"] not in (None, "", "enroll", "unenroll"):
        wrong["action"] = [f'"{sent["action"]}" is not a valid choice.']
    courses = sent["courses"] or ""
    if isinstance(courses, list):
        courses = courses[0]  # recorded: of a JSON list only the first course is read
    courses = [course.strip() for course in str(courses).split(",") if course.strip()]
    bad = [course for course in courses if not COURSE_KEY.fullmatch(course)]
    if bad:
        wrong["courses"] = [f"Course key not valid: {bad[0]}"]
    if wrong:
        raise Refusal(reply(wrong, 400))
    cohorts = [cohort.strip() for cohort in str(data.get("cohorts") or "").split(",") if cohort.strip()]
    _check_cohorts(site, str(sent["action"]), courses, cohorts)
    names = [name for name in re.split(r"[\s,]+", str(sent["identifiers"])) if name]
    flags = {name: str(data.get(name, "")).lower() in ("true", "1", "on") for name in ("auto_enroll", "email_students")}
    return {"action": sent["action"], "courses": courses, "identifiers": names, "cohorts": cohorts} | flags


def _check_cohorts(site: EdxSite, action: str, courses: list[str], cohorts: list[str]) -> None:
    if not cohorts:
        return
    if action != "enroll":
        raise _wrong("Cohorts can only be used for enrollments.")
    if len(cohorts) != len(courses):
        raise _wrong("If provided, the cohorts and courses should have equal number of items.")
    for course, cohort in zip(courses, cohorts, strict=True):
        if cohort_named(site, course, cohort) is None:
            raise _wrong(f"cohort {cohort} not found in course {course}.")


def _wrong(text: str) -> Refusal:
    return Refusal(reply({"non_field_errors": [text]}, 400))
