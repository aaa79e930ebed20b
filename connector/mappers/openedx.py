"""Open edX's people and our accounts, both ways (reference/openedx-facts.md sections 2, 3, 10 and 11).

Open edX keeps one `name` of a person. We write 'family given' and split it as `model.Learner` does (the given name is
the last word), so an account read back equals the account that was sent. What Open edX cannot tell (an ID number,
profile fields) the site's account mapping leaves empty, or it would look like a change by hand at every plan.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connector.errors import ConfigError
from connector.language import _
from connector.lms import NewAccount
from connector.model import Account, AccountSeen

AUTH = "openedx"  # the site's own log-in: no account gets a password from us
READABLE_FIELDS = frozenset({"country"})  # what a creation may set and a reading gives back
USERNAME = re.compile(r"^[A-Za-z0-9_-]{2,30}$")
LONGEST_NAME, LONGEST_EMAIL = 255, 254
_NOTHING = ("", "None")  # get_students_features writes everything as text


def moment(text: Any) -> datetime | None:
    """The aware UTC time of an ISO 8601 text; None for null, '' and 'None'. Raises ValueError for anything else."""
    if text is None or str(text) in _NOTHING:
        return None
    found = datetime.fromisoformat(str(text))
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found.astimezone(UTC)


def full_name(account: Account) -> str:
    """The name as Open edX keeps it. A one-word name stands in both of our fields (`Learner.family_and_middle`)."""
    if account.lastname == account.firstname:
        return account.firstname
    return f"{account.lastname} {account.firstname}".strip()


class AccountMapper:
    """Turns Open edX's rows into accounts and back, for the field names that the configuration manages."""

    def __init__(self, *, idnumber: str, fields: Iterable[str], profile: Iterable[str], auth: str = AUTH) -> None:
        """`idnumber`: the mapping's pattern, which must be ''. Raises ConfigError for what Open edX cannot keep."""
        self.fields = tuple(sorted(fields))
        own = [name for name, differs in (("idnumber", bool(idnumber)), ("auth", auth != AUTH)) if differs]
        kept = [*own, *sorted(profile), *sorted(set(self.fields) - READABLE_FIELDS)]
        if kept:
            raise ConfigError(
                _("Open edX does not keep '{name}' of a person, so it cannot be managed.").format(name=kept[0]),
                hint=_(
                    "In the site's accounts leave out idnumber, auth, profile_fields; fields may hold country alone."
                ),
            )

    def seen(self, row: Mapping[str, Any]) -> AccountSeen:
        """The account in one row of the accounts API or of get_students_features."""
        words = str(row.get("name") or "").split()
        given = words[-1] if words else ""
        account = Account(
            username=str(row["username"]),
            firstname=given,
            lastname=" ".join(words[:-1]) or given,
            email=str(row["email"]),
            idnumber="",
            fields=tuple((name, _text(row.get(name))) for name in self.fields),
            auth=AUTH,
        )
        return AccountSeen(account=account, remote_id=str(row["id"]), last_access=moment(row.get("last_login")))


def sign_up_csv(accounts: Sequence[NewAccount], mode: str | None) -> str:
    """The file for register_and_enroll_students: e-mail, username, name, country, no cohort, mode; without a head.

    Without the last two columns when `mode` is None, for sites without the extra fields.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for new in accounts:
        account = new.account
        country = dict(account.fields).get("country", "")
        extra = [] if mode is None else ["", mode]
        writer.writerow([account.email, account.username, full_name(account), country, *extra])
    return out.getvalue()


def refusal(account: Account) -> str:
    """Why Open edX would not take this account, in words; '' when it would."""
    if not USERNAME.match(account.username):
        return _("Open edX's usernames have 2 to 30 letters, digits, _ and - without accents.")
    if not account.email or len(account.email) > LONGEST_EMAIL:
        return _("Open edX wants an e-mail address of at most {most} characters.").format(most=LONGEST_EMAIL)
    name = full_name(account)
    if not name or len(name) > LONGEST_NAME:
        return _("Open edX wants a name of at most {most} characters.").format(most=LONGEST_NAME)
    return ""


_KEYED = re.compile(r"^(?P<name>.*\S) \((?P<key>[^()\s]+)\)$")


def cohort_name(name: str, key: str) -> str:
    """A cohort's name on the platform, which carries our key: 'Nghệ An (VN-40)'."""
    return f"{name} ({key})"


def cohort_parts(name: str) -> tuple[str, str] | None:
    """Name and key out of such a name; None for a cohort of another shape, which is not ours."""
    found = _KEYED.match(name)
    return (found["name"], found["key"]) if found else None


def is_mark(name: str) -> bool:
    """True for the cohort that bears the connector's own mark (connector/sync/fence.py); nobody is ever in it."""
    return name.startswith("connector ")


def _text(value: Any) -> str:
    text = "" if value is None else str(value)
    return "" if text in _NOTHING else text
