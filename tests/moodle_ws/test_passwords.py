"""Passwords on the sandbox: set with the duty to change them, and sent again where Moodle gives no answer."""

from collections.abc import Callable

import pytest

from connector.lms import NewPassword, Outcome
from connector.moodle_ws.lms import MoodleLms
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import functions_since

UPDATE = "core_user_update_users"
Make = Callable[[int], list[str]]


def stored(door: SandboxDoor, username: str) -> str:
    row = door.site.one("SELECT password FROM users WHERE username = ?", (username,))
    assert row is not None
    return str(row[0])


def must_change(door: SandboxDoor) -> int:
    row = door.site.one("SELECT count(*) FROM preferences WHERE name = 'auth_forcepasswordchange' AND value = '1'")
    assert row is not None
    return int(row[0])


def wanted(*names: str, password: str = "New@12345") -> list[NewPassword]:
    return [NewPassword(username=name, password=password) for name in names]


def test_a_new_password_must_be_changed_at_the_next_login(lms: MoodleLms, door: SandboxDoor, people: Make) -> None:
    first, second = people(2)
    door.site.db.execute("DELETE FROM preferences")
    old, other = stored(door, first), stored(door, second)
    (result,) = lms.set_passwords(wanted(first))
    assert (result.outcome, result.remote_id != "") == (Outcome.DONE, True)
    assert stored(door, first) != old
    assert stored(door, second) == other
    assert must_change(door) == 1


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.GATEWAY_TIMEOUT])
def test_after_a_lost_answer_each_password_is_set_once_more(
    lms: MoodleLms, door: SandboxDoor, people: Make, mishap: Mishap
) -> None:
    names = people(3)
    before = dict(lms.calls.by_function)
    list(lms.accounts(names))
    door.mishaps.append(mishap)
    results = lms.set_passwords(wanted(*names))
    assert [result.outcome for result in results] == [Outcome.DONE] * 3
    assert functions_since(lms, before)[UPDATE] == 4  # the lost one, and one for each


def test_a_weak_password_has_no_answer_at_all_and_the_message_says_what_to_mend(
    lms: MoodleLms, door: SandboxDoor, people: Make
) -> None:
    """Moodle puts the policy's HTML into the code of a warning, and its own check of the answer fails over it."""
    first, second = people(2)
    old, other = stored(door, first), stored(door, second)
    results = lms.set_passwords([*wanted(first, password="weak"), *wanted(second)])
    assert [result.outcome for result in results] == [Outcome.UNKNOWN, Outcome.DONE]
    assert "invalidresponse" in results[0].message
    assert "'passwords'" in results[0].message
    assert stored(door, first) == old
    assert stored(door, second) != other


def test_the_guest_is_left_as_he_is(lms: MoodleLms, door: SandboxDoor) -> None:
    before = stored(door, "guest")
    (result,) = lms.set_passwords(wanted("guest"))
    assert (result.outcome, result.code) == (Outcome.REFUSED, "usernotupdatedguest")
    assert stored(door, "guest") == before
