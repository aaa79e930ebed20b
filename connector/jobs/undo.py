"""Use case: the plan that takes a run back, to be looked at and applied like any other."""

from collections.abc import Sequence
from dataclasses import replace

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.approve import under_conditions
from connector.jobs.lease import writer
from connector.jobs.plan import stakes_of
from connector.jobs.runs import apply_run
from connector.language import _
from connector.lms import Outcome
from connector.store.runs import Run
from connector.sync.guards import hold_what_cannot_be_done
from connector.sync.plan import Plan
from connector.sync.undoing import AccountPolicy, Footprint, draw_undo

RECIPE = "undo"
MADE = (Outcome.DONE.value, Outcome.ALREADY.value)


def make_undo(ctx: Context, run_id: int, accounts: AccountPolicy = AccountPolicy.SUSPEND, *, by: str = "") -> Plan:
    """The plan that brings back what the run found, where it still is as the run left it. Nothing is written.

    `by` is the author (who runs this, when no name is given). What stays as it is, and why, is held. The limits on
    removals do not hold it back: taking away is what it is for, and a person looks at it first. Raises ConfigError for
    a run that cannot be taken back.
    """
    run = apply_run(ctx, run_id)
    lease = writer(ctx, run.site)
    if lease is not None and lease.run_id == run.id:
        raise ConfigError(_("Run {run} is still going on.").format(run=run.id), hint=_("Stop it first (Ctrl-C)."))
    plan = draw_undo(_footprint(ctx, run), accounts, ctx.lms(run.site), ctx.now())
    plan = hold_what_cannot_be_done(plan, ctx.lms(run.site).capabilities)
    stakes = stakes_of(ctx, ctx.on(run.site).programme(run.programme), plan.losers)
    plan = plan.weighing(stakes, ctx.settings.site(run.site).cohort_unenrol)
    return under_conditions(ctx, replace(plan, recipe=(RECIPE, str(run.id), accounts.value)), by)


def undo_by_recipe(ctx: Context, recipe: Sequence[str]) -> Plan:
    """The plan of a recipe that `make_undo` gave. Nothing is written."""
    _name, run_id, accounts = recipe
    return make_undo(ctx, int(run_id), AccountPolicy(accounts))


def _footprint(ctx: Context, run: Run) -> Footprint:
    with ctx.store.begin() as tx:
        made = [line.change for line in tx.journal.of_run(run.id, MADE)]
        return Footprint(
            programme=run.programme,
            made=made,
            opened=tx.journal.unsettled(run.site, run.id),
            # A cohort has no person: its rows are those of the empty username.
            owned=tx.ledger.owned(run.site, provinces=(), usernames={change.username for change in made}),
            unsettled=tx.journal.unsettled(run.site),
        )
