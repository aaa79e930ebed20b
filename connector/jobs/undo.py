"""Use case: the plan that takes a run back, to be looked at and applied like any other."""

from collections.abc import Sequence
from dataclasses import replace

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.approve import under_conditions
from connector.jobs.lease import writer
from connector.jobs.runs import apply_run
from connector.language import _
from connector.lms import Outcome
from connector.store.runs import Run
from connector.sync.actual import read_actual
from connector.sync.change import Change
from connector.sync.diff import diff
from connector.sync.plan import Plan, plan_of
from connector.sync.state import OwnedItem, ledger_of
from connector.sync.undoing import AccountPolicy, unreached, way_back

RECIPE = "undo"
MADE = (Outcome.DONE.value, Outcome.ALREADY.value)


def make_undo(ctx: Context, run_id: int, accounts: AccountPolicy = AccountPolicy.SUSPEND) -> Plan:
    """The plan that brings back what the run found, where it still is as the run left it. Nothing is written.

    What stays as it is, and why, is among the plan's held changes. The limits on removals do not hold it back: taking
    away is what it is for, and a person looks at it first. Raises ConfigError for a run that cannot be taken back.
    """
    run = apply_run(ctx, run_id)
    lease = writer(ctx, run.site)
    if lease is not None and lease.run_id == run.id:
        raise ConfigError(_("Run {run} is still going on.").format(run=run.id), hint=_("Stop it first (Ctrl-C)."))
    made, owned = _made(ctx, run)
    back = way_back(made, owned, accounts)
    ledger = ledger_of(back.owned)
    actual = read_actual(ctx.lms(run.site), back.state, ledger)
    difference = diff(back.state, actual, ledger, ctx.now())
    plan = plan_of(difference, programme=run.programme, site=run.site, created_at=ctx.now(), people={}, short_reads=())
    plan = replace(
        plan,
        held=(*back.kept, *unreached(back, difference)),
        recipe=(RECIPE, str(run.id), accounts.value),
    )
    return under_conditions(ctx, plan)


def undo_by_recipe(ctx: Context, recipe: Sequence[str]) -> Plan:
    """The plan of a recipe that `make_undo` gave. Nothing is written."""
    _name, run_id, accounts = recipe
    return make_undo(ctx, int(run_id), AccountPolicy(accounts))


def _made(ctx: Context, run: Run) -> tuple[list[Change], list[OwnedItem]]:
    """What the run has made on the platform, and all that we own of these people and cohorts."""
    with ctx.store.begin() as tx:
        made = [line.change for line in tx.journal.of_run(run.id, MADE)]
        # A cohort has no person: its rows are those of the empty username.
        return made, tx.ledger.owned(run.site, provinces=(), usernames={change.username for change in made})
