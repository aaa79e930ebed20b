"""The instructor dashboard's calls that work with a JWT: lists of learners, reports, certificates of a whole course.

Source: lms/djangoapps/instructor/views/{api,api_urls}.py; reference/openedx-facts.md section 11; the recorded instr_*.
"""

import uuid
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.answers import Refusal, page, reply
from connector.sandbox.openedx.asking import BLANK, REQUIRED, Ask
from connector.sandbox.openedx.certificates import issue
from connector.sandbox.openedx.cohorts import UNASSIGNED, cohort_of
from connector.sandbox.openedx.site import iso, spoken_date

_FEATURES = {
    "id": "User ID", "username": "Username", "name": "Name", "email": "Email", "language": "Language",
    "location": "Location", "gender": "Gender", "level_of_education": "Level of Education",
    "mailing_address": "Mailing Address", "goals": "Goals", "enrollment_mode": "Enrollment Mode",
    "last_login": "Last Login", "date_joined": "Date Joined", "external_user_key": "External User Key",
    "cohort": "Cohort", "city": "City", "country": "Country",
}  # fmt: skip
_AVAILABLE = [
    "id",
    "username",
    "first_name",
    "last_name",
    "is_staff",
    "email",
    "date_joined",
    "last_login",
    "name",
    "language",
    "location",
    "year_of_birth",
    "gender",
    "level_of_education",
    "mailing_address",
    "goals",
    "meta",
    "city",
    "country",
    "external_user_key",
]
_ISSUED = {
    "course_id": "CourseID",
    "mode": "Certificate Type",
    "total_issued_certificate": "Total Certificates Issued",
    "report_run_date": "Date Report Run",
}
_ROLES = ("beta", "instructor", "staff", "limited_staff", "ccx_coach", "data_researcher")
_PENDING = 'You can view the status of the generation task in the "Pending Tasks" section.'


def students(ask: Ask) -> SandboxAnswer:
    """All enrolled learners with cohort and mode in one answer, whatever their number; every value is a text."""
    ask.need(ask.has_role("data_researcher"))
    rows = ask.site.all(
        "SELECT u.id, u.username, u.email, u.date_joined, u.last_login, u.name, u.gender, u.level_of_education,"
        " u.mailing_address, u.goals, u.city, u.country, e.mode FROM enrolments e JOIN users u ON u.id = e.userid"
        " WHERE e.course = ? AND e.is_active = 1 ORDER BY u.username",
        (ask.course,),
    )
    head = {"course_id": ask.course, "students": [_student(ask, row) for row in rows], "students_count": len(rows)}
    names = {"queried_features": list(_FEATURES), "feature_names": _FEATURES, "available_features": _AVAILABLE}
    return reply(head | names)


def report(ask: Ask) -> SandboxAnswer:
    """A report asked for: it is made in the background and appears among the downloads."""
    ask.need(ask.has_role("data_researcher"))
    kind, words = {
        "get_students_features/csv": ("student_profile_info", "enrolled learner profile report"),
        "calculate_grades_csv": ("grade_report", "grade report"),
        "problem_grade_report": ("problem_grade_report", "problem grade report"),
    }[ask.arguments["call"]]
    stem = ask.course.split(":")[1].replace("+", "_")
    stamp = (iso(ask.site.moment(), 0) or "").replace("T", "-").replace(":", "")[:15]
    values = (ask.course, f"{stem}_{kind}_{stamp}.csv")
    ask.site.db.execute("INSERT OR REPLACE INTO reports (course, name) VALUES (?, ?)", values)
    text = f"The {words} is being created. To view the status of the report, see Pending Tasks below."
    return reply({"status": text})


def downloads(ask: Ask) -> SandboxAnswer:
    """The finished reports, newest first."""
    ask.need(ask.has_role("data_researcher"))
    rows = ask.site.all("SELECT name FROM reports WHERE course = ? ORDER BY id DESC", (ask.course,))
    folder = uuid.uuid5(uuid.NAMESPACE_URL, ask.course).hex
    entries = [(name, f"/media/grades/{folder}/{name}") for (name,) in rows]
    return reply({"downloads": [{"name": n, "url": u, "link": f'<a href="{u}">{n}</a>'} for n, u in entries]})


def tasks(ask: Ask) -> SandboxAnswer:
    """The tasks that run now: none ever, this site finishes them before it answers."""
    ask.need(ask.has_role("staff", "instructor"))
    return reply({"tasks": []})


