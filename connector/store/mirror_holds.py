"""What of the mirror is held: a reading that lost too much was not believed, and what was known before stands.

A hold ends by itself when the part is whole again, or with the reading after a person has accepted the loss. Lines are
never deleted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from connector.store.mirror_merge import Stamp
from connector.store.mirror_tables import mirror_holds
from connector.sync.shrink import Group, Shrink

WHOLE, ACCEPTED = "whole", "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One part (or a place or province of it) of which `lost` of `before` were missing when it was last read.

    `measure` says what was missing of the rows ('' for the rows themselves); `since` is the first such reading. Once
    `accepted_at` is set, the next reading that has lost no more is believed.
    """

    number: int
    site: str
    programme: str
    part: str
    measure: str
    group: Group
    before: int
    lost: int
    since: datetime
    last_at: datetime
    accepted_at: datetime | None
    accepted_by: str
    reason: str
    ended_at: datetime | None
    ended_how: str


class MirrorHolds:
    """The holds of all programmes, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, site: str, programme: str, part: str | None = None) -> list[Hold]:
        """What is held now (of this part), oldest first. Reads only."""
        table = mirror_holds
        where = (table.c.site == site) & (table.c.programme == programme) & table.c.ended_at.is_(None)
        return self._where(where if part is None else where & (table.c.part == part))

    def find(self, number: int) -> Hold | None:
        """The hold of this number. Reads only."""
        return next(iter(self._where(mirror_holds.c.id == number)), None)

    def accept(self, number: int, by: str, reason: str, now: datetime) -> None:
        """Write that a person takes the loss of an open hold as true."""
        there = (mirror_holds.c.id == number) & mirror_holds.c.ended_at.is_(None)
        values = {"accepted_at": now, "accepted_by": by, "reason": reason}
        self._connection.execute(update(mirror_holds).where(there).values(values))

    def settle(self, site: str, programme: str, part: str, found: Iterable[Shrink], stamp: Stamp) -> None:
        """Write what a reading of the part held: new holds, those met again, and the end of all others."""
        standing = {(hold.measure, hold.group): hold for hold in self.open(site, programme, part)}
        for shrink in found:
            before = standing.pop((shrink.measure, shrink.group), None)
            values = {"before": shrink.before, "lost": shrink.lost, "last_at": stamp.at, "run_id": stamp.run_id}
            if before is not None:
                changing = update(mirror_holds).where(mirror_holds.c.id == before.number)
                # A loss that has grown beyond what was accepted is another one.
                values |= {"accepted_at": None} if before.accepted_at else {}
                self._connection.execute(changing.values(values))
                continue
            kind, name = shrink.group
            values |= {"site": site, "programme": programme, "part": part, "measure": shrink.measure}
            values |= {"kind": kind, "name": name, "since": stamp.at}
            self._connection.execute(mirror_holds.insert().values(values))
        for hold in standing.values():
            how = ACCEPTED if hold.accepted_at else WHOLE
            ending = update(mirror_holds).where(mirror_holds.c.id == hold.number)
            self._connection.execute(ending.values(ended_at=stamp.at, ended_how=how))

    def _where(self, condition: ColumnElement[bool]) -> list[Hold]:
        query = select(mirror_holds).where(condition).order_by(mirror_holds.c.id)
        return [
            Hold(
                number=row.id,
                site=row.site,
                programme=row.programme,
                part=row.part,
                measure=row.measure,
                group=(row.kind, row.name),
                before=row.before,
                lost=row.lost,
                since=row.since,
                last_at=row.last_at,
                accepted_at=row.accepted_at,
                accepted_by=row.accepted_by or "",
                reason=row.reason or "",
                ended_at=row.ended_at,
                ended_how=row.ended_how or "",
            )
            for row in self._connection.execute(query)
        ]
