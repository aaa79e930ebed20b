"""The addresses of the pretend Open edX: who may come in, how errors look, which rate limit counts."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx import (
    accounts,
    bulk,
    cohort_members,
    cohorts,
    courses,
    enrolment_lists,
    enrolments,
    exceptions,
    gradebook,
    grades,
    instructor,
    oauth,
    progress,
    registration,
    signup,
    support,
)  # fmt: skip
from connector.sandbox.openedx.access import Auth
from connector.sandbox.openedx.allowed import allowed
from connector.sandbox.openedx.answers import Style, developer, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.certificates import certificate, certificates
from connector.sandbox.openedx.throttles import COURSES, ENROLMENTS, Limit

View = Callable[[Ask], SandboxAnswer]

_COURSE = r"(?P<course>course-v1:[^/+,]+\+[^/+,]+\+[^/+,]+)"
_USER = r"(?P<username>[^/,]+)"
_DEV = Style.DEVELOPER
_STRANGER = "Incorrect authentication credentials."


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `feature` names the switch without which it is not there; `stranger` is what nobody is told."""

    pattern: re.Pattern[str]
    views: dict[str, View]
    auth: Auth = Auth.ANY
    style: Style = Style.DETAIL
    limit: Limit | None = None
    feature: str = field(default="", kw_only=True)
    of_course: bool = field(default=False, kw_only=True)  # its right is one in the course: 404 where that is not there
    stranger: str = field(default="Authentication credentials were not provided.", kw_only=True)


def _route(path: str, views: dict[str, View], auth: Auth = Auth.ANY, style: Style = Style.DETAIL, **more: Any) -> Route:
    pattern = re.compile(path.replace("{course}", _COURSE).replace("{user}", _USER))
    of_course = path.startswith(_INSTRUCTOR) and auth is Auth.DEFAULT
    return Route(pattern, views, auth, style, of_course=of_course, **more)


def _heartbeat(_ask: Ask) -> SandboxAnswer:
    fine = {"status": True, "message": "OK"}
    return reply({"modulestore": fine, "sql": fine})


def _no_program(_ask: Ask) -> SandboxAnswer:
    raise developer(404, "no program exists with given key", "program_does_not_exist")


_ACCOUNTS = "/api/user/v1/accounts"
_REGISTRATION: dict[str, View] = {"GET": registration.registration_form, "POST": registration.register}
_ENROL = "/api/enrollment/v1"
_COHORTS = "/api/cohorts/v1"
_GRADES = "/api/grades/v1"
_INSTRUCTOR = "/courses/{course}/instructor/api"

