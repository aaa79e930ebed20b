from dataclasses import replace
from datetime import timedelta

import pytest

from connector.certificates.due import Selection
from connector.errors import ConfigError
from connector.jobs.certify import certificates_due, push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import mirror
from connector.model import CertificateState, RegistrationState
from tests.jobs.world import PROGRAMME, START, World, learner

DONE = learner(1)
ALSO_DONE = learner(2, province="31")
BEHIND = learner(3)


@pytest.fixture(autouse=True)
def _studied(world: World) -> None:
    world.register(DONE, ALSO_DONE, BEHIND)
    world.provision()
    world.complete(DONE, topics=10)
    world.complete(ALSO_DONE, topics=12)
    world.complete(BEHIND, topics=9)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)


def issue(world: World) -> None:
    world.lms.issue_certificates(world.gate, world.now)


def test_without_facts_there_is_no_verdict(world: World) -> None:
    with pytest.raises(ConfigError, match="connector mirror"):
        evaluate(world.ctx, "bkhcn-2025-k1-courses")


def test_only_what_has_changed_is_judged_anew(world: World) -> None:
    again = evaluate(world.ctx, PROGRAMME)
    assert (again.judged, again.passed, again.changed) == (3, 2, 0)
    world.complete(BEHIND, topics=10)
    mirror(world.ctx, PROGRAMME)
    later = evaluate(world.ctx, PROGRAMME)
    assert (later.passed, later.changed) == (3, 1)


def test_who_is_due_can_be_limited_to_provinces_and_people(world: World) -> None:
    assert [entry.phone for entry in certificates_due(world.ctx)] == [DONE.phone, ALSO_DONE.phone]
    assert [entry.phone for entry in certificates_due(world.ctx, chosen=Selection(provinces=["31"]))] == [
        ALSO_DONE.phone
    ]
    assert [entry.phone for entry in certificates_due(world.ctx, chosen=Selection(phones=[DONE.phone]))] == [DONE.phone]
    with world.ctx.store.begin() as tx:
        assert tx.register.of_programme(PROGRAMME) == {}


def test_a_push_grants_and_a_later_one_registers_what_was_issued(world: World) -> None:
    first = push_certificates(world.ctx, PROGRAMME)
    assert (first.decided, first.granted, len(first.issued), first.waiting) == (2, 2, 0, 2)
    issue(world)
    second = push_certificates(world.ctx, PROGRAMME)
    assert (second.decided, second.granted, second.waiting) == (0, 0, 0)
    assert [entry.register_no for entry in second.issued] == ["00001/2025/GCN-BKHCN", "00002/2025/GCN-BKHCN"]
    assert certificates_due(world.ctx) == []


def test_a_push_that_is_repeated_grants_nothing_twice(world: World) -> None:
    push_certificates(world.ctx, PROGRAMME)
    issue(world)
    push_certificates(world.ctx, PROGRAMME)
    granted = [name for name, _count in world.lms.sent if name == "grant"]
    third = push_certificates(world.ctx, PROGRAMME)
    assert (third.decided, third.granted, third.issued) == (0, 0, ())
    assert [name for name, _count in world.lms.sent if name == "grant"] == granted


def test_somebody_who_is_in_the_group_already_is_not_sent_again(world: World) -> None:
    world.lms.courses[world.gate.course].groups["eligible"].add("0912000001")
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert outcome.granted == 2
    assert [count for name, count in world.lms.sent if name == "grant"] == [1]


def test_waiting_polls_until_the_platform_has_issued(world: World) -> None:
    def wait(seconds: float) -> None:
        world.waited.append(seconds)
        if len(world.waited) == 3:
            issue(world)

    outcome = push_certificates(replace(world.ctx, wait=wait), PROGRAMME, wait=60)
    assert (len(outcome.issued), outcome.waiting, len(world.waited)) == (2, 0, 3)


def test_waiting_ends_when_the_time_is_up(world: World) -> None:
    outcome = push_certificates(world.ctx, PROGRAMME, wait=5)
    assert outcome.waiting == 2
    assert sum(world.waited) == 6


def test_a_refused_person_stays_due_and_is_told(world: World) -> None:
    world.lms.refuse["0912000001",] = "nopermissions"
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert outcome.granted == 1
    assert [(entry.phone, result.code) for entry, result in outcome.refused] == [(DONE.phone, "nopermissions")]
    assert [entry.phone for entry in certificates_due(world.ctx)] == [DONE.phone]


def test_somebody_without_an_account_of_ours_is_not_released(world: World) -> None:
    del world.lms.seen["0912000001"]
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert [(entry.phone, result.code) for entry, result in outcome.refused] == [(DONE.phone, "no_account")]


def test_who_has_left_gets_none(world: World) -> None:
    world.register(DONE, state=RegistrationState.LEFT)
    assert push_certificates(world.ctx, PROGRAMME, Selection(phones=[])).without_learner == (DONE.phone,)
    assert [entry.phone for entry in certificates_due(world.ctx)] == [ALSO_DONE.phone]


def test_what_is_granted_and_not_issued_for_a_day_is_overdue(world: World) -> None:
    push_certificates(world.ctx, PROGRAMME)
    world.pass_time(hours=25)
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert [late.entry.state for late in outcome.overdue] == [CertificateState.GRANTED] * 2


def test_two_issues_for_one_person_are_registered_once_and_told(world: World) -> None:
    push_certificates(world.ctx, PROGRAMME)
    issue(world)
    first = next(one for one in world.lms.issues if one.username == "0912000001")
    world.lms.issues.append(replace(first, issue_id="99", code="other", issued_at=START + timedelta(days=1)))
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert [double.phone for double in outcome.doubles] == [DONE.phone]
    assert len(outcome.issued) == 2


def test_a_push_with_nothing_to_confirm_does_not_ask_the_platform(world: World) -> None:
    push_certificates(world.ctx, PROGRAMME)
    issue(world)
    push_certificates(world.ctx, PROGRAMME)
    before = world.lms.calls.requests
    push_certificates(world.ctx, PROGRAMME)
    assert world.lms.calls.requests == before
