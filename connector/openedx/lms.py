"""Open edX behind the seam: `OpenEdxLms` is a `connector.lms.LmsClient`; `open_openedx` makes one from settings."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from connector.errors import ConfigError
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
from connector.mappers.openedx import AccountMapper
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
from connector.openedx.accounts import Accounts, SignUp
from connector.openedx.certificates import Certificates
from connector.openedx.client import OpenEdx
from connector.openedx.cohorts import Cohorts
from connector.openedx.courses import Courses
from connector.openedx.doctor import Doctor
from connector.openedx.enrolments import Enrolments
from connector.openedx.grades import Grades
from connector.openedx.outlook import outlook
from connector.openedx.people import People
from connector.openedx.results import Results
from connector.settings import Site
from connector.wire.caller import SLEEP, manners_of
from connector.wire.oddities import Oddities
from connector.wire.settle import refused

_ALWAYS = (
    Capability.COHORTS | Capability.ENROLMENTS | Capability.TOPIC_RESULTS | Capability.GRADES | Capability.CERTIFICATES
)


class OpenEdxLms:
    """One Open edX site and the courses of its programmes: cohorts are made in each of them. See `connector.lms`.

    It cannot correct a name or an address, suspend an account, set a password, or make groups.
    """

    def __init__(
        self, name: str, site: OpenEdx, mapper: AccountMapper, *, courses: Sequence[str], mode: str, sign_up: SignUp
    ) -> None:
        self._name = name
        self._site = site
        self._courses = tuple(dict.fromkeys(courses))
        self._sign_up = sign_up
        self._signs_up = sign_up is not SignUp.NONE
        self._odd = Oddities()
        courses_there = Courses(site)
        self._people = People(site, self._odd, mapper, self._courses)
        self._accounts = Accounts(site, self._people, self._courses[0] if self._courses else "", mode)
        self._cohorts = Cohorts(site, self._people, self._courses)
        self._enrolments = Enrolments(site, self._people, self._odd, mode)
        self._results = Results(site, self._people, courses_there, Grades(site, self._odd))
        self._certificates = Certificates(site, self._people, courses_there, self._odd)

    @property
    def name(self) -> str:
        return self._name

    @property
    def capabilities(self) -> Capability:
        return _ALWAYS | Capability.ACCOUNTS if self._signs_up else _ALWAYS

    @property
    def sign_up_course(self) -> str:
        return self._courses[0] if self._signs_up and self._courses else ""

    @property
    def calls(self) -> CallCounts:
        return self._site.calls

    def address(self) -> str:
        return self._site.address

    def marks(self) -> list[str]:
        return self._cohorts.marks()

    def check(self, needs: Needs) -> list[Finding]:
        """What works and what does not for these needs. Reads only; see `connector.openedx.doctor`."""
        doctor = Doctor(
            self._site,
            self._people,
            self._cohorts,
            self._enrolments,
            self._results,
            self._certificates,
            sign_up=self._sign_up,
        )
        return doctor.check(needs)

    def outlook(self, work: Work) -> list[str]:
        return outlook(work, self._enrolments, self._sign_up)

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        return self._people.accounts(usernames)

    def find_accounts(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        return self._people.find(by, values)

    def elevated(self, courses: Sequence[str], usernames: Iterable[str]) -> set[str]:
        return self._people.elevated(courses, usernames)

    def cohorts(self) -> Iterator[Cohort]:
        return self._cohorts.all()

    def memberships(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        return self._cohorts.members(cohorts, usernames)

    def enrolments(self, course: str) -> Iterator[EnrolmentSeen]:
        return self._enrolments.seen(course)

    def past_enrolments(self, course: str, usernames: Sequence[str]) -> Iterator[EnrolmentSeen]:
        return self._enrolments.past(course, usernames)

    def groups(self, course: str) -> Iterator[Group]:
        """None: Open edX's teams are no groups of ours, the provinces' cohorts stand in each course already."""
        del course
        return iter(())

    def group_memberships(
        self, course: str, groups: Sequence[str], usernames: Iterable[str]
    ) -> Iterator[GroupMembership]:
        del course, groups, usernames
        return iter(())

    def topic_results(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        return self._results.of(refs, usernames)

    def reads_each(self, refs: Sequence[TopicRef]) -> bool:
        return self._results.reads_each(refs)

    def topics(self, refs: Sequence[TopicRef]) -> Iterator[TopicSeen]:
        return map(self._results.topic, refs)

    def take_oddities(self) -> list[Oddity]:
        return self._odd.take()

    def certificate_issues(
        self, gate: CertificateGate, since: datetime | None, awaited: Collection[str] | None = None
    ) -> Iterator[CertificateIssue]:
        return self._certificates.issues(gate, since, awaited)

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        return self._certificates.granted(gate, usernames)

    def leave_mark(self, text: str) -> ItemResult:
        return self._cohorts.leave_mark(text)

    def create_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._cohorts.create(cohorts)

    def update_cohorts(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        return self._cohorts.update(cohorts)

    def create_accounts(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        if not self._signs_up:
            why = _("The connector makes no accounts on this site (sign_up: none); they come from its single sign-on.")
            return [refused(new.account.key, "cannot", why) for new in accounts]
        return self._accounts.create(accounts)

    def update_accounts(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        why = _("Open edX lets nobody change another person's name or address; its operator can, in Django admin.")
        return [refused(update.after.key, "cannot", why) for update in updates]

    def set_passwords(self, passwords: Sequence[NewPassword]) -> list[ItemResult]:
        why = _("Open edX lets nobody set another person's password; its owner uses 'forgot password'.")
        return [refused(one.key, "cannot", why) for one in passwords]

    def add_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._cohorts.add(memberships)

    def remove_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        return self._cohorts.remove(memberships)

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        return self._enrolments.enrol(enrolments)

    def create_groups(self, groups: Sequence[Group]) -> list[ItemResult]:
        return [refused(group.key, "cannot", _no_groups()) for group in groups]

    def add_to_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return [refused(item.key, "cannot", _no_groups()) for item in memberships]

    def remove_from_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return [refused(item.key, "cannot", _no_groups()) for item in memberships]

    def grant_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        return self._certificates.grant(gate, usernames)

    def withdraw_certificates(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        return self._certificates.withdraw(gate, usernames)

    def delete_issues(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        return self._certificates.delete(gate, issue_ids)


def _no_groups() -> str:
    return _("Open edX has no groups of a course; the provinces' cohorts stand in each course already.")


def open_openedx(
    site_key: str,
    site: Site,
    courses: Sequence[str],
    *,
    adapter: BaseAdapter | None = None,
    sleep: Callable[[float], None] = SLEEP,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> OpenEdxLms:
    """The client of one configured site and these courses; nothing is asked yet. `adapter` replaces the network.

    Raises ConfigError: no client_id, no secret, or an account field that Open edX does not keep.
    """
    if not site.client_id:
        raise ConfigError(
            _("The site {url} has no client_id.").format(url=site.url),
            hint=_("It is the id of an OAuth application of the site, with the grant client-credentials."),
        )
    session = requests.Session()
    transport = adapter or HTTPAdapter(pool_connections=1, pool_maxsize=site.connections + 1, max_retries=0)
    session.mount("https://", transport)
    session.mount("http://", transport)
    client = OpenEdx(
        session,
        str(site.url),
        site.client_id,
        site.client_secret_value(),
        manners=manners_of(site),
        sleep=sleep,
        clock=clock,
        now=now,
    )
    accounts = site.accounts
    sign_up = SignUp.of(site.sign_up, accounts.email)
    mapper = AccountMapper(
        idnumber=accounts.idnumber, fields=accounts.fields, profile=accounts.profile_fields, auth=accounts.auth
    )
    return OpenEdxLms(site_key, client, mapper, courses=courses, mode=site.mode, sign_up=sign_up)
