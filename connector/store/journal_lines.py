"""The journal's lines: every change of every run, from the plan to what became of it.

A line is `planned` when its run begins, `sent` before its request goes out, and then bears its outcome. A change has
one line in a run, also when the run is resumed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from connector.errors import BrokenData
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.store.chunks import chunks
from connector.store.ledger import place, text_of
from connector.store.tables import journal, runs
from connector.store.upsert import driver_time, execute_many
from connector.sync.change import Change
from connector.sync.codec import change_from, change_values

PLANNED = "planned"
SENT = "sent"
SUPERSEDED = "superseded"
# As words of SQL: `execute_many` hands over values of rows only.
UNDONE: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in (PLANNED, SENT, Outcome.REFUSED.value)]
COLUMNS = ("run_id", "action", "kind", "container", "username", "province_code", "change", "state", "code", "message")
PLACE = ("of_run", "of_kind", "of_container", "of_user")
SENDING = ("new_state", "moment", *PLACE)
CLOSING = ("new_state", "new_code", "new_message", "moment", *PLACE)
AT_ONCE = 10_000

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One change of one person's things. `state` is 'planned', then 'sent' while its outcome is open, then that."""

    run_id: int
    action: str
    kind: str
    container: str
    state: str
    code: str
    message: str
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One change of one run, and what became of it."""

    change: Change
    state: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many changes of a run, of one kind and action in one province, are in one state."""

    kind: str
    action: str
    province_code: str
    state: str
    count: int


class JournalLines:
    """The lines of the journal, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, run_id: int, changes: Sequence[Change]) -> None:
        """Write that this run is to make these changes, in this order; nothing of it is sent yet."""
        for part in chunks(changes, AT_ONCE):
            rows = [
                (
                    run_id,
                    change.action.value,
                    change.kind.value,
                    *place(change.kind, change.key),
                    change.province_code,
                    text_of(change_values(change)),
                    PLANNED,
                    "",
                    "",
                )
                for change in part
            ]
            execute_many(self._connection, insert(journal), COLUMNS, rows)

    def send(self, run_id: int, changes: Sequence[Change], now: datetime) -> None:
        """Write that these changes of the run are about to be sent; they are open until they are closed."""
        statement = update(journal).where(_of_one()).values(state=bindparam("new_state"), sent_at=bindparam("moment"))
        moment = driver_time(self._connection, now)
        rows = [(SENT, moment, run_id, *_place(change)) for change in changes]
        execute_many(self._connection, statement, SENDING, rows)

    def send_span(self, run_id: int, changes: Sequence[Change], now: datetime) -> Span:
        """The same for changes that stand one after the other in the plan, in one statement; gives their lines.

        Lines between them that were settled without being sent stay as they are. Raises BrokenData when the lines are
        not those of these changes.
        """
        span = self._line(run_id, changes[0]), self._line(run_id, changes[-1])
        values = {"state": SENT, "sent_at": now}
        done = self._connection.execute(update(journal).where(_between(run_id, span, PLANNED)).values(values))
        if done.rowcount != len(changes):
            raise BrokenData(
                _("The journal of run {run} does not hold what was to be sent; nothing of it was.").format(run=run_id),
                hint=_("Make a new plan and apply that; then report this as a fault."),
            )
        return span

    def close_span(self, run_id: int, span: Span, result: ItemResult, now: datetime) -> None:
        """Write one and the same result for all lines that `send_span` has opened."""
        values = {"state": result.outcome.value, "code": result.code, "message": result.message, "settled_at": now}
        self._connection.execute(update(journal).where(_between(run_id, span, SENT)).values(values))

    def _line(self, run_id: int, change: Change) -> int:
        kind, container, username = _place(change)
        query = select(journal.c.id).where(
            journal.c.run_id == run_id,
            journal.c.kind == kind,
            journal.c.container == container,
            journal.c.username == username,
        )
        return self._connection.execute(query).scalar() or 0

    def close(self, run_id: int, results: Sequence[tuple[Change, ItemResult]], now: datetime) -> None:
        """Write the results of changes of this run, sent or not."""
        statement = (
            update(journal)
            .where(_of_one())
            .values(
                state=bindparam("new_state"),
                code=bindparam("new_code"),
                message=bindparam("new_message"),
                settled_at=bindparam("moment"),
            )
        )
        moment = driver_time(self._connection, now)
        rows = [
            (result.outcome.value, result.code, result.message, moment, run_id, *_place(change))
            for change, result in results
        ]
        execute_many(self._connection, statement, CLOSING, rows)

    def supersede(self, site: str, run_id: int, changes: Sequence[Change], now: datetime) -> None:
        """Close older runs' open lines of the same things: what this run sends now decides."""
        lines = {(change.kind, change.key): line for line, change in self._open(site, journal.c.run_id != run_id)}
        older = [line for change in changes if (line := lines.get((change.kind, change.key)))]
        for part in chunks(older):
            statement = update(journal).where(journal.c.id.in_(part)).values(state=SUPERSEDED, settled_at=now)
            self._connection.execute(statement)

    def unsettled(self, site: str, run_id: int | None = None) -> list[Change]:
        """The changes whose outcome is open, of one run or of all of the site, oldest first. Reads only."""
        which = [] if run_id is None else [journal.c.run_id == run_id]
        return [change for _line, change in self._open(site, *which)]

    def _open(self, site: str, *which: ColumnElement[bool]) -> Iterator[tuple[int, Change]]:
        query = (
            select(journal.c.id, journal.c.change)
            .join(runs, runs.c.id == journal.c.run_id)
            .where(runs.c.site == site, journal.c.state == SENT, *which)
            .order_by(journal.c.id)
        )
        for row in self._connection.execute(query):
            yield row.id, change_from(json.loads(row.change))

    def of_run(self, run_id: int, states: Iterable[str] | None = None) -> Iterator[RunLine]:
        """The changes of a run, in the order of its plan (only those in these states, if any). Reads only."""
        query = select(journal).where(journal.c.run_id == run_id).order_by(journal.c.id)
        if states is not None:
            query = query.where(journal.c.state.in_(list(states)))
        for row in self._connection.execute(query):
            yield RunLine(
                change=change_from(json.loads(row.change)), state=row.state, code=row.code, message=row.message
            )

    def tally(self, run_id: int) -> list[Tally]:
        """The changes of a run counted by kind, action, province and state. Reads only."""
        what = (journal.c.kind, journal.c.action, journal.c.province_code, journal.c.state)
        query = select(*what, func.count().label("count")).where(journal.c.run_id == run_id).group_by(*what)
        return [Tally(**row) for row in self._connection.execute(query.order_by(*what)).mappings()]

    def history(self, site: str, username: str) -> list[JournalLine]:
        """Every change of this person's things that was ever sent or settled, oldest first. Reads only."""
        query = (
            select(journal)
            .join(runs, runs.c.id == journal.c.run_id)
            .where(runs.c.site == site, journal.c.username == username, journal.c.state != PLANNED)
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


def _place(change: Change) -> tuple[str, str, str]:
    return change.kind.value, *place(change.kind, change.key)


def _of_one() -> ColumnElement[bool]:
    """One change of one run, as long as it is not done."""
    return and_(
        journal.c.run_id == bindparam("of_run"),
        journal.c.kind == bindparam("of_kind"),
        journal.c.container == bindparam("of_container"),
        journal.c.username == bindparam("of_user"),
        journal.c.state.in_(UNDONE),
    )


def _between(run_id: int, span: Span, state: str) -> ColumnElement[bool]:
    return and_(journal.c.run_id == run_id, journal.c.id.between(*span), journal.c.state == state)
