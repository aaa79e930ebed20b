"""Accounts go to Moodle and come back the same; only what differs is sent; what Moodle leaves out reads as empty."""

import html
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.lms import AccountUpdate, NewAccount
from connector.mappers.moodle import AccountMapper, moment, plain
from connector.model import Account

FIELDS = ("phone2", "city", "institution")
PROFILE = ("province", "commune")
MAPPER = AccountMapper(FIELDS, PROFILE)

# A literal entity cannot be told from an escaped one; nobody writes one into a roster.
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12).filter(
    lambda text: plain(text) == text
)
accounts = st.builds(
    Account,
    username=st.from_regex(r"0[0-9]{9}", fullmatch=True),
    firstname=texts,
    lastname=texts,
    email=texts,
    idnumber=texts,
    fields=st.tuples(*[st.tuples(st.just(name), texts) for name in sorted(FIELDS)]),
    profile=st.tuples(*[st.tuples(st.just(name), texts) for name in sorted(PROFILE)]),
    auth=st.sampled_from(["manual", "oidc", "nologin"]),
    suspended=st.booleans(),
)


class Moodle:
    """One stored user: what create and update leave, and what get_users_by_field makes of it (facts 2.1, 2.2, 2.4)."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.user: dict[str, Any] = {"id": 7, "auth": "manual", "suspended": 0}
        self.custom: dict[str, str] = {}
        self.write(row)

    def write(self, row: dict[str, Any]) -> None:
        known = {name: value for name, value in row.items() if name not in ("customfields", "preferences", "password")}
        self.user |= known
        self.custom |= {entry["type"]: entry["value"] for entry in row.get("customfields", ())}

    def shown(self) -> dict[str, Any]:
        always = ("id", "username", "firstname", "lastname", "email", "auth")
        row = {name: value for name, value in self.user.items() if name in always or value}
        custom = [
            {"type": "text", "value": html.escape(value, quote=False), "name": name, "shortname": name}
            for name, value in self.custom.items()
            if value
        ]
        more = {"customfields": custom} if custom else {}
        return row | more | {"suspended": bool(self.user["suspended"]), "lastaccess": 0}


@given(accounts)
def test_a_created_account_comes_back_the_same(account: Account) -> None:
    sent = replace(account, suspended=False)
    seen = MAPPER.seen(Moodle(MAPPER.creation(NewAccount(account=sent, password=""))).shown())
    assert seen.account == sent
    assert (seen.remote_id, seen.last_access) == ("7", None)


@given(accounts, accounts)
def test_an_update_turns_one_account_into_the_other(before: Account, after: Account) -> None:
    moodle = Moodle(MAPPER.creation(NewAccount(account=replace(before, suspended=False), password="")))
    moodle.write({"suspended": int(before.suspended)})
    row = MAPPER.changes("7", AccountUpdate(before=before, after=after))
    moodle.write(row)
    assert MAPPER.seen(moodle.shown()).account == after
    assert row["id"] == 7


@given(accounts)
def test_nothing_is_sent_where_nothing_differs(account: Account) -> None:
    assert MAPPER.changes("7", AccountUpdate(before=account, after=account)) == {"id": 7}


@given(accounts, texts)
def test_only_the_changed_field_is_sent(account: Account, city: str) -> None:
    fields = tuple((name, city if name == "city" else value) for name, value in account.fields)
    row = MAPPER.changes("7", AccountUpdate(before=account, after=replace(account, fields=fields)))
    assert row == ({"id": 7} if city == dict(account.fields)["city"] else {"id": 7, "city": city})


def test_suspension_is_sent_as_a_number() -> None:
    account = Account(username="0912", firstname="An", lastname="Lê", email="a@b.vn", idnumber="")
    update = AccountUpdate(before=account, after=replace(account, suspended=True))
    assert json.dumps(MAPPER.changes("7", update)) == '{"id": 7, "suspended": 1}'


def test_a_first_password_must_be_changed() -> None:
    account = Account(username="0912", firstname="An", lastname="Lê", email="a@b.vn", idnumber="")
    row = MAPPER.creation(NewAccount(account=account, password="Abc@12345"))
    assert row["password"] == "Abc@12345"
    assert row["preferences"] == [{"type": "auth_forcepasswordchange", "value": "1"}]
    assert "preferences" not in MAPPER.creation(NewAccount(account=account, password=""))
    assert "customfields" not in row


def recorded(name: str) -> Any:
    file = Path(__file__).parents[1] / "recorded" / "moodle" / "calls.jsonl"
    for line in file.read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        if call["name"] == name:
            return json.loads(call["body"])
    raise LookupError(name)


def test_recorded_users_are_read() -> None:
    first, second = map(MAPPER.seen, recorded("users.get_by_field.username"))
    assert first.account.fields == (
        ("city", "Hải Phòng"),
        ("institution", "UBND xã Kim Thành"),
        ("phone2", "0912000001"),
    )
    assert first.account.profile == (("commune", "Kim Thành"), ("province", "Hải Phòng"))
    assert second.account.fields == (("city", ""), ("institution", ""), ("phone2", ""))
    assert second.account.profile == (("commune", ""), ("province", ""))
    assert MAPPER.seen(recorded("users.get_by_field.suspended")[0]).account.suspended


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Sở KH&amp;CN", "Sở KH&CN"),
        ("Sở KH&CN", "Sở KH&CN"),
        ("a &lt; b &#39;c&#39; &#x2F;", "a < b 'c' /"),
        ("A&copy B", "A&copy B"),
        (None, ""),
        (5, "5"),
    ],
)
def test_escaped_texts_are_read_as_they_were_typed(text: Any, typed: str) -> None:
    assert plain(text) == typed


def test_times_are_aware_and_zero_is_never() -> None:
    assert moment(1764522000) == datetime(2025, 11, 30, 17, 0, tzinfo=UTC)
    assert moment("1764522000") == moment(1764522000)
    assert moment(0) is None
    assert moment(None) is None


def test_a_field_that_cannot_be_read_back_is_refused() -> None:
    with pytest.raises(ConfigError, match="'middlename'") as caught:
        AccountMapper(["city", "middlename"], [])
    assert "institution" in caught.value.hint
