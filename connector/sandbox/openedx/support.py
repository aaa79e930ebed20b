"""The support pages' calls, and certificates by login cookie: what an operator's browser does.

Source: lms/djangoapps/support, lms/djangoapps/certificates/views/support.py; facts section 11.
"""

from typing import Any
from urllib.parse import quote

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.allowed import enrolment_of, write_enrolment
from connector.sandbox.openedx.answers import page, redirect, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.certificates import ISSUED, issue
from connector.sandbox.openedx.courses import course_row
from connector.sandbox.openedx.enrolments import shown
from connector.sandbox.openedx.site import iso


def support_enrolments(ask: Ask) -> SandboxAnswer:
    """All enrolments of a learner, or a mode changed with a reason."""
    if ask.caller is None:
        return redirect(302, f"/login?next={ask.path}")
    ask.need_staff()
    user = user_row(ask.site, ask.arguments["username"])
    if user is None:
        return reply([])
    if ask.method == "PATCH":
        return _change(ask, user[0])
    sql = "SELECT course FROM enrolments WHERE userid = ? ORDER BY created"
    rows = [course_row(ask.site, course) for (course,) in ask.site.all(sql, (user[0],))]
    return reply([_flat(shown(ask.site, user[0], user[1], row)) for row in rows if row])


def manage_user(ask: Ask) -> SandboxAnswer:
    """An account's state, with whether its password can be used."""
    ask.need_staff()
    sql = "SELECT username, email, date_joined, is_active, password FROM users WHERE username = ?"
    row = ask.site.one(sql, (ask.arguments["username"],))
    if row is None:
        return reply({}, 404)
    head = {"username": row[0], "email": row[1], "date_joined": iso(row[2]), "is_active": bool(row[3])}
    return reply(head | {"password_toggle_history": [], "status": "Usable" if row[4] else "Unusable"})


def generate(ask: Ask) -> SandboxAnswer:
    """One learner's certificate tried; the body is 200 whether it came of it or not."""
    if ask.caller is None or not ask.caller.is_superuser:
        return page(403, "")
    form = ask.form()
    user = user_row(ask.site, form.get("username", ""))
    if user is None:
        return page(400, f"User '{form.get('username')}' does not exist")
    issue(ask.site, user[0], form.get("course_key", ""))
    return page(200, "200")


def search(ask: Ask) -> SandboxAnswer:
    """A learner's certificates by name or e-mail."""
    if ask.caller is None or not ask.caller.is_superuser:
        return page(403, "")
    user = user_row(ask.site, ask.query.get("user", ""))
    if user is None:
        return page(400, f"user '{ask.query.get('user')}' does not exist")
    course = ask.query.get("course_id")
    if course:  # the platform quotes the key before it reads it, so no key with a + is ever valid
        return page(400, f"Course id '{quote(course, safe=':')}' is not valid")
    columns = "course, mode, status, grade, created, modified, uuid"
    sql = f"SELECT {columns} FROM certificates WHERE userid = ? ORDER BY created"
    return reply([_certificate(user[1], row) for row in ask.site.all(sql, (user[0],))])


def _certificate(username: str, row: tuple[Any, ...]) -> dict[str, Any]:
    course, mode, status, grade, created, modified, uuid = row
    moments = {"created": _offset(created), "modified": _offset(modified)}
    head = {"username": username, "course_key": course, "type": mode, "status": status, "grade": grade}
    passing = status == ISSUED
    link = f"/certificates/{uuid}" if passing else None
    tail = {"is_passing": passing, "is_pdf_certificate": False, "download_url": link, "uuid": uuid}
    return head | moments | tail | {"regenerate": True}


def _offset(moment: int) -> str:
    return (iso(moment) or "").replace("Z", "+00:00")


def _change(ask: Ask, userid: int) -> SandboxAnswer:
    data = ask.data()
    found = enrolment_of(ask.site, userid, data["course_id"])
    if found is None or found[0] != data["old_mode"]:
        return page(
            400, f"Could not find enrollment for user {ask.arguments['username']} in course {data['course_id']}"
        )
    write_enrolment(ask.site, userid, data["course_id"], data["new_mode"], active=found[1])
    by = {"enrolled_by": ask.user.email, "time_stamp": iso(ask.site.moment()), "reason": data["reason"]}
    return reply(by)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    course = row.pop("course_details")
    flat: dict[str, Any] = row | course | {"order_number": "", "source_system": "", "manual_enrollment": {}}
    return flat
