"""Files that were dropped into folders: what became of each, by place, name and content."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

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


COLUMNS = [pickups.c[name] for name in Pickup.__dataclass_fields__]


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

    def unsettled(self, programme: str, aside: str, taken: str, *, place: str, common: str) -> list[Pickup]:
        """Files in the state `aside` (from this place, if any) that no file in the state `taken` has settled since.

        That is a later one of the same place, in the `common` place of the same name, or the same file anywhere. Oldest
        first. Reads only.
        """
        later = pickups.alias()
        follows = (later.c.programme == programme) & (later.c.state == taken) & (later.c.at >= pickups.c.at)
        named = (pickups.c.place != common) | (later.c.name == pickups.c.name)
        answers = (later.c.place == pickups.c.place) & named
        settled = exists().where(follows & (answers | (later.c.sha256 == pickups.c.sha256)))
        query = select(*COLUMNS).where(pickups.c.programme == programme, pickups.c.state == aside, ~settled)
        if place:
            query = query.where(pickups.c.place == place)
        rows = self._connection.execute(query.order_by(pickups.c.at, pickups.c.place, pickups.c.name)).mappings()
        return [Pickup(**row) for row in rows]

    def note(self, taken: Pickup, now: datetime) -> None:
        """Write what became of a file, and where it lies."""
        upsert(self._connection, pickups, [asdict(taken) | {"at": now}])
