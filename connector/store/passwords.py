"""First passwords, sealed before they are sent: a platform never tells them again.

A password that is set anew (reissue) stays beside the old one until the platform has taken it: only then is it known
which of the two opens the account.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from connector.store.chunks import chunks
from connector.store.mirror_tables import mirror_accounts
from connector.store.password_tables import first_passwords, handout_people, handouts, password_reissues
from connector.store.upsert import driver_time, execute_many, upserting

COLUMNS = ("site", "username", "sealed", "sealed_for", "made_at", "destroyed_at", "destroyed_why")
SENT, DONE, REFUSED = "sent", "done", "refused"


class Destroyed(StrEnum):
    """Why a stored password was destroyed."""

    HANDED_OUT = "handed_out"
    OLD = "old"
    LOGGED_IN = "logged_in"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A password that only the key opens, and only for the username that it was sealed for."""

    content: bytes = field(repr=False)
    sealed_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassword:
    """A password as it is kept; `sealed` is None when it was destroyed. `made_at`: when this very one was made."""

    sealed: Sealed | None
    made_at: datetime
    destroyed_at: datetime | None
    destroyed_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReissue:
    """A new password that was sent, or was about to be, and whose outcome is not known."""

    id: int
    sealed: Sealed


class FirstPasswords:
    """Sealed first passwords by site and username; what is stored here cannot be read without the key file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, site: str, sealed: Mapping[str, Sealed], now: datetime) -> None:
        """Write the sealed passwords of these usernames, in the place of what was kept or destroyed of them."""
        moment = driver_time(self._connection, now)
        rows = [(site, name, one.content, one.sealed_for, moment, None, "") for name, one in sealed.items()]
        execute_many(self._connection, upserting(self._connection, first_passwords, COLUMNS), COLUMNS, rows)

    def sealed(self, site: str, usernames: Iterable[str]) -> dict[str, Sealed]:
        """The sealed passwords that are kept for these usernames. Reads only."""
        return {name: one.sealed for name, one in self.stored(site, usernames).items() if one.sealed is not None}

    def stored(self, site: str, usernames: Iterable[str]) -> dict[str, StoredPassword]:
        """What is kept for these usernames, destroyed ones included. Reads only."""
        table, found = first_passwords, {}
        for part in chunks(sorted(usernames)):
            query = select(table).where(table.c.site == site, table.c.username.in_(part))
            for row in self._connection.execute(query):
                found[row.username] = StoredPassword(
                    sealed=None if row.sealed is None else Sealed(row.sealed, row.sealed_for),
                    made_at=row.made_at,
                    destroyed_at=row.destroyed_at,
                    destroyed_why=row.destroyed_why,
                )
        return found

    def drop(self, site: str, usernames: Iterable[str]) -> None:
        """Forget the passwords of these usernames: the platform never took them."""
        for part in chunks(sorted(usernames)):
            self._connection.execute(
                delete(first_passwords).where(first_passwords.c.site == site, first_passwords.c.username.in_(part))
            )

    def destroy_old(self, made_before: datetime, now: datetime) -> int:
        """Destroy every password made by then, open reissues too; how many."""
        self._connection.execute(
            update(password_reissues)
            .where(password_reissues.c.asked_at <= made_before, password_reissues.c.sealed.is_not(None))
            .values(sealed=None, state=REFUSED, code=Destroyed.OLD.value, settled_at=now)
        )
        return self._destroy(first_passwords.c.made_at <= made_before, Destroyed.OLD, now)

    def destroy_handed_out(self, handed_before: datetime, now: datetime) -> int:
        """Destroy every password that was handed out by then; how many."""
        given = (
            exists()
            .where(handout_people.c.handout_id == handouts.c.id)
            .where(handout_people.c.site == first_passwords.c.site)
            .where(handout_people.c.username == first_passwords.c.username)
            .where(handouts.c.at >= first_passwords.c.made_at, handouts.c.at <= handed_before)
        )
        return self._destroy(given, Destroyed.HANDED_OUT, now)

    def destroy_logged_in(self, now: datetime) -> int:
        """Destroy the password of everybody whom the mirror has seen on the site since it was made; how many."""
        seen = (
            exists()
            .where(mirror_accounts.c.site == first_passwords.c.site)
            .where(mirror_accounts.c.username == first_passwords.c.username)
            .where(mirror_accounts.c.last_access > first_passwords.c.made_at)
        )
        return self._destroy(seen, Destroyed.LOGGED_IN, now)

    def _destroy(self, which: ColumnElement[bool], why: Destroyed, now: datetime) -> int:
        done = self._connection.execute(
            update(first_passwords)
            .where(first_passwords.c.sealed.is_not(None), which)
            .values(sealed=None, destroyed_at=now, destroyed_why=why.value)
        )
        return done.rowcount

    def begin_reissue(self, site: str, username: str, sealed: Sealed, by: str, now: datetime) -> int:
        """Write that this new password is about to be sent; the reissue's number."""
        secret = {"sealed": sealed.content, "sealed_for": sealed.sealed_for}
        row = {"site": site, "username": username, "asked_by": by, "asked_at": now, "state": SENT, "code": ""}
        statement = password_reissues.insert().values(secret | row)
        number: int = self._connection.execute(statement.returning(password_reissues.c.id)).scalar_one()
        return number

    def open_reissues(self, site: str, usernames: Iterable[str]) -> dict[str, OpenReissue]:
        """The reissues of these people whose outcome is not known, by username. Reads only."""
        table, found = password_reissues, {}
        for part in chunks(sorted(usernames)):
            query = select(table).where(table.c.site == site, table.c.state == SENT, table.c.username.in_(part))
            for row in self._connection.execute(query):
                found[row.username] = OpenReissue(id=row.id, sealed=Sealed(row.sealed, row.sealed_for))
        return found

    def settle_reissue(self, reissue_id: int, *, taken: bool, code: str, now: datetime) -> None:
        """Write the outcome: a password that the platform took is from now on the person's stored one."""
        table = password_reissues
        row = self._connection.execute(select(table).where(table.c.id == reissue_id)).one()
        if taken:
            self.save(row.site, {row.username: Sealed(row.sealed, row.sealed_for)}, now)
        self._connection.execute(
            update(table)
            .where(table.c.id == reissue_id)
            .values(sealed=None, state=DONE if taken else REFUSED, code=code, settled_at=now)
        )

    def reissued(self, site: str) -> set[str]:
        """The usernames of all who got a new password. Reads only."""
        query = select(password_reissues.c.username).where(
            password_reissues.c.site == site, password_reissues.c.state == DONE
        )
        return set(self._connection.execute(query).scalars())

    def reseal(self, sealed_anew: Callable[[str, Sealed], Sealed]) -> int:
        """Write every kept password as `sealed_anew` gives it for its site and old value; how many."""
        count = 0
        for table in (first_passwords, password_reissues):
            keys = list(table.primary_key)
            for row in self._connection.execute(select(table).where(table.c.sealed.is_not(None))).all():
                anew = sealed_anew(row.site, Sealed(row.sealed, row.sealed_for))
                self._connection.execute(
                    update(table)
                    .where(*(key == getattr(row, key.name) for key in keys))
                    .values(sealed=anew.content, sealed_for=anew.sealed_for)
                )
                count += 1
        return count
