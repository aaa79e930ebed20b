"""The platforms that the contract suite is run on: each can be prepared by hand, as a person at the platform would."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Literal, Protocol

import requests
from pydantic import AnyHttpUrl, SecretStr

from connector.lms import CertificateGate, LmsClient
from connector.model import Account, Cohort, TopicRef, TopicResult
from connector.moodle_ws.batch import FUNCTION
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.lms import open_moodle
from connector.sandbox.building import add_token
from connector.settings import Site
from tests.fakes.lms import FakeLms
from tests.fakes.sandbox_door import TOKEN, URL, SandboxDoor, open_sandbox

TEACHER = "fedcba9876543210fedcba9876543210"
COURSE = "bkhcn-2025-01"
PAGE = TopicRef(course=COURSE, activity="cd01")
QUIZ = TopicRef(course=COURSE, activity="cd02")
WHOLE = TopicRef(course="cd-01")
PREFIX = "contract-"  # begins the username of everybody whom the suite makes, and the ID number of its cohorts
GATE = CertificateGate(course=COURSE, certificate="cert", group="eligible")


def moodle_account(number: int) -> Account:
    """Somebody with all that a Moodle keeps of a person."""
    name = f"{PREFIX}{number}"
    return Account(
        username=name,
        firstname="An",
        lastname="Nguyễn Văn",
        email=f"{name}@hocvien.invalid",
        idnumber=f"VN-{name}",
        fields=(
            ("city", "Hải Phòng"),
            ("country", "VN"),
            ("institution", "UBND xã Kim Thành"),
            ("phone2", name),
            ("timezone", "Asia/Ho_Chi_Minh"),
        ),
        profile=(("commune", "Kim Thành"), ("position", ""), ("province", "Hải Phòng")),
    )


class World(Protocol):
    """One platform with two courses, and what a teacher or its cron does there."""

    @property
    def course(self) -> str:
        """The course of `page`, `quiz` and the certificate of `gate`."""
        ...

    @property
    def page(self) -> TopicRef: ...

    @property
    def quiz(self) -> TopicRef:
        """10 points, 5 to 6 of them are needed to pass."""
        ...

    @property
    def whole(self) -> TopicRef:
        """Another course, as a topic."""
        ...

    @property
    def gate(self) -> CertificateGate: ...

    @property
    def wrong_gates(self) -> Sequence[CertificateGate]:
        """Gates that are not there."""
        ...

    @property
    def official(self) -> str:
        """Somebody of the platform's own who is no learner."""
        ...

    @property
    def cohort(self) -> Cohort:
        """A cohort that can be made."""
        ...

    @property
    def lms(self) -> LmsClient:
        """A client that has seen what this test did with it."""
        ...

    def account(self, number: int) -> Account:
        """Somebody who can be there, with all that the platform keeps of a person."""
        ...

    def invite(self, accounts: Sequence[Account]) -> None:
        """These people come to the platform without the connector."""
        ...

    def complete(self, username: str, ref: TopicRef) -> datetime:
        """The learner completes this topic now; the platform's time of it."""
        ...

    def grade(self, username: str, ref: TopicRef, points: int) -> None:
        """The learner gets so many of the quiz's points."""
        ...

    def issue(self, username: str) -> datetime:
        """The platform issues the gate's certificate; the time of it."""
        ...

    def appoint(self, username: str) -> None:
        """This person becomes a teacher of the course."""
        ...

    def forget(self) -> LmsClient:
        """A new client of the same platform, which has seen nothing yet."""
        ...

    def close(self) -> None:
        """Take away what the test has left on a platform that outlives it."""
        ...


class MoodleNames:
    """What is where on a Moodle of the suite, and on the fake, which stands for one."""

    course: ClassVar = COURSE
    page: ClassVar = PAGE
    quiz: ClassVar = QUIZ
    whole: ClassVar = WHOLE
    gate: ClassVar = GATE
    wrong_gates: ClassVar = (
        CertificateGate(course=COURSE, certificate="cert", group="nobody"),
        CertificateGate(course=COURSE, certificate="no", group="eligible"),
    )
    official: ClassVar = "guest"
    cohort: ClassVar = Cohort(idnumber=f"{PREFIX}31", name="Hải Phòng & đảo")

    def account(self, number: int) -> Account:
        return moodle_account(number)

    def invite(self, accounts: Sequence[Account]) -> None:
        raise NotImplementedError("a Moodle's accounts are made by the connector")


