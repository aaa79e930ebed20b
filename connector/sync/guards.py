"""What keeps a plan from doing harm: a short, failed or shrunken read never removes anybody.

Pure functions from plan to plan; what is held back says why and what to do. Additions pass. A person's word lets held
changes through (`Plan.overridden`), but for the final ones. See reference/peers.md section C for the accidents that
these prevent. How many people may lose something: connector/sync/limits.py.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from connector.errors import UnsafePlanError
from connector.language import _
from connector.lms import Capability
from connector.model import Account, Kind
from connector.places import folded
from connector.settings import Limits
from connector.sync.actual import ShortRead
from connector.sync.change import Action, Change, in_order
from connector.sync.limits import hold_beyond_limits, too_many
from connector.sync.plan import Plan
from connector.sync.state import Key
from connector.sync.words import action_word, kind_word


def guarded(plan: Plan, limits: Limits, *, protected: Collection[str] = (), closed: str = "") -> Plan:
    """The plan with everything dangerous held back. Nothing is written.

    Held back for good: all that concerns a `protected` username (in small letters), and what a place that could not
    be read would need. Held back until a person says so: after a short read all of its kind that takes access away
    or would be made again, an account that would get another person's name, what goes beyond `limits`, and all that
    would be sent at a time that the programme has `closed` (why, in words; '' when it is open).
    """
    found = hold_reassigned(hold_after_failed_reads(hold_protected(plan, protected)))
    found = hold_beyond_limits(hold_after_short_reads(found, limits), limits)
    return hold_closed(found, closed)


def hold_protected(plan: Plan, protected: Collection[str]) -> Plan:
    """The plan without whatever concerns one of these usernames."""
    reason = _("The account is on the list of protected ones (protected in the configuration): it is never touched.")
    places = [place for place, change in enumerate(plan.changes) if change.username.lower() in protected]
    return plan.holding_back(dict.fromkeys(places, reason), final=True)


def hold_reassigned(plan: Plan) -> Plan:
    """The plan without the updates that give an account wholly another name: its number may be another person's now.

    Numbers are given out anew, and with the account the new owner would get the progress of the former one.
    """
    reason = _(
        "Another person seems to have this number now: the list has wholly another name for it than the account. "
        "Ask the department. If it is one person whose name was mended, plan again with --override REASON; if not, "
        "take the row off the list until that person gives a number of his own."
    )
    places = [place for place, change in enumerate(plan.changes) if _is_other_person(change)]
    return plan.holding_back(dict.fromkeys(places, reason))


def _is_other_person(change: Change) -> bool:
    before, after = change.before, change.after
    if change.action is not Action.UPDATE or change.adopted:
        return False
    if not isinstance(before, Account) or not isinstance(after, Account):
        return False
    if before.firstname == after.firstname or before.lastname == after.lastname:
        return False
    was, now = _family_and_given(before), _family_and_given(after)
    return bool(was and now) and not was & now


def _family_and_given(account: Account) -> set[str]:
    """The first and the last syllable of a name, in whichever field somebody has put which; none of an empty name."""
    syllables = folded(f"{account.lastname} {account.firstname}").split()
    return {syllables[0], syllables[-1]} if syllables else set()


def hold_closed(plan: Plan, closed: str) -> Plan:
    """The plan without what would be sent; what only our ledger learns passes."""
    if not closed:
        return plan
    places = [place for place, change in enumerate(plan.changes) if not change.adopted]
    return plan.holding_back(dict.fromkeys(places, closed))


def hold_after_failed_reads(plan: Plan) -> Plan:
    """The plan without what hangs on places of which the platform refused to tell: nobody knows what is there.

    Held: all of that kind that takes access away, and in the place itself whatever might be there already. A new member
    and the enrolment of an account that this plan makes pass, since they can do no harm.
    """
    failed = [read for read in plan.short_reads if read.failure]
    kinds = {read.kind for read in failed}
    places = {(read.kind, read.place): _failed_reason(read) for read in failed}
    first = {read.kind: _failed_reason(read) for read in reversed(failed)}
    made = {change.username for change in plan.changes if _is_new_account(change)}
    reasons = {}
    for number, change in enumerate(plan.changes):
        here = places.get((change.kind, change.key[0]))
        if here is not None and not _is_harmless(change, made):
            reasons[number] = here
        elif change.kind in kinds and change.takes_access:
            reasons[number] = first[change.kind]
    return plan.holding_back(reasons, final=True)


def _is_new_account(change: Change) -> bool:
    return change.kind is Kind.ACCOUNT and change.action is Action.CREATE and not change.adopted


def _is_harmless(change: Change, made: Collection[str]) -> bool:
    if change.action is not Action.CREATE or change.makes_again:
        return False
    return change.kind is Kind.MEMBERSHIP or change.username in made


def _failed_reason(read: ShortRead) -> str:
    return _(
        "The platform does not tell the {what} {place}: {why} Nobody loses anything there until it can be read; run "
        "'connector doctor', mend it, and make a new plan."
    ).format(what=kind_word(read.kind), place=read.place, why=read.failure)


def hold_after_short_reads(plan: Plan, limits: Limits) -> Plan:
    """The plan without removals and without making things again, if the platform showed far less than we own.

    Accounts carry all else: where they are missing, nobody loses anything of any kind.
    """
    told = [read for read in plan.short_reads if not read.failure]
    short = [read for read in told if too_many(read.owned - read.found, read.owned, limits)]
    if not short:
        return plan
    reason = _short_reason(short)
    kinds = {read.kind for read in short}
    losing = set(Kind) if kinds & {Kind.ACCOUNT, Kind.COHORT} else kinds
    gone = {change.username for change in plan.changes if _is_account_again(change)} if Kind.ACCOUNT in kinds else set()
    reasons = {}
    for place, change in enumerate(plan.changes):
        again = (change.makes_again and change.kind in kinds) or (not change.adopted and change.username in gone)
        # A membership that "has gone" from a short read may well be there: it must not leave the ledger.
        loses = change.kind in losing and (change.takes_access or change.action is Action.REMOVE)
        if loses or again:
            reasons[place] = reason
    return plan.holding_back(reasons)


def _is_account_again(change: Change) -> bool:
    return change.kind is Kind.ACCOUNT and change.makes_again


def _short_reason(short: list[ShortRead]) -> str:
    parts = [
        _("{found} of our {owned} {what} were found").format(
            found=read.found, owned=read.owned, what=" ".join(filter(None, (kind_word(read.kind), read.place)))
        )
        for read in short
    ]
    words = _("The platform shows less than we have made there: {parts}. Run 'connector doctor'.")
    return words.format(parts=", ".join(parts))


def approval_needed(plan: Plan, when: str) -> bool:
    """True when a second person must approve the plan: `when` is never, losses or always. An empty plan needs none."""
    if plan.empty or when == "never":
        return False
    return when == "always" or plan.override is not None or any(change.takes_access for change in plan.changes)


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


def check_unprotected(plan: Plan, protected: Collection[str]) -> None:
    """Pass if the plan touches none of these usernames. Raises UnsafePlanError: not every kind of plan is guarded."""
    count = sum(change.username.lower() in protected for change in plan.changes)
    if count:
        raise UnsafePlanError(
            _("{count} changes of this plan concern protected accounts.").format(count=count),
            hint=_("Take them from the list (protected in the configuration) if it is meant, then make a new plan."),
        )


def hold_what_cannot_be_done(
    plan: Plan, capabilities: Capability, unsettled: Collection[tuple[Kind, Key]] = frozenset()
) -> Plan:
    """The plan without what the platform can never do, and without what rests on it; each is held, finally, in words.

    So one name that cannot be corrected stops nothing else. Whose account cannot be made is held altogether. Of what is
    held though its creation was never answered (`unsettled`), the plan records what is there: it is ours.
    """
    reasons = {
        place: _cannot(plan.site, need)
        for place, change in enumerate(plan.changes)
        if (need := _needs(change)) not in capabilities
    }
    absent = {plan.changes[place].username for place in reasons if _is_new_account(plan.changes[place])}
    for place, change in enumerate(plan.changes):
        if change.kind.is_of_people and change.username in absent and place not in reasons:
            reasons[place] = _("He has no account on the platform {site} yet.").format(site=plan.site)
    held = [plan.changes[place] for place in reasons]
    there = [_as_it_is(change) for change in held if change.before and (change.kind, change.key) in unsettled]
    plan = plan.holding_back(reasons, final=True)
    return replace(plan, changes=tuple(in_order([*plan.changes, *there]))) if there else plan


def _as_it_is(change: Change) -> Change:
    """The ledger's record of what a change would have changed."""
    return replace(change, action=Action.CREATE, before=None, after=change.before, consequence="", adopted=True)


