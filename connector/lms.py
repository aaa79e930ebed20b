"""The one seam to every platform: what a platform can do, what can be read from it and written to it.

An adapter (moodle_ws, openedx) hides the platform's numbers, pages, batches and error codes. Jobs and sync know only
this file. Reads return iterators: pages stay inside the adapter. Writes take a sequence and return exactly one
`ItemResult` for each item, in the order given: the refusal of an item is a value, an outage is an exception
(`PlatformUnavailable`: nothing was done; `OutcomeUnknown`: read back before anything else is sent).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, StrEnum, auto
from typing import Protocol

from connector.model import (
    Account,
    AccountSeen,
    CertificateIssue,
    Cohort,
    Enrolment,
    EnrolmentSeen,
    Group,
    GroupMembership,
    Membership,
    TopicRef,
    TopicResult,
    TopicSeen,
)


class Capability(Flag):
    """What an adapter's platform can do at all; what is missing is refused in words, never skipped in silence.

    COURSE_ACCESS: it tells when somebody was last in a course. COMPLETION_TIMES: a result that is done has
    `completed_at`. PAST_RESULTS: it tells what somebody did in a course whose enrolment there is over.
    CERTIFICATES: it tells who holds one; without it nothing that it issued can be read back, nor be relied on.
    ISSUE_LIST: it tells all certificates of a course at once, else they are asked for one by one.
    """

    ACCOUNTS = auto()
    UPDATE_ACCOUNTS = auto()
    SUSPEND_ACCOUNTS = auto()
    COHORTS = auto()
    ENROLMENTS = auto()
    TOPIC_RESULTS = auto()
    GRADES = auto()
    CERTIFICATES = auto()
    PASSWORDS = auto()
    GROUPS = auto()
    COURSE_ACCESS = auto()
    COMPLETION_TIMES = auto()
    PAST_RESULTS = auto()
    ISSUE_LIST = auto()


class AccountField(StrEnum):
    """The fields by which accounts can be looked up."""

    USERNAME = "username"
    IDNUMBER = "idnumber"
    EMAIL = "email"


class Outcome(StrEnum):
    """What became of one item of a write. `UNKNOWN`: the answer was lost and reading back did not settle it."""

    DONE = "done"
    ALREADY = "already"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item's answer. `remote_id` is the platform's number, for the ledger only; `code` the platform's own word."""

    key: tuple[str, ...]
    outcome: Outcome
    remote_id: str = ""
    code: str = ""
    message: str = ""

    @property
    def ok(self) -> bool:
        """True when the item is now as wanted."""
        return self.outcome in (Outcome.DONE, Outcome.ALREADY)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdate:
    """A change of an existing account: only fields that differ between `before` and `after` are sent."""

    before: Account
    after: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to be made, with its first password (empty when the site's auth method needs none)."""

    account: Account
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """A password for an account that is there; its owner must change it when he next logs in."""

    username: str
    password: str = field(repr=False)

    @property
    def key(self) -> tuple[str, ...]:
        return (self.username,)


class GrantWay(StrEnum):
    """How a certificate is released on a platform that issues by itself, by what the certificate is restricted to."""

    GROUP = "group"
    PROFILE_FIELD = "profile_field"
    GATE_ACTIVITY = "gate_activity"
    OWN_COMPLETION = "own_completion"
    ALLOWLIST = "allowlist"


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateGate:
    """How the `certificate` of a `course` is released: by a `group` of the course, a `profile_field` that is set to
    `RELEASED`, the completion of a `gate_activity`, or that of the certificate activity itself; on Open edX by the
    course's allowlist.
    """

    course: str
    certificate: str
    way: GrantWay = GrantWay.GROUP
    group: str = ""
    profile_field: str = ""
    gate_activity: str = ""

    @property
    def switch(self) -> str:
        """The activity whose completion releases the certificate; '' for ways that need none."""
        if self.way is GrantWay.OWN_COMPLETION:
            return self.certificate
        return self.gate_activity if self.way is GrantWay.GATE_ACTIVITY else ""


RELEASED = "1"  # what stands in the profile field of somebody to whom the certificate has been released


class Severity(StrEnum):
    """How much a doctor's finding matters: `ERROR` stops the work, `WARNING` costs something, `OK` is fine."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of `connector doctor`: what was looked at, how it stands, and how an administrator mends it."""

    subject: str
    severity: Severity
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a programme asks of a site, for the doctor: courses, topics, the gate, profile fields, a known username.

    `enrols` is False where the site itself enrols the members of `cohorts`; `groups`: each course has groups of ours;
    `windows`: an enrolment begins and ends with the programme; `people` are so many, on the platform already or not.
    """

    courses: tuple[str, ...] = ()
    topics: tuple[TopicRef, ...] = ()
    gate: CertificateGate | None = None
    profile_fields: tuple[str, ...] = ()
    known_username: str = ""
    enrols: bool = True
    cohorts: tuple[str, ...] = ()
    groups: bool = False
    windows: bool = False
    people: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCounts:
    """What the adapter has cost the platform so far: HTTP requests, and inner calls by function and outcome.

    An outcome is 'ok', 'not run' (a batch stopped before), or the name of the error's class.
    """

    requests: int
    by_outcome: tuple[tuple[str, str, int], ...] = ()

    @property
    def by_function(self) -> tuple[tuple[str, int], ...]:
        """Inner calls by function, however they ended."""
        counted: dict[str, int] = {}
        for function, _outcome, count in self.by_outcome:
            counted[function] = counted.get(function, 0) + count
        return tuple(sorted(counted.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """A row of an answer that could not be understood and was left out: an unknown state, a changed type.

    `part` is 'accounts', 'enrolments', 'results' or 'issues'; `place` names course and activity, '' for all of them;
    `username` is the person, '' when not even that can be told. `raw` is the row, shortened and without names.
    """

    part: str
    place: str
    username: str
    why: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is about to be sent: how many new accounts, and how many people are to be enrolled in which course."""

    accounts: int = 0
    enrolments: Mapping[str, int] = field(default_factory=dict)


class LmsReader(Protocol):
    """Reads only. Unknown usernames and foreign members are left out of answers, never guessed."""

    @property
    def name(self) -> str:
        """The site's key in the configuration."""
        ...

    @property
    def capabilities(self) -> Capability: ...

    @property
    def sign_up_course(self) -> str:
        """The course in which the making of an account enrols its owner at once; '' where it does not."""
        ...

    @property
    def calls(self) -> CallCounts: ...

    def address(self) -> str:
        """Host and path under which the site says that it stands; a copy or a moved site says another one."""
        ...

    def marks(self) -> list[str]:
        """What the connector has left on the site as its mark, read anew; nothing where there is none."""
        ...

    def check(self, needs: Needs) -> list[Finding]:
        """What works and what does not for these needs; reads only, and never raises for a missing right."""
        ...

    def outlook(self, work: Work) -> list[str]:
        """What takes long of this work on this platform, and how long at least, in words; nothing where it is quick."""
        ...

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that exist among these usernames, suspended ones included."""
        ...

    def find_accounts(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that have one of these values in this field; several may share an idnumber."""
        ...

    def elevated(self, courses: Sequence[str], usernames: Iterable[str]) -> set[str]:
        """Those of these usernames who are more than learners, as far as the platform tells: staff of these courses,
        the platform's administrator and guest, the connector's own account.
        """
        ...

    def cohorts(self) -> Iterator[Cohort]:
        """All cohorts that have an idnumber."""
        ...

    def memberships(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        """Members of these existing cohorts, limited to these usernames, which `accounts` has seen before."""
        ...

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        """Everybody enrolled in the course, with the last access to site and course; suspended enrolments included
        unless `past_enrolments` tells them.
        """
        ...

    def past_enrolments(self, course: str, usernames: Sequence[str]) -> Iterator[EnrolmentSeen]:
        """Those of these people, all of whom `enrolments` has left out, whose enrolment in the course is over.

        A platform whose `enrolments` tells suspended ones too has none to add.
        """
        ...

    def groups(self, course: str) -> Iterator[Group]:
        """All groups of the course that have an idnumber."""
        ...

    def group_memberships(
        self, course: str, groups: Sequence[str], usernames: Iterable[str]
    ) -> Iterator[GroupMembership]:
        """Members of these existing groups, limited to these usernames, which `accounts` has seen before."""
        ...

    def topic_results(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        """The state of these learners in these topics; topics not begun are left out."""
        ...

    def reads_each(self, refs: Sequence[TopicRef]) -> bool:
        """Whether reading these topics costs something for each learner, so that nobody is read in vain."""
        ...

    def topics(self, refs: Sequence[TopicRef]) -> Iterator[TopicSeen]:
        """Number and name of these activities and whole courses. Raises ConfigError for one that is not there."""
        ...

    def take_oddities(self) -> list[Oddity]:
        """What could not be understood of the answers since this was last asked; the rows were left out."""
        ...

    def certificate_issues(
        self, gate: CertificateGate, since: datetime | None, awaited: Collection[str] | None = None
    ) -> Iterator[CertificateIssue]:
        """Issues of this certificate created at or after `since` (all when None); duplicates by issue_id are folded.

        Without ISSUE_LIST, those of the `awaited` usernames alone, whenever they were made: each may cost a request.
        There, None awaits everybody without a `since` and nobody with one.
        """
        ...

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        """Those of these usernames, seen before by `accounts`, to whom the certificate has been released."""
        ...


class LmsClient(LmsReader, Protocol):
    """Reads and writes. Each write returns one result for each item, in order."""

    def leave_mark(self, text: str) -> ItemResult:
        """Leave this text, of one line, in place of the mark that is there. `REFUSED`: the site does not let us."""
        ...

    def create_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]: ...

    def update_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        """Give the cohorts of these idnumbers these names. `REFUSED`: there is none of this idnumber."""
        ...

    def create_accounts(self, accounts: Sequence[NewAccount]) -> list[ItemResult]: ...

    def update_accounts(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]: ...

    def set_passwords(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        """Set these passwords, to be changed at the next log-in. No platform tells a password, so an unknown outcome
        cannot be read back; setting the same password again is harmless and settles it. Keys are (username,).
        """
        ...

    def add_members(self, memberships: Sequence[Membership]) -> list[ItemResult]: ...

    def remove_members(self, memberships: Sequence[Membership]) -> list[ItemResult]: ...

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        """Enrol people who are not enrolled, or change window or state of those who are; every field is sent."""
        ...

    def create_groups(self, groups: Sequence[Group]) -> list[ItemResult]: ...

    def add_to_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        """Put people into groups; who is not enrolled in the group's course is refused."""
        ...

    def remove_from_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]: ...

    def grant_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Release the certificate to these people; the platform itself issues it later. Keys are (username,)."""
        ...

    def withdraw_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Close the gate for these people: no new issue follows. Issues that are there stay. Keys are (username,)."""
        ...

    def delete_issues(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        """Delete these issues on the platform, so that their codes verify no more. Keys are (issue_id,)."""
        ...
