"""What is on the platform now, limited to what is wanted and what we own. Reads only.

Nothing outside of this scope is kept, so nothing outside of it can ever get into a plan. An outage is an exception and
ends the plan; a read that is shorter than our ledger says becomes a `ShortRead` for the guards.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from connector.errors import AccessDenied, RequestRefused
from connector.lms import LmsReader
from connector.model import AccountSeen, Cohort, EnrolmentSeen, Group, Kind
from connector.sync.renames import under_new_names
from connector.sync.state import Key, Ledger, State

NO_RENAMES: Mapping[str, str] = {}
# The platform spoke, and only of this place; an outage speaks of all and ends the plan.
ONE_PLACE_REFUSED = (RequestRefused, AccessDenied)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRead:
    """Of `owned` things that our ledger holds in `place`, only `found` were read.

    A place is a cohort, a course, or a course and its group; '' for all. `failure` holds the platform's words where it
    refused to tell anything of this place.
    """

    kind: Kind
    place: str
    owned: int
    found: int
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """What was read: accounts by username, cohorts by idnumber, all else by our keys."""

    accounts: Mapping[str, AccountSeen]
    cohorts: Mapping[str, Cohort]
    memberships: frozenset[Key]
    enrolments: Mapping[Key, EnrolmentSeen]
    groups: Mapping[Key, Group]
    group_memberships: frozenset[Key]
    warnings: tuple[ShortRead, ...]


@dataclass(frozen=True, slots=True)
class CourseReadings:
    """Enrolments by course and username, read once for each course and run, shared by all shards of the run.

    `failures` holds the platform's words for each course of which it refused to tell anything.
    """

    failures: dict[str, str] = field(default_factory=dict)
    _read: dict[str, dict[str, EnrolmentSeen]] = field(default_factory=dict)

    def of(self, lms: LmsReader, course: str) -> Mapping[str, EnrolmentSeen]:
        """Everybody enrolled in the course by username; the first call reads it, later ones remember."""
        if course not in self._read:
            try:
                self._read[course] = {seen.username: seen for seen in lms.enrolments(course)}
            except ONE_PLACE_REFUSED as error:
                self._read[course] = {}
                self.failures[course] = str(error)
        return self._read[course]

    def of_people(self, lms: LmsReader, course: str, names: Collection[str]) -> Iterator[EnrolmentSeen]:
        """These people's enrolments in the course, those that are over included."""
        told = self.of(lms, course)
        yield from (told[name] for name in names if name in told)
        untold = [] if course in self.failures else [name for name in names if name not in told]
        if untold:
            yield from lms.past_enrolments(course, untold)


def read_actual(
    lms: LmsReader,
    desired: State,
    owned: Ledger,
    readings: CourseReadings | None = None,
    renames: Mapping[str, str] = NO_RENAMES,
) -> Actual:
    """The platform's state inside the scope of `desired`, which holds all of ours that is concerned. Reads only.

    One call for the accounts, one for the cohorts, one for the members and one for each course (none for a course
    that `readings` holds already), two more for each course where groups are wanted; `owned` only tells which reads
    are short. Where the platform refuses to tell of one
    cohort or one course alone, that is a `ShortRead` with its words; any other failure is raised: a failed read never
    looks like an empty one. What is found under the old names of `renames` (old to new) is told under the new ones.
    """
    readings = readings or CourseReadings()
    accounts = _accounts(lms, desired, renames)
    cohorts = _cohorts(lms, desired)
    names = {seen.account.username: ours for ours, seen in accounts.items()}
    memberships, unread = _memberships(lms, cohorts, names)
    enrolments = _enrolments(lms, desired, names, readings)
    failures = {(Kind.MEMBERSHIP, place): why for place, why in unread.items()}
    failures |= {(Kind.ENROLMENT, place): why for place, why in readings.failures.items()}
    groups = _groups(lms, desired)
    group_memberships = frozenset(_group_memberships(lms, groups, names))
    found: Mapping[Kind, Collection[Key]] = {
        Kind.COHORT: {(idnumber,) for idnumber in cohorts},
        Kind.ACCOUNT: {(username,) for username in accounts},
        Kind.MEMBERSHIP: memberships,
        Kind.ENROLMENT: enrolments.keys(),
        Kind.GROUP: groups.keys(),
        Kind.GROUP_MEMBERSHIP: group_memberships,
    }
    return Actual(
        accounts=accounts,
        cohorts=cohorts,
        memberships=memberships,
        enrolments=enrolments,
        groups=groups,
        group_memberships=group_memberships,
        warnings=tuple(_short_reads(desired, owned, found, failures)),
    )


