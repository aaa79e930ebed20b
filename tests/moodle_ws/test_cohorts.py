"""Cohorts on the sandbox: warnings find their people, nulls are read back, an empty list never means 'all'."""

from collections.abc import Callable

import pytest

from connector.lms import Outcome
from connector.model import Cohort, Membership
from connector.moodle_ws.cohorts import Cohorts
from connector.moodle_ws.lms import MoodleLms
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import functions_since, over
from tests.moodle_ws.scripted import ScriptedDoor, client, good, ids_of, recorded_body, refusal, site_info

Make = Callable[[int], list[str]]

ADD, MEMBERS = "core_cohort_add_cohort_members", "core_cohort_get_cohort_members"
HERE = Cohort(idnumber="VN-31", name="Hải Phòng")


def member(name: str, cohort: str = "VN-31") -> Membership:
    return Membership(cohort=cohort, username=name)


def test_all_cohorts_are_made_in_one_request(lms: MoodleLms) -> None:
    wanted = [Cohort(idnumber=f"VN-{number:02d}", name=f"Tỉnh {number}") for number in range(34)]
    assert {result.outcome for result in lms.create_cohorts(wanted)} == {Outcome.DONE}
    assert functions_since(lms, {})["core_cohort_create_cohorts"] == 1
    assert sorted(lms.cohorts(), key=lambda cohort: cohort.idnumber) == wanted


def test_those_that_are_there_are_taken_out_and_the_others_made(lms: MoodleLms) -> None:
    lms.create_cohorts([HERE])
    others = [Cohort(idnumber=f"X{number}", name="X") for number in range(3)]
    results = lms.create_cohorts([others[0], HERE, *others[1:]])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.ALREADY, Outcome.DONE, Outcome.DONE]
    assert results[1].remote_id == "1"


@pytest.mark.parametrize(
    ("cohort", "code"),
    [
        (Cohort(idnumber=" ", name="x"), "empty"),
        (Cohort(idnumber="x", name=""), "empty"),
        (Cohort(idnumber="x" * 101, name="x"), "long"),
        (Cohort(idnumber="x", name="x" * 255), "long"),
    ],
)
def test_a_cohort_that_moodle_would_refuse_is_not_sent(cohort: Cohort, code: str) -> None:
    result = Cohorts(client(ScriptedDoor()), ids_of(ScriptedDoor())).create([cohort])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, code)


def test_a_lost_answer_makes_no_second_cohort(lms: MoodleLms, door: SandboxDoor) -> None:
    list(lms.cohorts())
    door.mishaps = [Mishap.LOST]
    assert lms.create_cohorts([HERE])[0].outcome is Outcome.DONE
    assert functions_since(lms, {})["core_cohort_create_cohorts"] == 1


def test_a_cohort_that_the_answer_does_not_name_is_not_made() -> None:
    door = ScriptedDoor(site_info(), good([]), good([]))
    ids = ids_of(door)
    result = Cohorts(ids.ws, ids).create([HERE])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_made")


def test_the_older_of_two_cohorts_with_one_idnumber_is_used(caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"id": 9, "name": "b", "idnumber": "A&amp;B"}, {"id": 3, "name": "a", "idnumber": "A&amp;B"}]
    door = ScriptedDoor(site_info(), good([*rows, {"id": 1, "name": "c", "idnumber": ""}]))
    ids = ids_of(door)
    assert list(Cohorts(ids.ws, ids).all()) == [Cohort(idnumber="A&B", name="a")]
    assert "two cohorts" in caplog.text


def test_warnings_find_their_people(lms: MoodleLms, people: Make) -> None:
    names = people(3)
    lms.create_cohorts([HERE])
    lms.add_members([member(names[0])])
    before = dict(lms.calls.by_function)
    results = lms.add_members([member(names[0]), member("0999999999"), member(names[1], "VN-99"), member(names[2])])
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.ALREADY, ""),
        (Outcome.REFUSED, "2"),
        (Outcome.REFUSED, "2"),
        (Outcome.DONE, ""),
    ]
    assert functions_since(lms, before) == {ADD: 1}
    assert "0999999999" not in results[1].message


