import pytest

from connector.jobs.service.clock import SteppedClock
from tests.jobs.service.timetable import Stage
from tests.jobs.world import START, World


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world=world, clock=SteppedClock(START))
