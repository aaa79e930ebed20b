"""Groups of courses on Moodle: made once, filled with enrolled people only, read back after each write."""

from typing import Any

import pytest

from connector.errors import ConfigError
from connector.lms import Outcome
from connector.model import Enrolment, Group, GroupMembership
from connector.moodle_ws.groups import ADD, CREATE, MEMBERS, REMOVE, Groups
from connector.moodle_ws.lms import MoodleLms
from tests.contract.worlds import COURSE
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import account, functions_since, new
from tests.moodle_ws.scripted import ScriptedDoor, good, ids_of, site_info

HANOI = Group(course=COURSE, idnumber="VN-01", name="Hà Nội & ngoại thành")
HUE = Group(course=COURSE, idnumber="VN-46", name="Huế")
NAMES = [account(number).username for number in range(4)]


def place(name: str, group: str = "VN-01", course: str = COURSE) -> GroupMembership:
    return GroupMembership(course=course, group=group, username=name)


@pytest.fixture
def learners(lms: MoodleLms) -> list[str]:
    lms.create_accounts([new(number) for number in range(4)])
    lms.enrol([Enrolment(course=COURSE, username=name) for name in NAMES])
    assert all(result.ok for result in lms.create_groups([HANOI, HUE]))
    return NAMES


def outcomes(results: Any) -> list[Outcome]:
    return [result.outcome for result in results]


def inside(lms: MoodleLms, group: str = "VN-01") -> list[str]:
    list(lms.accounts(NAMES))
    return sorted(one.username for one in lms.group_memberships(COURSE, [group], NAMES))


def test_groups_are_made_in_one_request_with_their_numbers(lms: MoodleLms) -> None:
    before = dict(lms.calls.by_function)
    results = lms.create_groups([HANOI, HUE])
    assert functions_since(lms, before)[CREATE] == 1
    assert all(result.remote_id for result in results)
    assert {HANOI, HUE} <= set(lms.groups(COURSE))


def test_groups_without_our_key_are_not_seen(lms: MoodleLms, door: SandboxDoor) -> None:
    door.site.db.execute("UPDATE groups SET idnumber = ''")
    assert list(lms.groups(COURSE)) == []


@pytest.mark.usefixtures("learners")
def test_one_group_that_is_there_does_not_stop_the_others(lms: MoodleLms) -> None:
    other = Group(course=COURSE, idnumber="VN-40", name="Nghệ An")
    assert outcomes(lms.create_groups([HANOI, other])) == [Outcome.ALREADY, Outcome.DONE]


def test_a_name_that_the_course_has_already_is_said(lms: MoodleLms) -> None:
    lms.create_groups([Group(course=COURSE, idnumber="by-hand", name="Huế")])
    refused, made = lms.create_groups([HUE, HANOI])
    assert (refused.outcome, refused.code, made.outcome) == (Outcome.REFUSED, "name_taken", Outcome.DONE)
    assert "VN-46" in refused.message


@pytest.mark.parametrize(
    ("group", "code"),
    [
        (Group(course="nowhere", idnumber="g", name="n"), "unknown_course"),
        (Group(course=COURSE, idnumber="g" * 101, name="n"), "long"),
        (Group(course=COURSE, idnumber="g", name="n" * 255), "long"),
    ],
)
def test_a_group_that_cannot_be_is_refused_without_being_sent(lms: MoodleLms, group: Group, code: str) -> None:
    refused, made = lms.create_groups([group, HUE])
    assert (refused.code, made.outcome) == (code, Outcome.DONE)


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_a_lost_creation_is_read_back(mishap: Mishap, lms: MoodleLms, door: SandboxDoor) -> None:
    list(lms.groups(COURSE))
    before = dict(lms.calls.by_function)
    door.mishaps = [mishap]
    assert outcomes(lms.create_groups([HANOI])) == [Outcome.DONE]
    assert functions_since(lms, before)[CREATE] == 1


def test_a_group_that_the_answer_does_not_name_is_refused() -> None:
    ids = ids_of(ScriptedDoor(site_info(), good([])))
    ids._courses["c"] = 2
    result = Groups(ids.ws, ids).create([Group(course="c", idnumber="g", name="n")])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_made")


def test_people_are_put_in_and_read_back_once(lms: MoodleLms, learners: list[str]) -> None:
    before = dict(lms.calls.by_function)
    assert outcomes(lms.add_to_groups([place(name) for name in learners])) == [Outcome.DONE] * 4
    made = functions_since(lms, before)
    assert (made[ADD], made[MEMBERS]) == (1, 2)
    assert inside(lms) == learners
    assert outcomes(lms.add_to_groups([place(learners[0]), place(learners[1], "VN-46")])) == [
        Outcome.ALREADY,
        Outcome.DONE,
    ]


def test_who_is_not_enrolled_does_not_stop_the_others(lms: MoodleLms, learners: list[str]) -> None:
    lms.create_accounts([new(77)])
    strangers = [account(77).username, "0999999999"]
    wanted = [place(learners[0]), *map(place, strangers), place(learners[1]), place(learners[2], "nowhere")]
    results = lms.add_to_groups([*wanted, place(learners[3], course="nowhere")])
    assert [result.outcome is Outcome.DONE for result in results] == [True, False, False, True, False, False]
    assert [result.code for result in results[2:]] == ["unknown_user", "", "unknown_group", "unknown_group"]
    assert inside(lms) == learners[:2]


def test_people_are_taken_out(lms: MoodleLms, learners: list[str]) -> None:
    lms.add_to_groups([place(name) for name in learners])
    gone = [place(learners[0]), place("0999999999"), place(learners[1], "nowhere"), place(learners[2])]
    assert outcomes(lms.remove_from_groups(gone)) == [Outcome.DONE, Outcome.ALREADY, Outcome.ALREADY, Outcome.DONE]
    assert inside(lms) == [learners[1], learners[3]]


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_a_lost_removal_is_read_back(mishap: Mishap, lms: MoodleLms, learners: list[str], door: SandboxDoor) -> None:
    lms.add_to_groups([place(name) for name in learners])
    before = dict(lms.calls.by_function)
    door.mishaps = [mishap]
    assert outcomes(lms.remove_from_groups([place(learners[0])])) == [Outcome.DONE]
    assert functions_since(lms, before)[REMOVE] == 1


@pytest.mark.parametrize("put_in", [True, False])
def test_what_moodle_takes_but_does_not_do_is_refused(put_in: bool) -> None:
    members = [{"groupid": 5, "userids": [] if put_in else [7]}]
    script = [good(members), good(None), good(members)] if put_in else [good(None), good(members)]
    ids = ids_of(ScriptedDoor(site_info(), *script))
    ids._groups["c"], ids.users["07"] = {"g": 5}, 7
    groups = Groups(ids.ws, ids)
    result = (groups.add if put_in else groups.remove)([place("07", "g", "c")])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_in_group" if put_in else "still_in_group")


def test_groups_of_no_course_are_an_error(lms: MoodleLms) -> None:
    with pytest.raises(ConfigError):
        list(lms.groups("nowhere"))


def test_nothing_is_asked_for_nothing(lms: MoodleLms) -> None:
    assert lms.create_groups([]) == lms.add_to_groups([]) == lms.remove_from_groups([]) == []
    assert lms.calls.requests == 0
