"""What Moodle asks of a new or changed account: address, password policy, column lengths.

Source: user/externallib.php, user/lib.php, lib/moodlelib.php check_password_policy; reference/moodle-ws-facts.md 2.1,
2.4; recorded calls `users.create.*`.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any

from connector.sandbox.faults import invalid_parameter, moodle_exception, write_failed

LENGTHS = {
    "username": 100,
    "firstname": 100,
    "lastname": 100,
    "email": 100,
    "idnumber": 255,
    "institution": 255,
    "department": 255,
    "phone1": 20,
    "phone2": 20,
    "address": 255,
    "city": 120,
    "country": 2,
}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_POLICY = (
    (re.compile(r".{8,}", re.DOTALL), "Passwords must be at least 8 characters long."),
    (re.compile(r"\d"), "Passwords must have at least 1 digit(s)."),
    (re.compile(r"[a-z]"), "Passwords must have at least 1 lower case letter(s)."),
    (re.compile(r"[A-Z]"), "Passwords must have at least 1 upper case letter(s)."),
    (re.compile(r"[^a-zA-Z0-9]"), "The password must have at least 1 special character(s) such as *, -, or #."),
)
INTERNAL_AUTH = frozenset({"manual", "email"})


def valid_email(email: str) -> bool:
    """Whether the address has the form of one; `.invalid` domains are fine."""
    return _ADDRESS.fullmatch(email) is not None


def password_errors(password: str) -> str:
    """What the policy finds, as the piece of HTML that Moodle makes its error code; '' when all is well."""
    return "".join(f"<div>{text}</div>" for rule, text in _POLICY if not rule.search(password))


def check_new(user: Mapping[str, Any], languages: frozenset[str]) -> None:
    """Raise what Moodle raises for a new account before it looks at the database."""
    internal = user["auth"] in INTERNAL_AUTH
    if not user["username"] or not user["firstname"] or not user["lastname"] or not valid_email(user["email"]):
        raise invalid_parameter()
    if user["lang"] not in languages:
        raise invalid_parameter()
    if internal and not user.get("password") and not user.get("createpassword"):
        raise invalid_parameter()
    if internal and not user.get("createpassword"):
        check_password(user["password"])


def check_password(password: str) -> None:
    """Raise the policy's finding: HTML as the error code, localised on a real site (facts 1.8)."""
    if found := password_errors(password):
        raise moodle_exception(found, f"error/{found}")


def check_lengths(values: Mapping[str, Any]) -> None:
    """Raise the database's refusal of a value that is too long for its column."""
    if any(len(str(values[name])) > most for name, most in LENGTHS.items() if name in values):
        raise write_failed()


def stored_password(password: str) -> str:
    """A salted hash. One fast round only: this is a pretend site, and 18,000 slow hashes prove nothing."""
    salt = secrets.token_hex(4)
    return f"{salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"
