"""First passwords, sealed before they are sent: a platform never tells them again."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from connector.store.chunks import chunks
from connector.store.tables import first_passwords
from connector.store.upsert import driver_time, execute_many, upserting

COLUMNS = ("site", "username", "sealed", "made_at")


class FirstPasswords:
    """Sealed first passwords by site and username; what is stored here cannot be read without the key file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, site: str, sealed: Mapping[str, bytes], now: datetime) -> None:
        """Write the sealed passwords of these usernames."""
        moment = driver_time(self._connection, now)
        rows = [(site, username, value, moment) for username, value in sealed.items()]
        execute_many(self._connection, upserting(self._connection, first_passwords, COLUMNS), COLUMNS, rows)

    def sealed(self, site: str, usernames: Iterable[str]) -> dict[str, bytes]:
        """The sealed passwords that are kept for these usernames. Reads only."""
        found = {}
        for part in chunks(sorted(usernames)):
            query = select(first_passwords.c.username, first_passwords.c.sealed).where(
                first_passwords.c.site == site, first_passwords.c.username.in_(part)
            )
            found.update({row.username: row.sealed for row in self._connection.execute(query)})
        return found
