"""Use case: what would change on the platform. Reads everything, writes nothing to it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from connector.context import Context
from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.approve import under_conditions
from connector.jobs.family import programmes_on
from connector.jobs.fence import check_fence
from connector.jobs.people import listed_usernames, people_of, phones_of
from connector.jobs.standing import standing_of
from connector.language import _
from connector.lms import LmsReader
from connector.model import Kind, mask_phone
from connector.places import provinces
from connector.programmes.definition import Programme
from connector.store.journal import StoreJournal
from connector.sync.actual import CourseReadings
from connector.sync.change import Change, in_order
from connector.sync.consequences import Stakes
from connector.sync.desired import Leaving, Provision, desired_state
from connector.sync.guards import guarded, hold_what_cannot_be_done
from connector.sync.plan import Plan
from connector.sync.planning import compare, hold_waiting
from connector.sync.state import People as Headcount

# So many people are compared at once: it bounds the memory (6,000 cost some 30 MB, 18,000 at once 80) for two or three
# requests more for each shard.
SHARD = 6_000


def make_plan(
    ctx: Context,
    programme_key: str | None = None,
    chosen: Sequence[str] = (),
    *,
    by: str = "",
    override: str = "",
    shard: int = SHARD,
) -> Plan:
    """The plan for the programme (for these province codes, if any), guarded. Nothing is written to the platform.

    `by` makes it (who runs this, when no name is given); a reason in `override` lets through what guards hold back, but
    for what is final. Provinces are read and compared in shards of about `shard` people, so that memory stays bounded
    however many there are. Raises UnsafePlanError when this database and the site do not belong together as they are
    (connector/jobs/fence.py): a plan of a database that was set back would make people anew.
    """
    programme = ctx.programme(programme_key)
    check_provinces(chosen)
    check_fence(ctx, programme.site)
    protected = ctx.settings.protected.names()
    work = _Comparison(ctx, programme, ctx.lms(programme.site), chosen, shard)
    plan = replace(_joined(work.parts()), people=work.people, provinces=tuple(sorted(chosen)))
    plan = replace(hold_waiting(plan, work.standing.reason_to_wait), remarks=work.standing.remarks)
    site = ctx.settings.site(programme.site)
    plan = plan.weighing(stakes_of(ctx, programme, plan.losers, work.phones), site.cohort_unenrol)
    lms = ctx.lms(programme.site)
    plan = hold_what_cannot_be_done(plan, lms.capabilities, work.unsettled)
    plan = guarded(plan, ctx.settings.limits, protected=protected, closed=closed_by_time(programme, ctx.now()))
    if override:
        plan = plan.overridden(by or ctx.caller.who, override)
    plan = replace(plan, remarks=(*plan.remarks, *ctx.lms(programme.site).outlook(plan.work)))
    return under_conditions(ctx, plan, by)


def closed_by_time(programme: Programme, now: datetime) -> str:
    """Why nothing is written now by the programme's own time; '' when it is open."""
    first, last = programme.writes_span
    if first is not None and now < first:
        words = _("The programme is not provisioned before {when} (writes.starts_at).")
        return words.format(when=f"{first.astimezone(programme.zone):%Y-%m-%d %H:%M}")
    if last is not None and now >= last:
        words = _("The programme's time is over since {when} (writes.ends_at).")
        return words.format(when=f"{last.astimezone(programme.zone):%Y-%m-%d %H:%M}")
    return ""


def stakes_of(
    ctx: Context, programme: Programme, usernames: Sequence[str], phones: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Stakes]:
    """What these people have on the site, by username; `phones` are those that are known already. Reads only."""
    unknown = set(usernames) - phones.keys()
    # Who has left after a move may stand in no shard of this plan.
    more = phones_of(ctx, programme, unknown) if unknown else {}
    with ctx.store.begin() as tx:
        return tx.stakes.of(programme.site, programme.key, dict.fromkeys(usernames, "") | more | dict(phones))


def check_provinces(codes: Iterable[str]) -> None:
    """Raises ConfigError for a code that is none of the provinces in force."""
    known = {province.code for province in provinces()}
    for code in codes:
        if code not in known:
            raise ConfigError(
                _("There is no province with the code '{code}'.").format(code=code),
                hint=_("Codes: {known}.").format(known=", ".join(sorted(known))),
            )


def provision_of(ctx: Context, programme: Programme) -> Provision:
    """The programme's terms as sync needs them."""
    enrolment = programme.enrolment
    window = programme.window if enrolment.enrols and enrolment.limit_to_window else None
    return Provision(
        programme=programme.key,
        cohort_idnumber=programme.cohorts.idnumber,
        cohort_name=programme.cohorts.name,
        courses=enrolment.courses,
        starts_at=window.starts_at if window else None,
        ends_at=window.ends_at if window else None,
        leaving=Leaving(programme.leaving.value),
        accounts=ctx.settings.site(programme.site).accounts,
        enrols=enrolment.enrols,
        group_idnumber=enrolment.groups or "",
    )


