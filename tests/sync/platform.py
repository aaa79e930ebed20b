"""A small platform in a few dicts that behaves as connector.lms.LmsClient asks, with faults that can be ordered."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from connector.errors import ConnectorError
from connector.lms import (
    AccountField,
    AccountUpdate,
    CallCounts,
    Capability,
    CertificateGate,
    Finding,
    ItemResult,
    Needs,
    NewAccount,
    NewPassword,
    Oddity,
    Outcome,
)
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
from tests.fakes.mark import FakeMark
from tests.fakes.pace import Quick

EVERYTHING = ~Capability(0)
Key = tuple[str, ...]
PLAIN = ("username", "firstname", "lastname", "email", "idnumber", "auth", "suspended")
T = TypeVar("T", Account, Cohort, Membership, Enrolment, Group, GroupMembership)


class Platform(Quick, FakeMark):
    """Accounts, cohorts, members and enrolments. `break_after(n, error, done)` makes the n-th write from now fail."""

    def __init__(self, courses: Sequence[str] = ("course",)) -> None:
        self.people: dict[str, Account] = {}
        self.known_cohorts: dict[str, Cohort] = {}
        self.members: set[Key] = set()
        self.enrolled: dict[Key, Enrolment] = {}
        self.course_groups: dict[Key, Group] = {}
        self.grouped: set[Key] = set()
        self.passwords: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        self.courses = courses
        self.refuse: dict[Key, str] = {}
        self.unknown: set[Key] = set()
        self.hidden: set[str] = set()
        self.tells_active = True
        self.capabilities = EVERYTHING
        self.sign_up_course = ""
        self.writes: list[list[Key]] = []
        self.reads: list[str] = []
        self.last_access: datetime | None = None
        self._fault: tuple[int, ConnectorError, float] | None = None

    def break_after(self, writes: int, error: ConnectorError, done: float) -> None:
        """The write number `writes` from now (0: the next) does only the share `done` of its items and raises."""
        self._fault = (writes, error, done)

    def calm(self) -> None:
        """No fault from now on."""
        self._fault = None

    def number(self, username: str) -> str:
        """The platform's number of an account; a new name does not change it."""
        return self.numbers.get(username, f"id-{username}")

    def picture(self) -> tuple[object, ...]:
        """A copy of all that a sync can change, for comparing states."""
        return dict(self.people), dict(self.known_cohorts), set(self.members), dict(self.enrolled), set(self.grouped)

    # Reading

    @property
    def name(self) -> str:
        return "sandbox"

    @property
    def calls(self) -> CallCounts:
        return CallCounts(requests=len(self.writes) + len(self.reads))

    def check(self, needs: Needs) -> list[Finding]:
        return []

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        self.reads.append("accounts")
        for username in usernames:
            if username in self.people and username not in self.hidden:
                yield AccountSeen(
                    account=self.people[username], remote_id=self.number(username), last_access=self.last_access
                )

    def find_accounts(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        for username, account in self.people.items():
            if getattr(account, by.value) in values:
                yield AccountSeen(account=account, remote_id=self.number(username), last_access=None)

    def elevated(self, courses: Sequence[str], usernames: Iterable[str]) -> set[str]:
        return set()

    def cohorts(self) -> Iterator[Cohort]:
        self.reads.append("cohorts")
        yield from self.known_cohorts.values()

    def memberships(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        self.reads.append("memberships")
        known = set(usernames)
        for cohort, username in sorted(self.members):
            if cohort in cohorts and username in known:
                yield Membership(cohort=cohort, username=username)

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        self.reads.append(f"enrolments {course}")
        for (where, username), item in sorted(self.enrolled.items()):
            if where == course:
                yield EnrolmentSeen(
                    course=course,
                    username=username,
                    active=item.active if self.tells_active else None,
                    last_access=None,
                    last_course_access=self.last_access,
                )

    def groups(self, course: str) -> Iterator[Group]:
        self.reads.append(f"groups {course}")
        yield from [group for key, group in sorted(self.course_groups.items()) if key[0] == course]

    def group_memberships(
        self, course: str, groups: Sequence[str], usernames: Iterable[str]
    ) -> Iterator[GroupMembership]:
        self.reads.append(f"group members {course}")
        known = set(usernames)
        for where, group, username in sorted(self.grouped):
            if where == course and group in groups and username in known:
                yield GroupMembership(course=course, group=group, username=username)

    def topic_results(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        return iter(())

    def topics(self, refs: Sequence[TopicRef]) -> Iterator[TopicSeen]:
        return iter(())

    def take_oddities(self) -> list[Oddity]:
        return []

    def certificate_issues(
        self, gate: CertificateGate, since: datetime | None, awaited: Collection[str] | None = None
    ) -> Iterator[CertificateIssue]:
        del awaited  # all are told at once
        return iter(())

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        return iter(())

    # Writing

    def create_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._write(cohorts, self._create_cohort)

    def update_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._write(cohorts, self._rename_cohort)

    def create_accounts(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        self.passwords |= {new.account.username: new.password for new in accounts}
        return self._write([new.account for new in accounts], self._create_account)

    def update_accounts(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        before = {update.after.key: update.before for update in updates}
        return self._write([update.after for update in updates], lambda item: self._update(before[item.key], item))

    def set_passwords(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        raise NotImplementedError("no plan sets passwords")

    def add_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._write(memberships, self._add)

    def remove_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._write(memberships, self._remove)

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        return self._write(enrolments, self._enrol)

    def create_groups(self, groups: Sequence[Group]) -> list[ItemResult]:
        return self._write(groups, self._create_group)

    def add_to_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return self._write(memberships, self._group_in)

    def remove_from_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return self._write(memberships, self._group_out)

    def grant_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        return []

    def withdraw_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        return []

    def delete_issues(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        return []

    def _write(self, items: Sequence[T], one: Callable[[T], str]) -> list[ItemResult]:
        self.writes.append([item.key for item in items])
        fault = self._fault
        if fault is None:
            return [self._result(item, one) for item in items]
        writes, error, share = fault
        self._fault = (writes - 1, error, share) if writes else None
        results = [self._result(item, one) for item in (items if writes else items[: int(len(items) * share)])]
        if not writes:
            raise error
        return results

    def _result(self, item: T, one: Callable[[T], str]) -> ItemResult:
        code = self.refuse.get(item.key) or one(item)
        if code == "already":
            return ItemResult(key=item.key, outcome=Outcome.ALREADY)
        if code:
            return ItemResult(key=item.key, outcome=Outcome.REFUSED, code=code, message="refused by the platform")
        if item.key in self.unknown:
            return ItemResult(key=item.key, outcome=Outcome.UNKNOWN, code="timeout", message="no answer")
        return ItemResult(key=item.key, outcome=Outcome.DONE, remote_id=self.number(item.key[-1]))

    def _create_cohort(self, cohort: Cohort) -> str:
        if cohort.idnumber in self.known_cohorts:
            return "idnumbertaken"
        self.known_cohorts[cohort.idnumber] = cohort
        return ""

    def _rename_cohort(self, cohort: Cohort) -> str:
        if cohort.idnumber not in self.known_cohorts:
            return "unknowncohort"
        self.known_cohorts[cohort.idnumber] = cohort
        return ""

    def _create_account(self, account: Account) -> str:
        if account.username in self.people:
            return "already"
        self.people[account.username] = account
        return ""

    def _update(self, before: Account, after: Account) -> str:
        """As the real client: only fields that differ between before and after are sent."""
        now = self.people.get(before.username)
        if now is None:
            return "unknownuser"
        if before.username != after.username:
            if after.username in self.people:
                return "dmlwriteexception"
            self._rename(before.username, after.username)
        changed = {name: getattr(after, name) for name in PLAIN if getattr(before, name) != getattr(after, name)}
        for name in ("fields", "profile"):
            sent = dict(set(getattr(after, name)) - set(getattr(before, name)))
            changed[name] = tuple(sorted((dict(getattr(now, name)) | sent).items()))
        self.people[after.username] = replace(now, **changed)
        return ""

    def _rename(self, old: str, new: str) -> None:
        """The account keeps its number, its cohorts and its courses."""
        self.people[new] = self.people.pop(old)
        self.numbers[new] = self.number(old)
        self.members = {(cohort, new if name == old else name) for cohort, name in self.members}
        self.enrolled = {
            (course, new if name == old else name): replace(item, username=new if name == old else name)
            for (course, name), item in self.enrolled.items()
        }

    def _add(self, membership: Membership) -> str:
        if membership.cohort not in self.known_cohorts or membership.username not in self.people:
            return "unknown"
        if membership.key in self.members:
            return "already"
        self.members.add(membership.key)
        return ""

    def _remove(self, membership: Membership) -> str:
        self.members.discard(membership.key)
        return ""

    def _enrol(self, enrolment: Enrolment) -> str:
        if enrolment.username not in self.people or enrolment.course not in self.courses:
            return "unknown"
        self.enrolled[enrolment.key] = enrolment
        return ""

    def _create_group(self, group: Group) -> str:
        if group.key in self.course_groups:
            return "already"
        self.course_groups[group.key] = group
        return ""

    def _group_in(self, item: GroupMembership) -> str:
        if item.key[:-1] not in self.course_groups or (item.course, item.username) not in self.enrolled:
            return "usernotenrolled"
        self.grouped.add(item.key)
        return ""

    def _group_out(self, item: GroupMembership) -> str:
        self.grouped.discard(item.key)
        return ""
