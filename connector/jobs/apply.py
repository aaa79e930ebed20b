"""Use case: make exactly what an approved plan says."""

from collections.abc import Callable
from pathlib import Path

from connector.context import Context
from connector.errors import BrokenData, ConfigError
from connector.jobs.approve import check_may_apply, check_no_freeze
from connector.jobs.fence import check_fence, leave_mark
from connector.jobs.first_passwords import prepare_passwords
from connector.jobs.lease import only_writer
from connector.jobs.remake import remake
from connector.language import _
from connector.store.journal import StoreJournal
from connector.store.leases import Lease
from connector.sync.apply import apply_plan
from connector.sync.guards import check_age, check_unmoved
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.planfile import from_json, terms_of, to_json

Progress = Callable[[int, int], None]


def save_plan(plan: Plan, path: Path) -> None:
    """Write the plan as a file that `load_plan` reads; readable by its owner only, since it names people."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(to_json(plan), encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(path)


def load_plan(path: Path) -> Plan:
    """The plan in this file. Raises ConfigError when it cannot be read, BrokenData when it is no sound plan."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(_("The plan {path} cannot be read: {why}.").format(path=path, why=error.strerror)) from None
    except UnicodeDecodeError:
        raise BrokenData(
            _("The file {path} is not a plan.").format(path=path),
            hint=_("Give the .json file that 'connector plan --out' has written; the others are to be read."),
        ) from None


def apply(ctx: Context, plan: Plan, progress: Progress = lambda *_: None) -> ApplyOutcome:
    """Make the plan's changes on the platform, each journaled before it is sent and settled after.

    Refuses with UnsafePlanError: a plan that is too old, one that is no longer what is needed (the platform or the
    rosters have moved), one without the approval that it needs, any in a freeze, and a second apply on the same site
    while one is running.
    """
    with only_writer(ctx, plan.site) as lease:
        check_fence(ctx, plan.site)
        check_age(plan, ctx.now(), ctx.settings.limits)
        if not plan.empty:
            check_may_apply(ctx, plan)
            check_unmoved(plan, remake(ctx.on(plan.site), plan.programme, terms_of(plan)))
        return send_changes(ctx, plan, journal_of(ctx, plan.site, plan.programme, lease), progress)


def journal_of(ctx: Context, site: str, programme: str, lease: Lease) -> StoreJournal:
    """The journal of one who writes to this site and holds its lease."""
    return StoreJournal(ctx.store, site=site, programme=programme, now=ctx.now, caller=ctx.caller, lease=lease)


def send_changes(
    ctx: Context, plan: Plan, journal: StoreJournal, progress: Progress, run_id: int | None = None
) -> ApplyOutcome:
    """Make the changes of a plan that has been checked, as a new run or as the rest of a reopened one.

    A freeze that begins meanwhile ends the run before the next batch, as an outage would.
    """

    def safe_point() -> None:
        ctx.safe_point()
        check_no_freeze(ctx, plan.site)

    if any(not change.adopted for change in plan.changes):
        leave_mark(ctx, plan.site)
    return apply_plan(
        plan,
        ctx.lms(plan.site),
        journal,
        lambda accounts: prepare_passwords(ctx, plan.site, accounts),
        progress,
        run_id=run_id,
        safe_point=safe_point,
    )
