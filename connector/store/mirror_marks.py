"""How fresh the mirror is: when each part was read, up to where, and when each learner's results were."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from connector.store.chunks import chunks
from connector.store.mirror_merge import Stamp
from connector.store.mirror_tables import mirror_parts, mirror_reads
from connector.store.upsert import driver_time, execute_many, upsert, upserting

READ_COLUMNS = ("site", "topics", "username", "read_at", "run_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRead:
    """When one part of the mirror was last read, and when last as a whole (None: never).

    `bookmark` is up to when it is complete by the platform's clock, where it is read piece by piece; `seen` how many
    rows the last reading held.
    """

    part: str
    read_at: datetime
    whole_at: datetime | None
    bookmark: datetime | None
    seen: int
    run_id: int | None


class MirrorMarks:
    """Bookmarks and times of reading, inside one transaction: write them with the rows that they speak of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def parts(self, site: str, programme: str) -> dict[str, PartRead]:
        """The parts of this programme that have been read. Reads only."""
        table = mirror_parts
        query = select(table).where(table.c.site == site, table.c.programme == programme).order_by(table.c.part)
        return {
            row.part: PartRead(
                part=row.part,
                read_at=row.read_at,
                whole_at=row.whole_at,
                bookmark=row.bookmark,
                seen=row.seen,
                run_id=row.run_id,
            )
            for row in self._connection.execute(query)
        }

    def mark(
        self,
        site: str,
        programme: str,
        part: str,
        stamp: Stamp,
        *,
        seen: int,
        whole_at: datetime | None,
        bookmark: datetime | None = None,
    ) -> None:
        """Write that the part has been read; a None of `whole_at` or `bookmark` leaves what is there."""
        row = {
            "site": site,
            "programme": programme,
            "part": part,
            "bookmark": bookmark,
            "read_at": stamp.at,
            "whole_at": whole_at,
            "seen": seen,
            "run_id": stamp.run_id,
        }
        kept = [name for name in ("bookmark", "whole_at") if row[name] is None]
        upsert(self._connection, mirror_parts, [row], keep=kept)

    def readers(self, site: str, topics: str) -> list[str]:
        """The usernames whose results in this set of topics have been read, whose waits longest first. Reads only."""
        table = mirror_reads
        query = select(table.c.username).where(table.c.site == site, table.c.topics == topics)
        return list(self._connection.execute(query.order_by(table.c.read_at, table.c.username)).scalars())

    def oldest_read(self, site: str, topics: str) -> datetime | None:
        """The time at which the results of the learner were read who waits longest. Reads only."""
        table = mirror_reads
        query = select(func.min(table.c.read_at)).where(table.c.site == site, table.c.topics == topics)
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def note_reads(self, site: str, topics: str, usernames: Iterable[str], stamp: Stamp) -> None:
        """Write that the results of these people in this set of topics have been read and stored."""
        moment = driver_time(self._connection, stamp.at)
        rows = [(site, topics, username, moment, stamp.run_id) for username in usernames]
        statement = upserting(self._connection, mirror_reads, READ_COLUMNS)
        execute_many(self._connection, statement, READ_COLUMNS, rows)

    def forget_reads(self, site: str, topics: str, usernames: Collection[str]) -> None:
        """Forget when these people's results were read: they are not on the platform."""
        table = mirror_reads
        for part in chunks(sorted(usernames)):
            where = (table.c.site == site) & (table.c.topics == topics) & table.c.username.in_(part)
            self._connection.execute(delete(table).where(where))
