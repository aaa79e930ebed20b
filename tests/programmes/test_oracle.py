"""The engine against the oracle: random rules and histories, and the laws that every verdict keeps."""

from random import Random

from connector.model import Verdict
from connector.programmes.describe import describe, describe_missing
from connector.programmes.engine import judge
from connector.programmes.facts import Besides, besides_until
from tests.programmes.histories import random_besides, random_programme, random_results
from tests.programmes.oracle import first_met
from tests.programmes.samples import PHONE

PROGRAMMES = 2_000
HISTORIES = 5


def test_the_engine_agrees_with_the_oracle_on_ten_thousand_rules_and_histories() -> None:
    passed = 0
    for seed in range(PROGRAMMES):
        random = Random(seed)
        definition, programme = random_programme(random)
        for _ in range(HISTORIES):
            known, besides = random_results(random), random_besides(random)
            verdict = judge(programme, PHONE, known, besides)
            assert verdict.completed_at == first_met(definition, known, besides), f"seed {seed}"
            assert verdict.passed is (verdict.completed_at is not None)
            explains_itself(verdict, besides)
            passed += verdict.passed
    assert PROGRAMMES < passed < (HISTORIES - 1) * PROGRAMMES, "both outcomes must be tried in earnest"


def explains_itself(verdict: Verdict, besides: Besides) -> None:
    """What the reasons say is never against the verdict, nor against each other."""
    top = verdict.reasons[0]
    assert (top.met, top.since) == (verdict.passed, verdict.completed_at)
    parts = {one.part for one in besides.exemptions}
    for reason in verdict.reasons:
        assert reason.met is (reason.since is not None)
        assert reason.met is (reason.have >= reason.need) or (reason.met and reason.rule in parts)
        assert not (reason.met and reason.missing)
        assert not {topic for topic, _cause in reason.not_counted} & set(reason.missing)
        assert ("not met" in describe(reason)) is not reason.met
    assert bool(describe_missing(verdict)) is not verdict.passed


def test_order_does_not_matter_and_more_facts_never_take_a_pass_away() -> None:
    for seed in range(500):
        keeps_its_laws(Random(seed))


def keeps_its_laws(random: Random) -> None:
    _definition, programme = random_programme(random)
    known, besides = random_results(random), random_besides(random)
    before = judge(programme, PHONE, known, besides)
    shuffled = random.sample(known, len(known))
    assert judge(programme, PHONE, shuffled, besides) == before
    after = judge(programme, PHONE, known + random_results(random), besides)
    assert after.passed >= before.passed
    assert set(before.done) <= set(after.done)
    if before.completed_at is not None:
        assert after.completed_at is not None
        assert after.completed_at <= before.completed_at
        then = [result for result in known if result.completed_at and result.completed_at <= before.completed_at]
        as_of = judge(programme, PHONE, then, besides_until(besides, before.completed_at, programme.window.zone))
        assert as_of.completed_at == before.completed_at, "what came later was not needed"
