"""The values that travel through the connector: frozen, without I/O, keyed by our own keys.

Our keys, never the platform's numbers: a person is an E.164 phone number (`+84912345678`), an account is a username,
a cohort, group or course is its idnumber. Times are aware. Field names: reference/vietnam-facts.md, section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a roster row stands: the file's name, the sheet ('' for CSV) and the 1-based row."""

    file: str
    sheet: str
    row: int

    def __str__(self) -> str:
        sheet = f"[{self.sheet}]" if self.sheet else ""
        return f"{self.file}{sheet}:{self.row}"


class Intake(StrEnum):
    """On which way a row came: in a department's list (Phụ lục 01), or by the person's own form (QR code)."""

    DEPARTMENT = "department"
    SELF = "self"


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A person who is to be trained, as a roster names him, cleaned. `full_name` is the truth, a split is a guess.

    `registered_at` is the moment of a form that he sent himself; a department's list has none.
    """

    phone: str
    full_name: str
    province_code: str
    commune_code: str | None
    workplace: str
    position: str
    origin: Origin
    notices: tuple[str, ...] = ()
    intake: Intake = Intake.DEPARTMENT
    registered_at: datetime | None = None

    @property
    def given_name(self) -> str:
        """The last syllable group as Vietnamese software splits it (tên); the whole name if it is one word."""
        return self.full_name.rpartition(" ")[2]

    @property
    def family_and_middle(self) -> str:
        """All before the given name (họ và tên đệm); for a one-word name that word, since platforms want both."""
        return self.full_name.rpartition(" ")[0] or self.full_name


class Kind(StrEnum):
    """The kinds of things that we keep on a platform. The order is the order of dependency."""

    COHORT = "cohort"
    ACCOUNT = "account"
    MEMBERSHIP = "membership"
    ENROLMENT = "enrolment"
    GROUP = "group"
    GROUP_MEMBERSHIP = "group_membership"

    @property
    def is_of_people(self) -> bool:
        """True when each thing of this kind is about one account, whose username ends its key."""
        return self not in (Kind.COHORT, Kind.GROUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's account on a platform, in our terms. `profile` holds custom fields as sorted (name, value) pairs."""

    username: str
    firstname: str
    lastname: str
    email: str
    idnumber: str
    fields: tuple[tuple[str, str], ...] = ()
    profile: tuple[tuple[str, str], ...] = ()
    auth: str = "manual"
    suspended: bool = False
    kind = Kind.ACCOUNT

    @property
    def key(self) -> tuple[str, ...]:
        return (self.username,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """A site-wide set of people; one for each province."""

    idnumber: str
    name: str
    kind = Kind.COHORT

    @property
    def key(self) -> tuple[str, ...]:
        return (self.idnumber,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One account in one cohort."""

    cohort: str
    username: str
    kind = Kind.MEMBERSHIP

    @property
    def key(self) -> tuple[str, ...]:
        return (self.cohort, self.username)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One account in one course. `active=False` is a suspended enrolment: progress is kept, entry is not."""

    course: str
    username: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    active: bool = True
    kind = Kind.ENROLMENT

    @property
    def key(self) -> tuple[str, ...]:
        return (self.course, self.username)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of one course: people of one province, for teachers to look at. It gives no access to anything."""

    course: str
    idnumber: str
    name: str
    kind = Kind.GROUP

    @property
    def key(self) -> tuple[str, ...]:
        return (self.course, self.idnumber)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMembership:
    """One account in one group of a course. Only people who are enrolled in the course can be in it."""

    course: str
    group: str
    username: str
    kind = Kind.GROUP_MEMBERSHIP

    @property
    def key(self) -> tuple[str, ...]:
        return (self.course, self.group, self.username)


Item = Cohort | Account | Membership | Enrolment | Group | GroupMembership


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSeen:
    """What the platform says of an account now. `last_access` is None when the person never logged in."""

    account: Account
    remote_id: str
    last_access: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentSeen:
    """What the platform says of an enrolment now. Times and `active` are None where the platform cannot tell."""

    course: str
    username: str
    active: bool | None
    last_access: datetime | None
    last_course_access: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRef:
    """Where a topic lives on a platform: a whole course, or one activity of a course (both by idnumber)."""

    course: str
    activity: str = ""

    def __str__(self) -> str:
        return f"{self.course}/{self.activity}" if self.activity else self.course


# The fields of `TopicResult` (its ref as course and activity), as the store reads them by the million.
ResultRow = tuple[str, str, bool, datetime | None, float | None, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSeen:
    """What the platform says of a topic's place: its own number and name of the activity, or of the whole course."""

    ref: TopicRef
    remote_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicResult:
    """One learner's state in one topic; `grade` in 0..100 or None. Done without `completed_at`: the time is not told.

    `overridden`: somebody set it by hand; `overridden_by` is that account's number on the platform, where it is told.
    """

    ref: TopicRef
    username: str
    done: bool
    completed_at: datetime | None
    grade: float | None = None
    overridden: bool = False
    overridden_by: str = ""


class OutsideKind(StrEnum):
    """What a fact from outside the platform is: presence at a session, or a result in a topic done elsewhere."""

    ATTENDANCE = "attendance"
    RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideResult:
    """One fact about a learner that no platform tells, as an imported file states it in the row `origin`.

    `ATTENDANCE`: `key` names the session, such as 'buoi-1', held at `at`; `value` is for how many sessions it stands,
    1 where it is None, 0 for an absence. `RESULT`: `key` is the key of the programme's topic, done at `at`; `value` is
    the grade in 0..100, or None where there is none.
    """

    phone: str
    kind: OutsideKind
    key: str
    value: float | None
    at: datetime
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A person need not do a topic, or meet a part of the rule: exactly one of `topic` and `part` is named by its key.

    It rests on the decision of number `decision` and day `decided_on`; `by` recorded it.
    """

    programme: str
    phone: str
    decision: str
    decided_on: date
    by: str
    topic: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIssue:
    """A certificate that the platform has issued, as read back. `code` is the platform's verification code."""

    issue_id: str
    certificate: str
    username: str
    code: str
    issued_at: datetime


def mask_phone(phone: str) -> str:
    """The phone number fit for logs and errors: '+84912345678' becomes '+84*******78'. Nothing is written."""
    return phone[:3] + "*" * max(len(phone) - 5, 0) + phone[-2:]


def national_phone(phone: str) -> str:
    """The number as people in Viet Nam dial it: '+84912345678' becomes '0912345678'."""
    return "0" + phone.removeprefix("+84") if phone.startswith("+84") else phone


class RegistrationState(StrEnum):
    """What the lists say of a person.

    `REGISTERED`: only he himself, no department yet. `CONFIRMED`: a department's list names him. `CONFLICT`: two names
    claim the number, so nobody is provisioned by it. `LEFT`: no list in force names him any more.
    """

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    CONFLICT = "conflict"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One person's place in one programme, as all lists together leave it.

    `sources` names, as (field, origin) pairs, the row of each field that does not come from `learner.origin`.
    `learner.registered_at` is the moment of his first own form, if he sent one.
    """

    programme: str
    learner: Learner
    state: RegistrationState
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def takes_part(self) -> bool:
        """True when he is to have an account and to be counted."""
        return self.state is RegistrationState.CONFIRMED

    @property
    def is_listed(self) -> bool:
        """True when what he has on the platform stays: he takes part, or it is open whose number it is."""
        return self.state in (RegistrationState.CONFIRMED, RegistrationState.CONFLICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """How one part of a completion rule stands for one learner. `rule` is the part's name in the programme file.

    `have` of `need` topics are done (hours, sessions or parts, as the part counts). `since` is the moment at which the
    part was met, aware, or None while it is not. `missing` names topics (sessions, programmes) that could still count;
    `not_counted` names topics that were done but do not count, with the cause ('outside_window', 'below_grade');
    `exempted` names topics that count by a decision, or the part itself if it is met by one, with the number of it.
    """

    rule: str
    met: bool
    have: float
    need: float
    missing: tuple[str, ...] = ()
    not_counted: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    exempted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a learner has completed a programme, with a reason for each part of the rule; never without reasons.

    `done` holds the keys of all topics that count; `completed_at` is the moment when the rule was first met;
    `facts_hash` names exactly the facts that were judged, `rule_version` the rule that judged them.
    """

    programme: str
    phone: str
    passed: bool
    reasons: tuple[Reason, ...]
    done: tuple[str, ...]
    completed_at: datetime | None
    rule_version: str
    facts_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something about a certificate that only a person may decide; open until `settled_at` is set.

    `kind` is 'withdrawn' (facts that counted no longer do) or 'rule_changed' (the same facts no longer suffice);
    `facts` holds what was found, as plain values.
    """

    number: int
    programme: str
    phone: str
    kind: str
    opened_at: datetime
    facts: Mapping[str, Any]
    settled_at: datetime | None = None
    settled_by: str = ""
    reason: str = ""


class CertificateState(StrEnum):
    """A certificate's way. `DUE`: decided by us; `APPROVED`: by a named person, where the programme asks for that;
    `GRANTED`: released on the platform; `ISSUED`: read back as issued there, numbered; `DELIVERED`: handed over.

    `REVOKED`: taken back, the number stays in the register; `REISSUED`: to be issued once more, with new facts.
    """

    DUE = "due"
    APPROVED = "approved"
    GRANTED = "granted"
    ISSUED = "issued"
    DELIVERED = "delivered"
    REVOKED = "revoked"
    REISSUED = "reissued"
