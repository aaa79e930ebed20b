"""A platform in dictionaries that behaves as `connector.lms.LmsClient` promises; held to it by tests/contract.

`refuse` lets the platform refuse items by key, `untold` names cohorts and courses of which it tells nothing, `outages`
makes the next calls fail (before or after the work is done).
`sent` records each write with the number of its items, so that a test can say what was sent and in which order.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connector.errors import ConfigError, ConnectorError, OutcomeUnknown, RequestRefused
from connector.lms import (
    AccountField,
    AccountUpdate,
    CallCounts,
    Capability,
    CertificateGate,
    Finding,
    GrantWay,
    ItemResult,
    Needs,
    NewAccount,
    NewPassword,
    Oddity,
    Outcome,
    Severity,
)
from connector.model import (
    Account,
    AccountSeen,
    CertificateIssue,
    Cohort,
    Enrolment,
    EnrolmentSeen,
    Membership,
    TopicRef,
    TopicResult,
    TopicSeen,
)
from tests.fakes.groups import FakeCourse, FakeGroups, result_of
from tests.fakes.mark import FakeMark
from tests.fakes.pace import Quick

Key = tuple[str, ...]


@dataclass
class FakeLms(Quick, FakeGroups, FakeMark):
    """The platform's state is public: a test may look at it and change it as a person at the platform would."""

    name: str = "fake"
    capabilities: Capability = field(default_factory=lambda: ~Capability(0))
    sign_up_course: str = ""
    seen: dict[str, AccountSeen] = field(default_factory=dict)
    cohort_names: dict[str, str] = field(default_factory=dict)
    members: set[Membership] = field(default_factory=set)
    courses: dict[str, FakeCourse] = field(default_factory=dict)
    enrolled: dict[Key, Enrolment] = field(default_factory=dict)
    course_access: dict[Key, datetime] = field(default_factory=dict)
    results: dict[tuple[str, TopicRef], TopicResult] = field(default_factory=dict)
    issues: list[CertificateIssue] = field(default_factory=list)
    released: dict[str, set[str]] = field(default_factory=dict)  # profile field -> those in whose field RELEASED stands
    passwords: dict[str, str] = field(default_factory=dict)
    staff: set[str] = field(default_factory=lambda: {"admin", "guest"})
    must_change: set[str] = field(default_factory=set)
    refuse: dict[Key, str] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)
    outages: list[ConnectorError | None] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    sent: list[tuple[str, int]] = field(default_factory=list)
    shown: Callable[[EnrolmentSeen], EnrolmentSeen] = lambda seen: seen  # what a token's rights leave of an enrolment
    _next_id: int = 100
    _next_issue: int = 0
    _requests: Counter[str] = field(default_factory=Counter)

    @property
    def calls(self) -> CallCounts:
        return CallCounts(
            requests=self._requests.total(),
            by_outcome=tuple((name, "ok", count) for name, count in sorted(self._requests.items())),
        )

    def add_course(self, idnumber: str, activities: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
        """A course as an administrator makes it."""
        self.courses[idnumber] = FakeCourse(set(activities), {group: set() for group in groups})

    def add_account(self, account: Account, last_access: datetime | None = None) -> None:
        """An account made by hand."""
        self._next_id += 1
        self.seen[account.username] = AccountSeen(
            account=account, remote_id=str(self._next_id), last_access=last_access
        )

    def issue_certificates(self, gate: CertificateGate, now: datetime) -> None:
        """The plugin's scheduled task: everybody for whom the gate is open and who has no issue gets one."""
        have = {issue.username for issue in self.issues if issue.certificate == gate.certificate}
        for username in sorted(self._gate(gate) - have):
            self._next_issue += 1
            number = self._next_issue
            self.issues.append(
                CertificateIssue(
                    issue_id=str(number),
                    certificate=gate.certificate,
                    username=username,
                    code=f"code{number:06d}",
                    issued_at=now.astimezone(UTC),
                )
            )

    def _call(self, function: str) -> None:
        self._requests[function] += 1
        if self.outages:
            outage = self.outages.pop(0)
            if outage is not None:
                raise outage

    def _tell(self, *places: str) -> None:
        hidden = sorted(self.untold.intersection(places))
        if hidden:
            raise RequestRefused("dberror", f"The platform refused: {hidden[0]} (dberror).")

    def _write(self, function: str, count: int, work: Callable[[], list[ItemResult]]) -> list[ItemResult]:
        """An outage that is OutcomeUnknown strikes after the work is done, any other before."""
        try:
            self._call(function)
        except OutcomeUnknown:
            work()
            raise
        self.sent.append((function, count))
        return work()

    def check(self, needs: Needs) -> list[Finding]:
        return [
            Finding(
                subject=course,
                severity=Severity.OK if course in self.courses else Severity.ERROR,
                detail="found" if course in self.courses else "missing",
            )
            for course in needs.courses
        ]

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        self._call("accounts")
        yield from [self.seen[name] for name in dict.fromkeys(usernames) if name in self.seen]

    def find_accounts(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        self._call("find_accounts")
        fold = str.lower if by is AccountField.EMAIL else str
        wanted = {fold(value) for value in values if value}
        yield from [seen for seen in self.seen.values() if fold(getattr(seen.account, by.value)) in wanted]

    def elevated(self, courses: Sequence[str], usernames: Iterable[str]) -> set[str]:
        self._call("elevated")
        for course in courses:
            self._course(course)
        return self.staff & set(usernames)

    def cohorts(self) -> Iterator[Cohort]:
        self._call("cohorts")
        yield from [Cohort(idnumber=idnumber, name=name) for idnumber, name in self.cohort_names.items()]

    def memberships(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        self._call("memberships")
        self._tell(*cohorts)
        names, wanted = set(usernames), set(cohorts)
        yield from [item for item in self.members if item.cohort in wanted and item.username in names]

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        self._call("enrolments")
        self._tell(course)
        self._course(course)
        for item in list(self.enrolled.values()):
            if item.course == course:
                yield self.shown(
                    EnrolmentSeen(
                        course=course,
                        username=item.username,
                        active=item.active,
                        last_access=self.seen[item.username].last_access,
                        last_course_access=self.course_access.get(item.key),
                    )
                )

    def topic_results(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        self._call("topic_results")
        for ref in refs:
            self._topic(ref)
        for ref in refs:
            for username in dict.fromkeys(usernames):
                if (username, ref) in self.results:
                    yield self.results[username, ref]

    def topics(self, refs: Sequence[TopicRef]) -> Iterator[TopicSeen]:
        for ref in refs:
            self._topic(ref)
            yield TopicSeen(ref=ref, remote_id=f"#{ref}", name=f"Bài {ref}")

    def take_oddities(self) -> list[Oddity]:
        found, self.oddities = self.oddities, []
        return found

    def certificate_issues(
        self, gate: CertificateGate, since: datetime | None, awaited: Collection[str] | None = None
    ) -> Iterator[CertificateIssue]:
        del awaited  # all are told at once
        self._call("certificate_issues")
        self._topic(TopicRef(course=gate.course, activity=gate.certificate))
        for issue in list(self.issues):
            if issue.certificate == gate.certificate and (since is None or issue.issued_at >= since):
                yield issue

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        self._call("granted")
        yield from self._gate(gate) & set(usernames)

    def create_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._write("create_cohorts", len(cohorts), lambda: [self._create_cohort(item) for item in cohorts])

    def update_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._write("update_cohorts", len(cohorts), lambda: [self._rename_cohort(item) for item in cohorts])

    def create_accounts(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        return self._write("create_accounts", len(accounts), lambda: [self._create_account(new) for new in accounts])

    def update_accounts(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        return self._write("update_accounts", len(updates), lambda: [self._update(item) for item in updates])

    def set_passwords(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        return self._write("set_passwords", len(passwords), lambda: [self._set_password(new) for new in passwords])

    def add_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._write("add_members", len(memberships), lambda: [self._add(item) for item in memberships])

    def remove_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._write("remove_members", len(memberships), lambda: [self._remove(item) for item in memberships])

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        return self._write("enrol", len(enrolments), lambda: [self._enrol(item) for item in enrolments])

    def grant_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        through = self._gate(gate)
        return self._write("grant", len(usernames), lambda: [self._grant(gate, through, name) for name in usernames])

    def withdraw_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        through = self._gate(gate)
        return self._write("withdraw", len(usernames), lambda: [self._withdraw(through, name) for name in usernames])

    def delete_issues(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        self._topic(TopicRef(course=gate.course, activity=gate.certificate))
        return self._write("delete_issues", len(issue_ids), lambda: [self._delete(name) for name in issue_ids])

    def _create_cohort(self, cohort: Cohort) -> ItemResult:
        if cohort.key in self.refuse:
            return self._refused(cohort.key)
        if cohort.idnumber in self.cohort_names:
            return result_of(cohort.key, Outcome.ALREADY)
        self.cohort_names[cohort.idnumber] = cohort.name
        return result_of(cohort.key, Outcome.DONE, cohort.idnumber)

    def _rename_cohort(self, cohort: Cohort) -> ItemResult:
        if cohort.key in self.refuse:
            return self._refused(cohort.key)
        if cohort.idnumber not in self.cohort_names:
            return result_of(cohort.key, Outcome.REFUSED, code="unknown_cohort")
        self.cohort_names[cohort.idnumber] = cohort.name
        return result_of(cohort.key, Outcome.DONE, cohort.idnumber)

    def _create_account(self, new: NewAccount) -> ItemResult:
        account = new.account
        if account.key in self.refuse:
            return self._refused(account.key)
        if account.username in self.seen:
            return result_of(account.key, Outcome.ALREADY, self.seen[account.username].remote_id)
        if any(seen.account.email == account.email for seen in self.seen.values()):
            return result_of(account.key, Outcome.REFUSED, code="email_taken")
        self.add_account(account)
        self.passwords[account.username] = new.password
        self.must_change |= {account.username} if new.password else set()
        return result_of(account.key, Outcome.DONE, self.seen[account.username].remote_id)

    def _update(self, update: AccountUpdate) -> ItemResult:
        key = update.after.key
        if key in self.refuse:
            return self._refused(key)
        if update.before.username not in self.seen:
            return result_of(key, Outcome.REFUSED, code="unknown_user")
        if update.before == update.after:
            return result_of(key, Outcome.ALREADY)
        if update.before.username != update.after.username and update.after.username in self.seen:
            return result_of(key, Outcome.REFUSED, code="dmlwriteexception")
        seen = self.seen.pop(update.before.username)
        self.seen[update.after.username] = replace(seen, account=update.after)
        self._rename(update.before.username, update.after.username)
        return result_of(key, Outcome.DONE, seen.remote_id)

    def _rename(self, old: str, new: str) -> None:
        """All that belongs to an account stays with it under its new name."""
        if old == new:
            return
        self.members = {replace(one, username=new) if one.username == old else one for one in self.members}
        for course, name in [key for key in self.enrolled if key[1] == old]:
            self.enrolled[course, new] = replace(self.enrolled.pop((course, name)), username=new)
        for course, name in [key for key in self.course_access if key[1] == old]:
            self.course_access[course, new] = self.course_access.pop((course, name))
        for name, ref in [key for key in self.results if key[0] == old]:
            self.results[new, ref] = replace(self.results.pop((name, ref)), username=new)
        self.issues = [replace(issue, username=new) if issue.username == old else issue for issue in self.issues]
        for group in [group for course in self.courses.values() for group in course.groups.values() if old in group]:
            group.discard(old)
            group.add(new)

    def _set_password(self, new: NewPassword) -> ItemResult:
        if new.key in self.refuse:
            return self._refused(new.key)
        if new.username not in self.seen:
            return result_of(new.key, Outcome.REFUSED, code="unknown_user")
        self.passwords[new.username] = new.password
        self.must_change.add(new.username)
        return result_of(new.key, Outcome.DONE, self.seen[new.username].remote_id)

    def _add(self, item: Membership) -> ItemResult:
        if item.key in self.refuse:
            return self._refused(item.key)
        if item.cohort not in self.cohort_names or item.username not in self.seen:
            return result_of(item.key, Outcome.REFUSED, code="unknown")
        outcome = Outcome.ALREADY if item in self.members else Outcome.DONE
        self.members.add(item)
        for idnumber, course in self.courses.items():
            if item.cohort in course.enrols:
                self.enrolled[idnumber, item.username] = Enrolment(course=idnumber, username=item.username)
        return result_of(item.key, outcome)

    def _remove(self, item: Membership) -> ItemResult:
        if item.key in self.refuse:
            return self._refused(item.key)
        outcome = Outcome.DONE if item.username in self.seen and item.cohort in self.cohort_names else Outcome.ALREADY
        self.members.discard(item)
        return result_of(item.key, outcome)

    def _enrol(self, item: Enrolment) -> ItemResult:
        if item.key in self.refuse:
            return self._refused(item.key)
        if item.course not in self.courses or item.username not in self.seen:
            return result_of(item.key, Outcome.REFUSED, code="unknown")
        self.enrolled[item.key] = item
        return result_of(item.key, Outcome.DONE)

    def _grant(self, gate: CertificateGate, through: set[str], username: str) -> ItemResult:
        if (username,) in self.refuse:
            return self._refused((username,))
        if username in through:
            return result_of((username,), Outcome.ALREADY)
        if username not in self.seen:
            return result_of((username,), Outcome.REFUSED, code="unknown_user")
        if gate.way is not GrantWay.PROFILE_FIELD and (gate.course, username) not in self.enrolled:
            return result_of((username,), Outcome.REFUSED, code="not_enrolled")
        through.add(username)
        return result_of((username,), Outcome.DONE)

    def _withdraw(self, through: set[str], username: str) -> ItemResult:
        if (username,) in self.refuse:
            return self._refused((username,))
        outcome = Outcome.DONE if username in through else Outcome.ALREADY
        through.discard(username)
        return result_of((username,), outcome)

    def _delete(self, issue_id: str) -> ItemResult:
        if (issue_id,) in self.refuse:
            return self._refused((issue_id,))
        kept = [issue for issue in self.issues if issue.issue_id != issue_id]
        outcome = Outcome.DONE if len(kept) < len(self.issues) else Outcome.ALREADY
        self.issues[:] = kept
        return result_of((issue_id,), outcome)

    def _course(self, idnumber: str) -> FakeCourse:
        if idnumber not in self.courses:
            raise ConfigError(f"The site has no course {idnumber}.")
        return self.courses[idnumber]

    def _topic(self, ref: TopicRef) -> None:
        if ref.activity and ref.activity not in self._course(ref.course).activities:
            raise ConfigError(f"The course has no activity {ref.activity}.")
        self._course(ref.course)

    def _gate(self, gate: CertificateGate) -> set[str]:
        """Those for whom it is open; a profile field that is not there cannot be told from an empty one."""
        if gate.way is GrantWay.PROFILE_FIELD:
            return self.released.setdefault(gate.profile_field, set())
        course = self._course(gate.course)
        if gate.way is not GrantWay.GROUP:
            self._topic(TopicRef(course=gate.course, activity=gate.switch))
            return course.open_to.setdefault(gate.switch, set())
        if gate.group not in course.groups:
            raise ConfigError(f"The course has no group {gate.group}.")
        return course.groups[gate.group]

    def _refused(self, key: Key) -> ItemResult:
        return result_of(key, Outcome.REFUSED, code=self.refuse[key])
