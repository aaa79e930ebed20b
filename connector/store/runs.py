"""What was run when, with what outcome: the rows that numbers and changes refer to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from connector.store.caller import Caller, this_process
from connector.store.tables import reports_sent, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a job. `finished_at` is None while it goes on, or when it was killed.

    `trigger` is 'hand' or 'schedule'; `message` says in words why it did not end well; `terms` are those of an apply's
    plan (connector/sync/planfile.py).
    """

    id: int
    job: str
    site: str
    programme: str
    checksum: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    counts: Mapping[str, int]
    who: str
    trigger: str
    message: str
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSent:
    """A report that was written: from which mirror snapshot, with which checksum, into which files."""

    programme: str
    definition: str
    snapshot_id: int
    cutoff: datetime
    checksum: str
    files: tuple[str, ...]


class Runs:
    """Runs of jobs and the reports that were written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(
        self,
        job: str,
        *,
        site: str,
        programme: str,
        now: datetime,
        checksum: str = "",
        caller: Caller | None = None,
        terms: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a new run; its number."""
        caller = caller or this_process()
        key = self._connection.execute(
            runs.insert().values(
                job=job,
                site=site,
                programme=programme,
                checksum=checksum,
                started_at=now,
                outcome="running",
                counts={},
                who=caller.who,
                trigger=caller.trigger,
                message="",
                terms=dict(terms or {}),
            )
        ).inserted_primary_key
        assert key is not None  # noqa: S101 - an insert into a table with a key gives the key
        return int(key[0])

    def reopen(self, run_id: int, caller: Caller) -> None:
        """Write that a run goes on, by whom."""
        values = {"outcome": "running", "message": "", "finished_at": None, "who": caller.who}
        self._connection.execute(update(runs).where(runs.c.id == run_id).values(values))

    def finish(self, run_id: int, outcome: str, counts: Mapping[str, int], now: datetime, message: str = "") -> None:
        """Write how the run ended; `message` says why, where it did not end well."""
        values = {"outcome": outcome, "counts": dict(counts), "finished_at": now, "message": message}
        self._connection.execute(update(runs).where(runs.c.id == run_id).values(values))

    def find(self, run_id: int) -> Run | None:
        """The run of this number. Reads only."""
        row = self._connection.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
        return Run(**row) if row else None

    def newest(
        self, count: int, *, job: str | None = None, programme: str | None = None, site: str | None = None
    ) -> list[Run]:
        """The last so many runs (of this job, programme and site, if any), the newest first. Reads only."""
        query = select(runs).order_by(runs.c.id.desc()).limit(count)
        if job is not None:
            query = query.where(runs.c.job == job)
        if programme is not None:
            query = query.where(runs.c.programme == programme)
        if site is not None:
            query = query.where(runs.c.site == site)
        return [Run(**row) for row in self._connection.execute(query).mappings()]

    def latest(self, job: str, programme: str, outcome: str = "done", *, site: str | None = None) -> Run | None:
        """The last run of this job for the programme (on this site) that ended with this outcome. Reads only."""
        query = (
            select(runs)
            .where(runs.c.job == job, runs.c.programme == programme, runs.c.outcome == outcome)
            .order_by(runs.c.id.desc())
            .limit(1)
        )
        if site is not None:
            query = query.where(runs.c.site == site)
        row = self._connection.execute(query).mappings().first()
        return Run(**row) if row else None

    def add_report(self, report: ReportSent, now: datetime) -> None:
        """Write that a report was made."""
        self._connection.execute(
            reports_sent.insert().values(
                programme=report.programme,
                definition=report.definition,
                snapshot_id=report.snapshot_id,
                cutoff=report.cutoff,
                checksum=report.checksum,
                files=list(report.files),
                generated_at=now,
            )
        )

    def reports(self, programme: str) -> list[ReportSent]:
        """The reports that were made for the programme, oldest first. Reads only."""
        query = select(reports_sent).where(reports_sent.c.programme == programme).order_by(reports_sent.c.id)
        return [
            ReportSent(
                programme=row.programme,
                definition=row.definition,
                snapshot_id=row.snapshot_id,
                cutoff=row.cutoff,
                checksum=row.checksum,
                files=tuple(row.files),
            )
            for row in self._connection.execute(query)
        ]
