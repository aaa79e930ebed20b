"""What is older than its kind may be kept: counted, or deleted."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from connector.store.acts import acts
from connector.store.mirror_tables import (
    mirror_accounts,
    mirror_enrolments,
    mirror_events,
    mirror_memberships,
    mirror_results,
    quarantine,
)
from connector.store.tables import journal, roster_files, roster_rows

_GONE = (mirror_accounts, mirror_memberships, mirror_enrolments, mirror_results)


class Retention:
    """Old rows by kind, inside one transaction. The register of certificates is no kind: it is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, limits: Mapping[str, datetime]) -> dict[str, int]:
        """How many rows of each of these kinds are older than its moment. Reads only."""
        counted = dict.fromkeys(limits, 0)
        for kind, table, old in _old(limits):
            query = select(func.count()).select_from(table).where(old)
            counted[kind] += int(self._connection.execute(query).scalar_one())
        return counted

    def delete(self, limits: Mapping[str, datetime]) -> dict[str, int]:
        """Delete the rows of these kinds that are older than their moments; how many, by kind."""
        counted = dict.fromkeys(limits, 0)
        for kind, table, old in _old(limits):
            counted[kind] += self._connection.execute(delete(table).where(old)).rowcount
        return counted


def _old(limits: Mapping[str, datetime]) -> Iterator[tuple[str, Table, ColumnElement[bool]]]:
    if moment := limits.get("history"):
        yield "history", mirror_events, mirror_events.c.at < moment
    if moment := limits.get("gone"):
        for table in _GONE:
            yield "gone", table, table.c.gone_at < moment
    if moment := limits.get("quarantine"):
        yield "quarantine", quarantine, quarantine.c.last_seen < moment
    if moment := limits.get("journal"):
        yield "journal", journal, journal.c.settled_at < moment
    if moment := limits.get("acts"):
        yield "acts", acts, acts.c.at < moment
    if moment := limits.get("old_lists"):
        old = select(roster_files.c.id).where(roster_files.c.imported_at < moment)
        yield "old_lists", roster_rows, roster_rows.c.live.is_(False) & roster_rows.c.file_id.in_(old)
