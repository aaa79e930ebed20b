"""Moodle's user rows and our accounts, both ways.

Reads `core_user_get_users_by_field`, writes `core_user_create_users` and `core_user_update_users`
(reference/moodle-ws-facts.md section 2). An account read back equals the account that was sent: both hold exactly the
fields that the configuration names, and what Moodle leaves out because it is empty reads as ''.
"""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connector.errors import ConfigError
from connector.language import _
from connector.lms import AccountUpdate, NewAccount, NewPassword
from connector.model import Account, AccountSeen

# What `core_user_get_users_by_field` gives back as it was sent; a field that cannot be read back would be sent always.
READABLE_FIELDS = frozenset(
    {"institution", "department", "phone1", "phone2", "address", "city", "country", "timezone", "lang"}
)
_OWN_FIELDS = ("username", "firstname", "lastname", "email", "idnumber", "auth")
_MUST_CHANGE = [{"type": "auth_forcepasswordchange", "value": "1"}]
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#[xX][0-9a-fA-F]{1,6});")


def moment(epoch: Any) -> datetime | None:
    """The aware UTC time of Moodle's seconds since 1970; None for its 0 and null, which mean 'never'."""
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else None


def flag(value: Any) -> bool:
    """Moodle's yes or no, as true, 1 or '1'; null and left out are no. Raises ValueError for anything else."""
    if value in (None, False, 0, "0", ""):
        return False
    if value in (True, 1, "1"):
        return True
    raise ValueError(f"neither yes nor no: {value!r:.40}")


def plain(text: Any) -> str:
    """A text as it was typed: Moodle escapes some texts for HTML even in JSON (facts 1.1). None reads as ''."""
    if text is None:
        return ""
    found = str(text)
    return html.unescape(found) if "&" in found and _ENTITY.search(found) else found


class AccountMapper:
    """Turns Moodle's rows into accounts and back, for the field names that the configuration manages."""

    def __init__(self, fields: Iterable[str], profile: Iterable[str]) -> None:
        """`fields`: standard profile fields; `profile`: short names of custom ones. Raises ConfigError."""
        self.fields = tuple(sorted(fields))
        self.profile = tuple(sorted(profile))
        unreadable = sorted(set(self.fields) - READABLE_FIELDS)
        if unreadable:
            raise ConfigError(
                _("Moodle gives no field '{name}' back, so it cannot be managed.").format(name=unreadable[0]),
                hint=_("Fields that can be: {known}.").format(known=", ".join(sorted(READABLE_FIELDS))),
            )

    def seen(self, row: Mapping[str, Any]) -> AccountSeen:
        """The account in one row of `core_user_get_users_by_field`."""
        return AccountSeen(account=self._account(row), remote_id=str(row["id"]), last_access=moment(row["lastaccess"]))

    def _account(self, row: Mapping[str, Any]) -> Account:
        custom = {str(field["shortname"]): plain(field["value"]) for field in row.get("customfields") or ()}
        return Account(
            username=str(row["username"]),
            firstname=plain(row.get("firstname")),
            lastname=plain(row.get("lastname")),
            email=plain(row.get("email")),
            idnumber=plain(row.get("idnumber")),
            fields=tuple([(name, plain(row.get(name))) for name in self.fields]),
            profile=tuple([(name, custom.get(name, "")) for name in self.profile]),
            auth=str(row.get("auth") or "manual"),
            suspended=flag(row.get("suspended")),
        )

    def creation(self, new: NewAccount) -> dict[str, Any]:
        """The row that makes this account; suspension is not part of it, Moodle makes active accounts only."""
        account = new.account
        row: dict[str, Any] = {name: getattr(account, name) for name in _OWN_FIELDS}
        row.update((name, value) for name, value in account.fields if value)
        custom = _custom(account.profile)
        if custom:
            row["customfields"] = custom
        if new.password:
            row["password"] = new.password
            row["preferences"] = _MUST_CHANGE
        return row

    def password(self, user_id: str, new: NewPassword) -> dict[str, Any]:
        """The row that sets this password and asks for another at the next log-in."""
        return {"id": int(user_id), "password": new.password, "preferences": _MUST_CHANGE}

    def changes(self, user_id: str, update: AccountUpdate) -> dict[str, Any]:
        """The row that makes `after` out of `before`: only what differs, nothing but the id when nothing does."""
        before, after = update.before, update.after
        row: dict[str, Any] = {"id": int(user_id)}
        row.update(
            (name, getattr(after, name)) for name in _OWN_FIELDS if getattr(before, name) != getattr(after, name)
        )
        if before.suspended != after.suspended:
            row["suspended"] = int(after.suspended)
        row.update(_changed(before.fields, after.fields))
        custom = _custom(_changed(before.profile, after.profile), empty=True)
        if custom:
            row["customfields"] = custom
        return row


def _changed(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    known = dict(before)
    return [(name, value) for name, value in after if known.get(name, "") != value]


def _custom(pairs: Iterable[tuple[str, str]], *, empty: bool = False) -> list[dict[str, str]]:
    return [{"type": name, "value": value} for name, value in pairs if value or empty]
