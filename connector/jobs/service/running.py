"""The service in real time: APScheduler's clock wakes it at each slot's moments, and every some seconds besides.

Jobs of one lane run one after the other in one thread: a platform is asked by one job at a time, and a long mirror
does not keep lists from being taken. The regular looks find what a service that died has left, and second attempts.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connector.jobs.service.service import Service
from connector.jobs.service.slots import INSTANT, Slot
from connector.settings import HOME

PULSE = "pulse"


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """A slot's moments, in the words of APScheduler."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The slot's next tick."""
        return self._slot.next_after(previous_fire_time or now - INSTANT)


class Running:
    """A service under APScheduler, from `start` to `stop`."""

    def __init__(self, service: Service, look_every: timedelta) -> None:
        self._service = service
        self._look_every = look_every
        self._scheduler = BackgroundScheduler(
            timezone=HOME,
            executors={lane: ThreadPoolExecutor(1) for lane in (*self._lanes(), PULSE)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # It warns whenever a look is still at work when the next is due; that is as it should be. A look that failed
        # (the database is away) is an error of its log, and is made again.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def _lanes(self) -> dict[str, list[Slot]]:
        lanes: dict[str, list[Slot]] = {}
        for slot in self._service.slots:
            lanes.setdefault(slot.lane, []).append(slot)
        return lanes

    def start(self) -> None:
        """Begin: what was left by an earlier service is looked for at once. Returns immediately."""
        self._service.start()
        for slot in self._service.slots:
            self._add(f"at {slot.name}", partial(self._service.look, [slot]), SlotTrigger(slot), slot.lane)
        for lane, slots in self._lanes().items():
            self._add_regular(f"look {lane}", partial(self._service.look, slots), lane)
        self._add_regular(PULSE, self._service.tell, PULSE)
        self._scheduler.start()

    def _add_regular(self, name: str, act: Callable[[], object], lane: str) -> None:
        every = IntervalTrigger(seconds=self._look_every.total_seconds(), timezone=HOME)
        self._add(name, act, every, lane, next_run_time=datetime.now(HOME))

    def _add(self, name: str, act: Callable[[], object], trigger: BaseTrigger, lane: str, **more: object) -> None:
        self._scheduler.add_job(act, trigger, id=name, executor=lane, **more)

    def stop(self) -> None:
        """Take nothing new and let running jobs come to a safe point; returns when they have."""
        self._service.stop()
        self._scheduler.shutdown()
