"""Incidents: what a person is called for, once when it has begun and once when it is over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from connector.store.service_tables import incidents
from connector.store.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident. It is told from `tell_at` on; `count` is how often it was met; the texts name nobody."""

    id: int
    key: str
    opened_at: datetime
    last_at: datetime
    count: int
    message: str
    tell_at: datetime
    told_at: datetime | None
    closed_at: datetime | None
    over_told_at: datetime | None


COLUMNS = [incidents.c[name] for name in Incident.__dataclass_fields__]


class Incidents:
    """Incidents, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def meet(self, key: str, message: str, now: datetime, tell_at: datetime) -> None:
        """Write that this was met: a new incident, or once more the one that is open."""
        values = {
            "key": key,
            "open_key": key,
            "opened_at": now,
            "last_at": now,
            "count": 1,
            "message": message,
            "tell_at": tell_at,
        }
        statement = insert_into(self._connection, incidents).values(values)
        again = {"last_at": now, "message": message, "count": incidents.c.count + 1}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["open_key"], set_=again))

    def close(self, keys: tuple[str, ...], now: datetime) -> None:
        """Write that these are over. One that nobody was told of ends in silence."""
        mine = incidents.c.open_key.in_(keys)
        self._connection.execute(update(incidents).where(mine).values(closed_at=now, open_key=None))

    def open_under(self, prefix: str) -> list[str]:
        """The keys of the open incidents that begin so. Reads only."""
        query = select(incidents.c.key).where(incidents.c.open_key.startswith(prefix, autoescape=True))
        return list(self._connection.scalars(query))

    def opened(self) -> list[Incident]:
        """All that are open, oldest first. Reads only."""
        return self._where(incidents.c.closed_at.is_(None))

    def to_tell(self, now: datetime) -> list[Incident]:
        """Those that last and are to be told by now, and have not been. Reads only."""
        untold = incidents.c.told_at.is_(None) & (incidents.c.tell_at <= now)
        return self._where(incidents.c.closed_at.is_(None) & untold)

    def over_to_tell(self) -> list[Incident]:
        """Those that were told and are over, and of which the end has not been told. Reads only."""
        over = incidents.c.closed_at.is_not(None) & incidents.c.told_at.is_not(None)
        return self._where(over & incidents.c.over_told_at.is_(None))

    def told(self, incident: Incident, now: datetime) -> bool:
        """Write that it has been told, or its end if it is closed; False when somebody else was first."""
        column = incidents.c.told_at if incident.closed_at is None else incidents.c.over_told_at
        mine = (incidents.c.id == incident.id) & column.is_(None)
        done = self._connection.execute(update(incidents).where(mine).values({column.name: now}))
        return done.rowcount == 1

    def untold(self, incident: Incident) -> None:
        """Write that telling it failed: it is to be told again."""
        column = incidents.c.told_at if incident.closed_at is None else incidents.c.over_told_at
        self._connection.execute(update(incidents).where(incidents.c.id == incident.id).values({column.name: None}))

    def forget(self, before: datetime) -> int:
        """Delete those that were over before this time; how many."""
        return self._connection.execute(delete(incidents).where(incidents.c.closed_at < before)).rowcount

    def _where(self, condition: ColumnElement[bool]) -> list[Incident]:
        rows = self._connection.execute(select(*COLUMNS).where(condition).order_by(incidents.c.id)).mappings()
        return [Incident(**row) for row in rows]
