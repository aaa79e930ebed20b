"""Accounts made and enrolled from a CSV file: active at once, with passwords that nobody is told.

Source: RegisterAndEnrollStudents in lms/djangoapps/instructor/views/api.py; reference/openedx-facts.md section 10.
"""

import csv
import secrets
from typing import Any

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.accounts import user_row
from connector.sandbox.openedx.allowed import enrolment_of, write_enrolment
from connector.sandbox.openedx.answers import Refusal, page, reply
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.certificates import consider
from connector.sandbox.openedx.cohorts import cohort_named, put_in_cohort
from connector.sandbox.openedx.courses import default_mode, mode_slugs
from connector.sandbox.openedx.registration import add_user, is_email

_COLUMNS = range(4, 5)
_EXTRA_COLUMNS = range(4, 7)  # cohort and mode
_NOT_CSV = "Make sure that the file you upload is in CSV format with no extraneous characters or rows."
_MODE = (
    "Invalid course mode: {}. Falling back to the default mode, or keeping the current mode in case the user is"
    " already enrolled."
)

Told = dict[str, list[dict[str, str]]]


def register_and_enrol(ask: Ask) -> SandboxAnswer:
    """Every row made into an account and an enrolment; 200 always, and only what went wrong is told, in free text."""
    ask.need(ask.has_role("staff", "instructor"))
    if not ask.site.features.csv_signup:
        raise Refusal(page(403, ""))
    told: Told = {"row_errors": [], "general_errors": [], "warnings": []}
    file = ask.file("students_list")
    if file is None:
        _tell(told, "general_errors", "", "", "File is not attached.")
    elif not file[0].endswith(".csv"):
        _tell(told, "general_errors", "", "", _NOT_CSV)
    else:
        for number, row in enumerate(csv.reader(file[1].splitlines()), start=1):
            _row(ask, told, number, [cell.strip() for cell in row])
    return reply(told)


def _row(ask: Ask, told: Told, number: int, row: list[str]) -> None:
    extra = ask.site.features.csv_signup_extra
    if len(row) not in (_EXTRA_COLUMNS if extra else _COLUMNS):
        text = f"Data in row #{number} must have exactly four columns: email, username, full name, and country."
        if extra:
            text = (
                f"Data in row #{number} must have between four and six columns: email, username, full name, country,"
                " cohort, and course mode. The last two columns are optional."
            )
        _tell(told, "general_errors", "", "", text)
        return
    email, username, name, country, cohort, mode = [*row, "", ""][:6]
    if not is_email(email):
        _tell(told, "row_errors", username, email, f"Invalid email {email}.")
        return
    userid = _account(ask, told, email, username, {"name": name, "country": country})
    if userid is None:
        return
    _cohort(ask, told, userid, (username, email), cohort)
    _enrol(ask, told, userid, (username, email), mode)


def _account(ask: Ask, told: Told, email: str, username: str, profile: dict[str, Any]) -> int | None:
    user = user_row(ask.site, email)
    if user:
        if user[1] != username:
            text = f"An account with email {email} exists but the provided username {username} is different."
            _tell(told, "warnings", username, email, f"{text} Enrolling anyway with {email}.")
        return user[0]
    if ask.site.one("SELECT 1 FROM users WHERE username = ?", (username,)):
        _tell(told, "row_errors", username, email, f"Username {username} already exists.")
        return None
    return add_user(
        ask.site, username, email, profile.pop("name"), password=secrets.token_hex(8), is_active=1, **profile
    )


def _cohort(ask: Ask, told: Told, userid: int, who: tuple[str, str], cohort: str) -> None:
    if not cohort:
        return
    number = cohort_named(ask.site, ask.course, cohort)
    if number is None:
        text = f"Cohort name not found: {cohort}. Ignoring cohort assignment for all users."
        _tell(told, "row_errors", *who, text)
        return
    put_in_cohort(ask.site, ask.course, number, userid)


def _enrol(ask: Ask, told: Told, userid: int, who: tuple[str, str], mode: str) -> None:
    if mode and mode not in mode_slugs(ask.site, ask.course):
        _tell(told, "row_errors", *who, _MODE.format(mode))
        mode = ""
    found = enrolment_of(ask.site, userid, ask.course)
    if found and found[1]:
        mode = mode or found[0]
    write_enrolment(ask.site, userid, ask.course, mode or default_mode(ask.site, ask.course), active=True)
    consider(ask.site, userid, ask.course)


def _tell(told: Told, kind: str, username: str, email: str, text: str) -> None:
    told[kind].append({"username": username, "email": email, "response": text})
