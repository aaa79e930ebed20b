"""The ledger: what on each platform is ours, with the value last sent; and the journal of every change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, select, update

from connector.lms import ItemResult
from connector.model import Kind
from connector.store.chunks import chunks
from connector.store.tables import journal, ledger, runs
from connector.store.upsert import upsert
from connector.sync.change import Change
from connector.sync.codec import change_from, change_values, item_from, item_values
from connector.sync.state import OwnedItem

SENT = "sent"
SUPERSEDED = "superseded"


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
                **place(item.kind, item.key),
                "province_code": item.province_code,
                "remote_id": item.remote_id,
                "item": item_values(item.item),
                "run_id": run_id,
                "changed_at": now,
            }
            for item in items
        ]
        upsert(self._connection, ledger, [row for row in rows if row["remote_id"]])
        # The platform's number is told once; a later change that does not repeat it must not lose it.
        upsert(self._connection, ledger, [row for row in rows if not row["remote_id"]], keep=("remote_id",))

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
            [{f"{name}_": value for name, value in place(kind, key).items()} for kind, key in places],
        )

    def announce(self, run_id: int, changes: Iterable[Change], now: datetime) -> None:
        """Write that these changes are about to be sent; their lines are open until `close`."""
        self._write([_line(run_id, change, now) | {"state": SENT, "code": "", "message": ""} for change in changes])

    def note(self, run_id: int, results: Iterable[tuple[Change, ItemResult]], now: datetime) -> None:
        """Write changes that were settled without being sent."""
        self._write(
            [
                _line(run_id, change, now)
                | {"state": result.outcome.value, "code": result.code, "message": result.message, "settled_at": now}
                for change, result in results
            ]
        )

    def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(journal.insert(), rows)

    def supersede(self, site: str, changes: Sequence[Change], now: datetime) -> None:
        """Close older open lines of the same things: what is sent now decides."""
        open_lines = {(change.kind, change.key): line for line, change in self.unsettled(site)}
        older = [line for change in changes if (line := open_lines.get((change.kind, change.key)))]
        self._close(journal.c.id == bindparam("id_"), [{"id_": line, **_state(SUPERSEDED)} for line in older], now)

    def close(self, run_id: int, results: Sequence[tuple[Change, ItemResult]], now: datetime) -> None:
        """Write the results of changes that this run has announced."""
        condition = and_(
            journal.c.run_id == run_id,
            journal.c.kind == bindparam("kind_"),
            journal.c.container == bindparam("container_"),
            journal.c.username == bindparam("username_"),
            journal.c.state == SENT,
        )
        rows = [
            {
                **{f"{name}_": value for name, value in place(change.kind, change.key).items()},
                **_state(result.outcome.value, result.code, result.message),
            }
            for change, result in results
        ]
        self._close(condition, rows, now)

    def _close(self, condition: ColumnElement[bool], rows: Sequence[dict[str, Any]], now: datetime) -> None:
        if not rows:
            return
        statement = (
            update(journal)
            .where(condition)
            .values(state=bindparam("state_"), code=bindparam("code_"), message=bindparam("message_"), settled_at=now)
        )
        self._connection.execute(statement, rows)

    def unsettled(self, site: str, run_id: int | None = None) -> list[tuple[int, Change]]:
        """The changes whose outcome is open, each with its line, oldest first. Reads only."""
        query = (
            select(journal.c.id, journal.c.change)
            .join(runs, runs.c.id == journal.c.run_id)
            .where(runs.c.site == site, journal.c.state == SENT)
            .order_by(journal.c.id)
        )
        if run_id is not None:
            query = query.where(journal.c.run_id == run_id)
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


def place(kind: Kind, key: tuple[str, ...]) -> dict[str, str]:
    """The columns that name an item: kind, container (cohort or course) and username; '' where there is none."""
    match kind:
        case Kind.COHORT:
            container, username = key[0], ""
        case Kind.ACCOUNT:
            container, username = "", key[0]
        case Kind.MEMBERSHIP | Kind.ENROLMENT:
            container, username = key
    return {"kind": kind.value, "container": container, "username": username}


def _line(run_id: int, change: Change, now: datetime) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "action": change.action.value,
        **place(change.kind, change.key),
        "change": change_values(change),
        "sent_at": now,
    }


def _state(state: str, code: str = "", message: str = "") -> dict[str, str]:
    return {"state_": state, "code_": code, "message_": message}


def _owned(row: Row[Any]) -> OwnedItem:
    item = item_from(row.kind, row.item)
    return OwnedItem(
        kind=Kind(row.kind),
        key=item.key,
        remote_id=row.remote_id,
        item=item,
        province_code=row.province_code,
    )
