"""A small programme in a temporary folder, a platform that behaves, and time that tests move."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.context import Context
from connector.jobs.apply import apply
from connector.jobs.plan import make_plan
from connector.lms import CertificateGate
from connector.model import Learner, Origin, Registration, RegistrationState, TopicRef, TopicResult, national_phone
from connector.programmes.definition import Programme
from connector.settings import Settings
from connector.store.store import Store
from connector.sync.outcome import ApplyOutcome
from tests.fakes.lms import FakeLms

PROGRAMME = "bkhcn-2025-k1"
START = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)
COURSE = "bkhcn-2025-01"


def learner(number: int, *, province: str = "40", name: str = "") -> Learner:
    return Learner(
        phone=f"+8491200{number:04d}",
        full_name=name or f"Nguyễn Văn {chr(65 + number % 26)}",
        province_code=province,
        commune_code=None,
        workplace="UBND xã Nhân Hòa",
        position="Chuyên viên",
        origin=Origin(file="a.xlsx", sheet="Sheet1", row=number + 7),
    )


@dataclass
class World:
    """Everything that a job's test looks at or changes."""

    ctx: Context
    lms: FakeLms
    now: datetime = START
    waited: list[float] = field(default_factory=list)

    @property
    def programme(self) -> Programme:
        return self.ctx.programme(PROGRAMME)

    @property
    def gate(self) -> CertificateGate:
        gate = self.programme.certificate.gate
        assert gate is not None
        return gate

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)

    def register(self, *learners: Learner, state: RegistrationState = RegistrationState.CONFIRMED) -> None:
        """Registrations as an import leaves them."""
        with self.ctx.store.begin() as tx:
            items = [Registration(programme=PROGRAMME, learner=one, state=state) for one in learners]
            tx.registrations.save(items, self.now)

    def provision(self) -> ApplyOutcome:
        return apply(self.ctx, make_plan(self.ctx, PROGRAMME))

    def complete(self, one: Learner, topics: int, at: datetime | None = None) -> None:
        """The learner does the first so many topics: 1 to 5 are mandatory."""
        username = national_phone(one.phone)
        moment = at or self.now
        for ref in self.programme.refs[:topics]:
            self.lms.results[username, ref] = TopicResult(
                ref=ref, username=username, done=True, completed_at=moment, grade=80.0
            )
        self.visit(one, moment)

    def fail(self, one: Learner, ref: TopicRef) -> None:
        username = national_phone(one.phone)
        self.lms.results[username, ref] = TopicResult(
            ref=ref, username=username, done=False, completed_at=None, grade=30.0
        )

    def visit(self, one: Learner, at: datetime) -> None:
        """The learner opens the course at this moment."""
        username = national_phone(one.phone)
        self.lms.course_access[COURSE, username] = at
        self.lms.seen[username] = replace(self.lms.seen[username], last_access=at)


def _waits(worlds: list[World]) -> Callable[[float], None]:
    def wait(seconds: float) -> None:
        worlds[0].wait(seconds)

    return wait


def make_world(folder: Path, address: str = "") -> World:
    """A world with an empty platform that has the programme's course; the database is an SQLite file unless named."""
    settings = Settings(state_dir=folder)
    lms = FakeLms(name="sandbox")
    worlds: list[World] = []
    ctx = Context(
        settings=settings,
        store=Store(address or f"sqlite:///{folder}/connector.db"),
        open_site=lambda _key, _site: lms,
        now=lambda: worlds[0].now,
        wait=_waits(worlds),
    )
    worlds.append(World(ctx=ctx, lms=lms))
    programme = worlds[0].programme
    activities = [ref.activity for ref in programme.refs] + [worlds[0].gate.certificate]
    lms.add_course(COURSE, activities, [worlds[0].gate.group])
    return worlds[0]