def _cannot(site: str, need: Capability) -> str:
    words = {
        Capability.ACCOUNTS: _(
            "The connector makes no accounts on {site}: its operator does, or the person's first single sign-on."
        ),
        Capability.UPDATE_ACCOUNTS: _(
            "The platform {site} lets nobody change another person's name or address; its operator can do it by hand."
        ),
        Capability.SUSPEND_ACCOUNTS: _(
            "The platform {site} suspends no accounts; set the programme's leaving policy to suspend_enrolment."
        ),
    }
    general = _("The platform {site} cannot do this ({name}).")
    return words.get(need, general).format(site=site, name=str(need.name).lower())


def check_capable(plan: Plan, capabilities: Capability) -> None:
    """Pass if the platform can do all that the plan holds. Raises UnsafePlanError naming what it cannot do."""
    missing = {need for change in plan.changes if (need := _needs(change)) not in capabilities}
    if missing:
        names = ", ".join(sorted(str(need.name).lower() for need in missing))
        raise UnsafePlanError(
            _("The platform {site} cannot do what the plan asks: {names}.").format(site=plan.site, names=names),
            hint=_("Run 'connector doctor', or change the programme's leaving policy."),
        )


_CAPABILITY = {
    Kind.COHORT: Capability.COHORTS,
    Kind.MEMBERSHIP: Capability.COHORTS,
    Kind.ENROLMENT: Capability.ENROLMENTS,
    Kind.GROUP: Capability.GROUPS,
    Kind.GROUP_MEMBERSHIP: Capability.GROUPS,
}


def _needs(change: Change) -> Capability:
    if change.adopted:
        return Capability(0)
    if change.kind is not Kind.ACCOUNT:
        return _CAPABILITY[change.kind]
    if change.action is Action.CREATE:
        return Capability.ACCOUNTS
    before, after = change.before, change.after
    suspends = isinstance(before, Account) and isinstance(after, Account) and before.suspended != after.suspended
    return Capability.SUSPEND_ACCOUNTS if suspends else Capability.UPDATE_ACCOUNTS
