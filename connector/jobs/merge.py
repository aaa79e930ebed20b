"""Use case: the plan that moves people from the cohorts of former provinces to those of the provinces in force."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.approve import under_conditions
from connector.jobs.family import programmes_on
from connector.jobs.people import phones_of, under_policy
from connector.jobs.plan import check_provinces, closed_by_time, provision_of, stakes_of
from connector.jobs.standing import Standing, standing_of
from connector.language import _
from connector.model import Kind, RegistrationState
from connector.places import provinces
from connector.places.dated import all_dated, meanings_of_code
from connector.programmes.definition import Programme
from connector.store.journal import StoreJournal
from connector.sync.desired import Leaving, cohorts_of
from connector.sync.guards import guarded
from connector.sync.mapping import PLACE, compiled
from connector.sync.merging import Merger, Movers, draw_mergers
from connector.sync.plan import MERGE, Plan
from connector.sync.planning import hold_waiting
from connector.sync.state import OwnedItem


def make_merger(
    ctx: Context, programme_key: str | None, pairs: Sequence[str] = (), *, by: str = "", override: str = ""
) -> Plan:
    """The guarded plan that merges these cohorts of ours, 'OLD_IDNUMBER=PROVINCE_CODE' each. Nothing is written.

    Without pairs those that can be told by themselves: cohorts that bear a province no longer in force, by the
    programme's pattern or in our ledger, where one province alone follows. Raises ConfigError for a pair that is none,
    a cohort that we have not made, and one in which a programme of the site still puts people.
    """
    programme = ctx.programme(programme_key)
    owned = _owned_cohorts(ctx, programme.site)
    used = {
        cohort.idnumber
        for one in programmes_on(ctx, programme.site)
        for cohort in cohorts_of(provision_of(ctx, one)).values()
    }
    chosen = dict(_read(pairs, owned, used) if pairs else _found(programme, owned.values(), used))
    # The pairs stand in the recipe, so that an apply merges these and no others.
    recipe = (MERGE, *(f"{old}={code}" for old, code in sorted(chosen.items())))
    standing = standing_of(ctx, programme)
    plan = draw_mergers(
        _mergers(ctx, programme, chosen),
        _movers(ctx, programme, standing, chosen),
        ctx.lms(programme.site),
        programme=programme.key,
        now=ctx.now(),
        decisions=replace(standing.of_shard(()), renames={}),
    )
    plan = hold_waiting(replace(plan, recipe=recipe), standing.reason_to_wait)
    stakes = stakes_of(ctx, programme, plan.losers)
    plan = plan.weighing(stakes, ctx.settings.site(programme.site).cohort_unenrol)
    protected, closed = ctx.settings.protected.names(), closed_by_time(programme, ctx.now())
    plan = guarded(plan, ctx.settings.limits, protected=protected, closed=closed)
    if override:
        plan = plan.overridden(by or ctx.caller.who, override)
    return under_conditions(ctx, plan, by)


def _owned_cohorts(ctx: Context, site: str) -> dict[str, OwnedItem]:
    """Our cohorts by idnumber. A cohort has no person: its rows are those of the empty username."""
    with ctx.store.begin() as tx:
        rows = tx.ledger.owned(site, provinces=(), usernames=[""])
    return {row.key[0]: row for row in rows if row.kind is Kind.COHORT}


def _read(pairs: Sequence[str], owned: Collection[str], used: Collection[str]) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        old, equals, code = pair.rpartition("=")
        if not equals or not old:
            raise ConfigError(
                _("'{text}' does not say which cohort goes into which province.").format(text=pair),
                hint=_("Write the old cohort's ID number and the code of the province in force: VN-02=08"),
            )
        check_provinces([code])
        if old in used:
            raise ConfigError(
                _("The cohort '{cohort}' is one in which a programme of this site still puts people.").format(
                    cohort=old
                ),
                hint=_("Only cohorts that no programme uses any more can be merged into others."),
            )
        if old not in owned:
            raise ConfigError(
                _("We have made no cohort with the ID number '{cohort}' on this site.").format(cohort=old),
                hint=_("Only cohorts of ours are merged; those of others their makers change."),
            )
        yield old, code


def _found(programme: Programme, owned: Iterable[OwnedItem], used: Collection[str]) -> Iterator[tuple[str, str]]:
    pattern = compiled("cohorts.idnumber", programme.cohorts.idnumber, PLACE)
    in_force = {province.code for province in provinces()}
    successors: dict[str, set[str]] = {}
    for one in all_dated():
        idnumber = pattern({"province": one.name, "province_code": one.code})
        successors.setdefault(idnumber, set()).add(one.today.code)
    for row in owned:
        follows = set(successors.get(row.key[0], ()))
        if row.province_code and row.province_code not in in_force:
            follows |= {one.today.code for one in meanings_of_code(row.province_code)}
        if row.key[0] not in used and len(follows) == 1:
            yield row.key[0], follows.pop()


def _mergers(ctx: Context, programme: Programme, chosen: dict[str, str]) -> list[Merger]:
    cohorts = cohorts_of(provision_of(ctx, programme))
    return [Merger(old=old, new=cohorts[code], province_code=code) for old, code in chosen.items()]


def _movers(ctx: Context, programme: Programme, standing: Standing, chosen: Collection[str]) -> Movers:
    with ctx.store.begin() as tx:
        members = {row.key[-1] for cohort in chosen for row in tx.ledger.members(programme.site, cohort)}
        owned = tx.ledger.owned(programme.site, provinces=(), usernames={*members, ""})
    unsettled = StoreJournal(ctx.store, site=programme.site, programme=programme.key, now=ctx.now).unsettled()
    listed = _listed(ctx, programme, standing, members)
    leaves = Leaving(programme.leaving.value) is Leaving.LEAVE_COHORT
    return Movers(
        owned=owned,
        unsettled=[change for change in unsettled if change.username in members or not change.username],
        homes={username: cohort for username, cohort in listed.items() if cohort},
        stay=frozenset(members - listed.keys()) if leaves else frozenset(),
    )


def _listed(ctx: Context, programme: Programme, standing: Standing, members: Collection[str]) -> dict[str, str]:
    """The cohort in which the lists want each of these people, by username; '' for one whose lists disagree."""
    phones = phones_of(ctx, programme, members)
    usernames = {phone: username for username, phone in phones.items()}
    with ctx.store.begin() as tx:
        known = tx.registrations.of_phones(programme.key, list(usernames))
    cohorts = cohorts_of(provision_of(ctx, programme))
    found = {}
    for item in standing.agreed([under_policy(programme, one) for one in known.values()]):
        if item.is_listed:
            agreed = item.state is not RegistrationState.CONFLICT
            found[usernames[item.learner.phone]] = cohorts[item.learner.province_code].idnumber if agreed else ""
    return found
