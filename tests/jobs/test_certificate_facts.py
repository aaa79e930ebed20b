"""Hours and grade of a paper, whether few or many people are looked up at once."""

from dataclasses import replace

import pytest

from connector.jobs.certificate_facts import facts_of
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import mirror
from connector.jobs.over_sites import members_on
from connector.jobs.people import registrations_of
from tests.jobs.world import PROGRAMME, World, learner

AN = learner(1)


@pytest.mark.parametrize("crowd", [0, 1_500])
def test_the_grade_is_the_mean_of_the_topics_that_count(world: World, crowd: int) -> None:
    world.register(AN)
    world.provision()
    world.complete(AN, topics=10)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    world.register(*(learner(number) for number in range(2, crowd + 2)))
    many = members_on(world.ctx, world.programme, registrations_of(world.ctx, world.programme))
    with world.ctx.store.begin() as tx:
        verdict = tx.verdicts.of_phone(PROGRAMME, AN.phone)
        assert verdict is not None
        facts = facts_of(tx, world.programme, many)(verdict, AN)
    assert (facts.grade, facts.hours, facts.full_name) == (80.0, None, AN.full_name)
    without_results = replace(verdict, phone="+84900000000", done=("unknown",))
    with world.ctx.store.begin() as tx:
        assert facts_of(tx, world.programme, [])(without_results, AN).grade is None
