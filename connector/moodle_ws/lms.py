"""Moodle behind the seam: `MoodleLms` is a `connector.lms.LmsClient`; `open_moodle` makes one from settings."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from connector.errors import AccessDenied, ConfigError
from connector.language import _
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
    Work,
)
from connector.mappers.moodle import AccountMapper
from connector.model import (
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
from connector.moodle_ws.accounts import Accounts
from connector.moodle_ws.certificates import ISSUES, Certificates
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.cohorts import Cohorts
from connector.moodle_ws.doctor import Doctor, own_name
from connector.moodle_ws.enrolments import Enrolments
from connector.moodle_ws.groups import Groups
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.manners import manners_of
from connector.moodle_ws.passwords import Passwords
from connector.moodle_ws.results import Results
from connector.settings import Site
from connector.wire.caller import SLEEP
from connector.wire.oddities import Oddities

# The accounts that every Moodle is born with.
BUILT_IN = frozenset({"admin", "guest"})


class MoodleLms:
    """One Moodle site. Remembers numbers behind our keys; everything else is asked for anew. See `connector.lms`."""

    def __init__(
        self, name: str, ws: MoodleWs, mapper: AccountMapper, *, student_role_id: int, known_username: str = ""
    ) -> None:
        ids = Ids(ws)
        self._name = name
        self._ws = ws
        self._ids = ids
        self._known = known_username
        self._student_role = student_role_id
        self._trusted = not known_username
        self._odd = Oddities()
        self._accounts = Accounts(ws, ids, self._odd, mapper)
        self._passwords = Passwords(ws, ids, mapper)
        self._cohorts = Cohorts(ws, ids)
        self._enrolments = Enrolments(ws, ids, self._odd, student_role_id)
        self._results = Results(ws, ids, self._odd)
        self._certificates = Certificates(ws, ids, self._odd, self._enrolments)
        self._groups = Groups(ws, ids)

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capability:
        """All of them, but certificates where the token's service cannot list issues: no plugin for 4.1-4.3 can."""
        return ~Capability(0) if self._lists_issues() else ~(Capability.CERTIFICATES | Capability.ISSUE_LIST)

    def _lists_issues(self) -> bool:
        try:
            return self._ws.offers(ISSUES)
        except AccessDenied:  # the service may hold all but the function about itself; a bad token is refused later
            return True

    @property
    def sign_up_course(self) -> str:
        return ""

    @property
    def calls(self) -> CallCounts:
        return self._ws.calls

    def address(self) -> str:
        return self._ws.address

    def marks(self) -> list[str]:
        return self._cohorts.marks()

    def check(self, needs: Needs) -> list[Finding]:
        """What works and what does not for these needs. Reads only; see `connector.moodle_ws.doctor`."""
        return Doctor(self._ws, self._ids, self._known, self._student_role).check(needs)

    def outlook(self, work: Work) -> list[str]:
        del work  # thousands a minute
        return []

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that exist among these usernames. Reads only.

        Raises AccessDenied when the site's known account is not found either: then nobody can be seen (facts 2.2);
        ConfigError when that account is the connector's own, which Moodle shows always, so that it proves nothing.
        """
        if not self._trusted:
            self._refuse_own_name()
        found = False
        for seen in self._accounts.seen(usernames):
            found = True
            yield seen
        if not found and usernames and not self._trusted:
            self._prove_sight()

    def _refuse_own_name(self) -> None:
        if problem := own_name(self._known, self._ws.site.username):
            raise ConfigError(problem, hint=_("Name somebody else there, such as the site's administrator."))

    def _prove_sight(self) -> None:
        if not any(True for _row in self._ids.rows([self._known])):
            raise AccessDenied(
                _("No account is found, not even '{name}', who is known to exist.").format(name=self._known),
                hint=_("The service account needs moodle/user:viewalldetails; or mend known_username."),
            )
        self._trusted = True

    def find_accounts(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        return self._accounts.find(by, values)

    def elevated(self, courses: Sequence[str], usernames: Iterable[str]) -> set[str]:
        """As far as Moodle tells: roles in other contexts than these courses cannot be read by any web service."""
        known = {*BUILT_IN, self._ws.site.username}
        return set(usernames) & known.union(*map(self._enrolments.staff, courses))

    def cohorts(self) -> Iterator[Cohort]:
        return self._cohorts.all()

    def memberships(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        return self._cohorts.members(cohorts, usernames)

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        return self._enrolments.seen(course)

    def past_enrolments(self, course: str, usernames: Sequence[str]) -> Iterator[EnrolmentSeen]:
        del course, usernames  # `enrolments` has told them
        return iter(())

    def groups(self, course: str) -> Iterator[Group]:
        return self._groups.of_course(course)

    def group_memberships(
        self, course: str, groups: Sequence[str], usernames: Iterable[str]
    ) -> Iterator[GroupMembership]:
        return self._groups.members(course, groups, usernames)

    def topic_results(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        return self._results.of(refs, usernames)

    def reads_each(self, refs: Sequence[TopicRef]) -> bool:
        return bool(refs)

    def topics(self, refs: Sequence[TopicRef]) -> Iterator[TopicSeen]:
        return map(self._ids.topic, refs)

    def take_oddities(self) -> list[Oddity]:
        return self._odd.take()

    def certificate_issues(
        self, gate: CertificateGate, since: datetime | None, awaited: Collection[str] | None = None
    ) -> Iterator[CertificateIssue]:
        del awaited  # all are told at once
        return self._certificates.issues(gate, since)

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        return self._certificates.granted(gate, usernames)

    def leave_mark(self, text: str) -> ItemResult:
        return self._cohorts.leave_mark(text)

    def create_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._cohorts.create(cohorts)

    def update_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._cohorts.update(cohorts)

    def create_accounts(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        return self._accounts.create(accounts)

    def update_accounts(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        return self._accounts.update(updates)

    def set_passwords(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        return self._passwords.set(passwords)

    def add_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._cohorts.add(memberships)

    def remove_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._cohorts.remove(memberships)

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        return self._enrolments.enrol(enrolments)

    def create_groups(self, groups: Sequence[Group]) -> list[ItemResult]:
        return self._groups.create(groups)

    def add_to_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return self._groups.add(memberships)

    def remove_from_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return self._groups.remove(memberships)

    def grant_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        return self._certificates.grant(gate, usernames)

    def withdraw_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        return self._certificates.withdraw(gate, usernames)

    def delete_issues(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        return self._certificates.delete(gate, issue_ids)


def open_moodle(
    site_key: str,
    site: Site,
    *,
    adapter: BaseAdapter | None = None,
    sleep: Callable[[float], None] = SLEEP,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> MoodleLms:
    """The client of one configured site; nothing is asked yet. `adapter` replaces the network in tests.

    Raises ConfigError: no token, or an account field that Moodle does not give back.
    """
    session = requests.Session()
    transport = adapter or HTTPAdapter(pool_connections=1, pool_maxsize=site.connections + 1, max_retries=0)
    session.mount("https://", transport)
    session.mount("http://", transport)
    ws = MoodleWs(
        session,
        str(site.url),
        site.token_value(),
        manners=manners_of(site),
        sleep=sleep,
        clock=clock,
        now=now,
    )
    mapper = AccountMapper(site.accounts.fields, site.accounts.profile_fields)
    return MoodleLms(site_key, ws, mapper, student_role_id=site.student_role_id, known_username=site.known_username)
