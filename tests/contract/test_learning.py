"""What `connector.lms.LmsClient` promises of learning: topics, certificates, the doctor, and what it all costs."""

from datetime import timedelta

import pytest

from connector.errors import ConfigError
from connector.lms import Capability, Needs, Outcome, Severity
from connector.model import TopicRef
from tests.contract.steps import enrolled, issued, on, people
from tests.contract.worlds import World


def test_topics_not_begun_are_left_out(world: World) -> None:
    names = enrolled(world)
    assert list(world.lms.topic_results([world.page, world.quiz, world.whole], names)) == []
    assert list(world.lms.topic_results([world.page], [])) == []


def test_a_completed_topic_is_done_and_others_are_not_told(world: World) -> None:
    names = enrolled(world)
    world.complete(names[0], world.page)
    results = list(world.lms.topic_results([world.page, world.quiz], names))
    assert [(item.username, item.ref, item.done) for item in results] == [(names[0], world.page, True)]


@on(Capability.COMPLETION_TIMES)
def test_completed_topics_have_their_time(world: World) -> None:
    names = enrolled(world)
    at = world.complete(names[0], world.page)
    (result,) = world.lms.topic_results([world.page, world.quiz], names)
    assert result.completed_at == at
    assert result.overridden


def test_a_failed_topic_has_a_grade_and_is_not_done(world: World) -> None:
    names = enrolled(world)
    world.grade(names[0], world.quiz, 3)
    world.grade(names[1], world.quiz, 8)
    results = {item.username: item for item in world.lms.topic_results([world.quiz], names)}
    assert {name: (item.done, item.grade) for name, item in results.items()} == {
        names[0]: (False, 30.0),
        names[1]: (True, 80.0),
    }
    assert results[names[0]].completed_at is None
    told = Capability.COMPLETION_TIMES in world.lms.capabilities
    assert (results[names[1]].completed_at is not None) is told


def test_a_whole_course_is_a_topic_too(world: World) -> None:
    names = enrolled(world)
    at = world.complete(names[2], world.whole)
    results = list(world.lms.topic_results([world.whole], names))
    assert [(item.username, item.done) for item in results] == [(names[2], True)]
    if Capability.COMPLETION_TIMES in world.lms.capabilities:
        assert results[0].completed_at in (at, at.replace(second=0))  # a report tells no seconds


@pytest.mark.parametrize("activity", ["", "cd99"])
def test_a_topic_that_is_not_there_is_an_error(world: World, activity: str) -> None:
    names = enrolled(world, 1)
    ref = TopicRef(course=world.course if activity else "nowhere", activity=activity)
    with pytest.raises(ConfigError):
        list(world.lms.topic_results([ref], names))
    with pytest.raises(ConfigError):
        list(world.lms.topics([ref]))


def test_certificates_are_released_once_and_read_back(world: World) -> None:
    names = enrolled(world)
    (stranger,) = people(world, 1, first=50)
    results = world.lms.grant_certificates(world.gate, [names[0], stranger, names[1], "0999999999"])
    assert [result.key for result in results] == [(names[0],), (stranger,), (names[1],), ("0999999999",)]
    assert [result.outcome for result in results] == [
        Outcome.DONE,
        Outcome.REFUSED,
        Outcome.DONE,
        Outcome.REFUSED,
    ]
    assert world.lms.grant_certificates(world.gate, [names[0]])[0].outcome is Outcome.ALREADY
    assert set(world.lms.granted(world.gate, [*names, stranger])) == set(names[:2])
    assert {issue.username for issue in issued(world, [*names, stranger], None)} <= set(names[:2])


def test_issues_are_read_since_a_time(world: World) -> None:
    names = enrolled(world)
    at = world.issue(names[0])
    issues = issued(world, names, at)
    assert [(issue.username, issue.certificate, issue.issued_at) for issue in issues] == [
        (names[0], world.gate.certificate, at)
    ]
    assert issues[0].code


@on(Capability.ISSUE_LIST)
def test_issues_before_that_time_are_not_told_again(world: World) -> None:
    names = enrolled(world)
    at = world.issue(names[0])
    assert issued(world, names, at + timedelta(seconds=1)) == []


def test_a_gate_that_is_not_there_is_an_error(world: World) -> None:
    names = enrolled(world, 1)
    for gate in world.wrong_gates:
        with pytest.raises(ConfigError):
            [*world.lms.certificate_issues(gate, None), *world.lms.grant_certificates(gate, names)]


def test_the_doctor_names_what_is_missing(world: World) -> None:
    findings = world.lms.check(Needs(courses=(world.course, "nowhere")))
    assert any(finding.severity is Severity.OK and world.course in finding.subject for finding in findings)
    wrong = [finding for finding in findings if finding.severity is Severity.ERROR]
    assert wrong
    assert all(finding.subject.endswith("nowhere") for finding in wrong)


def test_an_empty_list_asks_and_writes_nothing(world: World) -> None:
    assert world.lms.create_accounts([]) == []
    assert world.lms.create_cohorts([]) == []
    assert world.lms.update_accounts([]) == []
    assert world.lms.update_cohorts([]) == []
    assert world.lms.set_passwords([]) == []
    assert world.lms.add_members([]) == []
    assert world.lms.remove_members([]) == []
    assert world.lms.enrol([]) == []
    assert list(world.lms.accounts([])) == []
    assert list(world.lms.memberships([], [])) == []


def test_calls_are_counted(world: World) -> None:
    before = world.lms.calls.requests
    people(world, 1)
    list(world.lms.accounts([world.account(0).username]))
    assert world.lms.calls.requests > before
    assert world.lms.calls.by_function
    assert world.lms.name
