"""A service in a process of its own: `victim.py DATABASE FOLDER hang|quick`.

hang: one look whose job says so and never ends, to be killed. quick: some seconds of the real scheduler with a job
every second that adds a line to a file.
"""

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.context import Context
from connector.jobs.service.kinds import Ended, Kind, Result, Work
from connector.jobs.service.running import Running
from connector.jobs.service.service import Service
from connector.jobs.service.slots import Slot, slots_of
from tests.jobs.service.timetable import job
from tests.jobs.world import make_world

SECONDS = 3


def slots(ctx: Context, folder: Path, *, hang: bool) -> tuple[Slot, ...]:
    """One slot each second that notes in a file that it ran, or hangs."""

    def act(_ctx: Context, _work: Work) -> Result:
        with (folder / "acts").open("a", encoding="ascii") as file:
            file.write("act\n")
        while hang:
            time.sleep(0.1)
        return Result(ended=Ended.DONE)

    kind = Kind(act=act, span=lambda _one: (None, None), grace=timedelta(hours=1))
    return tuple(replace(slot, kind=kind) for slot in slots_of(ctx))


def context(address: str, folder: Path) -> Context:
    """A context on the real clock over this database."""
    ctx = make_world(folder, address).ctx
    settings = ctx.settings.model_copy(update={"jobs": (job(trigger={"every": "1s"}),)})
    return replace(ctx, settings=settings, now=lambda: datetime.now(UTC), wait=time.sleep)


def main(address: str, folder: Path, way: str) -> None:
    """What the process does."""
    ctx = context(address, folder)
    service = Service(ctx, slots(ctx, folder, hang=way == "hang"), lambda _alert: True)
    if way == "hang":
        service.start()
        time.sleep(1.1)
        service.look()
    running = Running(service, timedelta(seconds=1))
    running.start()
    time.sleep(SECONDS)
    assert running.stop(timedelta(seconds=10))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
