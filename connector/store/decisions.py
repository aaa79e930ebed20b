"""What operators have decided about hand edits and renames; nothing is ever deleted, a decision only ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from connector.model import Kind
from connector.store.decision_tables import hand_decisions, renames
from connector.store.ledger import key_of, place
from connector.sync.decisions import Choice, HandDecision


class RenameState(StrEnum):
    """What became of a pair: `ACCEPTED` waits for the platform, `UNDONE` is open again."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """The decision about one pair of numbers on one site. `programmes` are those whose records follow the person."""

    site: str
    old_username: str
    new_username: str
    old_phone: str
    new_phone: str
    programmes: tuple[str, ...]
    state: RenameState
    by: str
    reason: str
    decided_at: datetime
    done_at: datetime | None = None


class Decisions:
    """Operators' decisions, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_hand(self, site: str, username: str | None = None) -> list[HandDecision]:
        """The decisions about hand edits that hold, oldest first, of the site or of one person. Reads only."""
        query = select(hand_decisions).where(hand_decisions.c.site == site, hand_decisions.c.ended_at.is_(None))
        if username is not None:
            query = query.where(hand_decisions.c.username == username)
        return [_hand_decision(row) for row in self._connection.execute(query.order_by(hand_decisions.c.id))]

    def decide(self, site: str, decisions: Sequence[HandDecision]) -> None:
        """Write these decisions; earlier ones about the same fields end with them."""
        for one in decisions:
            self.revoke(site, one, one.by, one.decided_at)
        if decisions:
            self._connection.execute(insert(hand_decisions), [_hand_values(site, one) for one in decisions])

    def revoke(self, site: str, one: HandDecision, by: str, now: datetime) -> int:
        """End the decision about the field of this one; how many there were."""
        container, username = place(one.kind, one.key)
        table = hand_decisions.c
        held = and_(table.site == site, table.kind == one.kind.value, table.container == container)
        here = and_(held, table.username == username, table.field == one.field, table.ended_at.is_(None))
        return self._connection.execute(update(hand_decisions).where(here).values(ended_at=now, ended_by=by)).rowcount

    def renames(self, site: str, states: Iterable[RenameState]) -> list[Rename]:
        """The pairs of the site that are in one of these states, oldest decision first. Reads only."""
        query = select(renames).where(renames.c.site == site, renames.c.state.in_([state.value for state in states]))
        return [_rename(row) for row in self._connection.execute(query.order_by(renames.c.id))]

    def renames_of(self, phone: str) -> list[Rename]:
        """All decisions that name this number as the old or the new one, on any site. Reads only."""
        query = select(renames).where(or_(renames.c.old_phone == phone, renames.c.new_phone == phone))
        return [_rename(row) for row in self._connection.execute(query.order_by(renames.c.id))]

    def decide_rename(self, rename: Rename) -> None:
        """Write the decision about a pair; an earlier one that was not carried out gives way to it."""
        table = renames.c
        same = and_(
            table.site == rename.site,
            table.old_username == rename.old_username,
            table.new_username == rename.new_username,
            table.state != RenameState.DONE.value,
        )
        self._connection.execute(renames.delete().where(same))
        self._connection.execute(insert(renames).values(**_rename_values(rename)))


def _hand_values(site: str, one: HandDecision) -> dict[str, Any]:
    container, username = place(one.kind, one.key)
    return {
        "site": site,
        "kind": one.kind.value,
        "container": container,
        "username": username,
        "field": one.field,
        "choice": one.choice.value,
        "value": one.value,
        "decided_by": one.by,
        "reason": one.reason,
        "decided_at": one.decided_at,
        "ended_by": "",
    }


def _hand_decision(row: Row[Any]) -> HandDecision:
    kind = Kind(row.kind)
    return HandDecision(
        kind=kind,
        key=key_of(kind, row.container, row.username),
        field=row.field,
        choice=Choice(row.choice),
        value=row.value,
        by=row.decided_by,
        reason=row.reason,
        decided_at=row.decided_at,
    )


def _rename_values(rename: Rename) -> dict[str, Any]:
    return {
        "site": rename.site,
        "old_username": rename.old_username,
        "new_username": rename.new_username,
        "old_phone": rename.old_phone,
        "new_phone": rename.new_phone,
        "programmes": list(rename.programmes),
        "state": rename.state.value,
        "decided_by": rename.by,
        "reason": rename.reason,
        "decided_at": rename.decided_at,
    }


def _rename(row: Row[Any]) -> Rename:
    return Rename(
        site=row.site,
        old_username=row.old_username,
        new_username=row.new_username,
        old_phone=row.old_phone,
        new_phone=row.new_phone,
        programmes=tuple(row.programmes),
        state=RenameState(row.state),
        by=row.decided_by,
        reason=row.reason,
        decided_at=row.decided_at,
        done_at=row.done_at,
    )
