"""Register and platform tell different things of a certificate: a case, never a silent choice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.certificates.astray import EARLY, GONE, NOT_GRANTED, REMADE
from connector.certificates.verification import Validity
from connector.errors import ConfigError
from connector.jobs.astray import take_over
from connector.jobs.cases import cases
from connector.jobs.certificate_book import certificate_status, verify_certificate
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, mirror
from connector.programmes.cases import WITHDRAWN
from tests.jobs.world import PROGRAMME, World, learner

MANY = range(1, 26)


def judge(world: World) -> None:
    world.pass_time(days=1)
    mirror(world.ctx, PROGRAMME, reach=Reach.FULL)
    evaluate(world.ctx, PROGRAMME)


def certify(world: World, *numbers: int) -> None:
    world.register(*(learner(number) for number in numbers))
    world.provision()
    for number in numbers:
        world.complete(learner(number), topics=19)
    judge(world)
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    judge(world)
    assert len(push_certificates(world.ctx, PROGRAMME).issued) == len(numbers)


def kinds(world: World) -> list[str]:
    return [one.case.kind for one in cases(world.ctx, PROGRAMME)]


def test_a_reset_course_is_told_in_cases_in_the_status_and_to_whoever_verifies(world: World) -> None:
    certify(world, *MANY)
    codes = [issue.code for issue in world.lms.issues]
    world.lms.issues.clear()
    judge(world)
    assert kinds(world) == [GONE] * 25
    assert len(certificate_status(world.ctx, PROGRAMME).not_on_platform) == 25
    assert {verify_certificate(world.ctx, code)[0].validity for code in codes} == {Validity.NOT_ON_PLATFORM}
    judge(world)
    assert kinds(world) == [GONE] * 25


def test_what_is_shown_again_is_valid_and_its_case_is_over(world: World) -> None:
    certify(world, *MANY)
    kept = list(world.lms.issues)
    world.lms.issues.clear()
    judge(world)
    world.lms.issues.extend(kept)
    judge(world)
    assert kinds(world) == []
    assert verify_certificate(world.ctx, kept[0].code)[0].validity is Validity.VALID
    assert certificate_status(world.ctx, PROGRAMME).not_on_platform == ()


@pytest.mark.parametrize("count", [1, 25])
def test_a_paper_made_anew_is_taken_over_by_a_person(world: World, count: int) -> None:
    certify(world, *range(1, count + 1))
    dead = {issue.username: issue.code for issue in world.lms.issues}
    world.lms.issues.clear()
    world.lms.issue_certificates(world.gate, world.now)
    judge(world)
    assert kinds(world) == [REMADE] * count
    assert push_certificates(world.ctx, PROGRAMME).doubles == ()
    one = cases(world.ctx, PROGRAMME)[0].case
    number = verify_certificate(world.ctx, one.facts["code"])[0].entry.register_no
    take_over(world.ctx, one.number, by="Lê An", reason="the plugin's maintainers said so")
    new = verify_certificate(world.ctx, one.facts["new_code"])[0]
    assert (new.validity, new.entry.register_no, new.entry.edition) == (Validity.VALID, number, 2)
    assert one.facts["code"] in dead.values()
    assert verify_certificate(world.ctx, one.facts["code"])[0].validity is Validity.REPLACED
    judge(world)
    assert kinds(world) == [REMADE] * (count - 1)
    with pytest.raises(ConfigError):
        take_over(world.ctx, one.number, by="Lê An", reason="again")


def test_what_changed_meanwhile_is_not_taken_over(world: World) -> None:
    certify(world, 1)
    world.lms.issues.clear()
    world.lms.issue_certificates(world.gate, world.now)
    judge(world)
    (one,) = cases(world.ctx, PROGRAMME)
    world.lms.issues.clear()
    judge(world)
    with pytest.raises(ConfigError, match="has changed"):
        take_over(world.ctx, one.case.number, by="Lê An", reason="late")


def test_a_paper_that_nobody_granted_is_registered_only_when_a_person_says_so(world: World) -> None:
    world.register(learner(1))
    world.provision()
    world.lms.courses[world.gate.course].groups[world.gate.group].add("0912000001")
    world.lms.issue_certificates(world.gate, world.now)
    judge(world)
    assert kinds(world) == [NOT_GRANTED]
    world.complete(learner(1), topics=19)
    judge(world)
    assert push_certificates(world.ctx, PROGRAMME).issued == ()
    judge(world)
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert (outcome.issued, [one.username for one in outcome.unexpected]) == ((), ["0912000001"])
    assert sorted(kinds(world)) == sorted([EARLY, NOT_GRANTED])
    for one in cases(world.ctx, PROGRAMME):
        take_over(world.ctx, one.case.number, by="Lê An", reason="the person had studied in the hall")
    assert [entry.serial for entry in push_certificates(world.ctx, PROGRAMME).issued] == ["code000001"]


def test_an_issue_older_than_the_completion_is_a_case_and_no_certificate(world: World) -> None:
    world.register(learner(1))
    world.provision()
    world.complete(learner(1), topics=19)
    judge(world)
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    world.lms.issues[0] = replace(world.lms.issues[0], issued_at=world.now - timedelta(days=40))
    judge(world)
    assert kinds(world) == [EARLY]
    assert push_certificates(world.ctx, PROGRAMME).issued == ()


def test_a_gone_paper_and_lost_topics_are_two_cases(world: World) -> None:
    certify(world, 1)
    world.lms.issues.clear()
    judge(world)
    world.lms.results = dict(list(world.lms.results.items())[4:])  # so few lost topics are believed
    judge(world)
    gone, withdrawn = cases(world.ctx, PROGRAMME)
    assert (gone.case.kind, withdrawn.case.kind) == (GONE, WITHDRAWN)
    for one in (gone, withdrawn):
        with pytest.raises(ConfigError):
            take_over(world.ctx, one.case.number, by="Lê An", reason="there is nothing to take")
