"""What shall be on the platform: from registrations, the programme's terms and what we own there.

Leaving is a state, not a deletion: who is no longer registered stays in the wanted state as the leaving policy says,
so that after an apply the next plan is empty.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from connector.errors import ConfigError
from connector.language import _
from connector.model import (
    Account,
    Cohort,
    Enrolment,
    Group,
    GroupMembership,
    Item,
    Kind,
    Learner,
    Membership,
    Registration,
    RegistrationState,
    mask_phone,
)
from connector.places import provinces
from connector.settings import AccountMapping
from connector.sync.mapping import PLACE, AccountMapper, compiled, place_values
from connector.sync.state import Key, OwnedItem, People, State, Wanted


class Leaving(StrEnum):
    """What becomes of a learner who is no longer on any roster. Nothing is ever deleted."""

    KEEP = "keep"
    LEAVE_COHORT = "leave_cohort"
    SUSPEND_ENROLMENT = "suspend_enrolment"
    SUSPEND_ACCOUNT = "suspend_account"


TAKES_PART = {
    Leaving.KEEP: Kind.MEMBERSHIP,
    Leaving.LEAVE_COHORT: Kind.MEMBERSHIP,
    Leaving.SUSPEND_ENROLMENT: Kind.ENROLMENT,
    Leaving.SUSPEND_ACCOUNT: Kind.ACCOUNT,
}
"""The kind of item that tells whether a person takes part, by policy: the kind that leaving changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A programme's terms, as sync needs them. `courses` are idnumbers; the window is None where none is kept.

    `cohort_idnumber`, `cohort_name` and `group_idnumber` are patterns that may hold {province} and {province_code}.
    `enrols` is False where the platform enrols the members of the cohorts by itself. Without `group_idnumber` no
    course gets groups; a group is called as its province's cohort.
    """

    programme: str
    cohort_idnumber: str
    cohort_name: str
    courses: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    leaving: Leaving
    accounts: AccountMapping
    enrols: bool = True
    group_idnumber: str = ""


def desired_state(
    provision: Provision,
    registrations: Iterable[Registration],
    owned: Iterable[OwnedItem],
    elsewhere: Collection[str] = (),
) -> State:
    """The wanted state of the given shard. Nothing is read from the platform, nothing is written.

    `registrations`: all of the shard's provinces. `owned`: all ledger rows of these provinces and of these people
    (somebody who moved here has rows of his former province). `elsewhere`: usernames that are registered outside of
    the shard, in another province or programme; what we own of them is left as it is. Rows of cohorts and courses
    that are not this programme's are left alone.
    A CONFLICT registration makes nothing new and loses nothing. Raises ConfigError for a wrong pattern and when the
    pattern gives two people the same username.
    """
    draft = _Draft(provision, frozenset(elsewhere))
    for registration in registrations:
        draft.register(registration)
    rows = list(owned)
    for row in rows:
        draft.keep(row)
    return State(items=draft.items, dropped=draft.dropped, people=draft.people(rows))


class _Draft:
    """The state while it is being put together."""

    def __init__(self, provision: Provision, elsewhere: Collection[str]) -> None:
        self.items: dict[Kind, dict[Key, Wanted]] = {kind: {} for kind in Kind}
        self.dropped: dict[Key, OwnedItem] = {}
        self._terms = provision
        self._mapper = AccountMapper(provision.accounts)
        self._cohorts = cohorts_of(provision)
        users = Counter(cohort.idnumber for cohort in self._cohorts.values())
        self._cohort_ids = users.keys()
        self._group_ids = _group_ids_of(provision)
        self._shared = {idnumber: count > 1 for idnumber, count in users.items()}
        self._phones: dict[str, str] = {}
        self._registered: set[str] = set()
        self._untouched = set(elsewhere)
        self._registered_in: dict[str, int] = {}

    def register(self, registration: Registration) -> None:
        learner = registration.learner
        if not registration.is_listed:
            return
        account = self._mapper.account(learner)
        if self._is_known(account.username, learner.phone):
            return
        province = learner.province_code
        self._registered_in[province] = self._registered_in.get(province, 0) + 1
        if registration.state is RegistrationState.CONFLICT:
            self._untouched.add(account.username)
            return
        self._registered.add(account.username)
        for item in self._items_of(account, learner):
            shared = item.kind is Kind.COHORT and self._shared[item.key[0]]
            self.items[item.kind][item.key] = Wanted(item=item, province_code="" if shared else province)

    def keep(self, row: OwnedItem) -> None:
        """Decide about something that we own: wanted already, kept, changed by the leaving policy, or dropped."""
        if row.key in self.items[row.kind] or not self._is_ours(row):
            return
        username = row.key[-1]
        if row.kind.is_of_people and username in self._registered:
            item: Item | None = None
        elif not row.kind.is_of_people or username in self._untouched:
            item = row.item
        else:
            item = after_leaving(row.item, self._terms.leaving)
        if item is None:
            self.dropped[row.key] = row
        else:
            self.items[row.kind][row.key] = Wanted(item=item, province_code=row.province_code, create=False)

    def people(self, rows: Iterable[OwnedItem]) -> dict[str, People]:
        """How many take part and how many are registered, by province."""
        kind = TAKES_PART[self._terms.leaving]
        present: dict[str, set[str]] = {}
        for row in rows:
            if row.kind is kind and row.confirmed and self._is_ours(row) and _is_live(row.item):
                present.setdefault(row.province_code, set()).add(row.key[-1])
        codes = sorted(present.keys() | self._registered_in.keys())
        return {
            code: People(owned=len(present.get(code, ())), registered=self._registered_in.get(code, 0))
            for code in codes
        }

    def _is_known(self, username: str, phone: str) -> bool:
        known = self._phones.get(username)
        if known is None:
            self._phones[username] = phone
        elif known != phone:
            raise ConfigError(
                _("The pattern accounts.username gives two people ({one} and {other}) the same name.").format(
                    one=mask_phone(known), other=mask_phone(phone)
                ),
                hint=_("Use {phone_national}: every learner has a phone number of his own."),
            )
        return known is not None

    def _is_ours(self, row: OwnedItem) -> bool:
        match row.item:
            case Membership(cohort=idnumber) | Cohort(idnumber=idnumber):
                return idnumber in self._cohort_ids
            case Enrolment(course=course):
                return self._terms.enrols and course in self._terms.courses
            case Group(course=course, idnumber=idnumber) | GroupMembership(course=course, group=idnumber):
                return course in self._terms.courses and idnumber in self._group_ids.values()
            case _:
                return True

    def _items_of(self, account: Account, learner: Learner) -> Iterator[Item]:
        cohort = self._cohorts[learner.province_code]
        yield cohort
        yield account
        yield Membership(cohort=cohort.idnumber, username=account.username)
        for course in self._terms.courses if self._terms.enrols else ():
            yield Enrolment(
                course=course,
                username=account.username,
                starts_at=self._terms.starts_at,
                ends_at=self._terms.ends_at,
            )
        group = self._group_ids.get(learner.province_code, "")
        for course in self._terms.courses if group else ():
            yield Group(course=course, idnumber=group, name=cohort.name)
            yield GroupMembership(course=course, group=group, username=account.username)


def cohorts_of(provision: Provision) -> dict[str, Cohort]:
    """The cohort of each province in force, by province code; some provinces may share one. Nothing is written."""
    idnumber = compiled("cohorts.idnumber", provision.cohort_idnumber, PLACE)
    name = compiled("cohorts.name", provision.cohort_name, PLACE)
    by_idnumber: dict[str, Cohort] = {}
    by_province = {}
    for place in [place_values(province.code) for province in provinces()]:
        cohort = Cohort(idnumber=idnumber(place), name=name(place))
        # Provinces may share one cohort; then it bears the name of the first, whoever is registered.
        by_province[place["province_code"]] = by_idnumber.setdefault(cohort.idnumber, cohort)
    return by_province


def _group_ids_of(provision: Provision) -> dict[str, str]:
    """The idnumber of each province's group by province code; none where the programme has no groups."""
    if not provision.group_idnumber:
        return {}
    idnumber = compiled("enrolment.groups", provision.group_idnumber, PLACE)
    places = [place_values(province.code) for province in provinces()]
    return {place["province_code"]: idnumber(place) for place in places}


def after_leaving(item: Item, leaving: Leaving) -> Item | None:
    """What an item of somebody who has left becomes; None when it is to be ended. Nothing is written."""
    match item:
        case Membership() | GroupMembership():
            return None if leaving is Leaving.LEAVE_COHORT else item
        case Enrolment():
            return replace(item, active=False) if leaving is Leaving.SUSPEND_ENROLMENT else item
        case Account():
            return replace(item, suspended=True) if leaving is Leaving.SUSPEND_ACCOUNT else item
        case _:
            return item


def _is_live(item: Item) -> bool:
    match item:
        case Enrolment():
            return item.active
        case Account():
            return not item.suspended
        case _:
            return True
