"""Certificates against the rule: the allowlist, one by one and by CSV, and invalidations.

Source: lms/djangoapps/instructor/views/api.py; reference/openedx-facts.md section 11; the recorded cert_*.
"""

import csv
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.allowed import enrolment_of
from connector.sandbox.openedx.answers import Refusal, reply
from connector.sandbox.openedx.asking import BLANK, REQUIRED, Ask
from connector.sandbox.openedx.certificates import ISSUED, consider, issue, status_of, withdraw
from connector.sandbox.openedx.instructor import issue_all
from connector.sandbox.openedx.site import spoken_date

_RETRY = "Please check your spelling and retry."
_ON_LIST = (
    "The student {student} appears on the Certificate Exception list in course {course}. Please remove them from the"
    " Certificate Exception list before attempting to invalidate their certificate."
)


def exception(ask: Ask) -> SandboxAnswer:
    """One learner put on the allowlist (400 when there already) or taken off (400 when not on it)."""
    ask.need_staff()
    data = ask.data()
    name = str(data.get("user_name") or data.get("user_email") or "")
    if not name:
        raise Refusal(reply({"success": False, "message": {"user": [BLANK]}}, 400))
    user = _learner(ask, name)
    if ask.method == "DELETE":
        return _remove(ask, user)
    if _on_list(ask, user[0]):
        raise _failed(f"Student (username/email={user[1]}) already in certificate exception list.")
    if not _enrolled(ask, user[0]):
        raise _failed(f"Student {user[1]} is not enrolled in this course. {_RETRY}")
    number, created = _add(ask, user[0], str(data.get("notes", "")))
    row = ask.site.one("SELECT created FROM certificates WHERE userid = ? AND course = ?", (user[0], ask.course))
    made = spoken_date(row[0]) if row and status_of(ask.site, user[0], ask.course) == ISSUED else None
    who = {"id": number, "user_email": user[2], "user_name": user[1], "user_id": user[0]}
    return reply(who | {"certificate_generated": made, "created": spoken_date(created)})


def bulk_exceptions(ask: Ask) -> SandboxAnswer:
    """A CSV file `user,notes`: 200 always, rows that failed by kind of fault, in words with their number."""
    ask.need_staff()
    file = ask.file("students_list")
    kinds = ("data_format_error", "user_not_exist", "user_already_allowlisted", "user_not_enrolled")
    faults: dict[str, list[str]] = {kind: [] for kind in (*kinds, "user_on_certificate_invalidation_list")}
    success: list[str] = []
    general = [] if file and file[0].endswith(".csv") else ["Make sure that the file you upload is in CSV format"]
    rows = [] if general or file is None else list(csv.reader(file[1].splitlines()))
    for number, row in enumerate(rows, start=1):
        kind = _bulk_row(ask, row)
        text = f'user "{row[0] if row else ""}" in row# {number}'
        (faults[kind] if kind else success).append(text)
    return reply({"general_errors": general, "row_errors": faults, "success": success})


def generate(ask: Ask) -> SandboxAnswer:
    """Certificates for everybody on the allowlist, whatever their grade."""
    ask.need_staff()
    if ask.arguments["which"] not in ("new", "all"):
        raise _failed('Invalid data, generate_for must be "new" or "all".')
    issue_all(ask, "SELECT userid FROM allowlist WHERE course = ? ORDER BY id")
    return reply({"success": True, "message": "Certificate generation started for students on the allowlist."})


def invalidation(ask: Ask) -> SandboxAnswer:
    """A certificate made invalid (400 when it is so already), or valid again."""
    ask.need_staff()
    data = ask.data()
    if not data.get("user"):
        raise Refusal(reply({"message": {"user": [BLANK if "user" in data else REQUIRED]}}, 400))
    user = _learner(ask, str(data["user"]))
    key = (user[0], ask.course)
    there = ask.site.one("SELECT 1 FROM invalidations WHERE userid = ? AND course = ?", key)
    if ask.method == "DELETE":
        return _revalidate(ask, user, there=there is not None)
    if _on_list(ask, user[0]):
        raise _said(_ON_LIST.format(student=user[1], course=ask.course))
    if there:
        raise _said(f"Certificate of {user[1]} has already been invalidated. {_RETRY}")
    if status_of(ask.site, *key) != ISSUED:
        raise _said(f"The student {user[1]} does not have certificate for the course {ask.course}. {_RETRY}")
    sql = "INSERT INTO invalidations (userid, course, notes) VALUES (?, ?, ?)"
    number = ask.site.db.execute(sql, (*key, data.get("notes", ""))).lastrowid
    withdraw(ask.site, *key)
    told = {"id": number, "user": user[1], "invalidated_by": ask.user.username}
    return reply(told | {"created": spoken_date(ask.site.moment()), "notes": data.get("notes", "")})


def _revalidate(ask: Ask, user: tuple[int, str, str], *, there: bool) -> SandboxAnswer:
    if not there:
        raise _said("Certificate Invalidation does not exist, Please refresh the page and try again.")
    ask.site.db.execute("DELETE FROM invalidations WHERE userid = ? AND course = ?", (user[0], ask.course))
    issue(ask.site, user[0], ask.course)
    return SandboxAnswer(status=204, headers={"Content-Type": "application/json"})


def _remove(ask: Ask, user: tuple[int, str, str]) -> SandboxAnswer:
    if not _on_list(ask, user[0]):
        text = (
            f"Error occurred removing the allowlist entry for student {user[1]}. Please refresh the page and try again"
        )
        raise _failed(text)
    ask.site.db.execute("DELETE FROM allowlist WHERE userid = ? AND course = ?", (user[0], ask.course))
    withdraw(ask.site, user[0], ask.course)
    return SandboxAnswer(status=204, headers={"Content-Type": "application/json"})


def _add(ask: Ask, userid: int, notes: str) -> tuple[int, int]:
    created = ask.site.moment()
    sql = "INSERT INTO allowlist (userid, course, notes, created) VALUES (?, ?, ?, ?)"
    number = ask.site.db.execute(sql, (userid, ask.course, notes, created)).lastrowid
    consider(ask.site, userid, ask.course)
    return int(number or 0), created


def _bulk_row(ask: Ask, row: list[str]) -> str:
    if len(row) != len(("user", "notes")):
        return "data_format_error"
    user = user_row(ask.site, row[0].strip())
    if user is None:
        return "user_not_exist"
    key: tuple[Any, ...] = (user[0], ask.course)
    if ask.site.one("SELECT 1 FROM invalidations WHERE userid = ? AND course = ?", key):
        return "user_on_certificate_invalidation_list"
    if _on_list(ask, user[0]):
        return "user_already_allowlisted"
    if not _enrolled(ask, user[0]):
        return "user_not_enrolled"
    _add(ask, user[0], row[1])
    return ""


def _learner(ask: Ask, name: str) -> tuple[int, str, str]:
    user = user_row(ask.site, name)
    if user is None:
        raise _failed(f"{name} does not exist in the LMS. {_RETRY}")
    return user


def _on_list(ask: Ask, userid: int) -> bool:
    sql = "SELECT 1 FROM allowlist WHERE userid = ? AND course = ?"
    return ask.site.one(sql, (userid, ask.course)) is not None


def _enrolled(ask: Ask, userid: int) -> bool:
    found = enrolment_of(ask.site, userid, ask.course)
    return bool(found and found[1])


def _failed(text: str) -> Refusal:
    return Refusal(reply({"success": False, "message": text}, 400))


def _said(text: str) -> Refusal:
    return Refusal(reply({"message": text}, 400))
