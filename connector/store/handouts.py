"""The journal of hand-outs: when, by whom, in which form, and whose passwords were in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from connector.store.chunks import chunks
from connector.store.password_tables import handout_people, handouts


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenOut:
    """One hand-out: `file` (its name, '' when it was shown on the screen) with its hash, for people of one province."""

    programme: str
    site: str
    province_code: str
    handed_by: str
    at: datetime
    form: str
    file: str
    sha256: str
    usernames: Sequence[str] = ()
    count: int = 0
    id: int = 0


class Handouts:
    """Hand-outs inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, given: GivenOut) -> int:
        """Write the hand-out and whom it reached; its number."""
        number: int = self._connection.execute(
            handouts.insert()
            .values(
                programme=given.programme,
                site=given.site,
                province_code=given.province_code,
                handed_by=given.handed_by,
                at=given.at,
                form=given.form,
                people=len(given.usernames),
                file=given.file,
                sha256=given.sha256,
            )
            .returning(handouts.c.id)
        ).scalar_one()
        rows = [{"handout_id": number, "site": given.site, "username": username} for username in given.usernames]
        self._connection.execute(handout_people.insert(), rows)
        return number

    def last(self, site: str, usernames: Iterable[str]) -> dict[str, datetime]:
        """When each of these people was last handed a password, by username. Reads only."""
        found = {}
        for part in chunks(sorted(usernames)):
            query = (
                select(handout_people.c.username, func.max(handouts.c.at).label("at"))
                .join(handouts)
                .where(handout_people.c.site == site, handout_people.c.username.in_(part))
                .group_by(handout_people.c.username)
            )
            found.update({row.username: row.at for row in self._connection.execute(query)})
        return found

    def of_programme(self, programme: str, username: str | None = None) -> list[GivenOut]:
        """The programme's hand-outs (those that reached this person, if named), oldest first. Reads only."""
        query = select(handouts).where(handouts.c.programme == programme).order_by(handouts.c.id)
        if username is not None:
            query = query.join(handout_people).where(handout_people.c.username == username)
        return [
            GivenOut(
                programme=row.programme,
                site=row.site,
                province_code=row.province_code,
                handed_by=row.handed_by,
                at=row.at,
                form=row.form,
                file=row.file,
                sha256=row.sha256,
                count=row.people,
                id=row.id,
            )
            for row in self._connection.execute(query)
        ]
