"""The ledger: what on each platform is ours, with the value last sent."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, not_, select

from connector.model import Kind
from connector.store.chunks import chunks
from connector.store.tables import ledger
from connector.store.upsert import driver_time, execute_many, upserting
from connector.sync.codec import item_from, item_values
from connector.sync.state import OwnedItem

OWNED_COLUMNS = (
    "site",
    "kind",
    "container",
    "username",
    "province_code",
    "remote_id",
    "item",
    "run_id",
    "changed_at",
)


# Without the times and what the item says itself: reading them costs as much as the rest.
OWNED = (ledger.c.kind, ledger.c.item, ledger.c.province_code, ledger.c.remote_id)


class Ledger:
    """What is ours on the platforms, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owned(
        self, site: str, *, provinces: Sequence[str] | None = None, usernames: Iterable[str] = ()
    ) -> list[OwnedItem]:
        """The rows of these provinces and of these people (all of the site when no provinces are named). Reads only."""
        if provinces is None:
            return list(self._rows(ledger.c.site == site))
        here = ledger.c.province_code.in_(list(provinces))
        found = list(self._rows(and_(ledger.c.site == site, here)))
        for part in chunks(sorted(usernames)):
            # Most people have nothing elsewhere, and to read a row is dear: none is read twice.
            found.extend(self._rows(and_(ledger.c.site == site, ledger.c.username.in_(part), not_(here))))
        return found

    def of_username(self, site: str, username: str) -> list[OwnedItem]:
        """All that is ours of one person. Reads only."""
        return list(self._rows(and_(ledger.c.site == site, ledger.c.username == username)))

    def of_account(self, site: str, remote_id: str) -> list[OwnedItem]:
        """All that is ours of the person whose account has this number on the platform. Reads only."""
        here = (ledger.c.site == site, ledger.c.kind == Kind.ACCOUNT.value, ledger.c.remote_id == remote_id)
        username = self._connection.execute(select(ledger.c.username).where(*here)).scalar()
        return [] if username is None else self.of_username(site, username)

    def members(self, site: str, cohort: str) -> list[OwnedItem]:
        """Our memberships of this cohort. Reads only."""
        here = (ledger.c.site == site, ledger.c.kind == Kind.MEMBERSHIP.value, ledger.c.container == cohort)
        return list(self._rows(and_(*here)))

    def _rows(self, condition: ColumnElement[bool]) -> Iterator[OwnedItem]:
        for row in self._connection.execute(select(*OWNED).where(condition)):
            yield _owned(row)

    def usernames(self, site: str, kind: Kind) -> set[str]:
        """The usernames of all our items of this kind. Reads only."""
        query = select(ledger.c.username).where(ledger.c.site == site, ledger.c.kind == kind.value)
        return set(self._connection.execute(query).scalars())

    def own(self, site: str, run_id: int, items: Sequence[OwnedItem], now: datetime) -> None:
        """Write that these items are ours, with the values that were last sent."""
        # The platform's number is told once; a later change that does not repeat it must not lose it.
        self._own(site, run_id, [item for item in items if item.remote_id], now)
        self._own(site, run_id, [item for item in items if not item.remote_id], now, keep=("remote_id",))

    def _own(self, site: str, run_id: int, items: Sequence[OwnedItem], now: datetime, keep: Sequence[str] = ()) -> None:
        changed_at = driver_time(self._connection, now)
        rows = [
            (
                site,
                item.kind.value,
                *place(item.kind, item.key),
                item.province_code,
                item.remote_id,
                text_of(item_values(item.item)),
                run_id,
                changed_at,
            )
            for item in items
        ]
        statement = upserting(self._connection, ledger, OWNED_COLUMNS, keep)
        execute_many(self._connection, statement, OWNED_COLUMNS, rows)

    def disown(self, site: str, places: Sequence[tuple[Kind, tuple[str, ...]]]) -> None:
        """Write that these items are no longer ours: they were taken away on the platform."""
        if not places:
            return
        statement = delete(ledger).where(
            ledger.c.site == site,
            ledger.c.kind == bindparam("kind_"),
            ledger.c.container == bindparam("container_"),
            ledger.c.username == bindparam("username_"),
        )
        self._connection.execute(
            statement,
            [
                {"kind_": kind.value, "container_": container, "username_": username}
                for kind, (container, username) in ((kind, place(kind, key)) for kind, key in places)
            ],
        )


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def text_of(values: Sequence[Any]) -> str:
    """Values of `connector.sync.codec` as the text that is stored."""
    return _COMPACT.encode(values)


def place(kind: Kind, key: tuple[str, ...]) -> tuple[str, str]:
    """The container and the username that name an item; '' where there is none.

    A group's container is course and group with a blank between: neither holds one (topics.RemoteKey).
    """
    match kind:
        case Kind.COHORT:
            return key[0], ""
        case Kind.ACCOUNT:
            return "", key[0]
        case Kind.MEMBERSHIP | Kind.ENROLMENT:
            return key[0], key[1]
        case Kind.GROUP:
            return " ".join(key), ""
        case Kind.GROUP_MEMBERSHIP:
            return " ".join(key[:-1]), key[-1]


def key_of(kind: Kind, container: str, username: str) -> tuple[str, ...]:
    """The key of the item that `place` gave these two for."""
    return tuple(part for part in ((container,) if kind is Kind.COHORT else (container, username)) if part)


def _owned(row: Any) -> OwnedItem:
    item = item_from(row.kind, json.loads(row.item))
    return OwnedItem(
        kind=Kind(row.kind),
        key=item.key,
        remote_id=row.remote_id,
        item=item,
        province_code=row.province_code,
    )
