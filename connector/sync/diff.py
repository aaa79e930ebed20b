"""Two states compared: which changes bring the platform to what is wanted, and what is left to people.

Three values decide about each item: what is wanted, what the platform has, and what we last sent (the ledger). Only
what we made or adopted is changed; what others have set by hand is kept and listed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from connector.model import Account, AccountSeen, Cohort, Enrolment, EnrolmentSeen, Item, Kind
from connector.sync import consequences
from connector.sync.actual import Actual
from connector.sync.change import Action, Change, in_order
from connector.sync.decisions import NOTHING_DECIDED, Decisions, HandDecision, Value, kept, restored
from connector.sync.fields import account_values, compare_accounts, with_values
from connector.sync.renames import is_same_account
from connector.sync.state import Key, Ledger, OwnedItem, State, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """An account that bears a learner's username but that we have not made: it is never touched."""

    username: str
    province_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandEdit:
    """One field that somebody has set on the platform: what we want there and what is there."""

    field: str
    ours: Value
    theirs: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """Something of ours that somebody has changed on the platform: it is kept as it is until an operator decides."""

    kind: Kind
    key: Key
    province_code: str
    edits: tuple[HandEdit, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that were set."""
        return tuple(edit.field for edit in self.edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`changes` in the order of work; what is left to people; how many wanted things others have made already."""

    changes: tuple[Change, ...]
    foreign: tuple[Foreign, ...]
    by_hand: tuple[ByHand, ...]
    made_by_others: Mapping[Kind, int]


def diff(
    desired: State, actual: Actual, owned: Ledger, now: datetime, decisions: Decisions = NOTHING_DECIDED
) -> Difference:
    """The difference of the two states. Pure: nothing is read or written.

    An account that is there and not ours gives no change, nor do its membership and its enrolments; it is listed as
    foreign. Memberships, enrolments, cohorts and groups that are there and not ours are what is wanted: they are only
    counted.
    Enrolment windows cannot be read back from Moodle (reference/moodle-ws-facts.md section 4), so they are compared
    with what was last sent. Outside of its window an enrolment reads as suspended whatever its status is; `now` tells
    that from a suspension by hand. `decisions` say which hand edits are wanted and which are to be overwritten.
    """
    comparison = _Comparison(desired, actual, owned, now, decisions)
    changes = in_order(comparison.changes())
    return Difference(
        changes=tuple(changes),
        foreign=tuple(sorted(comparison.foreign.values(), key=lambda one: (one.province_code, one.username))),
        by_hand=tuple(sorted(comparison.by_hand, key=lambda one: (one.province_code, one.kind, one.key))),
        made_by_others=dict(comparison.others),
    )


class _Comparison:
    """One comparison while it goes on; accounts come before what belongs to them."""

    def __init__(self, desired: State, actual: Actual, owned: Ledger, now: datetime, decisions: Decisions) -> None:
        self.foreign: dict[str, Foreign] = {}
        self.by_hand: list[ByHand] = []
        self.others: Counter[Kind] = Counter()
        self._desired = desired
        self._actual = actual
        self._owned = owned
        self._now = now
        self._decisions = decisions
        # Accounts made anew under a username of ours: whoever they belong to gains and loses nothing by our ledger.
        self._strangers: set[str] = set()

    def changes(self) -> Iterator[Change]:
        rules = {
            Kind.COHORT: self._cohort,
            Kind.ACCOUNT: self._account,
            Kind.MEMBERSHIP: self._membership,
            Kind.ENROLMENT: self._enrolment,
            Kind.GROUP: self._group,
            Kind.GROUP_MEMBERSHIP: self._group_membership,
        }
        for kind, rule in rules.items():
            owned = self._owned[kind]
            for key, wanted in self._desired.items[kind].items():
                if kind.is_of_people and key[-1] in self._strangers:
                    continue
                change = rule(key, wanted, owned.get(key))
                if change is not None:
                    yield change
        for key, row in self._desired.dropped.items():
            change = self._dropped(key, row)
            if change is not None:
                yield change

    def _cohort(self, key: Key, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        seen = self._actual.cohorts.get(key[0])
        if seen is None:
            return _creation(wanted, row)
        if row is None or seen == wanted.item == row.item:
            return self._there(wanted, row)
        return self._owned_cohort(wanted, row, seen)

    def _owned_cohort(self, wanted: Wanted, row: OwnedItem, seen: Cohort) -> Change | None:
        decided = self._decisions.of(Kind.COHORT, row.key)
        target, last = cast("tuple[Cohort, Cohort]", (wanted.item, row.item))
        target = replace(target, name=str(kept(decided).get("name", target.name)))
        restore = restored(decided, {"name": seen.name})
        if seen == target:
            return _record(wanted, row, target, row.remote_id)
        if seen.name not in (last.name, cast("Cohort", row.maybe or last).name) and not restore:
            self.by_hand.append(_by_hand(wanted, HandEdit(field="name", ours=target.name, theirs=seen.name)))
            return None
        return replace(_update(wanted, row, seen, target, row.remote_id), consequence=_reasons(restore.values()))

    def _account(self, key: Key, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        seen = self._actual.accounts.get(key[0])
        if seen is None:
            return _creation(wanted, row)
        if row is None or not _could_be_ours(row, seen):
            if row is not None and row.confirmed:
                self._strangers.add(key[0])
            if wanted.create:
                self.foreign[key[0]] = Foreign(username=key[0], province_code=wanted.province_code)
            return None
        return self._owned_account(key, wanted, row, seen)

    def _owned_account(self, key: Key, wanted: Wanted, row: OwnedItem, seen: AccountSeen) -> Change | None:
        last, maybe, target = cast("tuple[Account, Account | None, Account]", (row.item, row.maybe, wanted.item))
        decided = self._decisions.of(Kind.ACCOUNT, key)
        restore = restored(decided, account_values(seen.account)) if decided else {}
        target = with_values(target, kept(decided)) if decided else target
        compared = compare_accounts(last, maybe, seen.account, target, restore)
        if compared.by_hand:
            self.by_hand.append(_by_hand(wanted, *_edits(compared.by_hand, target, seen.account)))
        if compared.before == compared.after:
            return _record(wanted, row, compared.after, seen.remote_id)
        change = _update(wanted, row, compared.before, compared.after, seen.remote_id)
        if change.takes_access:
            return replace(change, consequence=consequences.of_account(seen))
        return replace(change, consequence=_reasons(restore.values()) or consequences.of_rename(change))

    def _membership(self, key: Key, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        if key in self._actual.memberships:
            return self._there(wanted, row)
        return None if key[-1] in self.foreign else _creation(wanted, row)

    def _group(self, key: Key, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        """A course group, made if it is not there; what teachers call it then is theirs."""
        return self._there(wanted, row) if key in self._actual.groups else _creation(wanted, row)

    def _group_membership(self, key: Key, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        """A place in a group is for who is enrolled, now or by this plan; all others wait for a later plan."""
        if key in self._actual.group_memberships:
            return self._there(wanted, row)
        if key[-1] in self.foreign:
            return None
        if self._is_enrolled((key[0], key[-1])):
            return _creation(wanted, row)
        return _forgotten(row) if row is not None else None

    def _is_enrolled(self, enrolment: Key) -> bool:
        wanted = self._desired.items[Kind.ENROLMENT].get(enrolment)
        return enrolment in self._actual.enrolments or (wanted is not None and wanted.create)

    def _enrolment(self, key: Key, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        seen = self._actual.enrolments.get(key)
        if seen is None:
            return None if key[-1] in self.foreign else _creation(wanted, row)
        if row is None:
            return self._there(wanted, row)
        # One that came with the account may lack something, and one that is not active is not what was sent.
        if wanted.create and not row.confirmed and not (row.open and seen.active):
            return _creation(wanted, None)
        return self._owned_enrolment(wanted, row, seen)

    def _owned_enrolment(self, wanted: Wanted, row: OwnedItem, seen: EnrolmentSeen) -> Change | None:
        target, sent, maybe = cast("tuple[Enrolment, Enrolment, Enrolment | None]", (wanted.item, row.item, row.maybe))
        decided = self._decisions.of(Kind.ENROLMENT, row.key)
        target = replace(target, active=bool(kept(decided).get("active", target.active)))
        active = seen.active if seen.active or _is_open(sent, self._now) else None
        restore = restored(decided, {"active": bool(active)}) if active is not None else {}
        if active not in (None, target.active, sent.active, (maybe or sent).active):
            if not restore:
                edit = HandEdit(field="active", ours=target.active, theirs=bool(active))
                self.by_hand.append(_by_hand(wanted, edit))
                return None
            sent = replace(sent, active=bool(active))
        last = maybe if maybe is not None and target == sent else sent
        if target == last or (maybe is None and active is target.active and _window(target) == _window(sent)):
            return _record(wanted, row, target, row.remote_id)
        change = _update(wanted, row, last, target, row.remote_id)
        words = consequences.of_enrolment(seen) if change.takes_access else _reasons(restore.values())
        return replace(change, consequence=words)

    def _dropped(self, key: Key, row: OwnedItem) -> Change | None:
        # Only a cohort (or group) and an account that were read can tell that a membership has gone.
        seen = self._actual.accounts.get(key[-1])
        of_group = row.kind is Kind.GROUP_MEMBERSHIP
        if (
            seen is None
            or key[-1] in self._strangers
            or not (key[:-1] in self._actual.groups if of_group else key[0] in self._actual.cohorts)
        ):
            return None
        if key not in (self._actual.group_memberships if of_group else self._actual.memberships):
            return _forgotten(row)
        return Change(
            action=Action.REMOVE,
            kind=row.kind,
            key=key,
            province_code=row.province_code,
            before=row.item,
            after=None,
            consequence=consequences.of_group(key[1]) if of_group else consequences.of_membership(key[0], seen),
            remote_id=row.remote_id,
        )

    def _there(self, wanted: Wanted, row: OwnedItem | None) -> Change | None:
        if row is None:
            self.others[wanted.item.kind] += 1
            return None
        return _record(wanted, row, row.item, row.remote_id)


def _creation(wanted: Wanted, row: OwnedItem | None) -> Change | None:
    if not wanted.create:
        return _forgotten(row) if row is not None and row.open and not row.confirmed else None
    before = row.item if row is not None and row.confirmed else None
    return Change(
        action=Action.CREATE,
        kind=wanted.item.kind,
        key=wanted.item.key,
        province_code=wanted.province_code,
        before=before,
        after=wanted.item,
        consequence=consequences.of_making_again() if before else "",
    )


def _forgotten(row: OwnedItem) -> Change:
    """Something that is not there and is wanted no more, or cannot be: it leaves the journal and the ledger."""
    return Change(
        action=Action.REMOVE,
        kind=row.kind,
        key=row.key,
        province_code=row.province_code,
        before=row.item,
        after=None,
        adopted=True,
        remote_id=row.remote_id,
    )


def _update(wanted: Wanted, row: OwnedItem, before: Item, after: Item, remote_id: str) -> Change:
    return Change(
        action=Action.UPDATE,
        kind=row.kind,
        key=after.key,
        province_code=wanted.province_code,
        before=before,
        after=after,
        remote_id=remote_id,
    )


def _record(wanted: Wanted, row: OwnedItem, after: Item, remote_id: str) -> Change | None:
    """The platform is as wanted: a change of the ledger alone, if that differs or the journal waits for an outcome."""
    if row.confirmed and not row.open and after == row.item and wanted.province_code == row.province_code:
        return None
    return Change(
        action=Action.UPDATE if row.confirmed else Action.CREATE,
        kind=row.kind,
        key=after.key,
        province_code=wanted.province_code,
        before=row.item if row.confirmed else None,
        after=after,
        adopted=True,
        remote_id=remote_id or row.remote_id,
    )


def _could_be_ours(row: OwnedItem, seen: AccountSeen) -> bool:
    """A creation without an answer counts only if what is there bears the number that we sent, or else the address."""
    if row.confirmed:
        return is_same_account(row, seen)
    ours, there = cast("Account", row.item), seen.account
    return ours.idnumber == there.idnumber if ours.idnumber else ours.email.lower() == there.email.lower()


def _edits(fields: Iterable[str], ours: Account, theirs: Account) -> Iterator[HandEdit]:
    wanted, there = account_values(ours), account_values(theirs)
    for name in fields:
        yield HandEdit(field=name, ours=wanted[name], theirs=there.get(name, ""))


def _reasons(decided: Iterable[HandDecision]) -> str:
    return "; ".join(one.words for one in decided)


def _is_open(item: Enrolment, now: datetime) -> bool:
    return (item.starts_at is None or item.starts_at <= now) and (item.ends_at is None or now < item.ends_at)


def _window(item: Enrolment) -> tuple[object, object]:
    return item.starts_at, item.ends_at


def _by_hand(wanted: Wanted, *edits: HandEdit) -> ByHand:
    return ByHand(kind=wanted.item.kind, key=wanted.item.key, province_code=wanted.province_code, edits=edits)
