"""The mirrored facts that verdicts rest on, read by the million: plain rows, and a mark that says if any has moved."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, String, and_, func, or_, select, type_coerce

from connector.model import ResultRow
from connector.store.chunks import chunks
from connector.store.mirror_tables import mirror_results


class Facts:
    """Topic results as rows, inside one transaction. Reads only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def marks(self, site: str, courses: Sequence[str], usernames: Sequence[str]) -> dict[str, str]:
        """By username: a text that is another one as soon as any of his results in these courses has moved.

        Who has no results is left out. It is made of how many rows there are and when, by which run, the last of them
        was written or gone, so that nothing of them need be fetched.
        """
        table = mirror_results
        changed, run = type_coerce(func.max(table.c.last_changed), String), func.max(table.c.run_id)
        found = {}
        for part in chunks(usernames):
            query = (
                select(table.c.username, func.count(), run, changed)
                .where(_of(site, courses, part))
                .group_by(table.c.username)
            )
            for username, count, last_run, last in self._connection.execute(query).all():
                found[username] = f"{count}:{last_run}:{last}"
        return found

    def done(
        self, site: str, courses: Sequence[str], usernames: Sequence[str], at: datetime | None = None
    ) -> Iterator[tuple[str, list[ResultRow]]]:
        """The completions of each of these learners in these courses, for those who have any.

        Those that stand now; with `at` those that stood then, as far as the mirror had them: what was withdrawn later
        is there, with the values of today.
        """
        table, fromisoformat = mirror_results, datetime.fromisoformat
        there = table.c.gone_at.is_(None)
        stood = there if at is None else or_(there, table.c.gone_at > at)
        # As the driver gives them: turning the values into UtcTime and bool one by one costs more than all the rest.
        columns = (
            table.c.username,
            table.c.course,
            table.c.activity,
            type_coerce(table.c.completed_at, String),
            table.c.grade,
            type_coerce(table.c.overridden, Integer),
        )
        for part in chunks(usernames):
            query = select(*columns).where(_of(site, courses, part), table.c.done, stood).order_by(table.c.username)
            found: list[ResultRow] = []
            last = None
            for username, course, activity, moment, grade, overridden in self._connection.execute(query).all():
                if username != last:
                    if last is not None:
                        yield last, found
                    last, found = username, []
                # SQLite keeps times as text, in UTC and without saying so; PostgreSQL gives them aware.
                at = fromisoformat(f"{moment}+00:00") if isinstance(moment, str) else moment
                found.append((course, activity, True, at, grade, overridden != 0))
            if last is not None:
                yield last, found


def _of(site: str, courses: Sequence[str], usernames: Sequence[str]) -> ColumnElement[bool]:
    return and_(
        mirror_results.c.site == site,
        mirror_results.c.course.in_(list(courses)),
        mirror_results.c.username.in_(list(usernames)),
    )
