"""What was otherwise before: who completed when, what was withdrawn, which grade changed. Lines are only added.

A row that is new is no event: its `first_seen` tells. A last access that moves is none either, but the first one is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from connector.store.mirror_tables import mirror_events
from connector.store.upsert import driver_time

WITHDRAWN, COMPLETED, RETURNED = "withdrawn", "completed", "returned"
EVENT_COLUMNS = ("site", "part", "place", "username", "what", "before", "after", "at", "run_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of one mirrored row, with the values that differ; `place` names course, activity or cohort."""

    site: str
    part: str
    place: str
    username: str
    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    at: datetime
    run_id: int | None


class MirrorEvents:
    """The history of the mirror, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_usernames(self, site: str, usernames: Sequence[str]) -> list[Event]:
        """All that has changed about these people, oldest first. Reads only."""
        table = mirror_events
        query = select(table).where(table.c.site == site, table.c.username.in_(list(usernames))).order_by(table.c.id)
        return [
            Event(
                site=row.site,
                part=row.part,
                place=row.place,
                username=row.username,
                what=row.what,
                before=json.loads(row.before),
                after=json.loads(row.after),
                at=row.at,
                run_id=row.run_id,
            )
            for row in self._connection.execute(query)
        ]


def event_row(connection: Connection, event: Event) -> tuple[Any, ...]:
    """The event as the driver takes it, in the order of EVENT_COLUMNS."""
    before, after = (
        json.dumps(dict(values), default=_iso, ensure_ascii=False) for values in (event.before, event.after)
    )
    moment = driver_time(connection, event.at)
    return event.site, event.part, event.place, event.username, event.what, before, after, moment, event.run_id


def _iso(value: datetime) -> str:
    return value.isoformat()


def account_word(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """What happened to an account."""
    if after is None:
        return "gone"
    if before["suspended"] != after["suspended"]:
        return "suspended" if after["suspended"] else "restored"
    if before["remote_id"] != after["remote_id"]:
        return "replaced"
    return _first(before["last_access"], after["last_access"])


def enrolment_word(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """What happened to an enrolment; a platform that stops telling its state is no news."""
    if after is None:
        return "gone"
    if before["active"] is not None and after["active"] is not None and before["active"] != after["active"]:
        return "restored" if after["active"] else "suspended"
    return _first(before["last_course_access"], after["last_course_access"])


def _first(before: datetime | None, after: datetime | None) -> str:
    return "first_access" if before is None and after is not None else ""


def result_word(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """What happened to a result."""
    if after is None:
        return WITHDRAWN if before["done"] else "gone"
    if before["done"] != after["done"]:
        return COMPLETED if after["done"] else WITHDRAWN
    if before["completed_at"] != after["completed_at"]:
        return "moved"
    return "graded" if before["grade"] != after["grade"] else "overridden"


def issue_word(_before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """What happened to an issued certificate."""
    return WITHDRAWN if after is None else "changed"


def plain_word(_before: Mapping[str, Any], after: Mapping[str, Any] | None) -> str:
    """What happened to a cohort, a member, a course or a topic."""
    return "gone" if after is None else "changed"
