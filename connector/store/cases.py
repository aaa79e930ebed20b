"""Cases: what has happened to a certificate that only a person may decide. Nothing is ever deleted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from connector.model import Case, CertificateState
from connector.store.certificate_tables import register, verdicts
from connector.store.rule_tables import cases

OPEN = "open"
SETTLED = "settled"
# The state in the register of a certificate that was taken back: it shows nothing and needs nobody to decide.
TAKEN_BACK = CertificateState.REVOKED.value


class Cases:
    """The cases of all programmes, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def failing(self, programme: str) -> set[str]:
        """The phones of those who have a place in the register and whose verdict is 'not passed'. Reads only."""
        query = (
            select(register.c.phone)
            .join(verdicts, (verdicts.c.programme == register.c.programme) & (verdicts.c.phone == register.c.phone))
            .where(register.c.programme == programme, register.c.state != TAKEN_BACK, verdicts.c.passed.is_(False))
        )
        return set(self._connection.execute(query).scalars())

    def open(self, programme: str, phone: str, kind: str, facts: dict[str, Any], now: datetime) -> None:
        """Write a new case."""
        row = {"programme": programme, "phone": phone, "kind": kind, "facts": facts, "state": OPEN, "opened_at": now}
        self._connection.execute(cases.insert().values(row))

    def settle(self, number: int, by: str, reason: str, now: datetime) -> None:
        """Write how an open case was settled."""
        there = (cases.c.id == number) & (cases.c.state == OPEN)
        values = {"state": SETTLED, "settled_by": by, "settled_at": now, "reason": reason}
        self._connection.execute(update(cases).where(there).values(values))

    def add_facts(self, number: int, facts: dict[str, Any]) -> None:
        """Write what is known of the case now."""
        self._connection.execute(update(cases).where(cases.c.id == number).values(facts=facts))

    def find(self, number: int) -> Case | None:
        """The case of this number. Reads only."""
        row = self._connection.execute(select(cases).where(cases.c.id == number)).first()
        return _case(row) if row else None

    def of_programme(self, programme: str, phones: Iterable[str] | None = None) -> list[Case]:
        """All cases of the programme (of these people), oldest first. Reads only."""
        query = select(cases).where(cases.c.programme == programme).order_by(cases.c.id)
        wanted = None if phones is None else set(phones)
        found = (_case(row) for row in self._connection.execute(query))
        return [case for case in found if wanted is None or case.phone in wanted]

    def count_open(self, programme: str) -> int:
        """How many cases of the programme await a person. Reads only."""
        query = select(func.count()).where(cases.c.programme == programme, cases.c.state == OPEN)
        return int(self._connection.execute(query).scalar_one())


def _case(row: Row[Any]) -> Case:
    return Case(
        number=row.id,
        programme=row.programme,
        phone=row.phone,
        kind=row.kind,
        opened_at=row.opened_at,
        facts=row.facts,
        settled_at=row.settled_at,
        settled_by=row.settled_by or "",
        reason=row.reason or "",
    )
