"""The mirror: what the platform said, when we first saw it, when it last changed, when it was gone.

Each `save_*` compares what was read with what is stored inside a stated scope and writes the differences only, so an
unchanged platform costs no writes. Nothing is deleted: what is no longer there gets `gone_at`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, func, select

from connector.model import (
    AccountSeen,
    CertificateIssue,
    EnrolmentSeen,
    Membership,
    TopicRef,
    TopicResult,
)
from connector.store.chunks import chunks
from connector.store.mirror_tables import (
    bookmarks,
    mirror_accounts,
    mirror_enrolments,
    mirror_issues,
    mirror_memberships,
    mirror_results,
)
from connector.store.upsert import upsert

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How many rows of one part of the mirror are there, and how many are new, changed or gone."""

    seen: int
    new: int
    changed: int
    gone: int

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            seen=self.seen + other.seen,
            new=self.new + other.new,
            changed=self.changed + other.changed,
            gone=self.gone + other.gone,
        )


NO_CHANGES = Changes(seen=0, new=0, changed=0, gone=0)


class Mirror:
    """The mirrored rows of all sites, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save_accounts(self, site: str, usernames: Sequence[str], seen: Iterable[AccountSeen], now: datetime) -> Changes:
        """Store what was read when these usernames were asked for."""
        incoming: dict[Key, dict[str, Any]] = {
            (site, item.account.username): {
                "remote_id": item.remote_id,
                "suspended": item.account.suspended,
                "last_access": item.last_access,
            }
            for item in seen
        }
        scopes = [
            and_(mirror_accounts.c.site == site, mirror_accounts.c.username.in_(part)) for part in chunks(usernames)
        ]
        return self._merge(mirror_accounts, scopes, incoming, now)

    def save_memberships(
        self, site: str, cohorts: Sequence[str], members: Iterable[Membership], now: datetime
    ) -> Changes:
        """Store the members that were read of these cohorts (all of ours that they hold)."""
        incoming: dict[Key, dict[str, Any]] = {(site, item.cohort, item.username): {} for item in members}
        scope = and_(mirror_memberships.c.site == site, mirror_memberships.c.cohort.in_(list(cohorts)))
        return self._merge(mirror_memberships, [scope], incoming, now)

    def save_enrolments(self, site: str, course: str, seen: Iterable[EnrolmentSeen], now: datetime) -> Changes:
        """Store the enrolments that were read of this course (all of ours that it holds)."""
        incoming: dict[Key, dict[str, Any]] = {
            (site, course, item.username): {"active": item.active, "last_course_access": item.last_course_access}
            for item in seen
        }
        scope = and_(mirror_enrolments.c.site == site, mirror_enrolments.c.course == course)
        return self._merge(mirror_enrolments, [scope], incoming, now)

    def save_results(
        self,
        site: str,
        refs: Sequence[TopicRef],
        usernames: Sequence[str],
        results: Iterable[TopicResult],
        now: datetime,
        *,
        untold: Iterable[tuple[str, str]] = (),
    ) -> Changes:
        """Store what was read when these topics of these learners were asked for; a withdrawn result gets gone_at.

        `untold` are pairs of course and username: about them as a whole topic the platform says nothing any more, so
        that silence withdraws no result.
        """
        incoming: dict[Key, dict[str, Any]] = {
            (site, item.ref.course, item.ref.activity, item.username): {
                "done": item.done,
                "completed_at": item.completed_at,
                "grade": item.grade,
                "overridden": item.overridden,
            }
            for item in results
        }
        courses = sorted({ref.course for ref in refs})
        scopes = [
            and_(
                mirror_results.c.site == site,
                mirror_results.c.course.in_(courses),
                mirror_results.c.username.in_(part),
            )
            for part in chunks(usernames)
        ]
        kept = {(site, course, "", username) for course, username in untold}
        return self._merge(mirror_results, scopes, incoming, now, kept=kept)

    def _merge(
        self,
        table: Table,
        scopes: Iterable[ColumnElement[bool]],
        incoming: Mapping[Key, dict[str, Any]],
        now: datetime,
        *,
        kept: Collection[Key] = (),
    ) -> Changes:
        names = [column.name for column in table.primary_key]
        stored: dict[Key, RowMapping] = {}
        for scope in scopes:
            for row in self._connection.execute(select(table).where(scope)).mappings():
                stored[tuple([row[name] for name in names])] = row
        new, changed = [], []
        for key, payload in incoming.items():
            before = stored.pop(key, None)
            values = dict(zip(names, key, strict=True)) | payload
            if before is None:
                new.append(values | {"first_seen": now, "last_changed": now, "gone_at": None})
            elif before["gone_at"] is not None or any(before[name] != value for name, value in payload.items()):
                changed.append(values | {"first_seen": before["first_seen"], "last_changed": now, "gone_at": None})
        gone = [
            dict(row) | {"gone_at": now} for key, row in stored.items() if row["gone_at"] is None and key not in kept
        ]
        if new:
            self._connection.execute(table.insert(), new)
        upsert(self._connection, table, changed)
        upsert(self._connection, table, gone)
        return Changes(seen=len(incoming), new=len(new), changed=len(changed), gone=len(gone))

    def save_issues(self, site: str, certificate: str, issues: Iterable[CertificateIssue], now: datetime) -> Changes:
        """Store the issues of one certificate by their number on the platform; first_seen is kept."""
        incoming = {issue.issue_id: issue for issue in issues}
        known = select(mirror_issues.c.issue_id).where(mirror_issues.c.site == site)
        stored = set(self._connection.execute(known).scalars())
        rows = [
            {
                "site": site,
                "issue_id": issue.issue_id,
                "certificate": certificate,
                "username": issue.username,
                "code": issue.code,
                "issued_at": issue.issued_at,
                "first_seen": now,
            }
            for issue in incoming.values()
        ]
        upsert(self._connection, mirror_issues, rows, keep=("first_seen",))
        return Changes(seen=len(rows), new=len(incoming.keys() - stored), changed=0, gone=0)

    def bookmark(self, site: str, part: str) -> datetime | None:
        """Up to when this part has been read completely, by the platform's clock. Reads only."""
        query = select(bookmarks.c.at).where(bookmarks.c.site == site, bookmarks.c.part == part)
        return self._connection.execute(query).scalar()

    def set_bookmark(self, site: str, part: str, at: datetime) -> None:
        """Write the bookmark; call it in the transaction that stored the last of the part."""
        upsert(self._connection, bookmarks, [{"site": site, "part": part, "at": at}])

    def accounts(self, site: str, username: str | None = None) -> dict[str, datetime | None]:
        """Last access by username of the mirrored accounts that are there (of this one, if named). Reads only."""
        query = select(mirror_accounts.c.username, mirror_accounts.c.last_access).where(
            mirror_accounts.c.site == site, mirror_accounts.c.gone_at.is_(None)
        )
        if username is not None:
            query = query.where(mirror_accounts.c.username == username)
        return {row.username: row.last_access for row in self._connection.execute(query)}

    def course_access(self, site: str, courses: Sequence[str]) -> dict[str, datetime | None]:
        """The latest access to any of these courses by username of everybody enrolled in one. Reads only."""
        table = mirror_enrolments
        query = (
            select(table.c.username, func.max(table.c.last_course_access).label("last"))
            .where(table.c.site == site, table.c.course.in_(list(courses)), table.c.gone_at.is_(None))
            .group_by(table.c.username)
        )
        return {row.username: row.last for row in self._connection.execute(query)}

    def results(self, site: str, courses: Sequence[str]) -> Iterator[tuple[str, list[TopicResult]]]:
        """The results of each learner in these courses that stand now, by username. Reads only."""
        table = mirror_results
        query = (
            select(
                table.c.username,
                table.c.course,
                table.c.activity,
                table.c.done,
                table.c.completed_at,
                table.c.grade,
                table.c.overridden,
            )
            .where(table.c.site == site, table.c.course.in_(list(courses)), table.c.gone_at.is_(None))
            .order_by(table.c.username)
            .execution_options(yield_per=5_000)
        )
        refs: dict[tuple[str, str], TopicRef] = {}
        rows = self._connection.execute(query)
        for username, group in groupby(rows, key=lambda row: str(row.username)):
            yield username, [_result(row, refs) for row in group]

    def results_of(self, site: str, username: str) -> list[TopicResult]:
        """The results of one learner in all courses that stand now. Reads only."""
        query = select(mirror_results).where(
            mirror_results.c.site == site, mirror_results.c.username == username, mirror_results.c.gone_at.is_(None)
        )
        return [_result(row, {}) for row in self._connection.execute(query)]

    def issues(self, site: str, certificate: str) -> list[CertificateIssue]:
        """All issues of this certificate that have been read, oldest first. Reads only."""
        query = (
            select(mirror_issues)
            .where(mirror_issues.c.site == site, mirror_issues.c.certificate == certificate)
            .order_by(mirror_issues.c.issued_at, mirror_issues.c.issue_id)
        )
        return [
            CertificateIssue(
                issue_id=row.issue_id,
                certificate=row.certificate,
                username=row.username,
                code=row.code,
                issued_at=row.issued_at,
            )
            for row in self._connection.execute(query)
        ]


def _result(row: Any, refs: dict[tuple[str, str], TopicRef]) -> TopicResult:
    place = (row.course, row.activity)
    ref = refs.get(place)
    if ref is None:
        ref = refs[place] = TopicRef(course=row.course, activity=row.activity)
    return TopicResult(
        ref=ref,
        username=row.username,
        done=row.done,
        completed_at=row.completed_at,
        grade=row.grade,
        overridden=row.overridden,
    )
