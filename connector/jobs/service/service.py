"""The service: sees to each slot's ticks, so that each is run once, by whichever of the services comes first.

What is due is computed from the database (the last tick of the slot, or since when the job is watched), never from the
memory of a process: after a restart, and beside a second service, the same look finds the same ticks. An alarm clock
only says when to look: APScheduler's in real time (`connector/jobs/service/running.py`), `run_until` where a test or a
rehearsal moves the clock.

A slot is worked on under its lease. Who gets the lease and finds a tick that is 'running' knows that its holder died:
the tick is attempted again (an apply then goes on from its journal).
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from connector.context import Context
from connector.errors import Interrupted
from connector.jobs.lease import only_one
from connector.jobs.service.alarms import Tell, forget_undeclared, note, tell_all
from connector.jobs.service.attempt import Failure, attempt
from connector.jobs.service.clock import SteppedClock
from connector.jobs.service.kinds import Ended, Result
from connector.jobs.service.slots import INSTANT, Slot
from connector.jobs.service.tally import Tally
from connector.language import _
from connector.store.job_states import JobState
from connector.store.store import Transaction
from connector.store.ticks import RETRY, RUNNING, Tick

LOG = logging.getLogger("connector.service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """What the database knows of all slots at one moment."""

    states: Mapping[str, JobState]
    last_due: Mapping[str, datetime]
    opened: Mapping[str, Tick] = field(default_factory=dict)

    def since(self, slot: Slot) -> datetime | None:
        """Up to when the slot has been seen to; None when it is paused or nobody watches it."""
        state = self.states.get(slot.job.name)
        if state is None or state.paused_at is not None:
            return None
        return max(state.watched_since, self.last_due.get(slot.name, state.watched_since))


class Service:
    """One service over these slots. `ctx` brings clock and waiting; `tell` sends an alert and says whether it could."""

    def __init__(self, ctx: Context, slots: Sequence[Slot], tell: Tell) -> None:
        self.slots = tuple(slots)
        self.stopping = Event()
        self.pulse_at: datetime | None = None
        self.tally = Tally()
        self._tell = tell
        self.ctx = replace(
            ctx,
            caller=replace(ctx.caller, trigger="schedule"),
            safe_point=self._safe_point,
        )

    def _safe_point(self) -> None:
        if self.stopping.is_set():
            raise Interrupted(_("Stopped as asked; nothing is in flight."), signal=15)

    def stop(self) -> None:
        """Let running jobs end at their next safe point and take nothing new."""
        self.stopping.set()

    def start(self) -> None:
        """Write that the jobs are watched from now on; those that were watched before go on from where they were.

        Incidents of what is no longer in the configuration are over.
        """
        with self.ctx.store.begin() as tx:
            tx.job_states.watch({slot.job.name for slot in self.slots}, self.ctx.now())
        forget_undeclared(self.ctx, self.slots)

    def look(self, slots: Iterable[Slot] | None = None) -> int:
        """Run what is due of these slots (of all), one after the other, and tell what is to be told; how many attempts.

        Each in the order of its due time. Writes what the jobs write.
        """
        chosen = self.slots if slots is None else tuple(slots)
        table, now = self.timetable(), self.ctx.now()
        due = sorted((at, slot.name, slot) for slot in chosen if (at := self._wakes_at(slot, table)) and at <= now)
        made = 0
        for _at, _name, slot in due:
            made += self._see_to(slot)
        self.tell()
        return made

    def tell(self) -> None:
        """Send the alerts that are due, and note that this service lives."""
        tell_all(self.ctx, self._tell)
        self.pulse_at = self.ctx.now()

    def next_moment(self) -> datetime | None:
        """When the next look would find something to run; None when nothing is ever due any more. Reads only."""
        table = self.timetable()
        return min((at for slot in self.slots if (at := self._wakes_at(slot, table))), default=None)

    def run_until(self, moment: datetime, clock: SteppedClock) -> int:
        """Run all ticks up to this moment, setting the clock to each; how many attempts. `clock` is the context's."""
        made = 0
        while not self.stopping.is_set():
            made += self.look()
            following = self.next_moment()
            if following is None or following > moment:
                break
            clock.go_to(following)
        clock.go_to(moment)
        return made

    def timetable(self) -> Timetable:
        """What the database says of all slots now. Reads only."""
        with self.ctx.store.begin() as tx:
            return _timetable(tx, self.slots)

    def _wakes_at(self, slot: Slot, table: Timetable) -> datetime | None:
        """When there is something to do for the slot; it may be past."""
        since = table.since(slot)
        if since is None:
            return None
        following = slot.next_after(since)
        opened = table.opened.get(slot.name)
        if opened is None:
            return following
        # A running tick is its holder's; whether he lives is known by the lease alone, so each look asks for it.
        again = opened.retry_at if opened.state == RETRY else self._free_at(slot, opened)
        return min((at for at in (following, again) if at), default=None)

    def _free_at(self, slot: Slot, opened: Tick) -> datetime:
        """When a running tick may be taken over: at once if nobody holds its slot's lease, or he is surely gone."""
        with self.ctx.store.begin() as tx:
            lease = tx.leases.find(lease_name(slot))
            free = lease is None or tx.leases.may_be_taken(lease, self.ctx.caller, self.ctx.now())
        return opened.started_at if lease is None or free else lease.lapses_at

    def _see_to(self, slot: Slot) -> int:
        """Run what is due of the slot until nothing is; how many attempts."""
        made = 0
        with only_one(self.ctx, lease_name(slot)) as mine:
            while mine and not self.stopping.is_set() and (tick := self._next_tick(slot)) is not None:
                self.run(slot, tick)
                made += 1
        return made

    def _next_tick(self, slot: Slot) -> Tick | None:
        """The tick to be attempted now, written as running; only for who holds the slot's lease."""
        now, who = self.ctx.now(), self._who
        with self.ctx.store.begin() as tx:
            table = _timetable(tx, [slot])
            since = table.since(slot)
            if since is None:
                return None
            due = self._due(tx, slot, since, now)
            opened = table.opened.get(slot.name)
            if opened is not None and (not due or opened.state == RUNNING):
                return self._once_more(tx, slot, opened, now)
            if not due:
                return None
            if opened is not None:
                tx.ticks.finish(opened, Ended.SUPERSEDED.value, now, message=opened.message)
            chosen = due[-1] if slot.job.coalesce else due[0]
            counts = {"coalesced": len(due) - 1} if slot.job.coalesce and len(due) > 1 else {}
            return claim(tx, slot, chosen, who=who, now=now, counts=counts)

    def _due(self, tx: Transaction, slot: Slot, since: datetime, now: datetime) -> list[datetime]:
        """The ticks that are to be run by now; earlier ones are written as missed, in one row."""
        horizon = now - slot.grace
        missed = list(slot.between(since, horizon - INSTANT))
        if missed:
            words = _("{count} ticks from {since} on were run by nobody; it is too late to make up for them.")
            told = words.format(count=len(missed), since=f"{missed[0]:%H:%M %d/%m/%Y}")
            claim(tx, slot, missed[-1], who=self._who, now=now, state=Ended.MISSED.value, message=told)
            LOG.warning("ticks missed", extra={"slot": slot.name, "count": len(missed)})
            since = missed[-1]
        return list(slot.between(since, now))

    def _once_more(self, tx: Transaction, slot: Slot, opened: Tick, now: datetime) -> Tick | None:
        """The open tick, if its time has come, or if its holder died."""
        if opened.state == RETRY and opened.retry_at is not None and opened.retry_at > now:
            return None
        if opened.state == RUNNING:
            LOG.warning("taken over from one that died", extra={"slot": slot.name, "who": opened.who})
        return tx.ticks.again(opened, self._who)

    @property
    def _who(self) -> str:
        caller = self.ctx.caller
        return f"{caller.who}@{caller.host}:{caller.pid}"

    def run(self, slot: Slot, tick: Tick) -> str:
        """Attempt the tick and write how it ended; its state then. Only for who has claimed it."""
        begun = self.ctx.now()
        told = {"slot": slot.name, "due": tick.due_at.isoformat(), "attempt": tick.attempts}
        LOG.info("begun", extra=told)
        before = self._requests(slot)
        result = attempt(self.ctx, slot, tick)
        asked = self._requests(slot) > before
        state = self._settle(tick, result)
        note(self.ctx, slot, result, asked=asked)
        run = None if isinstance(result, Failure) else result.run_id
        LOG.info("ended", extra={**told, "state": state, "outcome": result.ended.value, "run": run})
        self.tally.add(slot.job.name, state, (self.ctx.now() - begun).total_seconds())
        return state

    def _requests(self, slot: Slot) -> int:
        """How often the slot's site has been asked by now; what asks no platform has none."""
        return self.ctx.requests(slot.work.programme.site) if slot.kind.asks_platform else 0

    def _settle(self, tick: Tick, result: Result | Failure) -> str:
        now = self.ctx.now()
        with self.ctx.store.begin() as tx:
            if not isinstance(result, Failure):
                tx.ticks.finish(
                    tick,
                    result.ended.value,
                    now,
                    message=result.message,
                    counts=result.counts,
                    run_id=result.run_id,
                    file=result.file,
                )
                return result.ended.value
            if result.again_at is not None and tick.trigger == "schedule":
                tx.ticks.put_off(tick, result.again_at, result.message)
                return RETRY
            tx.ticks.finish(tick, result.ended.value, now, message=result.message)
            return result.ended.value


def claim(
    tx: Transaction,
    slot: Slot,
    due_at: datetime,
    *,
    who: str,
    now: datetime,
    state: str = RUNNING,
    trigger: str = "schedule",
    counts: Mapping[str, int] | None = None,
    message: str = "",
) -> Tick | None:
    """Write a tick of this slot; None when somebody else has it."""
    return tx.ticks.claim(
        slot.name,
        due_at,
        job=slot.job.name,
        province_code=slot.work.province_code,
        trigger=trigger,
        who=who,
        now=now,
        state=state,
        counts=counts,
        message=message,
    )


def lease_name(slot: Slot) -> str:
    """The name of the lease under which a slot is worked on."""
    return f"job:{slot.name}"


def _timetable(tx: Transaction, slots: Iterable[Slot]) -> Timetable:
    return Timetable(
        states=tx.job_states.by_job(),
        last_due=tx.ticks.last_due(slot.name for slot in slots),
        opened={tick.slot: tick for tick in tx.ticks.opened()},
    )
