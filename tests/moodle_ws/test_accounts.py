"""Accounts on the sandbox, which is as unforgiving as Moodle: all or nothing, silent losses, lost answers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import AccessDenied, ConfigError, OutcomeUnknown, PlatformUnavailable
from connector.lms import AccountUpdate, Needs, NewAccount, Outcome, Severity
from connector.mappers.moodle import AccountMapper
from connector.moodle_ws.accounts import Accounts
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.lms import MoodleLms
from connector.wire.oddities import Oddities
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import account, functions_since, new, over, sent
from tests.moodle_ws.scripted import ScriptedDoor, client, good, refusal, site_info

CREATE, LOOKUP = "core_user_create_users", "core_user_get_users_by_field"


def users_on(door: SandboxDoor) -> int:
    row = door.site.one("SELECT count(*) FROM users WHERE username LIKE '09%'")
    assert row is not None
    return int(row[0])


def test_a_hundred_accounts_are_one_write_and_then_more(lms: MoodleLms, door: SandboxDoor) -> None:
    results = lms.create_accounts([new(number) for number in range(250)])
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert functions_since(lms, {})[CREATE] == 2  # 100, and all the rest since that was quick
    assert users_on(door) == 250


def test_a_weak_password_is_found_among_the_good_ones(lms: MoodleLms, door: SandboxDoor) -> None:
    accounts = [new(number, "1" if number == 17 else "Abc@12345") for number in range(40)]
    results = lms.create_accounts(accounts)
    assert [result.key for result in results if result.outcome is Outcome.REFUSED] == [accounts[17].account.key]
    assert results[17].code == "passwordpolicy"
    assert "8 characters" in results[17].message
    assert users_on(door) == 39
    assert functions_since(lms, {})[CREATE] <= 12


def test_rows_that_moodle_would_refuse_are_not_sent(lms: MoodleLms, door: SandboxDoor) -> None:
    long = replace(account(1), firstname="A" * 150)
    results = lms.create_accounts([NewAccount(account=long, password="Abc@12345"), new(2)])
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.REFUSED, "long_firstname"),
        (Outcome.DONE, ""),
    ]
    assert functions_since(lms, {})[CREATE] == 1


def test_an_address_in_use_is_named_as_the_reason(lms: MoodleLms, door: SandboxDoor) -> None:
    lms.create_accounts([new(1)])
    taken = NewAccount(account=replace(account(2), email=account(1).email.upper()), password="Abc@12345")
    results = lms.create_accounts([taken, new(3)])
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.REFUSED, "email_in_use"),
        (Outcome.DONE, ""),
    ]
    assert "@" not in results[0].message


def test_a_refusal_without_a_reason_stays_one(lms: MoodleLms) -> None:
    strange = NewAccount(account=replace(account(1), auth="nosuch"), password="Abc@12345")
    result = lms.create_accounts([strange])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "invalidparameter")


def test_the_same_person_twice_is_one_account(lms: MoodleLms, door: SandboxDoor) -> None:
    results = lms.create_accounts([new(1), new(1)])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE]
    assert users_on(door) == 1


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_a_lost_answer_makes_nobody_twice(mishap: Mishap, lms: MoodleLms, door: SandboxDoor) -> None:
    list(lms.accounts(["0912000000"]))
    door.mishaps = [mishap]
    results = lms.create_accounts([new(number) for number in range(5)])
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert all(result.remote_id for result in results)
    assert functions_since(lms, {})[CREATE] == 1
    assert users_on(door) == 5


def test_a_lost_request_is_sent_again_once(lms: MoodleLms, door: SandboxDoor) -> None:
    list(lms.accounts(["0912000000"]))
    door.site.switches.maintenance = True
    with pytest.raises(PlatformUnavailable):
        lms.create_accounts([new(1)])
    door.site.switches.maintenance = False
    door.mishaps = [Mishap.REFUSED, None]
    assert lms.create_accounts([new(1)])[0].outcome is Outcome.DONE
    assert users_on(door) == 1


def test_an_outage_in_the_middle_is_not_told_as_nothing_done(lms: MoodleLms, door: SandboxDoor) -> None:
    list(lms.accounts(["0912000000"]))
    door.mishaps = [None, *[Mishap.REFUSED] * 1000]
    with pytest.raises(OutcomeUnknown):
        lms.create_accounts([new(number) for number in range(200)])
    assert users_on(door) == 150


def test_a_dropped_profile_field_is_said_once(
    lms: MoodleLms, door: SandboxDoor, caplog: pytest.LogCaptureFixture
) -> None:
    door.site.db.execute("DELETE FROM profile_fields WHERE shortname = 'province'")
    door.site.memory.clear()
    assert lms.create_accounts([new(1)])[0].ok
    assert lms.create_accounts([new(2)])[0].ok
    said = [record for record in caplog.records if "dropped the profile field 'province'" in record.getMessage()]
    assert len(said) == 1


def scripted(door: ScriptedDoor) -> Accounts:
    ws = client(door)
    return Accounts(ws, Ids(ws), Oddities(), AccountMapper([], []))


def test_a_row_that_the_answer_does_not_name_is_looked_up() -> None:
    door = ScriptedDoor(site_info(), good([{"id": 5, "username": "0912000001"}]), good([]), good([]))
    bare = [NewAccount(account=replace(account(n), fields=(), profile=()), password="") for n in (1, 2)]
    results = scripted(door).create(bare)
    assert [(result.outcome, result.code) for result in results] == [(Outcome.DONE, ""), (Outcome.REFUSED, "not_made")]


def test_usernames_that_nobody_asked_for_are_dropped() -> None:
    """PHP compares '+84912345678' with '84912345678' as numbers, so Moodle may answer with another person (2.2)."""
    other = {"id": 5, "username": "84912345678", "lastaccess": 0}
    door = ScriptedDoor(site_info(), good([other]))
    assert list(scripted(door).seen(["0912000001"])) == []
    assert list(scripted(ScriptedDoor()).seen(["+84912345678"])) == []


def test_a_thousand_usernames_are_one_request() -> None:
    door = ScriptedDoor(site_info(), good([], [], [], []), good([]))
    assert list(scripted(door).seen([f"u{number}" for number in range(1001)])) == []
    assert [len(arguments["values"]) for _name, arguments in door.inner(1)] == [250] * 4


def test_only_what_differs_is_sent(lms: MoodleLms, people: Callable[[int], list[str]], door: SandboxDoor) -> None:
    people(2)
    before = dict(lms.calls.by_function)
    changed = replace(account(0), lastname="Trần")
    results = lms.update_accounts(
        [AccountUpdate(before=account(0), after=changed), AccountUpdate(before=account(1), after=account(1))]
    )
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.ALREADY]
    assert functions_since(lms, before) == {"core_user_update_users": 1}
    assert '"users":[{"id":' in sent(door.requests[-1])
    assert "firstname" not in sent(door.requests[-1])


def test_a_warning_finds_its_person(lms: MoodleLms, people: Callable[[int], list[str]]) -> None:
    people(3)
    updates = [
        AccountUpdate(before=account(0), after=replace(account(0), email=account(2).email)),
        AccountUpdate(before=account(1), after=replace(account(1), lastname="Trần")),
    ]
    results = lms.update_accounts(updates)
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.REFUSED, "useremailduplicate"),
        (Outcome.DONE, ""),
    ]


def test_an_update_that_breaks_a_rule_is_not_sent(lms: MoodleLms, people: Callable[[int], list[str]]) -> None:
    people(1)
    result = lms.update_accounts([AccountUpdate(before=account(0), after=replace(account(0), email="nope"))])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "bad_email")


def test_a_lost_update_is_read_back(lms: MoodleLms, people: Callable[[int], list[str]], door: SandboxDoor) -> None:
    people(2)
    before = dict(lms.calls.by_function)
    door.mishaps = [Mishap.LOST]
    updates = [AccountUpdate(before=account(n), after=replace(account(n), suspended=True)) for n in (0, 1)]
    assert [result.outcome for result in lms.update_accounts(updates)] == [Outcome.DONE] * 2
    assert functions_since(lms, before)["core_user_update_users"] == 1


def test_a_new_username_is_known_afterwards(lms: MoodleLms, people: Callable[[int], list[str]]) -> None:
    people(1)
    renamed = replace(account(0), username="0912099999")
    assert lms.update_accounts([AccountUpdate(before=account(0), after=renamed)])[0].ok
    again = replace(renamed, lastname="Lê")
    assert lms.update_accounts([AccountUpdate(before=renamed, after=again)])[0].ok
    assert [seen.account for seen in lms.accounts(["0912099999"])] == [again]


def test_a_php_error_in_an_update_is_halved() -> None:
    row = {"id": 1, "username": "0912000000", "lastaccess": 0}
    other = {"id": 2, "username": "0912000001", "lastaccess": 0}
    stumble = refusal("generalexceptionmessage")
    done = good({"warnings": []})
    door = ScriptedDoor(site_info(), good([row, other]), stumble, done, stumble)
    bare = [replace(account(n), fields=(), profile=()) for n in (0, 1)]
    updates = [AccountUpdate(before=item, after=replace(item, lastname="Lê")) for item in bare]
    results = scripted(door).update(updates)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED]


def test_a_blind_account_is_not_taken_for_an_empty_site(door: SandboxDoor) -> None:
    maker = over(door)
    assert maker.create_accounts([new(1)])[0].ok
    door.site.switches.blind = True
    with pytest.raises(AccessDenied, match=r"viewalldetails"):
        list(over(door, known_username=account(1).username).accounts([account(2).username]))


@pytest.mark.parametrize("own", ["admin", "Admin "])
def test_the_own_account_proves_no_sight(door: SandboxDoor, own: str) -> None:
    door.site.switches.blind = True
    lms = over(door, known_username=own)
    with pytest.raises(ConfigError, match="own account"):
        list(lms.accounts([account(2).username]))
    finding = next(one for one in lms.check(Needs()) if one.subject == "Look-up of accounts")
    assert finding.severity is Severity.ERROR
    assert "own account" in finding.detail


def test_the_known_person_is_looked_up_only_until_sight_is_proved(door: SandboxDoor) -> None:
    lms = over(door, known_username="guest")
    assert list(lms.accounts([account(1).username])) == []
    assert list(lms.accounts([account(2).username])) == []
    assert functions_since(lms, {})[LOOKUP] == 3


def test_passwords_are_changed_at_first_log_in(lms: MoodleLms, door: SandboxDoor) -> None:
    lms.create_accounts([new(1)])
    created = [form for form in map(sent, door.requests) if CREATE in form]
    assert len(created) == 1
    assert '{"type":"auth_forcepasswordchange","value":"1"}' in created[0]
