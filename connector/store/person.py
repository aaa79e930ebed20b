"""All that we hold of one person, found by the columns of the tables, so that a new table is found by itself.

A row is somebody's when its `phone` or `username` is his (or the old or new one of a rename). What an officer did is
the record of his office, not of the person whom it was done to: columns such as `decided_by` find nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select

from connector.store.acts import Acts, acts
from connector.store.columns import metadata
from connector.store.decision_tables import renames
from connector.store.tables import roster_files, roster_rows

PHONES = ("phone", "old_phone", "new_phone")
USERNAMES = ("username", "old_username", "new_username")
# The register of certificates and what a certificate rests on: to be kept (reference/vietnam-facts.md 5.2, Erasure).
KEPT_WITH_CERTIFICATE = frozenset({"register", "certificate_events", "exemptions", "cases"})
# Who did what with data of people stays in the log, without the number of an erased person.
KEPT_ALWAYS = frozenset({acts.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The numbers and usernames under which a person stands in our tables."""

    phones: tuple[str, ...]
    usernames: tuple[str, ...]


class PersonData:
    """The rows of one person in all tables, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def identity(self, phone: str, *names: str) -> Identity:
        """The person's numbers and usernames, with those that renames have led from or to. Reads only."""
        phones, usernames = {phone}, set(names)
        while True:
            before = len(phones) + len(usernames)
            found = or_(
                renames.c.old_phone.in_(phones),
                renames.c.new_phone.in_(phones),
                renames.c.old_username.in_(usernames),
                renames.c.new_username.in_(usernames),
            )
            done = renames.c.done_at.is_not(None)
            for row in self._connection.execute(select(renames).where(found, done)):
                phones |= {row.old_phone, row.new_phone} - {""}
                usernames |= {row.old_username, row.new_username} - {""}
            if len(phones) + len(usernames) == before:
                return Identity(phones=tuple(sorted(phones)), usernames=tuple(sorted(usernames)))

    def rows(self, who: Identity) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """By table, the person's rows; tables without any are left out. Reads only."""
        for table, mine in tables_of(who):
            found: list[Mapping[str, Any]] = [
                dict(row) for row in self._connection.execute(select(table).where(mine)).mappings()
            ]
            if found:
                yield table.name, found

    def counts(self, who: Identity) -> dict[str, int]:
        """By table, how many rows are the person's; tables without any are left out. Reads only."""
        counted = {
            table.name: int(self._connection.execute(select(func.count()).select_from(table).where(mine)).scalar_one())
            for table, mine in tables_of(who)
        }
        return {name: count for name, count in counted.items() if count}

    def is_listed(self, who: Identity) -> bool:
        """Whether a list in force names the person. Reads only."""
        query = (
            select(roster_rows.c.file_id)
            .join(roster_files)
            .where(roster_rows.c.phone.in_(who.phones), roster_rows.c.live, roster_files.c.live)
        )
        return self._connection.execute(query).first() is not None

    def erase(self, who: Identity, kept: Sequence[str]) -> dict[str, int]:
        """Delete the person's rows in all tables but those kept; how many, by table.

        The log of acts keeps its rows, without the person's number.
        """
        Acts(self._connection).forget(who.phones)
        gone = {}
        for table, mine in reversed(list(tables_of(who))):
            if table.name not in kept:
                gone[table.name] = self._connection.execute(delete(table).where(mine)).rowcount
        return {name: count for name, count in gone.items() if count}


def tables_of(who: Identity) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table that can hold rows of a person, with the condition that finds his."""
    for table in metadata.sorted_tables:
        conditions = [table.c[name].in_(who.phones) for name in PHONES if name in table.c]
        conditions += [table.c[name].in_(who.usernames) for name in USERNAMES if name in table.c]
        if conditions:
            yield table, or_(*conditions)


def sensitivity(table: str, column: str) -> str:
    """Whose data the column holds: none, basic or sensitive."""
    return str(metadata.tables[table].columns[column].info["pii"])
