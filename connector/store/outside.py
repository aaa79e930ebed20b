"""Facts from outside the platform, by person, kind and key; each with the row of the list that it comes from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from connector.model import Origin, OutsideKind, OutsideResult
from connector.store.chunks import chunks
from connector.store.mirror_merge import Stamp
from connector.store.mirror_tables import outside_results
from connector.store.upsert import upsert


class Outside:
    """Imported attendance and results, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_phones(self, programme: str, phones: Sequence[str]) -> dict[str, list[OutsideResult]]:
        """The facts about these people, by phone, in the order of kind and key. Reads only."""
        table = outside_results
        found: dict[str, list[OutsideResult]] = defaultdict(list)
        for part in chunks(phones):
            query = (
                select(table)
                .where(table.c.programme == programme, table.c.phone.in_(part))
                .order_by(table.c.phone, table.c.kind, table.c.key)
            )
            for row in self._connection.execute(query):
                found[row.phone].append(_result(row))
        return dict(found)

    def save(self, programme: str, facts: Iterable[OutsideResult], stamp: Stamp) -> None:
        """Write the facts over those of the same person, kind and key; when each was first seen is kept."""
        rows = [
            {
                "programme": programme,
                "phone": fact.phone,
                "kind": fact.kind.value,
                "key": fact.key,
                "value": fact.value,
                "at": fact.at,
                "file": fact.origin.file,
                "sheet": fact.origin.sheet,
                "source_row": fact.origin.row,
                "first_seen": stamp.at,
                "last_changed": stamp.at,
                "run_id": stamp.run_id,
            }
            for fact in facts
        ]
        upsert(self._connection, outside_results, rows, keep=("first_seen",))


def _result(row: Row[Any]) -> OutsideResult:
    return OutsideResult(
        phone=row.phone,
        kind=OutsideKind(row.kind),
        key=row.key,
        value=row.value,
        at=row.at,
        origin=Origin(file=row.file, sheet=row.sheet, row=row.source_row),
    )
