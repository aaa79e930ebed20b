"""Use case: what would change on the platform. Reads everything, writes nothing to it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.people import People, people_of
from connector.language import _
from connector.lms import LmsReader
from connector.model import Kind, Registration
from connector.places import provinces
from connector.programmes.definition import Programme, known_programmes
from connector.store.journal import StoreJournal
from connector.sync.actual import CourseReadings
from connector.sync.change import Change, in_order
from connector.sync.desired import Leaving, Provision, desired_state
from connector.sync.guards import guarded
from connector.sync.plan import Plan
from connector.sync.planning import compare
from connector.sync.state import People as Headcount

# So many people are compared at once; it bounds the memory, not the number of requests.
SHARD = 20_000


def make_plan(
    ctx: Context, programme_key: str | None = None, chosen: Sequence[str] = (), *, shard: int = SHARD
) -> Plan:
    """The plan for the programme (for these province codes, if any), guarded. Nothing is written to the platform.

    Provinces are compared in shards of about `shard` people, so that memory stays bounded however many there are.
    """
    programme = ctx.programme(programme_key)
    check_provinces(chosen)
    lms = ctx.lms(programme.site)
    people = people_of(ctx, programme)
    work = _Comparison(ctx, programme, lms, people)
    shards = list(_shards(people.registrations, chosen, shard))
    parts = [work.shard(codes, registrations) for codes, registrations in shards]
    joined = _joined(parts, tuple(sorted(chosen)))
    # Only the shard of a province knows all its people; the guards judge by exact counts, so they come last.
    counts = {
        code: part.people[code]
        for (codes, _), part in zip(shards, parts, strict=True)
        for code in codes
        if code in part.people
    }
    foreign = {code for part in parts for code in part.people} - counts.keys()
    counts |= {code: work.headcount(code) for code in sorted(foreign)}
    return guarded(replace(joined, people=counts), ctx.settings.limits)


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
    window = programme.window if programme.enrolment.limit_to_window else None
    return Provision(
        programme=programme.key,
        cohort_idnumber=programme.cohorts.idnumber,
        cohort_name=programme.cohorts.name,
        courses=programme.enrolment.courses,
        starts_at=window.starts_at if window else None,
        ends_at=window.ends_at if window else None,
        leaving=Leaving(programme.leaving.value),
        accounts=ctx.settings.site(programme.site).accounts,
    )


class _Comparison:
    """One plan being made: what all shards share."""

    def __init__(self, ctx: Context, programme: Programme, lms: LmsReader, people: People) -> None:
        self._ctx = ctx
        self._programme = programme
        self._lms = lms
        self._people = people
        self._provision = provision_of(ctx, programme)
        self._now = ctx.now()
        self._readings = CourseReadings()
        self._elsewhere = _registered_elsewhere(ctx, programme)
        journal = StoreJournal(ctx.store, site=programme.site, programme=programme.key, now=ctx.now)
        self._unsettled = journal.unsettled()

    def shard(self, codes: Sequence[str], registrations: Sequence[Registration]) -> Plan:
        """The plan for these provinces."""
        # Who has left is found by what we own of him: he may have moved before he left.
        usernames = {self._people.username_of[item.learner.phone] for item in registrations if item.is_listed}
        with self._ctx.store.begin() as tx:
            owned = tx.ledger.owned(self._programme.site, provinces=codes, usernames=usernames)
        return compare(
            self._provision,
            registrations,
            owned,
            [change for change in self._unsettled if self._concerns(change, codes, usernames)],
            self._lms,
            now=self._now,
            elsewhere=self._outside(usernames),
            readings=self._readings,
        )

    def headcount(self, code: str) -> Headcount:
        """How many people a province has that no shard of this plan holds: movers come from there."""
        here = [item for item in self._people.registrations if item.learner.province_code == code]
        with self._ctx.store.begin() as tx:
            owned = tx.ledger.owned(self._programme.site, provinces=[code])
        return desired_state(self._provision, here, owned).people[code]

    def _outside(self, usernames: set[str]) -> set[str]:
        registered = {
            self._people.username_of[item.learner.phone] for item in self._people.registrations if item.is_listed
        }
        return (registered | self._elsewhere) - usernames

    @staticmethod
    def _concerns(change: Change, codes: Sequence[str], usernames: set[str]) -> bool:
        return change.username in usernames or change.province_code in codes


def _shards(
    registrations: Sequence[Registration], chosen: Sequence[str], size: int
) -> Iterator[tuple[list[str], list[Registration]]]:
    by_province: dict[str, list[Registration]] = {province.code: [] for province in provinces()}
    for item in registrations:
        by_province[item.learner.province_code].append(item)
    codes: list[str] = []
    people: list[Registration] = []
    for code, some in by_province.items():
        if chosen and code not in chosen:
            continue
        if codes and len(people) + len(some) > size:
            yield codes, people
            codes, people = [], []
        codes.append(code)
        people.extend(some)
    if codes:
        yield codes, people


def _registered_elsewhere(ctx: Context, programme: Programme) -> set[str]:
    """Usernames of the people of the other programmes on the same site."""
    found: set[str] = set()
    for key in known_programmes(ctx.settings.programmes_dir):
        other = ctx.programme(key) if key != programme.key else None
        if other is not None and other.site == programme.site:
            people = people_of(ctx, other)
            found |= {people.username_of[item.learner.phone] for item in people.registrations if item.is_listed}
    return found


def _joined(parts: Sequence[Plan], chosen: tuple[str, ...]) -> Plan:
    """The shards' plans as one."""
    if len(parts) == 1:
        return replace(parts[0], provinces=chosen)
    others: Counter[Kind] = Counter()
    for part in parts:
        others.update(part.made_by_others)
    return replace(
        parts[0],
        provinces=chosen,
        changes=tuple(in_order([change for part in parts for change in part.changes])),
        foreign=tuple(one for part in parts for one in part.foreign),
        by_hand=tuple(one for part in parts for one in part.by_hand),
        made_by_others=dict(others),
        short_reads=tuple(read for part in parts for read in part.short_reads),
    )