def _accounts(lms: LmsReader, desired: State, renames: Mapping[str, str]) -> dict[str, AccountSeen]:
    people = {key[-1] for kind in Kind if kind.is_of_people for key in desired.items[kind]}
    people.update(key[-1] for key in desired.dropped)
    if not people:
        return {}
    people.update(old for old, new in renames.items() if new in people)
    found = {seen.account.username: seen for seen in lms.accounts(sorted(people)) if seen.account.username in people}
    return under_new_names(found, renames) if renames else found


def _cohorts(lms: LmsReader, desired: State) -> dict[str, Cohort]:
    wanted = {key[0] for keys in (desired.items[Kind.COHORT], desired.items[Kind.MEMBERSHIP]) for key in keys}
    wanted.update(key[0] for key, row in desired.dropped.items() if row.kind is Kind.MEMBERSHIP)
    if not wanted:
        return {}
    return {cohort.idnumber: cohort for cohort in lms.cohorts() if cohort.idnumber in wanted}


def _memberships(
    lms: LmsReader, cohorts: Collection[str], names: Mapping[str, str]
) -> tuple[frozenset[Key], dict[str, str]]:
    """Our keys of the members, and the platform's words for each cohort of which it tells nothing."""
    if not cohorts or not names:
        return frozenset(), {}
    try:
        return frozenset(_members(lms, cohorts, names)), {}
    except ONE_PLACE_REFUSED:
        pass  # asked one by one, the cohorts tell which of them it is
    found: set[Key] = set()
    failures = {}
    for cohort in sorted(cohorts):
        try:
            found.update(_members(lms, [cohort], names))
        except ONE_PLACE_REFUSED as error:
            failures[cohort] = str(error)
    return frozenset(found), failures


def _members(lms: LmsReader, cohorts: Collection[str], names: Mapping[str, str]) -> Iterator[Key]:
    for member in lms.memberships(sorted(cohorts), names):
        if member.cohort in cohorts and member.username in names:
            yield member.cohort, names[member.username]


def _enrolments(
    lms: LmsReader, desired: State, names: Mapping[str, str], readings: CourseReadings
) -> dict[Key, EnrolmentSeen]:
    """Who is enrolled in the courses of wanted enrolments, and of wanted groups: only they can be put into one."""
    enrolments: dict[Key, EnrolmentSeen] = {}
    for course in sorted({key[0] for kind in (Kind.ENROLMENT, Kind.GROUP_MEMBERSHIP) for key in desired.items[kind]}):
        for seen in readings.of_people(lms, course, names):
            enrolments[course, names[seen.username]] = seen
    return enrolments


def _groups(lms: LmsReader, desired: State) -> dict[Key, Group]:
    wanted = {*desired.items[Kind.GROUP], *(key[:-1] for key in desired.items[Kind.GROUP_MEMBERSHIP])}
    wanted.update(key[:-1] for key, row in desired.dropped.items() if row.kind is Kind.GROUP_MEMBERSHIP)
    seen = (group for course in sorted({course for course, _group in wanted}) for group in lms.groups(course))
    return {group.key: group for group in seen if group.key in wanted}


def _group_memberships(lms: LmsReader, groups: Collection[Key], names: Mapping[str, str]) -> Iterator[Key]:
    of_course: dict[str, list[str]] = {}
    for course, group in sorted(groups):
        of_course.setdefault(course, []).append(group)
    for course, some in of_course.items() if names else ():
        for member in lms.group_memberships(course, some, names):
            yield course, member.group, names[member.username]


def _short_reads(
    desired: State, owned: Ledger, found: Mapping[Kind, Collection[Key]], failures: Mapping[tuple[Kind, str], str]
) -> Iterator[ShortRead]:
    accounts = found[Kind.ACCOUNT]
    for kind in Kind:
        counts: Counter[str] = Counter()
        missing: Counter[str] = Counter()
        for key in _expected(desired, owned, kind):
            if kind in (Kind.COHORT, Kind.ACCOUNT):
                place = ""
            elif kind is Kind.GROUP:
                place = key[0]
            elif key[-1:] in accounts:
                place = " ".join(key[:-1])
            else:
                continue  # a missing account is reported itself
            counts[place] += 1
            missing[place] += key not in found[kind]
        failed = {place: why for (failed_kind, place), why in failures.items() if failed_kind is kind}
        for place in sorted(counts.keys() | failed):
            if missing[place] or place in failed:
                yield ShortRead(
                    kind=kind,
                    place=place,
                    owned=counts[place],
                    found=counts[place] - missing[place],
                    failure=failed.get(place, ""),
                )


def _expected(desired: State, owned: Ledger, kind: Kind) -> Iterator[Key]:
    for key, row in owned[kind].items():
        concerned = key in desired.items[kind] or key in desired.dropped
        # Whoever was being taken out when the answer was lost may be gone by our own doing.
        leaving = row.open and kind in (Kind.MEMBERSHIP, Kind.GROUP_MEMBERSHIP)
        if row.confirmed and concerned and not leaving:
            yield key
