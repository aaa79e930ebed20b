"""What Moodle refuses in an account, checked before it is sent: one bad row would refuse its whole list (facts 2.1)."""

import re
from collections.abc import Iterator

from connector.language import _
from connector.model import Account

# Widths of the columns of Moodle's user table; a longer value ends in dmlwriteexception for the whole list.
WIDTHS = {
    "username": 100,
    "firstname": 100,
    "lastname": 100,
    "email": 100,
    "idnumber": 255,
    "institution": 255,
    "department": 255,
    "address": 255,
    "city": 120,
    "phone1": 20,
    "phone2": 20,
    "country": 2,
    "timezone": 100,
    "lang": 30,
}
_REQUIRED = ("username", "firstname", "lastname", "email")
_USERNAME = re.compile(r"[a-z0-9._@-]+")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[A-Za-z]{2,}")


def is_username(name: str) -> bool:
    """True when Moodle can have an account of this name: lower case letters, digits and . _ - @ (facts 1.1)."""
    return _USERNAME.fullmatch(name) is not None


def refusal(account: Account) -> tuple[str, str] | None:
    """Code and words of the first rule of Moodle that this account breaks; None when none is known to be broken."""
    return next(_broken(account), None)


def _broken(account: Account) -> Iterator[tuple[str, str]]:
    if not is_username(account.username):
        yield (
            "bad_username",
            _("The username may hold only lower case letters, digits and . _ - @; a leading + is refused."),
        )
    if not _EMAIL.fullmatch(account.email):
        yield "bad_email", _("The e-mail address is not valid.")
    for name, value in _values(account):
        if name in _REQUIRED and not value.strip():
            yield f"empty_{name}", _("The field {name} is empty.").format(name=name)
        if len(value) > WIDTHS.get(name, len(value)):
            yield (
                f"long_{name}",
                _("The field {name} is longer than {limit} characters.").format(name=name, limit=WIDTHS[name]),
            )
        if "<" in value:
            yield f"markup_{name}", _("The field {name} holds the sign <, which Moodle refuses.").format(name=name)


def _values(account: Account) -> Iterator[tuple[str, str]]:
    for name in (*_REQUIRED, "idnumber"):
        yield name, getattr(account, name)
    yield from account.fields
