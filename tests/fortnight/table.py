"""The fortnight day by day, as figures and as a table in Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.jobs.service.alarms import Alert
from connector.settings import HOME
from connector.store.ticks import Tick
from tests.fortnight.oracle import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day as it stood at its end: what the service did, what was on the site then, who was called."""

    day: str
    lists: int
    changes: int
    learners: int
    completed: int
    certificates: int
    requests: int
    ticks: int
    alerts: tuple[str, ...]

    @classmethod
    def of(
        cls,
        day: datetime,
        ticks: Sequence[Tick],
        seen: Seen,
        requests: int,
        alerts: Iterable[tuple[datetime, Alert]],
    ) -> "Day":
        """`requests` counts from the beginning."""
        told = [
            f"{moment.astimezone(HOME):%H:%M} {alert.key}{' over' if alert.over else ''}"
            for moment, alert in alerts
            if moment.astimezone(HOME).date() == day.date()
        ]
        return cls(
            day=f"{day:%d/%m %a}",
            lists=sum(tick.counts.get("taken", 0) for tick in ticks),
            changes=sum(tick.counts.get("done", 0) for tick in ticks if tick.job == "sync"),
            learners=sum(len(names) for names in seen.members.values()),
            completed=len(seen.completed),
            certificates=seen.certificates.total(),
            requests=requests,
            ticks=len(ticks),
            alerts=tuple(told),
        )


def table(days: Sequence[Day]) -> str:
    """The table; requests are those of each day."""
    lines = [
        "| day | lists taken | changes | learners | completed | certificates | requests | ticks | alerts |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    before = 0
    for one in days:
        figures = (one.lists, one.changes, one.learners, one.completed, one.certificates, one.requests - before)
        cells = " | ".join(f"{figure:,}" for figure in (*figures, one.ticks))
        lines.append(f"| {one.day} | {cells} | {'; '.join(one.alerts)} |")
        before = one.requests
    return "\n".join(lines)
