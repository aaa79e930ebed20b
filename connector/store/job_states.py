"""Since when the service watches each job, and which are paused, by whom and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from connector.store.service_tables import job_states
from connector.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A job as the service knows it. Ticks before `watched_since` are nobody's."""

    job: str
    watched_since: datetime
    paused_at: datetime | None
    paused_by: str
    reason: str


class JobStates:
    """The states of jobs, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def watch(self, jobs: Iterable[str], now: datetime) -> None:
        """Write that these jobs are watched from now on; those that are watched already stay as they are."""
        rows = [{"job": job, "watched_since": now, "paused_by": "", "reason": ""} for job in jobs]
        if rows:
            self._connection.execute(insert_into(self._connection, job_states).on_conflict_do_nothing(), rows)

    def pause(self, job: str, by: str, reason: str, now: datetime) -> None:
        """Write that the job does not run until it is resumed."""
        self.watch([job], now)
        self._change(job, paused_at=now, paused_by=by, reason=reason)

    def resume(self, job: str, now: datetime) -> None:
        """Write that the job runs again; what was due meanwhile is not made up for."""
        self._change(job, paused_at=None, paused_by="", reason="", watched_since=now)

    def _change(self, job: str, **values: object) -> None:
        self._connection.execute(update(job_states).where(job_states.c.job == job).values(values))

    def by_job(self) -> dict[str, JobState]:
        """All of them. Reads only."""
        return {row["job"]: JobState(**row) for row in self._connection.execute(select(job_states)).mappings()}
