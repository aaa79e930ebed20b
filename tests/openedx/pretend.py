"""The pretend Open edX with two courses, its adapter, and what a person does there by hand.

`lose` holds (method, part of a path): the next such request is carried out, and its answer never arrives. `spoil`
changes an answer's body on its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import unquote

import requests

from connector.mappers.openedx import AccountMapper
from connector.openedx.accounts import SignUp
from connector.openedx.lms import OpenEdxLms
from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.allowed import enrolment_of, write_enrolment
from connector.sandbox.openedx.building import (
    Part,
    add_content,
    add_course,
    add_policy,
    add_service_account,
    seed_secret,
)
from connector.sandbox.openedx.certificates import regrade
from connector.sandbox.openedx.cohorts import cohort_of, put_in_cohort
from connector.sandbox.openedx.content import add_block, answer_problem, complete, tree
from connector.sandbox.openedx.platform import OpenEdxSandbox
from connector.sandbox.openedx.registration import add_user
from connector.sandbox.openedx.site import EdxSite, Features, iso
from tests.fakes.edx_door import EARLY_DECEMBER, EdxDoor
from tests.openedx.scripted import CLIENT, SECRET, client
from tests.wire.scripted import Clock

C1, C2 = "course-v1:MoH+CPD101+2026", "course-v1:MoH+CPD102+2026"
ME = "svc"
PARTS = (Part(name="hw1", kind="Homework", chapter="ch1"), Part(name="final", kind="Final Exam", chapter="ch1"))


class Pretend(EdxDoor):
    """A site with all that a connector can use but certificates made automatically; courses in the mode honor."""

    def __init__(
        self, *, signs_up: bool = True, name: str = "edx", mode: str = "honor", courses: Sequence[str] = (C1, C2)
    ) -> None:
        self.clock = Clock()
        features = Features.measured()
        features.automatic_certificates = False
        super().__init__(OpenEdxSandbox(EdxSite(":memory:", features, ticks=self.clock)))
        self.lose: list[tuple[str, str]] = []
        self.statuses: list[int] = []
        self.addresses = "{phone}@hocvien.example.vn"
        self.on_sending: Callable[[str, str], None] = lambda _method, _path: None
        self.spoil: Callable[[bytes], bytes] = bytes
        self.site.set_now(EARLY_DECEMBER)
        seed_secret(self.site)
        add_service_account(self.site, ME, CLIENT, SECRET)
        for course in (C1, C2):
            self._build(course)
        self._opened = (name, signs_up, mode, courses)
        self.lms = self.anew()

    def anew(self) -> OpenEdxLms:
        """A new client, which has seen nothing yet."""
        name, signs_up, mode, courses = self._opened
        mapper = AccountMapper(idnumber="", fields=["country"], profile=[])
        site = client(self, self.clock)
        sign_up = SignUp.of("csv" if signs_up else "none", self.addresses)
        return OpenEdxLms(name, site, mapper, courses=courses, mode=mode, sign_up=sign_up)

    def _build(self, course: str) -> None:
        add_course(self.site, course, "Kỹ năng số", modes=["honor"])
        self.set_cohorted(course, on=True)
        add_policy(self.site, course, "Homework", "HW", count=1, weight=0.4)
        add_policy(self.site, course, "Final Exam", "Final", count=1, weight=0.6)
        add_content(self.site, course, "Kỹ năng số", PARTS)
        (chapter,) = [block for block in tree(self.site, course) if block.type == "chapter"]
        section = add_block(self.site, course, chapter.id, "sequential", "doc", title="Đọc thêm")
        unit = add_block(self.site, course, section, "vertical", "doc_v", title="Đọc thêm")
        add_block(self.site, course, unit, "html", "doc_h", title="Text")

    def on_its_way(self, request: requests.PreparedRequest, answer: SandboxAnswer) -> SandboxAnswer:
        self.statuses.append(answer.status)
        path = unquote(request.path_url)
        self.on_sending(str(request.method), path)
        lost = next((one for one in self.lose if one[0] == request.method and one[1] in path), None)
        if lost is not None:
            self.lose.remove(lost)
            raise requests.ReadTimeout("gone")
        return replace(answer, body=self.spoil(answer.body))

    def sent(self, part: str, method: str = "") -> list[str]:
        """The addresses that were asked for and hold this, in order."""
        asked = [(request.method, unquote(request.path_url)) for request in self.requests]
        return [path for verb, path in asked if part in path and method in ("", verb)]

    @property
    def features(self) -> Features:
        """What the operator can switch."""
        return self.site.features

    # ---- what a person does there by hand

    def person(self, username: str, name: str = "Nguyễn Văn An", email: str = "") -> str:
        address = email or f"{username}@hocvien.invalid"
        add_user(self.site, username, address, name, is_active=1, country="VN")
        return username

    def number(self, username: str) -> int:
        return int(self.site.row("SELECT id FROM users WHERE username = ?", (username,))[0])

    def enrol(self, course: str, *names: str, mode: str = "honor", active: bool = True) -> None:
        for name in names:
            write_enrolment(self.site, self.number(name), course, mode, active=active)

    def enrolments(self, course: str) -> dict[str, tuple[str, bool]]:
        names = self.site.all("SELECT u.username, u.id FROM users u JOIN enrolments e ON e.userid = u.id")
        found = {name: enrolment_of(self.site, number, course) for name, number in names}
        return {name: held[:2] for name, held in found.items() if held is not None}

    def offer(self, course: str, *modes: str) -> None:
        self.site.db.execute("DELETE FROM modes WHERE course = ?", (course,))
        for mode in modes:
            self.site.db.execute("INSERT INTO modes (course, slug, name) VALUES (?, ?, ?)", (course, mode, mode))

    def set_cohorted(self, course: str, *, on: bool) -> None:
        self.site.db.execute("UPDATE courses SET is_cohorted = ? WHERE id = ?", (int(on), course))

    def cohort(self, course: str, name: str, *members: str, kind: str = "manual") -> None:
        sql = "INSERT INTO cohorts (course, name, assignment_type) VALUES (?, ?, ?)"
        number = int(self.site.db.execute(sql, (course, name, kind)).lastrowid or 0)
        for member in members:
            put_in_cohort(self.site, course, number, self.number(member))

    def cohorts(self, course: str) -> list[str]:
        return [str(row[0]) for row in self.site.all("SELECT name FROM cohorts WHERE course = ?", (course,))]

    def cohort_of(self, course: str, username: str) -> str | None:
        return cohort_of(self.site, course, self.number(username), "")

    def appoint(self, course: str, username: str) -> None:
        values = (course, self.number(username), "staff")
        self.site.db.execute("INSERT INTO course_roles (course, userid, role) VALUES (?, ?, ?)", values)

    def lower_the_service_account(self) -> None:
        self.site.db.execute("UPDATE users SET is_staff = 0, is_superuser = 0")

    def log_in(self, username: str) -> str:
        moment = self.site.moment()
        self.site.db.execute("UPDATE users SET last_login = ? WHERE username = ?", (moment, username))
        return str(iso(moment, 3))

    def answer(self, course: str, username: str, section: str, points: int) -> None:
        """The learner gets so many of the two points of a graded subsection."""
        block = next(one for one in tree(self.site, course) if one.name == section)
        problems = [leaf for leaf in block.leaves() if leaf.points]
        for place, problem in enumerate(problems):
            answer_problem(self.site, self.number(username), problem.id, 1.0 if place < points else 0.0)
        regrade(self.site, self.number(username), course)

    def read(self, course: str, username: str, section: str) -> None:
        """The learner completes a subsection."""
        block = next(one for one in tree(self.site, course) if one.name == section)
        for leaf in block.leaves():
            complete(self.site, self.number(username), leaf.id)
