"""The register of certificates: one entry for each person and programme, numbers without gaps in each book.

Several processes may push at the same time. Whoever changes entries takes them with `locked` first, which waits for
the others and gives what stands now; whoever numbers takes the book first. So a number is given once and none is lost,
on PostgreSQL and on SQLite, whether or not anybody holds a lease.
"""

from collections.abc import Collection, Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from connector.certificates.entry import CertificateEvent, CertificateFacts, RegisterEntry
from connector.model import CertificateState
from connector.store.certificate_tables import certificate_events, register, register_books
from connector.store.chunks import chunks
from connector.store.upsert import insert_into, upsert, upserting

_FACTS = [field.name for field in fields(CertificateFacts)]
_OWN = [field.name for field in fields(RegisterEntry) if field.name not in ("facts", "state", "register_no")]


class Register:
    """Register entries, the books that number them, and the acts of people on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_programme(self, programme: str) -> dict[str, RegisterEntry]:
        """All entries of the programme by phone. Reads only."""
        query = select(register).where(register.c.programme == programme).order_by(register.c.phone)
        return self._by_phone(query)

    def of_phone(self, programme: str, phone: str) -> RegisterEntry | None:
        """The entry of this person, if there is one. Reads only."""
        query = select(register).where(register.c.programme == programme, register.c.phone == phone)
        return self._by_phone(query).get(phone)

    def of_book(self, book: str) -> list[RegisterEntry]:
        """The numbered entries of a book in the order of their numbers, taken-back ones included. Reads only."""
        query = select(register).where(register.c.book == book, register.c.seq.is_not(None)).order_by(register.c.seq)
        return [_entry(row) for row in self._connection.execute(query)]

    def of_code(self, code: str) -> list[RegisterEntry]:
        """The entries with this serial or register number, or that once had this serial. Reads only."""
        once = (
            select(certificate_events.c.phone)
            .where(certificate_events.c.programme == register.c.programme, certificate_events.c.serial == code)
            .where(certificate_events.c.phone == register.c.phone)
        )
        query = select(register).where(or_(register.c.serial == code, register.c.register_no == code, once.exists()))
        return [_entry(row) for row in self._connection.execute(query.order_by(register.c.programme))]

    def locked(self, programme: str, phones: Collection[str] | None = None) -> dict[str, RegisterEntry]:
        """The entries of the programme (of these people) as they stand, kept for this transaction alone.

        Waits for others who have them. Rows are taken in the order of phones, so two processes never block each other.
        """
        self._take_pen()
        query = select(register).where(register.c.programme == programme).order_by(register.c.phone).with_for_update()
        if phones is None:
            return self._by_phone(query)
        found: dict[str, RegisterEntry] = {}
        for part in chunks(sorted(phones)):
            found |= self._by_phone(query.where(register.c.phone.in_(part)))
        return found

    def _take_pen(self) -> None:
        """SQLite locks no rows, so the whole file is taken before anything is read; a statement that writes does it."""
        if self._connection.dialect.name == "sqlite":
            self._connection.execute(register_books.delete().where(register_books.c.book.is_(None)))

    def _by_phone(self, query: Select[Any]) -> dict[str, RegisterEntry]:
        return {row.phone: _entry(row) for row in self._connection.execute(query)}

    def add(self, entries: Iterable[RegisterEntry]) -> None:
        """Write the entries of people who have none; who has one keeps it as it is."""
        rows = [_row(entry) for entry in entries]
        if rows:
            self._connection.execute(insert_into(self._connection, register).on_conflict_do_nothing(), rows)

    def save(self, entries: Iterable[RegisterEntry]) -> None:
        """Write the entries over those of the same people; take them with `locked` before."""
        upsert(self._connection, register, [_row(entry) for entry in entries])

    def open_book(self, book: str) -> int:
        """The last number of the book, 0 for a new one; nobody else numbers in it until this transaction ends."""
        row = {"book": book, "last_number": 0}
        kept = {"last_number": register_books.c.last_number}
        statement = upserting(self._connection, register_books, list(row), count=kept)
        return int(self._connection.execute(statement.returning(register_books.c.last_number), row).scalar_one())

    def close_book(self, book: str, last_number: int) -> None:
        """Write the book's last number; it falls back if the transaction is rolled back."""
        upsert(self._connection, register_books, [{"book": book, "last_number": last_number}])

    def note(self, events: Iterable[CertificateEvent]) -> None:
        """Add the acts of people to the history."""
        rows = [_event_row(event) for event in events]
        if rows:
            self._connection.execute(certificate_events.insert(), rows)

    def history(self, programme: str, phone: str | None = None) -> list[CertificateEvent]:
        """What people did to the certificates of the programme (of this person), oldest first. Reads only."""
        query = select(certificate_events).where(certificate_events.c.programme == programme)
        if phone is not None:
            query = query.where(certificate_events.c.phone == phone)
        return [_event(row) for row in self._connection.execute(query.order_by(certificate_events.c.id))]


def _row(entry: RegisterEntry) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in _OWN}
    row |= {name: getattr(entry.facts, name) for name in _FACTS}
    return row | {"state": entry.state.value, "register_no": entry.register_no or None}


def _entry(row: Row[Any]) -> RegisterEntry:
    return RegisterEntry(
        **{name: getattr(row, name) for name in _OWN},
        facts=CertificateFacts(**{name: getattr(row, name) for name in _FACTS}),
        state=CertificateState(row.state),
        register_no=row.register_no or "",
    )


def _event_row(event: CertificateEvent) -> dict[str, Any]:
    return {field.name: getattr(event, field.name) for field in fields(event)} | {"event": event.event.value}


def _event(row: Row[Any]) -> CertificateEvent:
    values = {field.name: getattr(row, field.name) for field in fields(CertificateEvent)}
    return CertificateEvent(**(values | {"event": CertificateState(row.event)}))
