"""Every run of a job is a row: when it began and ended, how, and with which counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connector.context import Context
from connector.programmes.definition import Programme


@dataclass(slots=True)
class OpenRun:
    """A run that goes on; the job fills `counts` before it ends."""

    id: int
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def recorded_run(ctx: Context, job: str, programme: Programme) -> Iterator[OpenRun]:
    """Write a run's start and its end: 'done', or 'failed' when the block raises. A killed run stays 'running'."""
    with ctx.store.begin() as tx:
        run = OpenRun(tx.runs.start(job, site=programme.site, programme=programme.key, now=ctx.now()))
    outcome = "failed"
    try:
        yield run
        outcome = "done"
    finally:
        with ctx.store.begin() as tx:
            tx.runs.finish(run.id, outcome, run.counts, ctx.now())