class _Comparison:
    """One plan being made: what all shards share.

    After `parts` has been called, `people` are exact, and `phones` holds those of who loses something, by username.
    """

    def __init__(self, ctx: Context, programme: Programme, lms: LmsReader, chosen: Sequence[str], size: int) -> None:
        self.people: dict[str, Headcount] = {}
        self.phones: dict[str, str] = {}
        self._ctx = ctx
        self._programme = programme
        self._lms = lms
        self._provision = provision_of(ctx, programme)
        self._now = ctx.now()
        self._readings = CourseReadings()
        with ctx.store.begin() as tx:
            sizes = {code: sum(states.values()) for code, states in tx.registrations.counts(programme.key).items()}
        self._shards = list(_shards(sizes, chosen, size))
        self._elsewhere = _registered_elsewhere(ctx, programme)
        self.standing = standing_of(ctx, programme)
        if len(self._shards) > 1 or chosen:
            self._elsewhere |= set(listed_usernames(ctx, programme))
        journal = StoreJournal(ctx.store, site=programme.site, programme=programme.key, now=ctx.now)
        self._unsettled = journal.unsettled()

    @property
    def unsettled(self) -> frozenset[tuple[Kind, tuple[str, ...]]]:
        """What the journal waits for."""
        return frozenset((change.kind, change.key) for change in self._unsettled)

    def parts(self) -> list[Plan]:
        """The plan of each shard."""
        parts = [self._shard(codes) for codes in self._shards]
        # Only the shard of a province knows all its people; some movers come from provinces of no shard of this plan.
        for code in sorted({code for part in parts for code in part.people} - self.people.keys()):
            self.people[code] = self._headcount(code)
        return parts

    def _shard(self, codes: Sequence[str]) -> Plan:
        people = people_of(self._ctx, self._programme, codes)
        here = self.standing.agreed(people.registrations)
        # Who has left is found by what we own of him: he may have moved before he left.
        usernames = {people.username_of[item.learner.phone] for item in here if item.is_listed}
        decisions = self.standing.of_shard(usernames)
        with self._ctx.store.begin() as tx:
            owned = tx.ledger.owned(
                self._programme.site, provinces=codes, usernames=usernames | decisions.renames.keys()
            )
        unsettled = [change for change in self._unsettled if self._concerns(change, codes, usernames)]
        concerned = {row.key[-1] for row in owned} | {change.username for change in unsettled}
        plan = compare(
            self._provision,
            here,
            owned,
            unsettled,
            self._lms,
            now=self._now,
            elsewhere=(concerned & self._elsewhere) - usernames | self.standing.elsewhere(usernames),
            readings=self._readings,
            decisions=decisions,
        )
        _refuse_unclear_accounts(self._lms)
        self.people |= {code: plan.people[code] for code in codes if code in plan.people}
        self.phones |= {name: people.phone_of[name] for name in plan.losers if name in people.phone_of}
        return plan

    def _headcount(self, code: str) -> Headcount:
        here = people_of(self._ctx, self._programme, [code]).registrations
        with self._ctx.store.begin() as tx:
            owned = tx.ledger.owned(self._programme.site, provinces=[code])
        return desired_state(self._provision, here, owned).people[code]

    @staticmethod
    def _concerns(change: Change, codes: Sequence[str], usernames: set[str]) -> bool:
        return change.username in usernames or change.province_code in codes


def _refuse_unclear_accounts(lms: LmsReader) -> None:
    """Whoever cannot be understood looks missing, and a plan would make him anew."""
    unclear = [odd for odd in lms.take_oddities() if odd.part == "accounts"]
    if unclear:
        raise UnsafePlanError(
            _("What the platform says of {count} accounts cannot be understood ({who}: {why}).").format(
                count=len(unclear), who=mask_phone(unclear[0].username), why=unclear[0].why
            ),
            hint=_("Run 'connector mirror' and see 'connector mirror status'; nothing is planned until it is clear."),
        )


def _shards(sizes: Mapping[str, int], chosen: Sequence[str], size: int) -> Iterator[list[str]]:
    """The codes of provinces in force (of these, if any are chosen), together so many people at a time."""
    codes: list[str] = []
    people = 0
    for code in (province.code for province in provinces()):
        if chosen and code not in chosen:
            continue
        if codes and people + sizes.get(code, 0) > size:
            yield codes
            codes, people = [], 0
        codes.append(code)
        people += sizes.get(code, 0)
    if codes:
        yield codes


def _registered_elsewhere(ctx: Context, programme: Programme) -> set[str]:
    """Usernames of the people of the other programmes on the same site."""
    found: set[str] = set()
    for other in programmes_on(ctx, programme.site):
        if other.key != programme.key:
            found.update(listed_usernames(ctx, other))
    return found


def _joined(parts: Sequence[Plan]) -> Plan:
    """The shards' plans as one."""
    if len(parts) == 1:
        return parts[0]
    others: Counter[Kind] = Counter()
    for part in parts:
        others.update(part.made_by_others)
    return replace(
        parts[0],
        changes=tuple(in_order([change for part in parts for change in part.changes])),
        foreign=tuple(one for part in parts for one in part.foreign),
        by_hand=tuple(one for part in parts for one in part.by_hand),
        made_by_others=dict(others),
        short_reads=tuple(read for part in parts for read in part.short_reads),
    )
