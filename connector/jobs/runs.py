"""Use case: what was run, by whom, how it ended, and what became of each change of an apply."""

from dataclasses import dataclass

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.lease import writer
from connector.language import _
from connector.lms import Outcome
from connector.store.approvals import Approval
from connector.store.journal import JOB
from connector.store.journal_lines import SENT, RunLine, Tally
from connector.store.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A run, and whether it goes on at this moment; only of applies can that be told."""

    run: Run
    alive: bool

    @property
    def broken_off(self) -> bool:
        """True for an apply that `connector resume` can go on with."""
        return self.run.job == JOB and not self.alive and self.run.outcome in ("running", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStory:
    """A run in full. `tally` counts its changes; `refused` and `opened` are its lines to look at.

    `approvals` are those of its plan.
    """

    listed: Listed
    tally: tuple[Tally, ...]
    refused: tuple[RunLine, ...]
    opened: tuple[RunLine, ...]
    approvals: tuple[Approval, ...]


def list_runs(ctx: Context, job: str | None = None, programme: str | None = None, last: int = 20) -> list[Listed]:
    """The last so many runs (of this job and programme, if any), the newest first. Reads only."""
    with ctx.store.begin() as tx:
        found = tx.runs.newest(last, job=job, programme=programme)
    return [_listed(ctx, run) for run in found]


def run_story(ctx: Context, run_id: int) -> RunStory:
    """Everything about one run but its single changes. Reads only. Raises ConfigError for an unknown number."""
    run = find_run(ctx, run_id)
    with ctx.store.begin() as tx:
        return RunStory(
            listed=_listed(ctx, run),
            tally=tuple(tx.journal.tally(run_id)),
            refused=tuple(tx.journal.of_run(run_id, [Outcome.REFUSED.value])),
            opened=tuple(tx.journal.of_run(run_id, [SENT])),
            approvals=tuple(tx.approvals.of_plan(run.checksum)) if run.checksum else (),
        )


def run_changes(ctx: Context, run_id: int) -> list[RunLine]:
    """Every change of a run and what became of it, in the order of its plan. Reads only."""
    find_run(ctx, run_id)
    with ctx.store.begin() as tx:
        return list(tx.journal.of_run(run_id))


def find_run(ctx: Context, run_id: int) -> Run:
    """The run of this number. Raises ConfigError when there is none."""
    with ctx.store.begin() as tx:
        run = tx.runs.find(run_id)
    if run is None:
        raise ConfigError(_("There is no run {run}.").format(run=run_id), hint=_("'connector runs' lists them."))
    return run


def apply_run(ctx: Context, run_id: int) -> Run:
    """The apply of this number. Raises ConfigError when there is none, or when the run is no apply."""
    run = find_run(ctx, run_id)
    if run.job != JOB:
        raise ConfigError(
            _("Run {run} is no apply but '{job}': it is simply run again.").format(run=run_id, job=run.job),
            hint=_("'connector runs --job apply' lists the applies."),
        )
    return run


def _listed(ctx: Context, run: Run) -> Listed:
    if run.job != JOB or run.outcome != "running":
        return Listed(run=run, alive=False)
    lease = writer(ctx, run.site)
    return Listed(run=run, alive=lease is not None and lease.run_id == run.id)
