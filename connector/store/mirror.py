"""The mirror: what the platform said, when we first saw it, when it last changed, when it was gone.

Each `save_*` compares what was read with what is stored inside a stated scope and writes the differences only
(`mirror_merge.py`). The other methods read what stands now.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, and_, select, type_coerce, update

from connector.model import (
    AccountSeen,
    CertificateIssue,
    Cohort,
    EnrolmentSeen,
    Membership,
    TopicRef,
    TopicResult,
    TopicSeen,
)
from connector.store.chunks import chunks
from connector.store.mirror_events import account_word, enrolment_word, issue_word, plain_word, result_word
from connector.store.mirror_merge import NO_CHANGES, ROWS, Changes, Key, Measure, Merge, Part, Stamp, Values
from connector.store.mirror_tables import (
    mirror_accounts,
    mirror_cohorts,
    mirror_courses,
    mirror_enrolments,
    mirror_issues,
    mirror_memberships,
    mirror_results,
    mirror_topics,
)
from connector.store.upsert import to_driver
from connector.sync.shrink import ShrinkGuard

__all__ = ["NO_CHANGES", "Changes", "ListedTopic", "Mirror", "Stamp"]

ACCOUNTS = Part(name="accounts", table=mirror_accounts, word=account_word, measures=(ROWS, Measure(("last_access",))))
COHORTS = Part(name="cohorts", table=mirror_cohorts, word=plain_word, placed=False)
MEMBERSHIPS = Part(name="memberships", table=mirror_memberships, word=plain_word)
COURSES = Part(name="courses", table=mirror_courses, word=plain_word)
TOPICS = Part(name="topics", table=mirror_topics, word=plain_word)
ENROLMENTS = Part(
    name="enrolments",
    table=mirror_enrolments,
    word=enrolment_word,
    measures=(ROWS, Measure(("active",)), Measure(("last_course_access",))),
)


def with_moment(values: Values, stored: Values | None, at: Any) -> Values:
    """A result's values with a moment: of one that is done at a time that the platform does not tell, the moment at
    which we first saw it so. It stays when the result comes back after having been gone.
    """
    done, completed_at, *rest = values
    if not done or completed_at is not None:
        return values
    return (done, stored[1] if stored is not None and stored[0] else at, *rest)


# A result that is not done and has no grade says nothing that could be missed.
RESULTS = Part(
    name="results",
    table=mirror_results,
    word=result_word,
    filled=with_moment,
    measures=(Measure(("done", "completed_at"), gone=True), Measure(("grade",), gone=True)),
)
ISSUES = Part(name="issues", table=mirror_issues, word=issue_word, placed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTopic:
    """A topic as the programme lists it now: `kind` and `hours` are the programme's words, `seen` the platform's."""

    key: str
    name: str
    kind: str
    hours: float | None
    seen: TopicSeen


class Mirror:
    """The mirrored rows of all sites, inside one transaction.

    Of what is stored in the scope of a `save_*` and was not read, all is gone but what `kept` names, because the
    platform's word on it could not be understood, and what `under` a guard is not believed to be gone.
    """

    def __init__(self, connection: Connection, guard: ShrinkGuard | None = None) -> None:
        self._connection = connection
        self._guard = guard

    def under(self, guard: ShrinkGuard) -> "Mirror":
        """This mirror, where what is saved is held as the guard says."""
        return Mirror(self._connection, guard)

    def save_accounts(
        self,
        site: str,
        usernames: Sequence[str],
        seen: Iterable[AccountSeen],
        stamp: Stamp,
        *,
        kept: Collection[str] = (),
    ) -> Changes:
        """Store what was read when these usernames were asked for."""
        incoming: dict[Key, Values] = {
            (site, item.account.username): (item.remote_id, item.account.suspended, item.last_access) for item in seen
        }
        scopes = [
            and_(mirror_accounts.c.site == site, mirror_accounts.c.username.in_(part)) for part in chunks(usernames)
        ]
        return self._merge(ACCOUNTS, stamp, scopes, incoming, kept={(site, name) for name in kept})

    def save_cohorts(self, site: str, wanted: Sequence[str], cohorts: Iterable[Cohort], stamp: Stamp) -> Changes:
        """Store what the platform says of these cohorts."""
        incoming: dict[Key, Values] = {(site, item.idnumber): (item.name,) for item in cohorts}
        scope = and_(mirror_cohorts.c.site == site, mirror_cohorts.c.cohort.in_(list(wanted)))
        return self._merge(COHORTS, stamp, [scope], incoming)

    def save_memberships(
        self, site: str, cohorts: Sequence[str], members: Iterable[Membership], stamp: Stamp
    ) -> Changes:
        """Store the members that were read of these cohorts (all of ours that they hold)."""
        incoming: dict[Key, Values] = {(site, item.cohort, item.username): () for item in members}
        scope = and_(mirror_memberships.c.site == site, mirror_memberships.c.cohort.in_(list(cohorts)))
        return self._merge(MEMBERSHIPS, stamp, [scope], incoming)

    def save_courses(self, site: str, seen: Iterable[TopicSeen], stamp: Stamp) -> Changes:
        """Store what the platform calls these whole courses; no other course is touched."""
        incoming: dict[Key, Values] = {(site, item.ref.course): (item.remote_id, item.name) for item in seen}
        courses = [course for _site, course in incoming]
        scope = and_(mirror_courses.c.site == site, mirror_courses.c.course.in_(courses))
        return self._merge(COURSES, stamp, [scope], incoming)

    def save_topics(self, site: str, programme: str, topics: Iterable[ListedTopic], stamp: Stamp) -> Changes:
        """Store the programme's topics as they are on this site; one that is not on the list any more gets gone_at."""
        incoming: dict[Key, Values] = {
            (site, programme, item.key): (
                item.name,
                item.kind,
                item.hours,
                item.seen.ref.course,
                item.seen.ref.activity,
                item.seen.remote_id,
                item.seen.name,
            )
            for item in topics
        }
        scope = and_(mirror_topics.c.site == site, mirror_topics.c.programme == programme)
        return self._merge(TOPICS, stamp, [scope], incoming)

    def save_enrolments(
        self, site: str, course: str, seen: Iterable[EnrolmentSeen], stamp: Stamp, *, kept: Collection[str] = ()
    ) -> Changes:
        """Store the enrolments that were read of this course (all of ours that it holds)."""
        incoming: dict[Key, Values] = {
            (site, course, item.username): (item.active, item.last_course_access) for item in seen
        }
        scope = and_(mirror_enrolments.c.site == site, mirror_enrolments.c.course == course)
        return self._merge(ENROLMENTS, stamp, [scope], incoming, kept={(site, course, name) for name in kept})

    def save_results(
        self,
        site: str,
        refs: Sequence[TopicRef],
        usernames: Sequence[str],
        results: Iterable[TopicResult],
        stamp: Stamp,
        *,
        untold: Iterable[tuple[TopicRef, str]] = (),
    ) -> Changes:
        """Store what was read when these topics of these learners were asked for; a withdrawn result gets gone_at.

        `untold` are pairs of topic and username about which the platform says nothing, or nothing that could be
        understood, so that silence withdraws no result.
        """
        incoming: dict[Key, Values] = {
            (site, item.ref.course, item.ref.activity, item.username): (
                item.done,
                item.completed_at,
                item.grade,
                item.overridden,
                item.overridden_by,
            )
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
        kept = {(site, ref.course, ref.activity, username) for ref, username in untold}
        return self._merge(RESULTS, stamp, scopes, incoming, kept=kept)

    def save_issues(
        self, site: str, certificate: str, issues: Iterable[CertificateIssue], stamp: Stamp, *, complete: bool
    ) -> Changes:
        """Store issues of one certificate by their number on the platform.

        `complete` says that these are all there are of our people; then one that is not among them is withdrawn.
        """
        incoming: dict[Key, Values] = {
            (site, item.issue_id): (certificate, item.username, item.code, item.issued_at) for item in issues
        }
        scope = and_(mirror_issues.c.site == site, mirror_issues.c.certificate == certificate)
        changes = self._merge(ISSUES, stamp, [scope], incoming, complete=complete)
        self._note_missing(scope, {issue_id for _site, issue_id in incoming}, stamp, complete=complete)
        return changes

    def note_lost(self, site: str, certificate: str, issues: Sequence[CertificateIssue], stamp: Stamp) -> None:
        """Store issues that the platform has made, as the book of numbers knows, and shows no more."""
        self.save_issues(site, certificate, issues, stamp, complete=False)
        numbers = [issue.issue_id for issue in issues]
        where = and_(mirror_issues.c.site == site, mirror_issues.c.issue_id.in_(numbers))
        self._connection.execute(update(mirror_issues).where(where).values(missing_since=stamp.at))

    def _note_missing(self, scope: ColumnElement[bool], shown: set[str], stamp: Stamp, *, complete: bool) -> None:
        """Write since when an issue that is held has not been shown, and forget it of those that are shown again."""
        table = mirror_issues
        query = select(table.c.site, table.c.issue_id, table.c.missing_since).where(scope, table.c.gone_at.is_(None))
        rows = self._connection.execute(query).all()
        away = [row.issue_id for row in rows if complete and not row.missing_since and row.issue_id not in shown]
        back = [row.issue_id for row in rows if row.missing_since and row.issue_id in shown]
        for numbers, since in ((away, stamp.at), (back, None)):
            for part in chunks(numbers):
                where = scope & table.c.issue_id.in_(part)
                self._connection.execute(update(table).where(where).values(missing_since=since))

    def vanished(self, site: str, certificate: str) -> dict[str, datetime]:
        """The codes that this certificate's issues had and that are shown no more, each with since when. Reads only."""
        table = mirror_issues
        return self._vanished((table.c.site == site) & (table.c.certificate == certificate))

    def code_gone_since(self, site: str, code: str) -> datetime | None:
        """Since when the platform (any, for '') shows no certificate of this code that it had shown. Reads only."""
        where = mirror_issues.c.code == code
        return self._vanished(where & (mirror_issues.c.site == site) if site else where).get(code)

    def _vanished(self, where: ColumnElement[bool]) -> dict[str, datetime]:
        table = mirror_issues
        query = select(table.c.code, table.c.gone_at, table.c.missing_since).where(where)
        rows = self._connection.execute(query).all()
        living = {row.code for row in rows if not row.gone_at and not row.missing_since}
        return {
            row.code: row.missing_since or row.gone_at
            for row in rows
            if row.code not in living and (row.missing_since or row.gone_at)
        }

    def _merge(
        self,
        part: Part,
        stamp: Stamp,
        scopes: Iterable[ColumnElement[bool]],
        incoming: dict[Key, Values],
        *,
        kept: Collection[Key] = (),
        complete: bool = True,
    ) -> Changes:
        merge = Merge(self._connection, part, stamp)
        return merge.run(scopes, incoming, kept=kept, complete=complete, guard=self._guard)

    def accounts(self, site: str, username: str | None = None) -> dict[str, datetime | None]:
        """Last access by username of the mirrored accounts that are there (of this one, if named). Reads only."""
        query = select(mirror_accounts.c.username, mirror_accounts.c.last_access).where(
            mirror_accounts.c.site == site, mirror_accounts.c.gone_at.is_(None)
        )
        if username is not None:
            query = query.where(mirror_accounts.c.username == username)
        return {row.username: row.last_access for row in self._connection.execute(query)}

    def news(self, site: str, course: str, seen: Iterable[EnrolmentSeen]) -> set[str]:
        """Those of the people seen whose last access to the course is another one than stored. Reads only."""
        table, time = mirror_enrolments, to_driver(self._connection)
        there = (table.c.site == site) & (table.c.course == course) & table.c.gone_at.is_(None)
        query = select(table.c.username, type_coerce(table.c.last_course_access, String)).where(there)
        known = dict(tuple(row) for row in self._connection.execute(query))
        return {
            item.username
            for item in seen
            if item.last_course_access and known.get(item.username) != time(item.last_course_access)
        }

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
                table.c.overridden_by,
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
        """All issues of this certificate that the platform shows, oldest first. Reads only."""
        query = (
            select(mirror_issues)
            .where(
                mirror_issues.c.site == site,
                mirror_issues.c.certificate == certificate,
                mirror_issues.c.gone_at.is_(None),
                mirror_issues.c.missing_since.is_(None),
            )
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
        overridden_by=row.overridden_by,
    )
