"""How a part of the mirror is brought up to date: what was read is compared with what is stored, differences written.

An unchanged platform costs no writes. Nothing is deleted: what is no longer there gets `gone_at`. What was otherwise
before is kept as an event.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from connector.store.columns import UtcTime
from connector.store.mirror_events import EVENT_COLUMNS, Event, event_row
from connector.store.mirror_tables import mirror_events
from connector.store.upsert import driver_time, execute_many, upserting

Key = tuple[str, ...]
Values = tuple[Any, ...]
# The word for a change of one row: its values before, and after (None when it is gone); '' is no event.
Word = Callable[[Mapping[str, Any], Mapping[str, Any] | None], str]

MARKS = ("first_seen", "last_changed", "gone_at", "run_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many rows of one part of the mirror are there, and how many are new, changed or gone."""

    seen: int
    new: int
    changed: int
    gone: int

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            seen=self.seen + other.seen,
            new=self.new + other.new,
            changed=self.changed + other.changed,
            gone=self.gone + other.gone,
        )


NO_CHANGES = Changes(seen=0, new=0, changed=0, gone=0)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was read, and by which run."""

    at: datetime
    run_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One mirrored table: its name in events, which column of its key is the person, and the words of its changes."""

    name: str
    table: Table
    word: Word
    username: str = "username"

    @property
    def keys(self) -> list[str]:
        """The columns of the primary key."""
        return [column.name for column in self.table.primary_key]

    @property
    def values(self) -> list[str]:
        """The columns that the platform's word stands in."""
        return [column.name for column in self.table.columns if column.name not in (*self.keys, *MARKS)]


class Merge:
    """One part being brought up to date inside one transaction."""

    def __init__(self, connection: Connection, part: Part, stamp: Stamp) -> None:
        self._connection = connection
        self._part = part
        self._stamp = stamp
        self._names = [*part.keys, *part.values, *MARKS]
        self._times = [name for name in self._names if isinstance(part.table.columns[name].type, UtcTime)]
        self._rows: list[tuple[Any, ...]] = []
        self._events: list[Event] = []

    def run(
        self,
        scopes: Iterable[ColumnElement[bool]],
        incoming: Mapping[Key, Values],
        *,
        kept: Collection[Key] = (),
        complete: bool = True,
    ) -> Changes:
        """Write what differs between `incoming` and the rows stored in these scopes.

        What is stored there and not incoming is gone, unless it is among `kept` or the reading was not `complete`.
        """
        stored = self._stored(scopes)
        new = changed = 0
        for key, values in incoming.items():
            before = stored.pop(key, None)
            if before is None:
                new += 1
                self._write(key, values, self._stamp.at)
            elif before[0] != values or before[2] is not None:
                changed += 1
                self._write(key, values, before[1])
                self._tell(key, before, values)
        gone = 0
        for key, before in stored.items() if complete else ():
            if before[2] is None and key not in kept:
                gone += 1
                self._write(key, before[0], before[1], self._stamp.at)
                self._tell(key, before, None)
        self._flush()
        return Changes(seen=len(incoming), new=new, changed=changed, gone=gone)

    def _stored(self, scopes: Iterable[ColumnElement[bool]]) -> dict[Key, tuple[Values, datetime, datetime | None]]:
        """By key: values, first_seen and gone_at of the rows in these scopes."""
        columns = [self._part.table.columns[name] for name in (*self._part.keys, *self._part.values, *MARKS)]
        keys, values = len(self._part.keys), len(self._part.keys) + len(self._part.values)
        return {
            tuple(row[:keys]): (tuple(row[keys:values]), row[values], row[values + 2])
            for scope in scopes
            for row in self._connection.execute(select(*columns).where(scope))
        }

    def _write(self, key: Key, values: Values, first_seen: datetime, gone_at: datetime | None = None) -> None:
        self._rows.append((*key, *values, first_seen, self._stamp.at, gone_at, self._stamp.run_id))

    def _tell(self, key: Key, before: tuple[Values, datetime, datetime | None], after: Values | None) -> None:
        old = dict(zip(self._part.values, before[0], strict=True))
        new = None if after is None else dict(zip(self._part.values, after, strict=True))
        word = "returned" if before[2] is not None else self._part.word(old, new)
        if word:
            named = dict(zip(self._part.keys, key, strict=True)) | (new or old)
            self._events.append(
                Event(
                    part=self._part.name,
                    place="/".join(named[name] for name in self._part.keys if name not in ("site", "username")),
                    username=str(named.get("username", "")),
                    what=word,
                    before=old if new is None else {name: old[name] for name in old if old[name] != new[name]},
                    after={} if new is None else {name: new[name] for name in new if old[name] != new[name]},
                    at=self._stamp.at,
                    run_id=self._stamp.run_id,
                    site=str(named.get("site", "")),
                )
            )

    def _flush(self) -> None:
        places = [self._names.index(name) for name in self._times]
        rows = [self._driver(row, places) for row in self._rows]
        statement = upserting(self._connection, self._part.table, self._names)
        execute_many(self._connection, statement, self._names, rows)
        events = [event_row(self._connection, event) for event in self._events]
        execute_many(self._connection, mirror_events.insert(), EVENT_COLUMNS, events)

    def _driver(self, row: Sequence[Any], places: Sequence[int]) -> tuple[Any, ...]:
        values = list(row)
        for place in places:
            if values[place] is not None:
                values[place] = driver_time(self._connection, values[place])
        return tuple(values)
