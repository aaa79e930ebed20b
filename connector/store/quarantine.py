"""Rows of the platform's answers that could not be understood: kept until they can be, never dropped in silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connector.lms import Oddity
from connector.store.mirror_merge import Stamp
from connector.store.mirror_tables import mirror_parts, quarantine
from connector.store.upsert import upserting


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One thing that could not be read, how often and since when; `raw` is shortened and without names."""

    part: str
    place: str
    username: str
    why: str
    raw: str
    first_seen: datetime
    last_seen: datetime
    times: int


class Quarantine:
    """The rows in quarantine, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, site: str, oddities: Iterable[Oddity], stamp: Stamp) -> None:
        """Write these rows; one that was here before is counted once more and keeps its first time."""
        rows = {
            (item.part, item.place, item.username): {
                "site": site,
                "part": item.part,
                "place": item.place,
                "username": item.username,
                "why": item.why,
                "raw": item.raw,
                "first_seen": stamp.at,
                "last_seen": stamp.at,
                "times": 1,
                "run_id": stamp.run_id,
            }
            for item in oddities
        }
        if rows:
            some = list(rows.values())
            statement = upserting(
                self._connection, quarantine, list(some[0]), ("first_seen",), count={"times": quarantine.c.times + 1}
            )
            self._connection.execute(statement, some)

    def open(self, site: str, programme: str) -> list[Quarantined]:
        """What the latest reading of its part could still not understand, by part and place. Reads only."""
        latest = quarantine.join(
            mirror_parts,
            (mirror_parts.c.site == quarantine.c.site)
            & (mirror_parts.c.part == quarantine.c.part)
            & (mirror_parts.c.run_id == quarantine.c.run_id),
        )
        table = quarantine
        query = (
            select(table)
            .select_from(latest)
            .where(table.c.site == site, mirror_parts.c.programme == programme)
            .order_by(table.c.part, table.c.place, table.c.username)
        )
        return [
            Quarantined(
                part=row.part,
                place=row.place,
                username=row.username,
                why=row.why,
                raw=row.raw,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
                times=row.times,
            )
            for row in self._connection.execute(query)
        ]
