"""Files that were dropped into folders: what became of each, by place, name and content."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connector.store.service_tables import pickups
from connector.store.upsert import upsert

# An error workbook that we put there ourselves.
ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """A dropped file: from which place (a province's code, or 'all'), what became of it, and where it lies now."""

    programme: str
    place: str
    name: str
    sha256: str
    state: str
    archived: str


class Pickups:
    """Dropped files, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state_of(self, programme: str, place: str, name: str, sha256: str) -> str | None:
        """What became of this very file; None when it was never seen. Reads only."""
        query = select(pickups.c.state).where(
            pickups.c.programme == programme,
            pickups.c.place == place,
            pickups.c.name == name,
            pickups.c.sha256 == sha256,
        )
        found: str | None = self._connection.scalar(query)
        return found

    def note(self, taken: Pickup, now: datetime) -> None:
        """Write what became of a file, and where it lies."""
        upsert(self._connection, pickups, [asdict(taken) | {"at": now}])
