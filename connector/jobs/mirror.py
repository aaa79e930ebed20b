"""Use case: copy what the platform knows of our people into the mirror; the platform is only read.

Topic results are the dear part. In an incremental run only those are read whose last access to the course has moved
since the mirror last saw it, and whoever was never read. The platform moves that time at most once a minute, so whoever
was there in the last minutes before the latest access we know of is read again (reference/moodle-ws-facts.md section
11). Where no access to a course is told (Open edX), those are read who have not done everything; where everybody costs
no more than one, everybody is. Cron, overrides and grading move no access, and a completion may be entered late with an
earlier date: a rolling run reads besides those who have waited longest, so that seven of them read everybody; a full
run reads all at once.

A row that cannot be understood goes into quarantine, what was known before stands, and whoever it concerns is read
again by the next run. A reading from which too much is missing is not believed (`connector/sync/shrink.py`): it is held
and told, what was known before stands, and so do the verdicts that rest on it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from math import ceil

from connector.context import Context
from connector.jobs.fence import check_address
from connector.jobs.people import People, people_of
from connector.jobs.recorded_run import recorded_run
from connector.jobs.shrinks import Guards
from connector.lms import Capability, LmsReader, Oddity
from connector.model import CertificateState, EnrolmentSeen, TopicRef
from connector.places import province_by_code
from connector.programmes.definition import Programme
from connector.store.mirror import NO_CHANGES, Changes, ListedTopic, Stamp
from connector.store.mirror_holds import Hold
from connector.sync.shrink import ShrinkGuard

JOB = "mirror"
ACCOUNTS_AT_ONCE = 2_000
LEARNERS_AT_ONCE = 2_000
ACCESS_OVERLAP = timedelta(minutes=10)
ISSUE_OVERLAP = timedelta(hours=1)
ROLLING_NIGHTS = 7

Progress = Callable[[str, int, int], None]


class Reach(StrEnum):
    """Whose results a run reads: of those who moved, of these and a seventh of all others, or of everybody."""

    MOVED = "moved"
    ROLLING = "rolling"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOutcome:
    """What a mirror run saw and changed, by part, what it could not understand, and what it cost the platform."""

    run_id: int
    at: datetime
    parts: tuple[tuple[str, Changes], ...]
    learners_read: int
    requests: int
    odd: tuple[Oddity, ...]
    held: tuple[Hold, ...]


def mirror(
    ctx: Context,
    programme_key: str | None = None,
    *,
    reach: Reach = Reach.MOVED,
    progress: Progress = lambda *_: None,
) -> MirrorOutcome:
    """Read accounts, cohorts, topics, enrolments, results and certificate issues; write the differences to the mirror.

    Raises UnsafePlanError before anything is read when the site is another one than this database was bound to.
    A part that fails raises and leaves its rows and marks as they were: the next run reads it again.
    """
    programme = ctx.programme(programme_key)
    lms = ctx.lms(programme.site)
    check_address(ctx, programme.site)
    requests_before = lms.calls.requests
    with recorded_run(ctx, JOB, programme) as run:
        copy = _Copy(ctx, programme, people_of(ctx, programme), run.id, progress)
        parts = [
            ("accounts", copy.accounts()),
            ("cohorts", copy.cohorts()),
            ("memberships", copy.memberships()),
            # The accesses decide whose results are read, so they are stored only when those results are.
            ("topics", copy.topics(copy.read_enrolments())),
            ("results", copy.results(reach)),
            ("enrolments", copy.enrolments()),
            ("issues", copy.issues(whole=reach is not Reach.MOVED)),
        ]
        run.counts = {name: changes.seen for name, changes in parts} | {"odd": len(copy.odd)}
        if held := copy.held():
            run.counts["held"] = len(held)
    return MirrorOutcome(
        run_id=run.id,
        at=ctx.now(),
        parts=tuple(parts),
        learners_read=copy.learners_read,
        requests=lms.calls.requests - requests_before,
        odd=tuple(copy.odd),
        held=tuple(copy.held()),
    )


def mirror_issues(ctx: Context, programme: Programme, people: People) -> Changes:
    """Read the newer certificate issues alone, as a certificate push does to confirm what it granted."""
    return _Copy(ctx, programme, people, None, lambda *_: None).issues(whole=False)


def certificate_key(programme: Programme) -> str:
    """How the mirror names the programme's certificate: course and activity, since activities repeat over courses."""
    policy = programme.certificate
    return f"{policy.course}/{policy.certificate or policy.course}"  # by allowlist, it is the course's own


