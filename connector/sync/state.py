"""What we own, and what is wanted: the two values that every later step compares.

A removal is stated (`State.dropped`), never inferred from the absence of something: what is in neither mapping is none
of our business and stays as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connector.model import Enrolment, Item, Kind
from connector.sync.change import Action, Change

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedItem:
    """One row of the ledger: something on the platform that we made or adopted. `item` is the value last sent.

    `confirmed` is False when the creation was sent and no answer ever came: it is ours if it is there at all. Such a
    row that is not `open` was never sent by itself (`with_sign_up`).
    `maybe` is the value of an update that was sent and never answered. `open` says that the journal waits for the
    outcome of a change of it, so the next plan must settle that even if there is nothing to send. All three come from
    `with_open`.
    """

    kind: Kind
    key: Key
    remote_id: str
    item: Item
    province_code: str
    confirmed: bool = True
    maybe: Item | None = None
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One item as it shall be. With `create=False` it is kept in order if it is there, but never made again."""

    item: Item
    province_code: str
    create: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """How many people a province has: `owned` who take part on the platform by our doing, `registered` on rosters."""

    owned: int
    registered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is wanted of the platform: items by kind and key, memberships to be ended, people by province code."""

    items: Mapping[Kind, Mapping[Key, Wanted]]
    dropped: Mapping[Key, OwnedItem]
    people: Mapping[str, People]


Ledger = Mapping[Kind, Mapping[Key, OwnedItem]]


def ledger_of(owned: Iterable[OwnedItem]) -> Ledger:
    """The rows by kind and key; every kind is present. Nothing is written."""
    ledger: dict[Kind, dict[Key, OwnedItem]] = {kind: {} for kind in Kind}
    for row in owned:
        ledger[row.kind][row.key] = row
    return ledger


def with_open(owned: Iterable[OwnedItem], unsettled: Iterable[Change]) -> list[OwnedItem]:
    """The ledger's rows, and what changes of open outcome (`Journal.unsettled`) may have made. Nothing is written.

    A creation whose answer was lost would otherwise look like somebody else's account for ever. An open change may
    itself have followed an open one: what it found on the platform (`before`) is then what we know last.
    """
    rows = {(row.kind, row.key): row for row in owned}
    for change in unsettled:
        place = (change.kind, change.key)
        row = rows.get(place) or _unconfirmed(change)
        if row is not None:
            rows[place] = _opened(row, change)
    return list(rows.values())


def with_sign_up(rows: Iterable[OwnedItem], course: str) -> list[OwnedItem]:
    """The rows, and the enrolments that came with our accounts where the platform's sign-up enrols in this course.

    No answer names them, and a run may have ended before it asked for them: each is ours if it is there at all.
    """
    known = list(rows)
    if not course:
        return known
    there = {row.key for row in known if row.kind is Kind.ENROLMENT}
    accounts = (row for row in known if row.kind is Kind.ACCOUNT and (course, *row.key) not in there)
    return known + [
        replace(
            row,
            kind=Kind.ENROLMENT,
            key=(course, *row.key),
            remote_id="",
            item=Enrolment(course=course, username=row.key[0]),
            confirmed=False,
            maybe=None,
            open=False,
        )
        for row in accounts
    ]


def _unconfirmed(change: Change) -> OwnedItem | None:
    """The row of something that the ledger does not hold; None where the change names no value."""
    item = change.before or change.after
    if item is None:
        return None
    return OwnedItem(
        kind=change.kind,
        key=change.key,
        remote_id=change.remote_id,
        item=item,
        province_code=change.province_code,
        confirmed=False,
    )


def _opened(row: OwnedItem, change: Change) -> OwnedItem:
    """The row with what the open change may have made of it."""
    if change.action is not Action.UPDATE or change.before is None:
        return replace(row, open=True)
    maybe = change.after if change.after != change.before else None
    return replace(row, item=change.before, maybe=maybe, open=True)