class FakeWorld(MoodleNames):
    """FakeLms."""

    def __init__(self) -> None:
        self.lms = FakeLms()
        self.lms.add_course(COURSE, ["cd01", "cd02", "cert"], ["eligible"])
        self.lms.add_course("cd-01")
        self.now = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)

    def _set(self, username: str, ref: TopicRef, *, done: bool, grade: float | None, overridden: bool) -> None:
        completed_at = self.now if done else None
        self.lms.results[username, ref] = TopicResult(
            ref=ref, username=username, done=done, completed_at=completed_at, grade=grade, overridden=overridden
        )

    def complete(self, username: str, ref: TopicRef) -> datetime:
        self._set(username, ref, done=True, grade=None, overridden=bool(ref.activity))
        return self.now

    def grade(self, username: str, ref: TopicRef, points: int) -> None:
        self._set(username, ref, done=points >= 5, grade=points * 10.0, overridden=False)

    def issue(self, username: str) -> datetime:
        self.lms.courses[COURSE].groups["eligible"].add(username)
        self.lms.issue_certificates(GATE, self.now)
        return self.now

    def appoint(self, username: str) -> None:
        self.lms.staff.add(username)

    def forget(self) -> LmsClient:
        return self.lms

    def close(self) -> None:
        """It goes with its world."""


class SandboxWorld(MoodleNames):
    """MoodleLms on the pretend Moodle, in-process; `form_only` takes the batch function out of the service."""

    def __init__(self, *, form_only: bool = False, answers: Literal["json", "xml"] = "json") -> None:
        self.answers: Literal["json", "xml"] = answers
        self.door: SandboxDoor = open_sandbox()
        add_token(self.door.site, TEACHER)
        session = requests.Session()
        session.mount("http://", self.door)
        self._teacher = MoodleWs(session, URL, TEACHER, sleep=lambda _seconds: None)
        if form_only:
            functions = " ".join(self._teacher.site.functions.keys() - {FUNCTION})
            self.door.site.db.execute("UPDATE tokens SET functions = ? WHERE token = ?", (functions, TOKEN))
        self.lms = self.forget()

    def forget(self) -> LmsClient:
        site = Site(url=AnyHttpUrl("https://moodle.test"), token=SecretStr(TOKEN), format=self.answers)
        return open_moodle("sandbox", site, adapter=self.door, sleep=lambda _seconds: None)

    def close(self) -> None:
        """It goes with its world."""

    def _number(self, table: str, **where: str) -> int:
        name, value = next(iter(where.items()))
        row = self.door.site.one(f"SELECT id FROM {table} WHERE {name} = ?", (value,))
        assert row is not None
        return int(row[0])

    def _cmid(self, ref: TopicRef) -> int:
        """The activity itself, or the one that completes the course."""
        row = self.door.site.one(
            "SELECT modules.id FROM modules JOIN courses ON courses.id = modules.course WHERE courses.idnumber = ?"
            " AND modules.idnumber = ?",
            (ref.course, ref.activity or ref.course.replace("-", "")),
        )
        assert row is not None
        return int(row[0])

    def complete(self, username: str, ref: TopicRef) -> datetime:
        answer = self._teacher.call(
            "core_completion_override_activity_completion_status",
            {"userid": self._number("users", username=username), "cmid": self._cmid(ref), "newstate": 1},
            writes=True,
        )
        return datetime.fromtimestamp(answer["timecompleted"], UTC)

    def grade(self, username: str, ref: TopicRef, points: int) -> None:
        parameters = {
            "source": "teacher",
            "courseid": self._number("courses", idnumber=ref.course),
            "component": "mod_quiz",
            "activityid": self._cmid(ref),
            "itemnumber": 0,
            "grades": [{"studentid": self._number("users", username=username), "grade": points}],
        }
        assert self._teacher.call("core_grades_update_grades", parameters, writes=True) == 0

    def appoint(self, username: str) -> None:
        appoint(self._teacher, self._number("courses", idnumber=COURSE), self._number("users", username=username))

    def issue(self, username: str) -> datetime:
        site = self.door.site
        row = site.one("SELECT instance FROM modules WHERE modname = 'customcert'")
        assert row is not None
        number = site.next_id("issues")
        site.db.execute(
            "INSERT INTO issues (id, customcertid, userid, code, emailed, timecreated) VALUES (?, ?, ?, ?, 1, ?)",
            (number, row[0], self._number("users", username=username), f"code{number:06d}", site.now()),
        )
        return datetime.fromtimestamp(site.now(), UTC)


def appoint(moodle: MoodleWs, course: int, user: int) -> None:
    """Enrol somebody as a teacher (Moodle's role 3)."""
    rows = [{"roleid": 3, "userid": user, "courseid": course}]
    moodle.call("enrol_manual_enrol_users", {"enrolments": rows}, writes=True)


WORLDS = ("fake", "moodle", "moodle_forms", "moodle_xml", "moodle_forms_xml")


def world_of(name: str) -> World:
    """A fresh world."""
    if name == "fake":
        return FakeWorld()
    return SandboxWorld(form_only="forms" in name, answers="xml" if name.endswith("xml") else "json")
