"""What single jobs say when the service runs them."""

import pytest

from connector.jobs.service.kinds import Ended, Work, kinds
from tests.jobs.service.timetable import job
from tests.jobs.world import World, learner


@pytest.mark.parametrize("kind", ["evaluate", "report"])
def test_before_the_first_mirror_there_is_nothing_to_do_and_nobody_is_called(world: World, kind: str) -> None:
    world.register(learner(1))
    world.provision()
    work = Work(job=job("j", kind, formats=["csv"]), programme=world.programme)
    early = kinds()[kind].act(world.ctx, work)
    assert (early.ended, early.person) == (Ended.NOTHING, "")
    kinds()["mirror"].act(world.ctx, work)
    assert kinds()[kind].act(world.ctx, work).ended is Ended.DONE
