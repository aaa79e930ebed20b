"""The fencing marks: which installation this database is, to which sites it is bound, and the marks it left there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Boolean, Connection, Integer, String, Table, Text, delete, select, update

from connector.store.columns import UtcTime, basic, metadata, plain
from connector.store.upsert import insert_into, upsert
from connector.sync.fence import Bond, Mark

KEPT = 1_000  # marks of one site; whoever is set back further is told as an older database

installations = Table(
    "installations",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("installation", String(32), nullable=False),
)

site_bonds = Table(
    "site_bonds",
    metadata,
    plain("site", String(80), primary_key=True),
    plain("address", Text, nullable=False),
    plain("bound_at", UtcTime, nullable=False),
    basic("bound_by", String(100), nullable=False),
    plain("reason", Text, nullable=False),
)

site_marks = Table(
    "site_marks",
    metadata,
    plain("site", String(80), primary_key=True),
    plain("number", Integer, primary_key=True),
    plain("nonce", String(16), nullable=False),
    plain("announced_at", UtcTime, nullable=False),
    plain("confirmed", Boolean, nullable=False),
)


# The last line of the book of numbers that this database has seen (connector/store/number_book.py).
book_heads = Table(
    "book_heads",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("head", String(64), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """When, by whom and why a site was bound to this database the last time."""

    address: str
    bound_at: datetime
    bound_by: str
    reason: str


class Fences:
    """Bonds and marks, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bond(self, site: str) -> Bond:
        """What this database knows of its bond to the site. Writes the installation's name where it has none yet."""
        marks = [
            (Mark(installation=self._installation(), number=row.number, nonce=row.nonce), row.confirmed)
            for row in self._marks(site)
        ]
        last = max((at for at, (_mark, confirmed) in enumerate(marks) if confirmed), default=-1)
        binding = self.binding(site)
        return Bond(
            installation=self._installation(),
            address=binding.address if binding else "",
            confirmed=marks[last][0] if last >= 0 else None,
            announced=tuple(mark for mark, _confirmed in marks[last + 1 :]),
            earlier=frozenset(mark.nonce for mark, _confirmed in marks[: max(last, 0)]),
        )

    def binding(self, site: str) -> Binding | None:
        """How the site was bound; None before its first mark. Reads only."""
        row = self._connection.execute(select(site_bonds).where(site_bonds.c.site == site)).first()
        if row is None:
            return None
        return Binding(address=row.address, bound_at=row.bound_at, bound_by=row.bound_by, reason=row.reason)

    def bind(self, site: str, binding: Binding) -> None:
        """Write that the site of this address is the one that this database serves."""
        row = {"site": site, "address": binding.address, "bound_at": binding.bound_at}
        upsert(self._connection, site_bonds, [row | {"bound_by": binding.bound_by, "reason": binding.reason}])

    def announce(self, site: str, number: int, now: datetime) -> Mark:
        """A new mark of this number, written before it is left on the site."""
        mark = Mark(installation=self._installation(), number=number, nonce=uuid4().hex[:16])
        values: dict[str, Any] = {"site": site, "number": number, "nonce": mark.nonce}
        self._connection.execute(site_marks.insert().values(**values, announced_at=now, confirmed=False))
        old = (site_marks.c.site == site, site_marks.c.number <= number - KEPT)
        self._connection.execute(delete(site_marks).where(*old))
        return mark

    def confirm(self, site: str, mark: Mark) -> None:
        """Write that this mark stands on the site."""
        mine = (site_marks.c.site == site, site_marks.c.number == mark.number)
        self._connection.execute(update(site_marks).where(*mine).values(confirmed=True))

    def book_head(self) -> str:
        """The hash of the last line of the book of numbers that this database has seen; '' for none. Reads only."""
        return str(self._connection.scalar(select(book_heads.c.head)) or "")

    def keep_book_head(self, head: str) -> None:
        """Write that the book of numbers has been seen up to this line."""
        upsert(self._connection, book_heads, [{"id": 1, "head": head}])

    def _marks(self, site: str) -> list[Any]:
        query = select(site_marks).where(site_marks.c.site == site).order_by(site_marks.c.number)
        return list(self._connection.execute(query))

    def _installation(self) -> str:
        found = self._connection.scalar(select(installations.c.installation))
        if found is not None:
            return str(found)
        values = {"id": 1, "installation": uuid4().hex}
        self._connection.execute(insert_into(self._connection, installations).values(values).on_conflict_do_nothing())
        return str(self._connection.scalar(select(installations.c.installation)))
