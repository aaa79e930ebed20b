"""Completion of activities and courses, and its override."""

from typing import Any

import pytest

from tests.sandbox.client import Api, Fault


def override(api: Api, userid: int, cmid: int, state: int = 1) -> dict[str, Any]:
    name = "core_completion_override_activity_completion_status"
    answer: dict[str, Any] = api.call(name, userid=userid, cmid=cmid, newstate=state)
    return answer


def test_all_tracked_activities_are_listed_for_a_person_who_has_not_begun(api: Api) -> None:
    (one,) = api.users(1)
    api.enrol([one])
    states = api.states(one)
    assert len(states) == 20, "19 topics and the gate; the certificate is not tracked"
    assert {state["state"] for state in states.values()} == {0}
    assert all(state["istrackeduser"] for state in states.values())


def test_a_suspended_or_unenrolled_person_is_read_but_not_tracked(api: Api) -> None:
    one, two = api.users(2)
    api.enrol([one], suspend=1)
    for userid in (one, two):
        assert not any(state["istrackeduser"] for state in api.states(userid).values())


@pytest.mark.parametrize(("userid", "code"), [(999999, "invaliduser"), (1, "guestsarenotallowed"), (3, "userdeleted")])
def test_an_unknown_guest_or_deleted_account_is_an_error(api: Api, userid: int, code: str) -> None:
    api.users(1)
    api.call("core_user_delete_users", userids=[3])
    with pytest.raises(Fault) as caught:
        api.states(userid)
    assert caught.value.code == code


def test_an_unconfirmed_account_is_an_error(api: Api) -> None:
    api.users(1)
    api.site.db.execute("UPDATE users SET confirmed = 0 WHERE id = 3")
    with pytest.raises(Fault) as caught:
        api.states(3)
    assert caught.value.code == "usernotconfirmed"


def test_an_unknown_course_is_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        api.call("core_completion_get_activities_completion_status", courseid=999, userid=2)
    assert caught.value.code == "invalidrecord"


def test_an_override_writes_even_for_somebody_who_is_not_enrolled(api: Api) -> None:
    (one,) = api.users(1)
    gate = api.cmid("gate")
    answer = override(api, one, gate)
    assert (answer["state"], answer["overrideby"], answer["timecompleted"]) == (1, 2, api.site.now())
    assert api.states(one)[gate]["overrideby"] == 2
    override(api, 999999, gate)
    assert api.site.one("SELECT count(*) FROM module_completion") == (2,)


def test_the_same_state_again_writes_nothing(api: Api) -> None:
    (one,) = api.users(1)
    first = override(api, one, api.cmid("gate"))
    api.site.set_now(api.site.now() + 60)
    assert override(api, one, api.cmid("gate")) == first
    untouched = override(api, one, api.cmid("cd01"), 0)
    assert untouched["state"] == 0
    assert api.site.one("SELECT count(*) FROM module_completion") == (1,)


def test_a_passed_or_failed_quiz_counts_as_complete_for_the_override(api: Api) -> None:
    (one,) = api.users(1)
    api.site.db.execute("INSERT INTO module_completion VALUES (?, ?, 3, NULL, 5)", (one, api.cmid("cd02")))
    assert override(api, one, api.cmid("cd02"))["state"] == 3
    assert override(api, one, api.cmid("cd02"), 0)["state"] == 0


@pytest.mark.parametrize(
    ("cmid", "state", "code"), [(999, 1, "invalidcoursemodule"), (1, 2, "err_system"), (1, 9, "err_system")]
)
def test_an_unknown_activity_or_state_is_an_error(api: Api, cmid: int, state: int, code: str) -> None:
    with pytest.raises(Fault) as caught:
        override(api, 2, cmid, state)
    assert caught.value.code == code


def test_an_open_activity_that_is_opened_shows_neither_time_nor_caller(api: Api) -> None:
    (one,) = api.users(1)
    answer = override(api, one, 1, 0)
    assert (answer["state"], answer["timecompleted"], answer["overrideby"]) == (0, 0, None)


def course_status(api: Api, userid: int, course: str = "cd-01") -> dict[str, Any]:
    name = "core_completion_get_course_completion_status"
    answer: dict[str, Any] = api.call(name, courseid=api.course(course), userid=userid)["completionstatus"]
    return answer


def test_a_course_is_complete_as_soon_as_its_activity_is_overridden(api: Api) -> None:
    (one,) = api.users(1)
    api.enrol([one], course=api.course("cd-01"))
    assert not course_status(api, one)["completed"]
    override(api, one, api.cmid("cd01", "cd-01"))
    status = course_status(api, one)
    assert status["completed"]
    assert status["completions"][0]["timecompleted"] == api.site.now()


def test_a_course_is_not_completed_by_somebody_without_a_place_in_it(api: Api) -> None:
    one, two = api.users(2)
    api.enrol([one], course=api.course("cd-01"))
    override(api, two, api.cmid("cd01", "cd-01"))
    assert api.site.all("SELECT * FROM course_completions") == []


@pytest.mark.parametrize(
    ("course", "word"),
    [("cd-01", "Viewing the page"), ("cd-02", "Achieving grade")],
)
def test_the_requirement_is_told_in_words(api: Api, course: str, word: str) -> None:
    (one,) = api.users(1)
    api.enrol([one], course=api.course(course))
    assert course_status(api, one, course)["completions"][0]["details"]["requirement"] == word


def test_a_course_without_criteria_or_a_person_without_a_place_is_an_error(api: Api) -> None:
    (one,) = api.users(1)
    with pytest.raises(Fault) as caught:
        course_status(api, one, "bkhcn-2025-01")
    assert caught.value.code == "nocriteriaset"
    with pytest.raises(Fault) as caught:
        course_status(api, one)
    assert caught.value.code == "usernotenroled"
