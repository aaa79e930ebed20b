"""Every run of a job is a row: when it began and ended, by whom, how, and with which counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connector.context import Context
from connector.errors import ConnectorError, Interrupted
from connector.language import _
from connector.programmes.definition import Programme


@dataclass(slots=True)
class OpenRun:
    """A run that goes on; the job fills `counts` before it ends."""

    id: int
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def recorded_run(ctx: Context, job: str, programme: Programme) -> Iterator[OpenRun]:
    """Write a run's start and its end: 'done'; 'stopped' on request; 'failed', with words, when the block raises.

    A killed run stays 'running'. A run over all sites of a programme bears no site.
    """
    site = "" if programme.site_key is None else programme.site_key
    with ctx.store.begin() as tx:
        number = tx.runs.start(job, site=site, programme=programme.key, now=ctx.now(), caller=ctx.caller)
    run = OpenRun(number)
    outcome, message = "done", ""
    try:
        yield run
    except BaseException as error:
        outcome = "stopped" if isinstance(error, Interrupted) else "failed"
        # Only our own errors are sure to name nobody.
        message = (
            str(error)
            if isinstance(error, ConnectorError)
            else _("unexpected: {kind}").format(kind=type(error).__name__)
        )
        raise
    finally:
        with ctx.store.begin() as tx:
            tx.runs.finish(run.id, outcome, run.counts, ctx.now(), message)
