"""Use case: copy what the platform knows of our people into the mirror; the platform is only read.

Topic results are the dear part. In an incremental run only those are read whose last access to the course has moved
since the mirror last saw it. The platform moves that time at most once a minute, so whoever was there in the last
minutes before the latest access we know of is read again (reference/moodle-ws-facts.md section 11). Cron, overrides
and grading do not move it: `full=True` reads everybody and belongs into every night.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from connector.context import Context
from connector.jobs.people import People, people_of
from connector.jobs.recorded_run import recorded_run
from connector.lms import LmsReader
from connector.model import EnrolmentSeen
from connector.places import province_by_code
from connector.programmes.definition import Programme
from connector.store.mirror import NO_CHANGES, Changes

JOB = "mirror"
ACCOUNTS_AT_ONCE = 2_000
LEARNERS_AT_ONCE = 2_000
ACCESS_OVERLAP = timedelta(minutes=10)
ISSUE_OVERLAP = timedelta(hours=1)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorOutcome:
    """What a mirror run saw and changed, by part, and what it cost the platform."""

    run_id: int
    at: datetime
    parts: tuple[tuple[str, Changes], ...]
    learners_read: int
    requests: int


def mirror(
    ctx: Context, programme_key: str | None = None, *, full: bool = False, progress: Progress = lambda *_: None
) -> MirrorOutcome:
    """Read accounts, members, enrolments, topic results and certificate issues; write the differences to the mirror.

    A part that fails raises and leaves its rows and bookmark as they were: the next run reads it again.
    """
    programme = ctx.programme(programme_key)
    lms = ctx.lms(programme.site)
    requests_before = lms.calls.requests
    with recorded_run(ctx, JOB, programme) as run:
        copy = _Copy(ctx, programme, lms, people_of(ctx, programme), progress)
        parts = [
            ("accounts", copy.accounts()),
            ("memberships", copy.memberships()),
            # The accesses decide whose results are read, so they are stored only when those results are.
            ("results", copy.results(copy.read_enrolments(), full=full)),
            ("enrolments", copy.enrolments()),
            ("issues", copy.issues(full=full)),
        ]
        run.counts = {name: changes.seen for name, changes in parts}
    return MirrorOutcome(
        run_id=run.id,
        at=ctx.now(),
        parts=tuple(parts),
        learners_read=copy.learners_read,
        requests=lms.calls.requests - requests_before,
    )


def mirror_issues(ctx: Context, programme: Programme, people: People, *, full: bool = False) -> Changes:
    """Read the certificate issues alone, as a certificate push does to confirm what it granted."""
    return _Copy(ctx, programme, ctx.lms(programme.site), people, lambda *_: None).issues(full=full)


def certificate_key(programme: Programme) -> str:
    """How the mirror names the programme's certificate: course and activity, since activities repeat over courses."""
    return f"{programme.certificate.course}/{programme.certificate.certificate}"


