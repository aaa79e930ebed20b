"""The register of certificates: one entry for each person and programme, numbers without gaps."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, select

from connector.model import CertificateState, RegisterEntry
from connector.store.certificate_tables import register, register_books
from connector.store.upsert import upsert, upserting


class Register:
    """Register entries and the book that numbers them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_programme(self, programme: str) -> dict[str, RegisterEntry]:
        """All entries of the programme by phone. Reads only."""
        query = select(register).where(register.c.programme == programme).order_by(register.c.phone)
        return {row.phone: _entry(row) for row in self._connection.execute(query)}

    def save(self, entries: Iterable[RegisterEntry]) -> None:
        """Write the entries over those of the same people."""
        rows = [
            {
                "programme": entry.programme,
                "phone": entry.phone,
                "full_name": entry.full_name,
                "workplace": entry.workplace,
                "province_code": entry.province_code,
                "state": entry.state.value,
                "decided_at": entry.decided_at,
                "granted_at": entry.granted_at,
                "issued_at": entry.issued_at,
                "serial": entry.serial,
                "register_no": entry.register_no or None,
            }
            for entry in entries
        ]
        upsert(self._connection, register, rows)

    def next_number(self, programme: str) -> int:
        """Take the next number of the programme's book; it is given back if the transaction is rolled back.

        One statement counts and reads: whoever else wants a number of this book waits until this transaction has
        ended, the first one of a new book too, where a lock on the row that is not there yet would lock nothing.
        """
        row = {"programme": programme, "last_number": 1}
        statement = upserting(
            self._connection, register_books, list(row), count={"last_number": register_books.c.last_number + 1}
        ).returning(register_books.c.last_number)
        return int(self._connection.execute(statement, row).scalar_one())


def _entry(row: Row[Any]) -> RegisterEntry:
    return RegisterEntry(
        programme=row.programme,
        phone=row.phone,
        full_name=row.full_name,
        workplace=row.workplace,
        province_code=row.province_code,
        state=CertificateState(row.state),
        decided_at=row.decided_at,
        granted_at=row.granted_at,
        issued_at=row.issued_at,
        serial=row.serial,
        register_no=row.register_no or "",
    )
