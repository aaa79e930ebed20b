"""Use case: go on with an apply that was broken off by a kill, an outage or a request to stop."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.apply import Progress, journal_of, send_changes
from connector.jobs.approve import check_no_freeze
from connector.jobs.fence import check_fence
from connector.jobs.lease import only_writer
from connector.jobs.remake import remake
from connector.jobs.runs import apply_run
from connector.language import _
from connector.lms import Outcome
from connector.store.journal import JOB
from connector.store.journal_lines import PLANNED, SENT
from connector.store.runs import Run
from connector.sync.change import Change
from connector.sync.guards import check_age
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.resuming import check_rest

BROKEN_OFF = ("running", "stopped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What a broken-off run has left. `opened` changes were sent and never answered; of these `found` had arrived."""

    run_id: int
    plan: Plan
    opened: int
    found: int


def resume(
    ctx: Context,
    run_id: int | None = None,
    programme_key: str | None = None,
    *,
    begun: Callable[[Rest], None] = lambda _rest: None,
    progress: Progress = lambda *_: None,
) -> ApplyOutcome:
    """Make exactly the rest of a run's plan (of the programme's last apply, when none is named); what became of it.

    What is open is settled by reading the platform back; `begun` gets what will be done, before it is done. Raises
    ConfigError for a run that has come to its end, and UnsafePlanError when the world has moved otherwise than by that
    run, when its plan is too old, or while somebody else writes to the site.
    """
    with only_writer(ctx, _chosen(ctx, run_id, programme_key).site) as lease:
        run = _chosen(ctx, run_id, programme_key)  # as it is now that nobody else writes
        _check_broken_off(run)
        check_no_freeze(ctx, run.site)
        check_fence(ctx, run.site)
        rest = _rest(ctx, run)
        begun(rest)
        journal = journal_of(ctx, run.site, run.programme, lease)
        journal.reopen(run.id)
        return send_changes(ctx, rest.plan, journal, progress, run.id)


def _chosen(ctx: Context, run_id: int | None, programme_key: str | None) -> Run:
    if run_id is not None:
        return apply_run(ctx, run_id)
    programme = ctx.programme(programme_key)
    with ctx.store.begin() as tx:
        last = tx.runs.newest(1, job=JOB, programme=programme.key, site=ctx.site)
    if not last:
        raise ConfigError(
            _("Nothing has been applied for the programme {programme} yet.").format(programme=programme.key)
        )
    return last[0]


def _check_broken_off(run: Run) -> None:
    """Raises ConfigError for a run that came to its end, or of which the plan is not known any more."""
    if run.outcome not in BROKEN_OFF:
        raise ConfigError(
            _("Run {run} came to its end; there is nothing to resume.").format(run=run.id),
            hint=_("'connector plan' tells what is still to be done; 'connector runs' lists the runs."),
        )
    if "created_at" not in run.terms:
        raise ConfigError(
            _("Run {run} was begun by an older connector, which did not keep its plan.").format(run=run.id),
            hint=_("Make a new plan and apply that: it holds the rest."),
        )


def _rest(ctx: Context, run: Run) -> Rest:
    """The rest of the run's plan as it is needed now. Reads the platform; nothing is written."""
    terms = run.terms
    fresh = remake(ctx.on(run.site), run.programme, terms)
    check_age(replace(fresh, created_at=datetime.fromisoformat(terms["created_at"])), ctx.now(), ctx.settings.limits)
    opened = _changes(ctx, run, SENT)
    check_rest(_changes(ctx, run, PLANNED), opened, _changes(ctx, run, Outcome.REFUSED.value), fresh)
    places = {(change.kind, change.key) for change in opened}
    found = sum(change.adopted and (change.kind, change.key) in places for change in fresh.changes)
    return Rest(run_id=run.id, plan=fresh, opened=len(opened), found=found)


def _changes(ctx: Context, run: Run, state: str) -> list[Change]:
    with ctx.store.begin() as tx:
        return [line.change for line in tx.journal.of_run(run.id, [state])]
