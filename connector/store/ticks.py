"""Ticks of scheduled jobs: each is a row, and who inserts the row is the one who runs it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, select, update

from connector.store.service_tables import ticks
from connector.store.upsert import insert_into

RUNNING, RETRY = "running", "retry"
OPEN = (RUNNING, RETRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One tick of a slot (a job, or a job of one province) and what became of it.

    `state` is 'running', 'retry' (again at `retry_at`), or how it ended. `run_id` and `file` say where more is told.
    """

    slot: str
    due_at: datetime
    job: str
    province_code: str
    trigger: str
    state: str
    attempts: int
    started_at: datetime
    finished_at: datetime | None
    retry_at: datetime | None
    counts: Mapping[str, int]
    message: str
    run_id: int | None
    file: str
    who: str


class Ticks:
    """The ticks, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(
        self,
        slot: str,
        due_at: datetime,
        *,
        job: str,
        province_code: str,
        trigger: str,
        who: str,
        now: datetime,
        state: str = RUNNING,
        counts: Mapping[str, int] | None = None,
        message: str = "",
    ) -> Tick | None:
        """Write the tick and give it; None when somebody else has it already."""
        values: dict[str, Any] = {
            "slot": slot,
            "due_at": due_at,
            "job": job,
            "province_code": province_code,
            "trigger": trigger,
            "state": state,
            "attempts": 1 if state == RUNNING else 0,
            "started_at": now,
            "finished_at": None if state in OPEN else now,
            "retry_at": None,
            "counts": dict(counts or {}),
            "message": message,
            "run_id": None,
            "file": "",
            "who": who,
        }
        statement = insert_into(self._connection, ticks).values(values).on_conflict_do_nothing()
        mine = self._connection.execute(statement.returning(ticks.c.slot)).first()
        return None if mine is None else Tick(**values)

    def again(self, tick: Tick, who: str) -> Tick:
        """Write that the tick is attempted once more, and give it so. Only for who holds the slot's lease."""
        values = {"state": RUNNING, "attempts": tick.attempts + 1, "retry_at": None, "who": who}
        self._write(tick, values)
        return self.find(tick.slot, tick.due_at) or tick

    def put_off(self, tick: Tick, retry_at: datetime, message: str) -> None:
        """Write that the tick is attempted again at this time, and why."""
        self._write(tick, {"state": RETRY, "retry_at": retry_at, "message": message})

    def finish(
        self,
        tick: Tick,
        state: str,
        now: datetime,
        *,
        message: str = "",
        counts: Mapping[str, int] | None = None,
        run_id: int | None = None,
        file: str = "",
    ) -> None:
        """Write how the tick ended."""
        values: dict[str, Any] = {
            "state": state,
            "finished_at": now,
            "retry_at": None,
            "message": message,
            "counts": dict(tick.counts) | dict(counts or {}),
            "run_id": run_id,
            "file": file,
        }
        self._write(tick, values)

    def _write(self, tick: Tick, values: Mapping[str, Any]) -> None:
        this = (ticks.c.slot == tick.slot) & (ticks.c.due_at == tick.due_at)
        self._connection.execute(update(ticks).where(this).values(dict(values)))

    def find(self, slot: str, due_at: datetime) -> Tick | None:
        """This tick. Reads only."""
        query = select(ticks).where(ticks.c.slot == slot, ticks.c.due_at == due_at)
        row = self._connection.execute(query).mappings().first()
        return Tick(**row) if row else None

    def opened(self, slot: str | None = None) -> list[Tick]:
        """The ticks (of this slot) that run or wait for another attempt, oldest first. Reads only."""
        query = select(ticks).where(ticks.c.state.in_(OPEN)).order_by(ticks.c.due_at, ticks.c.slot)
        if slot is not None:
            query = query.where(ticks.c.slot == slot)
        return [Tick(**row) for row in self._connection.execute(query).mappings()]

    def last_due(self, slots: Iterable[str]) -> dict[str, datetime]:
        """By slot: up to when its schedule has been seen to. Reads only, and not the whole history."""
        query = select(ticks.c.due_at).where(ticks.c.slot == bindparam("name"), ticks.c.trigger == "schedule")
        return self._last(query, slots)

    def last_of(self, jobs: Iterable[str], states: tuple[str, ...]) -> dict[str, datetime]:
        """By job: when the last tick that ended so did. Reads only."""
        query = select(ticks.c.finished_at).where(ticks.c.job == bindparam("name"), ticks.c.state.in_(states))
        return self._last(query, jobs)

    def _last(self, query: Select[tuple[Any]], names: Iterable[str]) -> dict[str, datetime]:
        last = query.order_by(ticks.c.due_at.desc()).limit(1)
        found = ((name, self._connection.scalar(last, {"name": name})) for name in names)
        return {name: at for name, at in found if at is not None}

    def newest(self, count: int, job: str | None = None) -> list[Tick]:
        """The last so many ticks (of this job) by when they were due, the newest first. Reads only."""
        query = select(ticks).order_by(ticks.c.due_at.desc(), ticks.c.slot).limit(count)
        if job is not None:
            query = query.where(ticks.c.job == job)
        return [Tick(**row) for row in self._connection.execute(query).mappings()]

    def forget(self, before: datetime) -> int:
        """Delete the ended ticks that were due before this time, but the last of each slot; how many."""
        last = select(func.max(ticks.c.due_at)).group_by(ticks.c.slot)
        old = (ticks.c.due_at < before) & ticks.c.state.not_in(OPEN) & ticks.c.due_at.not_in(last)
        return self._connection.execute(delete(ticks).where(old)).rowcount
