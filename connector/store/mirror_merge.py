"""How a part of the mirror is brought up to date: what was read is compared with what is stored, differences written.

An unchanged platform costs no writes. Nothing is deleted: what is no longer there gets `gone_at`. What was otherwise
before is kept as an event.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, Table, select, type_coerce

from connector.store.columns import UtcTime
from connector.store.mirror_events import EVENT_COLUMNS, Event, event_row
from connector.store.mirror_tables import mirror_events
from connector.store.upsert import execute_many, moment_of, to_driver, upserting
from connector.sync.shrink import Group, ShrinkGuard

Key = tuple[str, ...]
Values = tuple[Any, ...]
# A row's values, completed out of those stored (behind them gone_at) and the time of reading.
Fill = Callable[[Values, Values | None, Any], Values]
# The word for a change of one row: its values before, and after (None when it is gone); '' is no event.
Word = Callable[[Mapping[str, Any], Mapping[str, Any] | None], str]

ASIDE = ("missing_since",)  # written beside the merge
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


@dataclass(frozen=True, slots=True)
class Measure:
    """What a platform may stop telling of a row: `columns` that were told and are empty now. `name` is the first.

    With `gone`, a row that is no longer there has lost it too; without, only a row that is.
    """

    columns: tuple[str, ...]
    gone: bool = False

    @property
    def name(self) -> str:
        return self.columns[0] if self.columns else ""


ROWS = Measure((), gone=True)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One mirrored table: its name in events, and the words of its changes.

    `filled` completes what the platform does not tell out of what is stored (None: nothing is) and the time of reading;
    all of it as the driver has it. `measures` are what a guard counts the losses of, a row in the first that it lost;
    `placed`: the rest of the key is a place that many people share.
    """

    name: str
    table: Table
    word: Word
    filled: Fill | None = None
    measures: tuple[Measure, ...] = (ROWS,)
    placed: bool = True

    @cached_property
    def keys(self) -> list[str]:
        """The columns of the primary key."""
        return [column.name for column in self.table.primary_key]

    @cached_property
    def values(self) -> list[str]:
        """The columns that the platform's word stands in."""
        return [column.name for column in self.table.columns if column.name not in (*self.keys, *MARKS, *ASIDE)]

    @cached_property
    def times(self) -> list[int]:
        """Which of the values are times, by their place."""
        return [place for place, name in enumerate(self.values) if isinstance(self.table.columns[name].type, UtcTime)]


@dataclass(frozen=True)
class Losses:
    """What is stored of a part and missing from a reading of it."""

    part: Part
    stored: Mapping[Key, Values]
    fresh: Mapping[Key, Values]
    kept: Collection[Key]
    complete: bool

    def held(self, guard: ShrinkGuard) -> dict[Key, Measure]:
        """The rows whose loss the guard does not believe, each with what it lost. Their people are noted in it."""
        held = {key: ROWS for key in self.stored if self._username(key) in guard.unread and key not in self.fresh}
        counted: set[Key] = set()
        for measure in self.part.measures:
            lost = {key for key in self._lost(measure) if key not in counted and not self._explained(guard, key)}
            counted |= lost
            if len(lost) > guard.bounds.floor:
                standing = (key for key in self._standing(measure) if not self._explained(guard, key))
                disbelieved = guard.held(measure.name, lost, standing, lambda key: self._groups(guard, key))
                held |= dict.fromkeys(disbelieved, measure)
        guard.people |= {self._username(key) for key in held}
        return held

    def _explained(self, guard: ShrinkGuard, key: Key) -> bool:
        name = self._username(key)
        return name in guard.explained or name in guard.unread or key in self.kept

    def _standing(self, measure: Measure) -> Iterable[Key]:
        return (key for key, row in self.stored.items() if row[-1] is None and self._tells(measure, row))

    def _lost(self, measure: Measure) -> Iterable[Key]:
        for key in self._standing(measure):
            now = self.fresh.get(key)
            if (self.complete and measure.gone) if now is None else not self._tells(measure, now):
                yield key

    def _tells(self, measure: Measure, row: Values) -> bool:
        """True when the row has a value there; that of a yes or no which may be untold is any of both."""
        if not measure.columns:
            return True
        value = row[self.part.values.index(measure.columns[0])]
        column = self.part.table.columns[measure.columns[0]]
        return value is not None if column.nullable else bool(value)

    def _username(self, key: Key) -> str:
        return key[self.part.keys.index("username")] if "username" in self.part.keys else ""

    def _groups(self, guard: ShrinkGuard, key: Key) -> list[Group]:
        names = zip(self.part.keys, key, strict=True)
        place = "/".join(value for name, value in names if name not in ("site", "username")) if self.part.placed else ""
        return guard.groups(place, self._username(key))


