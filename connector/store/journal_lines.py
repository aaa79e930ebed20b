"""The journal's lines: every change that was announced to a platform, and what became of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from connector.lms import ItemResult
from connector.store.ledger import place, text_of
from connector.store.tables import journal, runs
from connector.store.upsert import driver_time, execute_many
from connector.sync.change import Change
from connector.sync.codec import change_from, change_values

SENT = "sent"
SUPERSEDED = "superseded"
COLUMNS = (
    "run_id",
    "action",
    "kind",
    "container",
    "username",
    "change",
    "state",
    "code",
    "message",
    "sent_at",
    "settled_at",
)
CLOSING = ("new_state", "new_code", "new_message", "moment", "of_run", "of_kind", "of_container", "of_user", "open")


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


class JournalLines:
    """The lines of the journal, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def announce(self, run_id: int, changes: Iterable[Change], now: datetime) -> int:
        """Write that these changes are about to be sent; their lines are open until `close` or `close_since`.

        Gives the number of the last line before them.
        """
        last = self._connection.execute(select(func.max(journal.c.id))).scalar() or 0
        self._write(run_id, [(change, SENT, "", "") for change in changes], now, settled=False)
        return int(last)

    def close_since(self, run_id: int, line: int, result: ItemResult, now: datetime) -> None:
        """Write one and the same result for all open lines of this run after this one."""
        open_ones = and_(journal.c.run_id == run_id, journal.c.id > line, journal.c.state == SENT)
        values = {"state": result.outcome.value, "code": result.code, "message": result.message, "settled_at": now}
        self._connection.execute(update(journal).where(open_ones).values(values))

    def note(self, run_id: int, results: Iterable[tuple[Change, ItemResult]], now: datetime) -> None:
        """Write changes that were settled without being sent."""
        lines = [(change, result.outcome.value, result.code, result.message) for change, result in results]
        self._write(run_id, lines, now, settled=True)

    def _write(
        self, run_id: int, lines: Iterable[tuple[Change, str, str, str]], now: datetime, *, settled: bool
    ) -> None:
        moment = driver_time(self._connection, now)
        rows = [
            (
                run_id,
                change.action.value,
                change.kind.value,
                *place(change.kind, change.key),
                text_of(change_values(change)),
                state,
                code,
                message,
                moment,
                moment if settled else None,
            )
            for change, state, code, message in lines
        ]
        execute_many(self._connection, insert(journal), COLUMNS, rows)

    def supersede(self, site: str, changes: Sequence[Change], now: datetime) -> None:
        """Close older open lines of the same things: what is sent now decides."""
        lines = {(change.kind, change.key): line for line, change in self.unsettled(site)}
        older = [line for change in changes if (line := lines.get((change.kind, change.key)))]
        if older:
            statement = update(journal).where(journal.c.id.in_(older)).values(state=SUPERSEDED, settled_at=now)
            self._connection.execute(statement)

    def close(self, run_id: int, results: Sequence[tuple[Change, ItemResult]], now: datetime) -> None:
        """Write the results of changes that this run has announced."""
        statement = (
            update(journal)
            .where(
                and_(
                    journal.c.run_id == bindparam("of_run"),
                    journal.c.kind == bindparam("of_kind"),
                    journal.c.container == bindparam("of_container"),
                    journal.c.username == bindparam("of_user"),
                    journal.c.state == bindparam("open"),
                )
            )
            .values(
                state=bindparam("new_state"),
                code=bindparam("new_code"),
                message=bindparam("new_message"),
                settled_at=bindparam("moment"),
            )
        )
        moment = driver_time(self._connection, now)
        rows = [
            (
                result.outcome.value,
                result.code,
                result.message,
                moment,
                run_id,
                change.kind.value,
                *place(change.kind, change.key),
                SENT,
            )
            for change, result in results
        ]
        execute_many(self._connection, statement, CLOSING, rows)

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
        return [(row.id, change_from(json.loads(row.change))) for row in self._connection.execute(query)]

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