def issued(ask: Ask) -> SandboxAnswer:
    """How many certificates there are of each mode; no names."""
    ask.need(ask.user.is_staff)
    sql = "SELECT course, mode, count(*) FROM certificates WHERE course = ? AND status = 'downloadable' GROUP BY mode"
    today = spoken_date(ask.site.now() * 1_000_000)
    rows = [(*row, today) for row in ask.site.all(sql, (ask.course,))]
    if ask.query.get("csv") == "true":
        table = [tuple(_ISSUED.values()), *rows]
        lines = [",".join(f'"{cell}"' for cell in row) + "\r\n" for row in table]
        answer = page(200, "".join(lines), Content_Disposition="attachment; filename=issued_certificates.csv")
        answer.headers["Content-Type"] = "text/csv"
        return answer
    named = [dict(zip(_ISSUED, row, strict=True)) for row in rows]
    return reply({"certificates": named, "queried_features": list(_ISSUED), "feature_names": _ISSUED})


def start_generation(ask: Ask) -> SandboxAnswer:
    """Certificates for all who pass and have none; says nothing of any one learner, and repeats harmlessly."""
    ask.need(ask.has_role("instructor"))
    issue_all(ask, "SELECT userid FROM enrolments WHERE course = ? AND is_active = 1 ORDER BY id")
    text = f"Certificate generation task for all students of this course has been started. {_PENDING}"
    return reply({"message": text, "task_id": str(uuid.uuid4())})


def start_regeneration(ask: Ask) -> SandboxAnswer:
    """Certificates tried again where they have one of the statuses; downloadable ones stay as they are."""
    ask.need(ask.has_role("instructor"))
    statuses = ask.data().get("certificate_statuses") or []
    if not statuses:
        text = "Please select one or more certificate statuses that require certificate regeneration."
        return reply({"message": text}, 400)
    marks = ",".join("?" * len(statuses))
    issue_all(ask, f"SELECT userid FROM certificates WHERE course = ? AND status IN ({marks})", *statuses)
    text = f"Certificate regeneration task has been started. {_PENDING}"
    return reply({"message": text, "success": True})


def issue_all(ask: Ask, sql: str, *values: str) -> None:
    """Issue to everybody whom the statement names, as far as they may have one."""
    for (userid,) in ask.site.all(sql, (ask.course, *values)):
        issue(ask.site, userid, ask.course)


def enrolment_status(ask: Ask) -> SandboxAnswer:
    """In words, whether one learner is enrolled."""
    ask.need(ask.has_role("staff", "instructor"))
    name = ask.data().get("unique_student_identifier")
    if not name:
        return page(400, "")
    user = user_row(ask.site, name)
    sql = "SELECT is_active FROM enrolments WHERE userid = ? AND course = ?"
    row = ask.site.one(sql, (user[0], ask.course)) if user else None
    word = "unknown" if row is None else "active" if row[0] else "inactive"
    return reply({"course_id": ask.course, "error": "", "enrollment_status": f"Enrollment status for {name}: {word}"})


def role_members(ask: Ask) -> SandboxAnswer:
    """Who has a role in the course."""
    ask.need(ask.has_role("instructor"))
    role = ask.data().get("rolename")
    if role not in _ROLES:
        why = REQUIRED if role is None else "Invalid role name." if role else BLANK
        raise Refusal(reply({"rolename": [why]}, 400))
    sql = (
        "SELECT u.username, u.email FROM course_roles r JOIN users u ON u.id = r.userid"
        " WHERE r.course = ? AND r.role = ? ORDER BY u.id"
    )
    rows = [
        {"username": name, "email": email, "first_name": "", "last_name": ""}
        for name, email in ask.site.all(sql, (ask.course, role))
    ]
    return reply({"course_id": ask.course, role: rows})


def modify_access(ask: Ask) -> SandboxAnswer:
    """A role in the course given or taken."""
    ask.need(ask.has_role("instructor"))
    data = ask.data()
    name, role, action = (str(data.get(key, "")) for key in ("unique_student_identifier", "rolename", "action"))
    user = user_row(ask.site, name)
    if user is None:
        return reply({"unique_student_identifier": name, "userDoesNotExist": True})
    sql = "DELETE FROM course_roles WHERE course = ? AND userid = ? AND role = ?"
    if action == "allow":
        sql = "INSERT OR IGNORE INTO course_roles (course, userid, role) VALUES (?, ?, ?)"
    ask.site.db.execute(sql, (ask.course, user[0], role))
    return reply({"unique_student_identifier": name, "rolename": role, "action": action, "success": "yes"})


def _student(ask: Ask, row: tuple[Any, ...]) -> dict[str, str]:
    userid, username, email, joined, login, name, gender, level, mailing, goals, city, country, mode = row
    cohort = cohort_of(ask.site, ask.course, userid, email) or UNASSIGNED
    values: dict[str, Any] = {
        "id": userid, "username": username, "email": email, "date_joined": iso(joined, 3), "last_login": iso(login, 3),
        "name": name, "language": "", "location": "", "gender": gender, "level_of_education": level,
        "mailing_address": mailing, "goals": goals, "city": city, "country": country, "cohort": cohort,
        "enrollment_mode": mode, "external_user_key": "",
    }  # fmt: skip
    hidden = ask.site.features.hidden_student_columns
    return {key: str(value) for key, value in values.items() if key not in hidden}  # None becomes "None"