ROUTES = (
    _route("/heartbeat", {"GET": _heartbeat}, Auth.PUBLIC),
    _route("/oauth2/access_token/?", {"POST": oauth.access_token}, Auth.PUBLIC),
    _route("/csrf/api/v1/token", {"GET": registration.csrf_token}, Auth.PUBLIC),
    _route("/activate/(?P<key>[0-9a-f]+)", {"GET": registration.activate}, Auth.PUBLIC),
    _route("/api/user/v[12]/account/registration/", _REGISTRATION, Auth.PUBLIC),
    _route("/api/user/v1/validation/registration", {"POST": registration.validate}, Auth.PUBLIC),
    _route("/api/user/v2/account/login_session/", {"POST": registration.login}, Auth.PUBLIC),
    _route("/api/user/v1/account/password_reset/", {}, Auth.PUBLIC),
    _route("/api/user/v1/me", {"GET": accounts.me}),
    _route("/api/user/v1/users/", {"GET": accounts.forbidden}),
    _route(_ACCOUNTS, {"GET": accounts.accounts}),
    _route(f"{_ACCOUNTS}/search_emails", {"POST": accounts.search_emails}, style=_DEV),
    _route(f"{_ACCOUNTS}/replace_usernames/", {"POST": accounts.forbidden}),
    _route(f"{_ACCOUNTS}/bulk_retire_users", {}),
    _route(f"{_ACCOUNTS}/name_change/{{user}}/confirm/", {"POST": accounts.no_pending_name}),
    _route(f"{_ACCOUNTS}/{{user}}/deactivate/", {"POST": accounts.deactivate}, Auth.DEFAULT),
    _route(f"{_ACCOUNTS}/{{user}}", {"GET": accounts.account, "PATCH": accounts.patch_account}),
    _route("/api/user/v1/preferences/{user}", {"GET": accounts.preferences, "PATCH": accounts.preferences}),
    _route(f"{_ENROL}/enrollment", {"GET": enrolments.read_user, "POST": enrolments.write}, limit=ENROLMENTS),
    _route(f"{_ENROL}/enrollment/{{user}},{{course}}", {"GET": enrolments.read}, limit=ENROLMENTS),
    _route(f"{_ENROL}/enrollment/{{course}}", {"GET": enrolments.read}, limit=ENROLMENTS),
    _route(f"{_ENROL}/enrollments/?", {"GET": enrolment_lists.enrolments}, style=_DEV, limit=ENROLMENTS),
    _route(f"{_ENROL}/course/{{course}}", {"GET": courses.enrolment_course}, Auth.OPEN, limit=ENROLMENTS),
    _route(
        f"{_ENROL}/enrollment_allowed/",
        {"GET": allowed, "POST": allowed, "DELETE": allowed},
        Auth.DEFAULT,
        limit=ENROLMENTS,
    ),
    _route(f"{_ENROL}/unenroll/", {"POST": enrolments.unenrol_everywhere}),
    _route(f"{_ENROL}/roles/", {"GET": courses.roles}),
    _route("/api/bulk_enroll/v1/bulk_enroll", {"POST": bulk.bulk_enrol}, limit=ENROLMENTS, feature="bulk_enrolment"),
    _route("/api/course_modes/v1/courses/{course}/", {"GET": courses.modes, "POST": courses.modes}),
    _route(
        "/api/course_modes/v1/courses/{course}/(?P<slug>[^/]+)",
        {"PATCH": courses.change_mode, "DELETE": courses.change_mode},
    ),
    _route("/api/courses/v1/courses/", {"GET": courses.courses}, Auth.OPEN, _DEV, limit=COURSES),
    _route("/api/courses/v1/courses/{course}/", {"GET": courses.course}, Auth.OPEN, _DEV),
    _route("/api/courses/v1/course_ids/", {"GET": courses.course_ids}, style=_DEV, limit=COURSES),
    _route("/api/courses/v2/blocks/", {"GET": progress.blocks}, style=_DEV),
    _route(f"{_COHORTS}/settings/{{course}}", {"GET": cohorts.settings, "PUT": cohorts.settings}, style=_DEV),
    _route(f"{_COHORTS}/courses/{{course}}/cohorts/", {"GET": cohorts.cohorts, "POST": cohorts.cohorts}, style=_DEV),
    _route(
        rf"{_COHORTS}/courses/{{course}}/cohorts/(?P<cohort>\d+)",
        {"GET": cohorts.cohort, "PATCH": cohorts.cohort},
        style=_DEV,
    ),
    _route(
        rf"{_COHORTS}/courses/{{course}}/cohorts/(?P<cohort>\d+)/users/",
        {"GET": cohort_members.members, "POST": cohort_members.members},
        style=_DEV,
    ),
    _route(
        rf"{_COHORTS}/courses/{{course}}/cohorts/(?P<cohort>\d+)/users/{{user}}",
        {"POST": cohort_members.member, "DELETE": cohort_members.member},
        style=_DEV,
    ),
    _route(f"{_COHORTS}/courses/{{course}}/users", {"POST": cohort_members.upload}, style=_DEV),
    _route(f"{_GRADES}/courses/({{course}}/)?", {"GET": grades.grades}, style=_DEV, stranger=_STRANGER),
    _route(f"{_GRADES}/policy/courses/{{course}}/", {"GET": grades.policy}, style=_DEV),
    _route(f"{_GRADES}/gradebook/{{course}}/", {"GET": gradebook.gradebook}, style=_DEV),
    _route(f"{_GRADES}/gradebook/{{course}}/grading-info", {"GET": gradebook.grading_info}, style=_DEV),
    _route(f"{_GRADES}/gradebook/{{course}}/bulk-update", {"POST": gradebook.bulk_update}, style=_DEV),
    _route(f"{_GRADES}/subsection/(?P<usage>block-v1:[^/]+)/", {"GET": gradebook.subsection}, style=_DEV),
    _route(f"{_GRADES}/section_grades_breakdown/", {"GET": grades.section_grades}, limit=ENROLMENTS),
    _route("/api/completion/v1/completion-batch", {"POST": progress.completion_batch}),
    _route("/api/completion/v1/subsection-completion/{user}/{course}/[^/]+", {"GET": progress.subsection_completion}),
    _route(r"/api/course_home/progress/{course}(/(?P<user>\d+)/?)?", {"GET": progress.progress}),
    _route("/api/certificates/v0/certificates/{user}/courses/{course}/", {"GET": certificate}),
    _route("/api/certificates/v0/certificates/{user}/", {"GET": certificates}),
    _route("/api/instructor/v1/tasks/{course}", {"GET": instructor.tasks}, style=_DEV),
    _route("/api/instructor/v1/reports/{course}", {"GET": instructor.downloads}, style=_DEV),
    _route("/api/mobile/v1/users/{user}/course_enrollments/", {"GET": accounts.forbidden}),
    _route("/api/program_enrollments/v1/programs/[0-9a-f-]+/enrollments/", {"GET": _no_program}, style=_DEV),
    _route(f"{_INSTRUCTOR}/students_update_enrollment", {"POST": bulk.update_enrolment}, Auth.COOKIE),
    _route(f"{_INSTRUCTOR}/get_students_features", {"POST": instructor.students}, Auth.DEFAULT, _DEV),
    _route(
        f"{_INSTRUCTOR}/(?P<call>get_students_features/csv|calculate_grades_csv|problem_grade_report)",
        {"POST": instructor.report},
        Auth.DEFAULT,
        _DEV,
    ),
    _route(f"{_INSTRUCTOR}/list_report_downloads", {"POST": instructor.downloads}, Auth.DEFAULT),
    _route(f"{_INSTRUCTOR}/list_instructor_tasks", {"POST": instructor.tasks}, Auth.DEFAULT),
    _route(
        f"{_INSTRUCTOR}/get_issued_certificates/", {"GET": instructor.issued, "POST": instructor.issued}, Auth.DEFAULT
    ),
    _route(f"{_INSTRUCTOR}/start_certificate_generation", {"POST": instructor.start_generation}, Auth.DEFAULT, _DEV),
    _route(
        f"{_INSTRUCTOR}/start_certificate_regeneration", {"POST": instructor.start_regeneration}, Auth.DEFAULT, _DEV
    ),
    _route(
        f"{_INSTRUCTOR}/certificate_exception_view/",
        {"POST": exceptions.exception, "DELETE": exceptions.exception},
        Auth.DEFAULT,
        _DEV,
    ),
    _route(
        f"{_INSTRUCTOR}/generate_bulk_certificate_exceptions", {"POST": exceptions.bulk_exceptions}, Auth.DEFAULT, _DEV
    ),
    _route(
        f"{_INSTRUCTOR}/generate_certificate_exceptions/(?P<which>[a-z]*)",
        {"POST": exceptions.generate},
        Auth.DEFAULT,
        _DEV,
    ),
    _route(
        f"{_INSTRUCTOR}/certificate_invalidation_view/",
        {"POST": exceptions.invalidation, "DELETE": exceptions.invalidation},
        Auth.DEFAULT,
        _DEV,
    ),
    _route(f"{_INSTRUCTOR}/register_and_enroll_students", {"POST": signup.register_and_enrol}, Auth.DEFAULT),
    _route(f"{_INSTRUCTOR}/get_student_enrollment_status", {"POST": instructor.enrolment_status}, Auth.DEFAULT),
    _route(f"{_INSTRUCTOR}/list_course_role_members", {"POST": instructor.role_members}, Auth.DEFAULT),
    _route(f"{_INSTRUCTOR}/modify_access", {"POST": instructor.modify_access}, Auth.DEFAULT),
    _route("/certificates/(generate|regenerate)", {"POST": support.generate}, Auth.COOKIE),
    _route("/certificates/search", {"GET": support.search}, Auth.COOKIE),
    _route(
        "/support/enrollment/{user}",
        {"GET": support.support_enrolments, "PATCH": support.support_enrolments},
        Auth.LOGIN_PAGE,
    ),
    _route("/support/manage_user/{user}", {"GET": support.manage_user}, Auth.DEFAULT),
)