def topics_key(programme: Programme) -> str:
    """A name of the places of the programme's topics: other places, and everybody's results are read anew."""
    return sha256("\n".join(sorted(map(str, programme.refs))).encode()).hexdigest()[:16]


class _Copy:
    """One mirror run of one programme."""

    def __init__(
        self, ctx: Context, programme: Programme, people: People, run_id: int | None, progress: Progress
    ) -> None:
        self.ctx = ctx
        self.programme = programme
        self.lms: LmsReader = ctx.lms(programme.site)
        self.site = programme.site
        self.people = people
        # Province by province, so that a province that is not shown is missing from one piece, not a few from each.
        self._in_order = lambda name: (people.province_of.get(name, ""), name)
        self.usernames = sorted(people.phone_of, key=self._in_order)
        self.guards = Guards(ctx, programme, people)
        self.run_id = run_id
        self.progress = progress
        self.learners_read = 0
        self.odd: list[Oddity] = []
        self.lms.take_oddities()  # what others could not read is not this run's news
        self._enrolments: dict[str, list[EnrolmentSeen]] = {}
        self._unclear: set[tuple[str, str]] = set()
        self._moved: set[str] = set()
        self._on_platform: list[str] = []
        self._unread: set[str] = set()  # whose account was not shown and is held

    def held(self) -> list[Hold]:
        """What is held now of this programme's mirror."""
        with self.ctx.store.begin() as tx:
            return tx.holds.open(self.site, self.programme.key)

    def _guard(self, part: str) -> ShrinkGuard:
        absent = set(self.usernames) - set(self._on_platform) - self._unread
        return self.guards.of(part, absent=absent, unread=self._unread)

    def _stamp(self) -> Stamp:
        return Stamp(self.ctx.now(), self.run_id)

    def _taken(self) -> list[Oddity]:
        """What could not be understood since this was last asked, of our people; it goes into quarantine."""
        ours = self.people.phone_of.keys()
        found = [item for item in self.lms.take_oddities() if not item.username or item.username in ours]
        self.odd.extend(found)
        if found:
            with self.ctx.store.begin() as tx:
                tx.quarantine.add(self.site, found, self._stamp())
        return found

    def _mark(self, part: str, started: datetime, changes: Changes, *, whole_at: datetime | None = None) -> Changes:
        """Write that the part has been read since `started`, as a whole unless `whole_at` is an earlier time."""
        stamp = Stamp(started, self.run_id)
        with self.ctx.store.begin() as tx:
            tx.marks.mark(self.site, self.programme.key, part, stamp, seen=changes.seen, whole_at=whole_at or started)
        return changes

    def accounts(self) -> Changes:
        started, total = self.ctx.now(), NO_CHANGES
        guard = self.guards.of("accounts")
        for part in _parts(self.usernames, ACCOUNTS_AT_ONCE):
            self.ctx.safe_point()
            seen = list(self.lms.accounts(part))
            kept = {item.username for item in self._taken()}
            self._on_platform.extend(sorted({item.account.username for item in seen} | kept))
            with self.ctx.store.begin() as tx:
                total += tx.mirror.under(guard).save_accounts(self.site, part, seen, self._stamp(), kept=kept)
            self.progress("accounts", total.seen, len(self.usernames))
        self._unread = guard.people.difference(self._on_platform)
        self.guards.settle("accounts", guard, self._stamp())
        return self._mark("accounts", started, total)

    def cohorts(self) -> Changes:
        started = self.ctx.now()
        codes = {item.learner.province_code for item in self.people.registrations}
        wanted = {self.programme.cohorts.of(code, province_by_code(code).name).idnumber for code in codes}
        found = [cohort for cohort in self.lms.cohorts() if cohort.idnumber in wanted]
        self._cohorts = sorted(cohort.idnumber for cohort in found)
        guard = self._guard("cohorts")
        with self.ctx.store.begin() as tx:
            changes = tx.mirror.under(guard).save_cohorts(self.site, sorted(wanted), found, self._stamp())
        self.guards.settle("cohorts", guard, self._stamp())
        return self._mark("cohorts", started, changes)

    def memberships(self) -> Changes:
        started = self.ctx.now()
        members = list(self.lms.memberships(self._cohorts, self._on_platform)) if self._cohorts else []
        guard = self._guard("memberships")
        guard.explained = {*guard.explained, *(item.username for item in members)}  # who moved has another one
        with self.ctx.store.begin() as tx:
            changes = tx.mirror.under(guard).save_memberships(self.site, self._cohorts, members, self._stamp())
        self.guards.settle("memberships", guard, self._stamp())
        return self._mark("memberships", started, changes)

    def read_enrolments(self) -> datetime:
        """Read who is enrolled and keep it, and whose course access is news; the moment when this began."""
        started = self._enrolments_read = self.ctx.now()
        ours = self.people.phone_of.keys()
        for course in self.programme.enrolment.courses:
            self.ctx.safe_point()
            seen = self._enrolments[course] = [item for item in self.lms.enrolments(course) if item.username in ours]
            seen += self.lms.past_enrolments(course, sorted(set(self._on_platform) - {one.username for one in seen}))
            self._unclear |= {(course, item.username) for item in self._taken()}
            with self.ctx.store.begin() as tx:
                self._moved |= tx.mirror.news(self.site, course, seen) | _recent(seen)
        return started

    def topics(self, started: datetime) -> Changes:
        """The programme's list of topics as it is now, with what the platform calls them and their courses."""
        courses = [TopicRef(course=course) for course in self.programme.enrolment.courses]
        seen = {item.ref: item for item in self.lms.topics([*courses, *self.programme.refs])}
        listed = [
            ListedTopic(key=topic.key, name=topic.name, kind=topic.kind.value, hours=topic.hours, seen=seen[topic.ref])
            for topic in self.programme.topics
        ]
        with self.ctx.store.begin() as tx:
            tx.mirror.save_courses(self.site, [seen[ref] for ref in courses], self._stamp())
            changes = tx.mirror.save_topics(self.site, self.programme.key, listed, self._stamp())
        return self._mark("topics", started, changes)

    def enrolments(self) -> Changes:
        total, guard = NO_CHANGES, self._guard("enrolments")
        for course, seen in self._enrolments.items():
            unclear = {username for place, username in self._unclear if place == course}
            clear = [item for item in seen if item.username not in unclear]
            with self.ctx.store.begin() as tx:
                total += tx.mirror.under(guard).save_enrolments(self.site, course, clear, self._stamp(), kept=unclear)
        self.guards.settle("enrolments", guard, self._stamp())
        return self._mark("enrolments", self._enrolments_read, total)

    def results(self, reach: Reach) -> Changes:
        started, topics = self.ctx.now(), topics_key(self.programme)
        with self.ctx.store.begin() as tx:
            readers = tx.marks.readers(self.site, topics)
        usernames = self._to_read(reach, readers)
        total, guard = NO_CHANGES, self._guard("results")
        for some in _parts(usernames, LEARNERS_AT_ONCE):
            self.ctx.safe_point()
            total += self._read_results(topics, some, guard)
            self.learners_read += len(some)
            self.progress("results", self.learners_read, len(usernames))
        with self.ctx.store.begin() as tx:
            # Who is no longer on the platform waits for nothing; when he is back, he is read at once.
            gone = set(readers) & set(self.usernames) - set(self._on_platform)
            tx.marks.forget_reads(self.site, topics, gone)
            everybody_since = tx.marks.oldest_read(self.site, topics)
        self.guards.settle("results", guard, self._stamp())
        return self._mark("results", started, total, whole_at=everybody_since)

    def _to_read(self, reach: Reach, readers: Sequence[str]) -> list[str]:
        """The usernames whose results this run reads; `readers` have been read, whose waits longest first."""
        here = set(self._on_platform)
        if reach is Reach.FULL or not self.lms.reads_each(self.programme.refs):
            return sorted(here, key=self._in_order)
        if Capability.COURSE_ACCESS in self.lms.capabilities:
            chosen = here & self._moved | here - set(readers)
        else:
            chosen = here - self._finished().intersection(readers)
        if reach is Reach.ROLLING:
            waiting = [name for name in readers if name in here and name not in chosen]
            chosen.update(waiting[: ceil(len(here) / ROLLING_NIGHTS)])
        return sorted(chosen, key=self._in_order)

    def _finished(self) -> set[str]:
        """Those who have done all topics, as far as we know: of them nothing new is to be expected."""
        refs = set(self.programme.refs)
        with self.ctx.store.begin() as tx:
            known = tx.mirror.results(self.site, sorted({ref.course for ref in refs}))
            return {name for name, results in known if refs <= {one.ref for one in results if one.done}}

    def _read_results(self, topics: str, usernames: Sequence[str], guard: ShrinkGuard) -> Changes:
        refs = self.programme.refs
        read = list(self.lms.topic_results(refs, usernames))
        odd = self._taken()
        untold = [*self._untold(usernames), *_not_understood(odd, refs, usernames)]
        unclear = {name for _ref, name in _not_understood(odd, refs, usernames)}
        with self.ctx.store.begin() as tx:
            mirror = tx.mirror.under(guard)
            changes = mirror.save_results(self.site, refs, usernames, read, self._stamp(), untold=untold)
            unclear |= guard.people.intersection(usernames)  # what is held is asked for again
            tx.marks.note_reads(self.site, topics, [name for name in usernames if name not in unclear], self._stamp())
            tx.marks.forget_reads(self.site, topics, unclear)
        return changes

    def _untold(self, usernames: Sequence[str]) -> list[tuple[TopicRef, str]]:
        """The topics that are whole courses, each with those of these people who have no active enrolment in it.

        Moodle tells no course completion of somebody whose enrolment is over, suspended or gone, neither in its report
        nor one by one (completion_info::is_tracked_user); what was read before the end stays true. A platform without
        PAST_RESULTS tells no topic at all of him.
        """
        all_end = Capability.PAST_RESULTS not in self.lms.capabilities
        refs = [ref for ref in self.programme.refs if (all_end or not ref.activity) and ref.course in self._enrolments]
        active = {
            (ref.course, seen.username)
            for ref in refs
            for seen in self._enrolments[ref.course]
            if seen.active is not False
        }
        return [(ref, name) for ref in refs for name in usernames if (ref.course, name) not in active]

    def issues(self, *, whole: bool) -> Changes:
        gate = self.programme.certificate.gate
        started = self.ctx.now()
        # The paper is our own, or the site does not tell its issues: status and freshness say so.
        if gate is None or Capability.CERTIFICATES not in self.lms.capabilities:
            return NO_CHANGES
        with self.ctx.store.begin() as tx:
            before = tx.marks.parts(self.site, self.programme.key).get("issues")
            whole = whole or bool(tx.holds.open(self.site, self.programme.key, "issues"))
        since = None if whole or before is None or before.bookmark is None else before.bookmark - ISSUE_OVERLAP
        read = list(self.lms.certificate_issues(gate, since, self._awaited(whole=since is None)))
        ours = self.people.phone_of.keys()
        mine = [issue for issue in read if issue.username in ours]
        odd = self._taken()
        complete = since is None and not odd
        # What could not be understood is asked for again: the bookmark does not pass it.
        newest = None if odd else max((issue.issued_at for issue in read), default=None)
        guard = self.guards.of("issues")
        with self.ctx.store.begin() as tx:
            changes = tx.mirror.under(guard).save_issues(
                self.site, certificate_key(self.programme), mine, self._stamp(), complete=complete
            )
            tx.marks.mark(
                self.site,
                self.programme.key,
                "issues",
                Stamp(started, self.run_id),
                seen=changes.seen,
                whole_at=started if complete else None,
                bookmark=newest,
            )
        if complete:
            self.guards.settle("issues", guard, self._stamp())
        return changes

    def _awaited(self, *, whole: bool) -> list[str]:
        """The usernames of those whose certificate has been released and not yet been read back.

        In a `whole` reading also those whose certificate is in the mirror, which may have gone. Nobody else's can be
        ours: it would have been released.
        """
        with self.ctx.store.begin() as tx:
            register = tx.register.of_programme(self.programme.key)
            held = tx.mirror.issues(self.site, certificate_key(self.programme)) if whole else ()
        waiting = (phone for phone, entry in register.items() if entry.state is CertificateState.GRANTED)
        names = [self.people.username_of[phone] for phone in waiting if phone in self.people.username_of]
        return sorted({*names, *(issue.username for issue in held)})


def _not_understood(
    odd: Iterable[Oddity], refs: Sequence[TopicRef], usernames: Sequence[str]
) -> list[tuple[TopicRef, str]]:
    """The topics and people that the oddities are about; one that names no person or no place is about all."""
    return [
        (ref, name)
        for item in odd
        for ref in refs
        if item.place in ("", ref.course, str(ref))
        for name in ([item.username] if item.username else usernames)
    ]


def _recent(seen: Iterable[EnrolmentSeen]) -> set[str]:
    """Those who were there so shortly before the latest access that more may have happened in the same minute."""
    accessed = [(item.username, item.last_course_access) for item in seen if item.last_course_access]
    since = max((when for _, when in accessed), default=datetime.max.replace(tzinfo=UTC)) - ACCESS_OVERLAP
    return {username for username, when in accessed if when >= since}


def _parts(values: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