class Merge:
    """One part being brought up to date inside one transaction.

    Times are compared and written as the driver has them: turning a stored time into a `datetime` costs more than all
    else that is done with a row that has not changed.
    """

    def __init__(self, connection: Connection, part: Part, stamp: Stamp) -> None:
        self._connection = connection
        self._part = part
        self._stamp = stamp
        self._time = to_driver(connection)
        self._now = self._time(stamp.at)
        self._new: list[Values] = []
        self._changed: list[Values] = []
        self._events: list[Event] = []

    def run(
        self,
        scopes: Iterable[ColumnElement[bool]],
        incoming: Mapping[Key, Values],
        *,
        kept: Collection[Key] = (),
        complete: bool = True,
        guard: ShrinkGuard | None = None,
    ) -> Changes:
        """Write what differs between `incoming` and the rows stored in these scopes.

        What is stored there and not incoming is gone, unless it is among `kept` or the reading was not `complete`. What
        the `guard` does not believe to be lost stays as it is stored.
        """
        stored = self._stored(scopes)
        fresh = {key: self._filled(told, stored.get(key)) for key, told in incoming.items()}
        held = Losses(self._part, stored, fresh, kept, complete=complete).held(guard) if guard else {}
        fresh |= {key: self._as_stored(fresh[key], stored[key], held[key]) for key in held.keys() & fresh.keys()}
        for key, values in fresh.items():
            before = stored.pop(key, None)
            if before is None:
                self._new.append((*key, *values, self._now, self._now, None, self._stamp.run_id))
            elif before[-1] is not None or before[:-1] != values:
                self._changed.append((*key, *values, self._now, self._now, None, self._stamp.run_id))
                self._tell(key, before, values)
        changed = len(self._changed)
        for key, before in stored.items() if complete else ():
            if before[-1] is None and key not in kept and key not in held:
                self._changed.append((*key, *before[:-1], self._now, self._now, self._now, self._stamp.run_id))
                self._tell(key, before, None)
        self._flush()
        gone = len(self._changed) - changed
        return Changes(seen=len(incoming), new=len(self._new), changed=changed, gone=gone)

    def _stored(self, scopes: Iterable[ColumnElement[bool]]) -> dict[Key, Values]:
        """By key: the values of the rows in these scopes, and behind them gone_at."""
        columns = self._part.table.columns
        names = [*self._part.keys, *self._part.values, "gone_at"]
        wanted = [
            type_coerce(columns[name], String) if isinstance(columns[name].type, UtcTime) else columns[name]
            for name in names
        ]
        size = len(self._part.keys)
        return {
            tuple(row[:size]): tuple(row[size:])
            for scope in scopes
            for row in self._connection.execute(select(*wanted).where(scope)).all()
        }

    def _filled(self, told: Values, before: Values | None) -> Values:
        values, fill = self._driver(told), self._part.filled
        return values if fill is None else fill(values, before, self._now)

    def _as_stored(self, values: Values, before: Values, measure: Measure) -> Values:
        """The values, with what this measure speaks of as it was before."""
        places = {self._part.values.index(name) for name in measure.columns}
        return tuple(before[place] if place in places else value for place, value in enumerate(values))

    def _driver(self, values: Values) -> Values:
        if not self._part.times:
            return values
        told = list(values)
        for place in self._part.times:
            if told[place] is not None:
                told[place] = self._time(told[place])
        return tuple(told)

    def _tell(self, key: Key, before: Values, after: Values | None) -> None:
        old = self._named(before[:-1])
        new = None if after is None else self._named(after)
        word = "returned" if before[-1] is not None else self._part.word(old, new)
        if not word:
            return
        who = dict(zip(self._part.keys, key, strict=True)) | (new or old)
        self._events.append(
            Event(
                site=str(who.get("site", "")),
                part=self._part.name,
                place="/".join(who[name] for name in self._part.keys if name not in ("site", "username")),
                username=str(who.get("username", "")),
                what=word,
                before=old if new is None else {name: old[name] for name in old if old[name] != new[name]},
                after={} if new is None else {name: new[name] for name in new if old[name] != new[name]},
                at=self._stamp.at,
                run_id=self._stamp.run_id,
            )
        )

    def _named(self, values: Values) -> dict[str, Any]:
        """The values by name, times as times."""
        named = dict(zip(self._part.values, values, strict=True))
        for place in self._part.times:
            named[self._part.values[place]] = moment_of(values[place])
        return named

    def _flush(self) -> None:
        names = [*self._part.keys, *self._part.values, *MARKS]
        # New rows too: another process may have read the same at the same time; two pushes of certificates do.
        changing = upserting(self._connection, self._part.table, names, keep=("first_seen",))
        execute_many(self._connection, changing, names, self._new)
        execute_many(self._connection, changing, names, self._changed)
        events = [event_row(self._connection, event) for event in self._events]
        execute_many(self._connection, mirror_events.insert(), EVENT_COLUMNS, events)
