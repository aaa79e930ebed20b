"""Use case: a second person approves a plan; and what an apply asks for before it writes."""

from dataclasses import replace

from connector.context import Context
from connector.errors import UnsafePlanError
from connector.language import _
from connector.store.approvals import Approval
from connector.sync.guards import approval_needed, check_age, check_unprotected
from connector.sync.plan import Pause, Plan


def approve(ctx: Context, plan: Plan, by: str = "") -> Approval:
    """Write that `by` (who runs this, when no name is given) approves the plan. Nothing is written to the platform.

    Refuses with UnsafePlanError: a plan that is too old or empty, and the author's own approval.
    """
    approver = by or ctx.caller.who
    check_age(plan, ctx.now(), ctx.settings.limits)
    if plan.empty:
        raise UnsafePlanError(_("The plan is empty: there is nothing to approve."))
    if _same(approver, plan.author):
        raise UnsafePlanError(
            _("'{name}' has made this plan, so somebody else must approve it.").format(name=approver),
            hint=_("Let another person look at it and type: connector approve PLAN.json --by NAME"),
        )
    approval = Approval(
        checksum=plan.checksum,
        approver=approver,
        author=plan.author,
        site=plan.site,
        programme=plan.programme,
        approved_at=ctx.now(),
    )
    with ctx.store.begin() as tx:
        tx.approvals.approve(approval)
    return approval


def check_may_apply(ctx: Context, plan: Plan) -> None:
    """Pass if nothing forbids to apply the plan now.

    Raises UnsafePlanError: in a freeze, for a plan that touches a protected account, and without a needed approval.

    An approval counts if it was given after the plan was made, for the same checksum, by somebody else than the author.
    """
    check_no_freeze(ctx, plan.site)
    check_unprotected(plan, ctx.settings.protected.names())
    if not approval_needed(plan, ctx.settings.approval.when):
        return
    with ctx.store.begin() as tx:
        given = tx.approvals.of_plan(plan.checksum)
    if not any(one.approved_at >= plan.created_at and not _same(one.approver, plan.author) for one in given):
        raise UnsafePlanError(
            _("The plan needs the approval of a second person, and has none (approval.when in the configuration)."),
            hint=_(
                "Somebody other than '{author}' looks at it and types: connector approve PLAN.json --by NAME"
            ).format(author=plan.author),
        )


def check_no_freeze(ctx: Context, site: str) -> None:
    """Pass if the site may be written to now. Raises UnsafePlanError in a freeze, with its reason and its end."""
    freeze = ctx.settings.freeze(site, ctx.now())
    if freeze is not None:
        raise UnsafePlanError(
            _("Nothing is written to the site '{site}' now: {why}.").format(site=site, why=freeze.why.rstrip(".")),
            hint=_("Run this again after {when} (freezes in the configuration).").format(
                when=f"{freeze.ends_at:%Y-%m-%d %H:%M}"
            ),
        )


def under_conditions(ctx: Context, plan: Plan, by: str = "") -> Plan:
    """The plan with its author (who runs this, when no name is given) and what an apply will ask for, as of now."""
    freeze = ctx.settings.freeze(plan.site, ctx.now())
    return replace(
        plan,
        author=by or ctx.caller.who,
        pause=Pause(why=freeze.why, until=freeze.ends_at) if freeze else None,
        needs_approval=approval_needed(plan, ctx.settings.approval.when),
    )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
