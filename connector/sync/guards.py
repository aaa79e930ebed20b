"""What keeps a plan from doing harm: a short, failed or shrunken read never removes anybody.

Pure functions from plan to plan; what is held back says why and what to do. Limits count what hurts (loss of access),
not the verb. Additions pass. See reference/peers.md section C for the accidents that these prevent.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from connector.errors import UnsafePlanError
from connector.language import _
from connector.lms import Capability
from connector.model import Account, Kind
from connector.settings import Limits
from connector.sync.actual import ShortRead
from connector.sync.change import Action, Change
from connector.sync.plan import Plan
from connector.sync.words import action_word, kind_word


def guarded(plan: Plan, limits: Limits) -> Plan:
    """The plan with everything dangerous held back. Nothing is written.

    Held back: after a short read all that takes access away, and all that would be made again; in a province whose
    roster is empty or has shrunk by more than `limits` allow, all that takes access away.
    """
    return hold_shrunken(hold_after_short_reads(plan, limits), limits)


def hold_after_short_reads(plan: Plan, limits: Limits) -> Plan:
    """The plan without removals and without making things again, if the platform showed far less than we own."""
    short = [read for read in plan.short_reads if _too_many(read.owned - read.found, read.owned, limits)]
    if not short:
        return plan
    reason = _short_reason(short)
    kinds = {read.kind for read in short}
    gone = {change.username for change in plan.changes if _is_account_again(change)} if Kind.ACCOUNT in kinds else set()
    reasons = {}
    for place, change in enumerate(plan.changes):
        again = (change.makes_again and change.kind in kinds) or (not change.adopted and change.username in gone)
        # A membership that "has gone" from a short read may well be there: it must not leave the ledger.
        if change.takes_access or change.action is Action.REMOVE or again:
            reasons[place] = reason
    return plan.holding_back(reasons)


def hold_shrunken(plan: Plan, limits: Limits) -> Plan:
    """The plan without the removals of each province whose roster is empty or shrank by more than the limits."""
    losers: dict[str, set[str]] = {}
    for change in plan.changes:
        if change.takes_access:
            losers.setdefault(change.province_code, set()).add(change.username)
    unsafe = dict(_unsafe_provinces(plan, losers, limits))
    return plan.holding_back(
        {
            place: unsafe[change.province_code]
            for place, change in enumerate(plan.changes)
            if change.takes_access and change.province_code in unsafe
        }
    )


def _unsafe_provinces(plan: Plan, losers: Mapping[str, set[str]], limits: Limits) -> Iterator[tuple[str, str]]:
    hint = _("If it is meant, raise limits.removal_share in the configuration for one run and make a new plan.")
    for code, usernames in losers.items():
        people = plan.people.get(code)
        owned = max(people.owned if people else 0, len(usernames))
        if limits.removal_share < 1 and (people is None or people.registered == 0):
            why = _("Province {code}: no roster row is left for its {owned} people; import its roster.")
        elif _too_many(len(usernames), owned, limits):
            why = _("Province {code}: {count} of {owned} people would lose access; check its roster.")
        else:
            continue
        yield code, f"{why.format(code=code, count=len(usernames), owned=owned)} {hint}"


def _too_many(count: int, total: int, limits: Limits) -> bool:
    return count > limits.removal_floor and count > limits.removal_share * total


def _is_account_again(change: Change) -> bool:
    return change.kind is Kind.ACCOUNT and change.makes_again


def _short_reason(short: list[ShortRead]) -> str:
    parts = [
        _("{found} of our {owned} {what} were found").format(
            found=read.found, owned=read.owned, what=" ".join(filter(None, (kind_word(read.kind), read.place)))
        )
        for read in short
    ]
    return _(
        "The platform shows less than we have made there: {parts}. Run 'connector doctor'; if people really deleted "
        "them, raise limits.removal_share in the configuration for one run and make a new plan."
    ).format(parts=", ".join(parts))


def check_age(plan: Plan, now: datetime, limits: Limits) -> None:
    """Pass if the plan is young enough. Raises UnsafePlanError for one that is too old or from the future."""
    age = now - plan.created_at
    if age > timedelta(minutes=limits.plan_age_minutes):
        raise UnsafePlanError(
            _("This plan is {age} hours old; at most {limit} hours are allowed.").format(
                age=int(age.total_seconds() // 3600), limit=limits.plan_age_minutes // 60
            ),
            hint=_("Make a new plan and apply that."),
        )
    if age < timedelta(minutes=-5):
        raise UnsafePlanError(
            _("This plan comes from the future: {when}.").format(when=plan.created_at.isoformat()),
            hint=_("Check the clock of this machine, then make a new plan."),
        )


def check_unmoved(plan: Plan, fresh: Plan) -> None:
    """Pass if the fresh plan would do exactly the same. Raises UnsafePlanError naming what differs, by counts."""
    same = (plan.site, plan.programme) == (fresh.site, fresh.programme) and plan.changes == fresh.changes
    if same or plan.checksum == fresh.checksum:  # comparing is quicker than two checksums, and mostly enough
        return
    raise UnsafePlanError(
        _("The world has moved since the plan was made: {what}.").format(what="; ".join(_moves(plan, fresh))),
        hint=_("Make a new plan, look at it, and apply that."),
    )


def _moves(plan: Plan, fresh: Plan) -> Iterator[str]:
    if (plan.site, plan.programme) != (fresh.site, fresh.programme):
        yield _("it is for programme {programme} on site {site}").format(programme=plan.programme, site=plan.site)
        return
    planned = Counter((change.kind, change.action) for change in plan.changes)
    needed = Counter((change.kind, change.action) for change in fresh.changes)
    moved = [pair for pair in sorted(planned.keys() | needed.keys()) if planned[pair] != needed[pair]]
    for kind, action in moved:
        yield _("{kind} {action}: {planned} planned, {needed} needed now").format(
            kind=kind_word(kind), action=action_word(action), planned=planned[kind, action], needed=needed[kind, action]
        )
    if not moved:
        count = len(set(plan.changes) ^ set(fresh.changes))
        yield _("as many changes as before, but {count} with other content").format(count=count)


def check_capable(plan: Plan, capabilities: Capability) -> None:
    """Pass if the platform can do all that the plan holds. Raises UnsafePlanError naming what it cannot do."""
    missing = {need for change in plan.changes if (need := _needs(change)) not in capabilities}
    if missing:
        names = ", ".join(sorted(str(need.name).lower() for need in missing))
        raise UnsafePlanError(
            _("The platform {site} cannot do what the plan asks: {names}.").format(site=plan.site, names=names),
            hint=_("Run 'connector doctor', or change the programme's leaving policy."),
        )


def _needs(change: Change) -> Capability:
    if change.adopted:
        return Capability(0)
    if change.kind is not Kind.ACCOUNT:
        return Capability.ENROLMENTS if change.kind is Kind.ENROLMENT else Capability.COHORTS
    if change.action is Action.CREATE:
        return Capability.ACCOUNTS
    before, after = change.before, change.after
    suspends = isinstance(before, Account) and isinstance(after, Account) and before.suspended != after.suspended
    return Capability.SUSPEND_ACCOUNTS if suspends else Capability.UPDATE_ACCOUNTS
