"""Who is exempt from what, by which decision; a lifted exemption stays on record."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from connector.model import Exemption
from connector.store.chunks import chunks
from connector.store.rule_tables import exemptions


class Exemptions:
    """The exemptions of all programmes, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, one: Exemption, now: datetime) -> None:
        """Write the exemption; one in force for the same person and target is lifted by it."""
        self.lift(one, one.by, now)
        self._connection.execute(
            exemptions.insert().values(
                programme=one.programme,
                phone=one.phone,
                topic=one.topic,
                part=one.part,
                decision=one.decision,
                decided_on=one.decided_on,
                recorded_by=one.by,
                recorded_at=now,
            )
        )

    def lift(self, one: Exemption, by: str, now: datetime) -> int:
        """End the exemption in force for this person and target, whatever its decision; how many there were."""
        there = and_(
            exemptions.c.programme == one.programme,
            exemptions.c.phone == one.phone,
            exemptions.c.topic == one.topic,
            exemptions.c.part == one.part,
            exemptions.c.lifted_at.is_(None),
        )
        return self._connection.execute(update(exemptions).where(there).values(lifted_by=by, lifted_at=now)).rowcount

    def of_programme(self, programme: str) -> list[Exemption]:
        """All that are in force in the programme, by phone and target. Reads only."""
        query = select(exemptions).where(exemptions.c.programme == programme, exemptions.c.lifted_at.is_(None))
        query = query.order_by(exemptions.c.phone, exemptions.c.topic, exemptions.c.part)
        return [_exemption(row) for row in self._connection.execute(query)]

    def of_phones(self, programme: str, phones: Sequence[str]) -> dict[str, list[Exemption]]:
        """Those in force for these people, by phone. Reads only."""
        found: dict[str, list[Exemption]] = defaultdict(list)
        for part in chunks(phones):
            query = select(exemptions).where(
                exemptions.c.programme == programme, exemptions.c.phone.in_(part), exemptions.c.lifted_at.is_(None)
            )
            for row in self._connection.execute(query.order_by(exemptions.c.id)):
                found[row.phone].append(_exemption(row))
        return found


def _exemption(row: Row[Any]) -> Exemption:
    return Exemption(
        programme=row.programme,
        phone=row.phone,
        topic=row.topic,
        part=row.part,
        decision=row.decision,
        decided_on=row.decided_on,
        by=row.recorded_by,
    )
