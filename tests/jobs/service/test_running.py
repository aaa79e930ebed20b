"""APScheduler's clock wakes the service at each tick; a stop waits for the job that runs. On the real clock."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from connector.context import Context
from connector.jobs.service.endpoints import Endpoints
from connector.jobs.service.kinds import Ended, Kind, Result, Work
from connector.jobs.service.running import Running
from connector.jobs.service.service import Service
from connector.jobs.service.slots import slots_of
from connector.store.ticks import RETRY, RUNNING
from tests.jobs.service.timetable import job
from tests.jobs.world import World

SECOND = timedelta(seconds=1)
DEADLINE = 20.0


@pytest.fixture
def ctx(world: World) -> Context:
    """A context on the real clock with a job for each second."""
    settings = world.ctx.settings.model_copy(update={"jobs": (job(trigger={"every": "1s"}),)})
    return replace(world.ctx, settings=settings, now=lambda: datetime.now(UTC))


def running(ctx: Context, act: Callable[[Context, Work], Result]) -> tuple[Service, Running]:
    """A service whose job does this."""
    kind = Kind(act=act, span=lambda _one: (None, None), grace=timedelta(hours=1))
    service = Service(ctx, [replace(slot, kind=kind) for slot in slots_of(ctx)], lambda _alert: True)
    return service, Running(service, SECOND)


def test_two_services_run_each_second_once(ctx: Context) -> None:
    made: Counter[str] = Counter()

    def act(ctx: Context, _work: Work) -> Result:
        with ctx.store.begin() as tx:
            (tick,) = [one for one in tx.ticks.opened() if one.state == RUNNING]
        made[tick.due_at.isoformat()] += 1
        return Result(ended=Ended.DONE)

    services = [running(ctx, act)[1] for _n in range(2)]
    for one in services:
        one.start()
    ends = time.monotonic() + DEADLINE
    while len(made) < 2 and time.monotonic() < ends:
        time.sleep(0.05)
    for one in services:
        one.stop()
    with ctx.store.begin() as tx:
        ticks = tx.ticks.newest(99)
    assert {tick.state for tick in ticks} == {"done"}
    assert set(made.values()) == {1}
    assert len(made) == len(ticks) >= 2


def test_a_stop_waits_for_the_safe_point_and_leaves_the_tick_to_be_tried_again(ctx: Context) -> None:
    begun = Event()

    def act(ctx: Context, _work: Work) -> Result:
        begun.set()
        while True:
            ctx.safe_point()
            time.sleep(0.02)

    service, one = running(ctx, act)
    one.start()
    assert begun.wait(DEADLINE)
    one.stop()
    assert service.stopping.is_set()
    with ctx.store.begin() as tx:
        assert [tick.state for tick in tx.ticks.newest(9)] == [RETRY]


def test_the_port_answers_on_this_machine(ctx: Context) -> None:
    service, _running = running(ctx, lambda *_: Result(ended=Ended.DONE))
    service.tell()
    endpoints = Endpoints(service, 0)
    try:
        for path, words in (("healthz", b"ok"), ("readyz", b"ok"), ("metrics", b"connector_started_seconds")):
            with urlopen(f"http://127.0.0.1:{endpoints.port}/{path}", timeout=5) as answer:
                assert words in answer.read()
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{endpoints.port}/else", timeout=5)
    finally:
        endpoints.close()
