"""The ledger: what on each platform is ours, with the value last sent; and the journal of every change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, select, update

from connector.model import Kind
from connector.store.chunks import chunks
from connector.store.tables import journal, ledger, runs
from connector.store.upsert import upsert
from connector.sync.change import Change
from connector.sync.codec import change_from, change_values, item_from, item_values
from connector.sync.state import OwnedItem

SENT = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One change of one person's things, as it was sent and settled. `state` is 'sent' while its outcome is open."""

    run_id: int
    action: str
    kind: str
    container: str
    state: str
    code: str
    message: str
    sent_at: datetime
    settled_at: datetime | None


class Ledger:
    """What is ours on the platforms, and every change that was sent, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owned(
        self, site: str, *, provinces: Sequence[str] | None = None, usernames: Iterable[str] = ()
    ) -> list[OwnedItem]:
        """The rows of these provinces and of these people (all of the site when no provinces are named). Reads only."""
        if provinces is None:
            return list(self._rows(ledger.c.site == site))
        here = and_(ledger.c.site == site, ledger.c.province_code.in_(list(provinces)))
        found = {(row.kind, row.key): row for row in self._rows(here)}
        for part in chunks(sorted(usernames)):
            for row in self._rows(and_(ledger.c.site == site, ledger.c.username.in_(part))):
                found[row.kind, row.key] = row
        return list(found.values())

    def of_username(self, site: str, username: str) -> list[OwnedItem]:
        """All that is ours of one person. Reads only."""
        return list(self._rows(and_(ledger.c.site == site, ledger.c.username == username)))

    def _rows(self, condition: ColumnElement[bool]) -> Iterator[OwnedItem]:
        for row in self._connection.execute(select(ledger).where(condition)):
            yield _owned(row)

    def usernames(self, site: str, kind: Kind) -> set[str]:
        """The usernames of all our items of this kind. Reads only."""
        query = select(ledger.c.username).where(ledger.c.site == site, ledger.c.kind == kind.value)
        return set(self._connection.execute(query).scalars())

    def own(self, site: str, run_id: int, items: Sequence[OwnedItem], now: datetime) -> None:
        """Write that these items are ours, with the values that were last sent."""
        rows = [
            {
                "site": site,
                **_place(item.kind, item.key),
                "province_code": item.province_code,
                "remote_id": item.remote_id,
                "item": item_values(item.item),
                "run_id": run_id,
                "changed_at": now,
            }
            for item in items
        ]
        upsert(self._connection, ledger, rows)

    def disown(self, site: str, places: Sequence[tuple[Kind, tuple[str, ...]]]) -> None:
        """Write that these items are no longer ours: they were taken away on the platform."""
        if not places:
            return
        statement = delete(ledger).where(
            ledger.c.site == site,
            ledger.c.kind == bindparam("kind_"),
            ledger.c.container == bindparam("container_"),
            ledger.c.username == bindparam("username_"),
        )
        self._connection.execute(
            statement,
            [{f"{name}_": value for name, value in _place(kind, key).items()} for kind, key in places],
        )

    def sending(self, run_id: int, changes: Sequence[Change], now: datetime) -> None:
        """Write that these changes are about to be sent."""
        if not changes:
            return
        self._connection.execute(
            journal.insert(),
            [
                {
                    "run_id": run_id,
                    "action": change.action.value,
                    **_place(change.kind, change.key),
                    "change": change_values(change),
                    "state": SENT,
                    "code": "",
                    "message": "",
                    "sent_at": now,
                }
                for change in changes
            ],
        )

    def settled(self, run_id: int, results: Sequence[tuple[Change, str, str, str]], now: datetime) -> None:
        """Write the outcome (state, code, message) of changes that were announced by `sending`."""
        if not results:
            return
        statement = (
            update(journal)
            .where(
                journal.c.run_id == run_id,
                journal.c.kind == bindparam("kind_"),
                journal.c.container == bindparam("container_"),
                journal.c.username == bindparam("username_"),
                journal.c.action == bindparam("action_"),
            )
            .values(state=bindparam("state_"), code=bindparam("code_"), message=bindparam("message_"), settled_at=now)
        )
        self._connection.execute(
            statement,
            [
                {
                    **{f"{name}_": value for name, value in _place(change.kind, change.key).items()},
                    "action_": change.action.value,
                    "state_": state,
                    "code_": code,
                    "message_": message,
                }
                for change, state, code, message in results
            ],
        )

    def unsettled(self, site: str) -> list[tuple[int, Change]]:
        """The changes of this site whose outcome is open, with their run, oldest first. Reads only."""
        query = (
            select(journal.c.id, journal.c.change)
            .join(runs, runs.c.id == journal.c.run_id)
            .where(runs.c.site == site, journal.c.state == SENT)
            .order_by(journal.c.id)
        )
        return [(row.id, change_from(row.change)) for row in self._connection.execute(query)]

    def history(self, site: str, username: str) -> list[JournalLine]:
        """Every change of this person's things that was ever sent, oldest first. Reads only."""
        query = (
            select(journal)
            .join(runs, runs.c.id == journal.c.run_id)
            .where(runs.c.site == site, journal.c.username == username)
            .order_by(journal.c.id)
        )
        return [
            JournalLine(
                run_id=row.run_id,
                action=row.action,
                kind=row.kind,
                container=row.container,
                state=row.state,
                code=row.code,
                message=row.message,
                sent_at=row.sent_at,
                settled_at=row.settled_at,
            )
            for row in self._connection.execute(query)
        ]


def _place(kind: Kind, key: tuple[str, ...]) -> dict[str, str]:
    match kind:
        case Kind.COHORT:
            container, username = key[0], ""
        case Kind.ACCOUNT:
            container, username = "", key[0]
        case Kind.MEMBERSHIP | Kind.ENROLMENT:
            container, username = key
    return {"kind": kind.value, "container": container, "username": username}


def _owned(row: Row[Any]) -> OwnedItem:
    item = item_from(row.kind, row.item)
    return OwnedItem(
        kind=Kind(row.kind),
        key=item.key,
        remote_id=row.remote_id,
        item=item,
        province_code=row.province_code,
    )
