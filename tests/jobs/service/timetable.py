"""Slots over a job that tests can look into, and a service whose clock they move."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.context import Context
from connector.jobs.service.alarms import Alert
from connector.jobs.service.clock import SteppedClock
from connector.jobs.service.kinds import Ended, Kind, Result, Work
from connector.jobs.service.service import Service
from connector.jobs.service.slots import Slot, slots_of
from connector.settings import ScheduledJob
from tests.jobs.world import World


@dataclass
class Doings:
    """What a job did: when it was called, and what it does at its next calls: raise, or end so; then it is done.

    With `asks` it asks the platform first.
    """

    world: World
    asks: bool = False
    at: list[datetime] = field(default_factory=list)
    next: list[BaseException | Result] = field(default_factory=list)

    def act(self, ctx: Context, _work: Work) -> Result:
        self.at.append(ctx.now())
        ctx.safe_point()
        if self.asks:
            list(ctx.lms("sandbox").accounts(["0912000001"]))
        what = self.next.pop(0) if self.next else Result(ended=Ended.DONE)
        if isinstance(what, BaseException):
            raise what
        return what


@dataclass
class Stage:
    """A world with a timetable, its clock, and the alerts that were told."""

    world: World
    clock: SteppedClock
    told: list[Alert] = field(default_factory=list)

    def tell(self, alert: Alert) -> bool:
        self.told.append(alert)
        return True

    def declare(self, *jobs: ScheduledJob) -> None:
        settings = self.world.ctx.settings.model_copy(update={"jobs": jobs})
        self.world.ctx = replace(self.world.ctx, settings=settings, now=self.clock.now, wait=self.clock.wait)

    def service(self, slots: tuple[Slot, ...] | None = None) -> Service:
        made = Service(self.world.ctx, slots_of(self.world.ctx) if slots is None else slots, self.tell)
        made.start()
        return made

    def faked(self, doings: Doings) -> tuple[Slot, ...]:
        """The timetable's slots, all doing this instead of their work."""
        kind = Kind(act=doings.act, span=lambda _one: (None, None), grace=timedelta(hours=1), asks_platform=True)
        return tuple(replace(slot, kind=kind) for slot in slots_of(self.world.ctx))


def job(name: str = "m", kind: str = "mirror", **more: Any) -> ScheduledJob:
    values: dict[str, Any] = {"name": name, "job": kind, "trigger": {"every": "15m"}} | more
    return ScheduledJob.model_validate(values)
