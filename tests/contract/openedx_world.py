"""Open edX as a world of the contract suite: the pretend one, and a real site, taught by the same calls.

    CONNECTOR_TEST_OPENEDX_URL=http://127.0.0.1:8000 CONNECTOR_TEST_OPENEDX_CLIENT_ID=connector \
    CONNECTOR_TEST_OPENEDX_CLIENT_SECRET=... pytest -n 0 tests/contract -k openedx_site

The site stands on this machine, since tests reach no other, and is one for tests: Open edX deletes neither accounts nor
cohorts, so each run leaves some named `contract-...`, unenrolled. It has the courses of `tests.openedx.pretend` (or
those of CONNECTOR_TEST_OPENEDX_COURSES, two keys with a comma) in the mode honor without audit, with cohorts and
certificates switched on, each with the graded subsections hw1 and final (weights 0.4 and 0.6, passed with 0.6), and
automated sign-ups with extra fields. Its service account is a superuser: the suite also gives grades and appoints a
teacher.
"""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import requests
from pydantic import AnyHttpUrl, SecretStr

from connector.lms import CertificateGate, GrantWay, LmsClient
from connector.mappers.openedx import moment
from connector.model import Account, Cohort, Enrolment, TopicRef
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.openedx.lms import open_openedx
from connector.settings import Site
from connector.wire.caller import Manners
from tests.contract.worlds import PREFIX
from tests.openedx.pretend import C1, C2, ME, Pretend
from tests.openedx.scripted import CLIENT, SECRET, client
from tests.openedx.wanted import account as account_named

URL, ID, KEY, COURSES = (
    os.environ.get(f"CONNECTOR_TEST_OPENEDX_{name}", "") for name in ("URL", "CLIENT_ID", "CLIENT_SECRET", "COURSES")
)

GATE_BY_GROUP = CertificateGate(course=C1, certificate="cert", group="eligible")


class _OpenEdxWorld:
    """What both have; the teacher speaks over a client of the same kind as the adapter's."""

    lms: LmsClient

    def __init__(self, teacher: OpenEdx, courses: Sequence[str], prefix: str = PREFIX) -> None:
        self._teacher = teacher
        self._prefix = prefix
        self.course, other = courses
        self.page = TopicRef(course=self.course, activity="hw1")
        self.quiz = TopicRef(course=self.course, activity="final")
        self.whole = TopicRef(course=other)
        self.gate = CertificateGate(course=self.course, certificate=self.course, way=GrantWay.ALLOWLIST)
        self.wrong_gates = (
            CertificateGate(course=C1 + "0", certificate=C1 + "0", way=GrantWay.ALLOWLIST),
            GATE_BY_GROUP,
        )
        self.official = ME
        self.cohort = Cohort(idnumber=f"{prefix}31", name="Hải Phòng & đảo")

    def account(self, number: int) -> Account:
        return account_named(f"{self._prefix}{number}")

    def complete(self, username: str, ref: TopicRef) -> datetime:
        for section in [ref.activity] if ref.activity else ["hw1", "final"]:
            self.grade(username, TopicRef(course=ref.course, activity=section), 10)
        return datetime.now(UTC)

    def grade(self, username: str, ref: TopicRef, points: int) -> None:
        kinds = ("all", "graded")
        grade = {f"earned_{kind}_override": points for kind in kinds} | {
            f"possible_{kind}_override": 10 for kind in kinds
        }
        number = next(iter(self.lms.accounts([username]))).remote_id
        (topic,) = self.lms.topics([ref])
        row: dict[str, Any] = {"user_id": int(number), "usage_id": topic.remote_id, "grade": grade}
        path = paths.Path("bulk_update", f"{paths.gradebook(ref.course).text}bulk-update")
        assert self._teacher.ask("POST", path, Content.json([row])).status == 202

    def issue(self, username: str) -> datetime:
        assert all(result.ok for result in self.lms.grant_certificates(self.gate, [username]))
        row = self._teacher.get(paths.certificate(username, self.course)).value
        at = moment(row["created_date"])
        assert at is not None
        return at

    def appoint(self, username: str) -> None:
        fields = [("unique_student_identifier", username), ("rolename", "staff"), ("action", "allow")]
        self._teacher.ask("POST", paths.instructor(self.course, "modify_access"), Content.form(fields))


class OpenEdxWorld(_OpenEdxWorld):
    """OpenEdxLms on the pretend Open edX, in-process; a `stock` one has no feature that an operator must switch on."""

    def __init__(self, *, stock: bool) -> None:
        self.door = Pretend(signs_up=not stock)
        super().__init__(client(self.door, self.door.clock), (C1, C2))
        if stock:
            self.door.features.bulk_enrolment = self.door.features.csv_signup = False
            for course in (C1, C2):
                self.door.offer(course, "audit", "honor")
        self._signs_up = not stock
        self.lms = self.forget()

    def invite(self, accounts: Sequence[Account]) -> None:
        for account in accounts:
            self.door.person(account.username)

    def forget(self) -> LmsClient:
        return open_lms("https://lms.example.vn", (C2, C1), signs_up=self._signs_up, door=self.door)

    def close(self) -> None:
        self.door.close()


class OpenEdxSiteWorld(_OpenEdxWorld):
    """OpenEdxLms on the site of the environment."""

    named: ClassVar = bool(URL and ID and KEY)

    def __init__(self) -> None:
        teacher = OpenEdx(requests.Session(), URL, ID, KEY, manners=Manners())
        super().__init__(
            teacher, tuple(COURSES.split(",")) if COURSES else (C1, C2), f"{PREFIX}{secrets.token_hex(4)}-"
        )
        self.official = str(teacher.get(paths.ME).value["username"])
        self.lms = self.forget()

    def invite(self, accounts: Sequence[Account]) -> None:
        raise NotImplementedError("the suite's people come by the automated sign-up")

    def forget(self) -> LmsClient:
        return open_lms(URL, (self.whole.course, self.course), secret=KEY, client_id=ID)

    def close(self) -> None:
        """Unenrol the people of this test; accounts and cohorts stay."""
        for course in (self.course, self.whole.course):
            mine = [seen.username for seen in self.lms.enrolments(course) if seen.username.startswith(self._prefix)]
            self.lms.enrol([Enrolment(course=course, username=name, active=False) for name in mine])


def open_lms(
    url: str,
    courses: Sequence[str],
    *,
    client_id: str = CLIENT,
    secret: str = SECRET,
    signs_up: bool = True,
    door: Pretend | None = None,
) -> LmsClient:
    """A new client of this site."""
    site = Site(
        platform="openedx",
        url=AnyHttpUrl(url),
        client_id=client_id,
        client_secret=SecretStr(secret),
        sign_up="csv" if signs_up else "none",
    )
    if door is None:
        return open_openedx("site", site, courses)
    return open_openedx("sandbox", site, courses, adapter=door, sleep=door.clock.sleep, clock=door.clock)
