"""One person under a new username and phone number: all that we hold of him follows, in one transaction.

What follows is found by its columns, so that a new table follows by itself: everything of a site and a username, and
everything of a programme and a phone. What tells history stays under the number of its time: lists, registrations,
journal (`HISTORY`); `connector explain` reads both.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, exists, select, update

from connector.store.certificate_tables import verdicts
from connector.store.columns import metadata
from connector.store.decision_tables import renames
from connector.store.decisions import RenameState
from connector.store.ledger import Ledger
from connector.store.tables import ledger
from connector.sync.renames import renamed

HISTORY = frozenset({"roster_rows", "registrations", "journal", "renames", "acts"})
_APART = HISTORY | {ledger.name}  # the ledger's values hold the username too, so its rows are written anew


class Moving:
    """Moves what belongs to a person, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rename(self, site: str, old: str, new: str, run_id: int, now: datetime) -> None:
        """Write everything of the account `old` under the name `new`, which the platform has confirmed.

        Where the new name stood for another account before, what we mirrored of that one goes. The person's verdicts
        and register entries follow to his new number if an operator's decision about the pair says who he is; an entry
        that the new number has already is kept, and the old one stays where it is.
        """
        self._move_ledger(site, old, new, run_id, now)
        for table in tables_by_username():
            here = table.c.site == site
            self._connection.execute(delete(table).where(here, table.c.username == new))
            self._connection.execute(update(table).where(here, table.c.username == old).values(username=new))
        self._follow(site, old, new, now)

    def _move_ledger(self, site: str, old: str, new: str, run_id: int, now: datetime) -> None:
        owned = Ledger(self._connection)
        rows = owned.of_username(site, old)
        owned.disown(site, [(row.kind, row.key) for row in rows])
        owned.own(site, run_id, renamed(rows, {old: new}), now)

    def _follow(self, site: str, old: str, new: str, now: datetime) -> None:
        forth = self._find(site, old, new, RenameState.ACCEPTED)
        back = None if forth else self._find(site, new, old, RenameState.DONE)
        if forth:
            self._move_phone(forth.programmes, forth.old_phone, forth.new_phone)
            self._settle(forth.id, RenameState.DONE, now)
        elif back:
            self._move_phone(back.programmes, back.new_phone, back.old_phone)
            self._settle(back.id, RenameState.UNDONE, now)

    def _find(self, site: str, old: str, new: str, state: RenameState) -> Row[Any] | None:
        query = select(renames).where(
            renames.c.site == site,
            renames.c.old_username == old,
            renames.c.new_username == new,
            renames.c.state == state.value,
        )
        return self._connection.execute(query.order_by(renames.c.id.desc())).first()

    def _settle(self, key: int, state: RenameState, now: datetime) -> None:
        self._connection.execute(update(renames).where(renames.c.id == key).values(state=state.value, done_at=now))

    def _move_phone(self, programmes: Sequence[str], old: str, new: str) -> None:
        if not old or not new:
            return
        # The new number's own verdict was judged without his results; the next evaluation would only say so again.
        self._connection.execute(delete(verdicts).where(verdicts.c.programme.in_(programmes), verdicts.c.phone == new))
        for table in tables_by_phone():
            other = table.alias()
            same = [other.c[name] == table.c[name] for name in _identity(table)]
            taken = exists().where(and_(other.c.phone == new, *same))
            here = and_(table.c.programme.in_(programmes), table.c.phone == old, ~taken)
            self._connection.execute(update(table).where(here).values(phone=new))


def tables_by_username() -> list[Table]:
    """The tables that hold something of one account of one site, but for the ledger."""
    return list(_tables("site", "username"))


def tables_by_phone() -> list[Table]:
    """The tables that hold something of one person in one programme."""
    return list(_tables("programme", "phone"))


def _tables(*columns: str) -> Iterator[Table]:
    for table in metadata.sorted_tables:
        if table.name not in _APART and set(columns) <= set(table.columns.keys()):
            yield table


def _identity(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns if column.name != "phone"]