@pytest.mark.parametrize(
    ("name", "who", "outcome"),
    [
        ("cohorts.members.add.again", "0912000001", Outcome.ALREADY),
        ("cohorts.members.add.unknown_user", "0999999999", Outcome.REFUSED),
    ],
)
def test_recorded_warnings_are_understood(name: str, who: str, outcome: Outcome) -> None:
    ids = ids_of(ScriptedDoor(site_info(), good(recorded_body(name))))
    results = Cohorts(ids.ws, ids).add([member(who), member("0912000777")])
    assert [result.outcome for result in results] == [outcome, Outcome.DONE]


def test_a_warning_that_nobody_understands_is_looked_up() -> None:
    strange = {"warnings": [{"warningcode": "1", "message": "wrong type"}]}
    cohorts = good([{"id": 4, "name": "x", "idnumber": "VN-31"}])
    members = good([{"cohortid": 4, "userids": [7]}])
    ids = ids_of(ScriptedDoor(site_info(), good(strange), cohorts, members), u07=7, u08=8)
    results = Cohorts(ids.ws, ids).add([member("07"), member("08")])
    assert [(result.outcome, result.code, result.message) for result in results] == [
        (Outcome.DONE, "", ""),
        (Outcome.REFUSED, "1", "wrong type"),
    ]


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_lost_answers_about_members_are_read_back(
    mishap: Mishap, lms: MoodleLms, people: Make, door: SandboxDoor
) -> None:
    names = people(4)
    lms.create_cohorts([HERE])
    door.mishaps = [mishap]
    assert {result.outcome for result in lms.add_members(list(map(member, names)))} == {Outcome.DONE}
    door.mishaps = [mishap]
    assert {result.outcome for result in lms.remove_members(list(map(member, names[:2])))} == {Outcome.DONE}
    assert {item.username for item in lms.memberships(["VN-31"], names)} == set(names[2:])
    calls = dict(lms.calls.by_function)
    assert (calls[ADD], calls["core_cohort_delete_cohort_members"]) == (1, 1)


def test_all_members_are_one_request_and_strangers_are_left_out(
    lms: MoodleLms, people: Make, door: SandboxDoor
) -> None:
    names = people(3)
    lms.create_cohorts([HERE, Cohort(idnumber="VN-01", name="Hà Nội")])
    lms.add_members([member(names[0]), member(names[1]), member(names[2], "VN-01")])
    other = over(door)
    list(other.accounts(names[1:]))
    before = dict(other.calls.by_function)
    found = set(other.memberships(["VN-31", "VN-01", "VN-99"], names[1:]))
    assert found == {member(names[1]), member(names[2], "VN-01")}
    assert functions_since(other, before)[MEMBERS] == 1


def test_no_cohort_is_not_all_cohorts() -> None:
    door = ScriptedDoor(site_info(), good([]))
    ids = ids_of(door)
    assert list(Cohorts(ids.ws, ids).members(["VN-31"], ["07"])) == []
    assert len(door.asked) == 2


def test_an_unknown_user_does_not_stop_the_removal_of_others() -> None:
    cohorts = good([{"id": 4, "name": "x", "idnumber": "VN-31"}])
    gone = good([{"cohortid": 4, "userids": []}])
    door = ScriptedDoor(site_info(), cohorts, refusal("invaliduser"), good(None), refusal("invaliduser"), gone)
    ids = ids_of(door, u07=7, u08=8)
    results = Cohorts(ids.ws, ids).remove([member("07"), member("08")])
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.DONE, ""),
        (Outcome.REFUSED, "invaliduser"),
    ]


def test_a_removal_that_did_not_happen_is_refused() -> None:
    cohorts = good([{"id": 4, "name": "x", "idnumber": "VN-31"}])
    still = good([{"cohortid": 4, "userids": [7]}])
    ids = ids_of(ScriptedDoor(site_info(), cohorts, good(None), still), u07=7, u08=8)
    results = Cohorts(ids.ws, ids).remove([member("07"), member("08")])
    assert [(result.outcome, result.code) for result in results] == [
        (Outcome.REFUSED, "still_member"),
        (Outcome.DONE, ""),
    ]


def test_nobody_can_be_taken_out_of_a_cohort_that_is_not_there(lms: MoodleLms, people: Make) -> None:
    names = people(1)
    assert [result.outcome for result in lms.remove_members([member(names[0]), member("0999999999")])] == [
        Outcome.ALREADY
    ] * 2
    assert "core_cohort_delete_cohort_members" not in dict(lms.calls.by_function)