class _Copy:
    """One mirror run of one programme."""

    def __init__(self, ctx: Context, programme: Programme, lms: LmsReader, people: People, progress: Progress) -> None:
        self.ctx = ctx
        self.programme = programme
        self.lms = lms
        self.site = programme.site
        self.people = people
        self.usernames = sorted(people.phone_of)
        self.progress = progress
        self.learners_read = 0
        self._enrolments: dict[str, list[EnrolmentSeen]] = {}
        self._on_platform: list[str] = []

    def accounts(self) -> Changes:
        total = NO_CHANGES
        for part in _parts(self.usernames, ACCOUNTS_AT_ONCE):
            seen = list(self.lms.accounts(part))
            self._on_platform.extend(item.account.username for item in seen)
            with self.ctx.store.begin() as tx:
                total += tx.mirror.save_accounts(self.site, part, seen, self.ctx.now())
            self.progress("accounts", total.seen, len(self.usernames))
        return total

    def memberships(self) -> Changes:
        codes = {item.learner.province_code for item in self.people.registrations}
        wanted = {self.programme.cohorts.of(code, province_by_code(code).name).idnumber for code in codes}
        cohorts = sorted(wanted & {cohort.idnumber for cohort in self.lms.cohorts()})
        members = list(self.lms.memberships(cohorts, self._on_platform)) if cohorts else []
        with self.ctx.store.begin() as tx:
            return tx.mirror.save_memberships(self.site, cohorts, members, self.ctx.now())

    def read_enrolments(self) -> set[str]:
        """Read who is enrolled and keep it; the usernames whose course access is news."""
        ours = self.people.phone_of.keys()
        moved: set[str] = set()
        for course in self.programme.enrolment.courses:
            seen = self._enrolments[course] = [item for item in self.lms.enrolments(course) if item.username in ours]
            with self.ctx.store.begin() as tx:
                moved |= _moved(seen, tx.mirror.course_access(self.site, [course]))
        return moved

    def enrolments(self) -> Changes:
        total = NO_CHANGES
        for course, seen in self._enrolments.items():
            with self.ctx.store.begin() as tx:
                total += tx.mirror.save_enrolments(self.site, course, seen, self.ctx.now())
        return total

    def results(self, moved: set[str], *, full: bool) -> Changes:
        refs = self.programme.refs
        part = "results:" + sha256("\n".join(sorted(map(str, refs))).encode()).hexdigest()[:16]
        with self.ctx.store.begin() as tx:
            first = tx.mirror.bookmark(self.site, part) is None
        started = self.ctx.now()
        usernames = sorted(self._on_platform if full or first else moved & set(self._on_platform))
        total = NO_CHANGES
        for some in _parts(usernames, LEARNERS_AT_ONCE):
            read = list(self.lms.topic_results(refs, some))
            with self.ctx.store.begin() as tx:
                total += tx.mirror.save_results(self.site, refs, some, read, self.ctx.now(), untold=self._untold(some))
            self.learners_read += len(some)
            self.progress("results", self.learners_read, len(usernames))
        if full or first:
            with self.ctx.store.begin() as tx:
                tx.mirror.set_bookmark(self.site, part, started)
        return total

    def _untold(self, usernames: Sequence[str]) -> list[tuple[str, str]]:
        """The courses that are topics, each with those of these people who have no active enrolment in it.

        Moodle tells no course completion of somebody whose enrolment is over, suspended or gone, neither in its report
        nor one by one (completion_info::is_tracked_user); what was read before the end stays true.
        """
        courses = {ref.course for ref in self.programme.refs if not ref.activity} & self._enrolments.keys()
        active = {
            (course, seen.username)
            for course in courses
            for seen in self._enrolments[course]
            if seen.active is not False
        }
        return [(course, name) for course in courses for name in usernames if (course, name) not in active]

    def issues(self, *, full: bool) -> Changes:
        gate = self.programme.certificate.gate
        certificate = certificate_key(self.programme)
        part = f"issues:{certificate}"
        with self.ctx.store.begin() as tx:
            since = None if full else tx.mirror.bookmark(self.site, part)
        ours = self.people.phone_of.keys()
        read = list(self.lms.certificate_issues(gate, since and since - ISSUE_OVERLAP))
        mine = [issue for issue in read if issue.username in ours]
        with self.ctx.store.begin() as tx:
            changes = tx.mirror.save_issues(self.site, certificate, mine, self.ctx.now())
            if read:
                tx.mirror.set_bookmark(self.site, part, max(issue.issued_at for issue in read))
        return changes


def _moved(seen: Iterable[EnrolmentSeen], before: dict[str, datetime | None]) -> set[str]:
    """Those whose last access to the course is news, or so recent that more may have happened in the same minute."""
    accessed = [(item.username, item.last_course_access) for item in seen if item.last_course_access]
    if not accessed:
        return set()
    recent = max(when for _, when in accessed) - ACCESS_OVERLAP
    return {username for username, when in accessed if when >= recent or before.get(username) != when}


def _parts(values: Sequence[str], size: int) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
