"""A programme on two sites that behave, or on one of them, and time that tests move."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from pydantic import AnyHttpUrl, SecretStr

from connector.certificates.entry import RegisterEntry
from connector.context import Context
from connector.jobs.apply import apply
from connector.jobs.certify import PushOutcome, push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, mirror
from connector.jobs.plan import make_plan
from connector.lms import CertificateGate
from connector.model import Kind, Learner, Registration, RegistrationState, TopicResult, Verdict, national_phone
from connector.programmes.definition import Programme
from connector.settings import AccountMapping, Settings, Site
from connector.store.store import Store
from tests.fakes.lms import FakeLms
from tests.jobs.world import PROGRAMME, START, learner

NORTH, SOUTH = "north", "south"
# Nghệ An and Hà Tĩnh on one site, Cần Thơ on the other; three people for each province.
PEOPLE = [learner(number, province=("40", "42", "92")[number % 3]) for number in range(9)]
IN_SOUTH = [one for one in PEOPLE if one.province_code == "92"]
TOPICS = [f"cd{number:02d}" for number in range(1, 20)]


def on_south() -> dict[str, Any]:
    """The southern site calls everything otherwise, and its accounts too."""
    return {
        "provinces": [92],
        "enrolment": {"courses": ["s-course"]},
        "topics": {key: {"course": "s-course", "activity": f"s{key}"} for key in TOPICS},
        "certificate": {"course": "s-course", "certificate": "s-cert", "group": "s-eligible"},
    }


def username_on(site: str, one: Learner) -> str:
    return ("s" if site == SOUTH else "") + national_phone(one.phone)


@dataclass
class Country:
    """A programme on as many sites as its file says, its platforms, and its time."""

    ctx: Context
    lms: dict[str, FakeLms]
    file: Path
    now: datetime = START

    @property
    def programme(self) -> Programme:
        return self.ctx.whole_programme(PROGRAMME)

    def define(self, **changes: Any) -> None:
        content = yaml.safe_load(Path(f"config/programmes/{PROGRAMME}.yaml").read_text(encoding="utf-8"))
        del content["site"]
        self.file.write_text(yaml.safe_dump(content | changes, allow_unicode=True), encoding="utf-8")

    def register(self, *learners: Learner, state: RegistrationState = RegistrationState.CONFIRMED) -> None:
        self.now += timedelta(minutes=1)
        with self.ctx.store.begin() as tx:
            items = [Registration(programme=PROGRAMME, learner=one, state=state) for one in learners]
            tx.registrations.save(items, self.now)

    def provision(self, **options: Any) -> None:
        for here in self.ctx.each_site(PROGRAMME):
            assert apply(here, make_plan(here, PROGRAMME, **options)).complete

    def complete(self, site: str, one: Learner, topics: int, *, at: datetime | None = None, grade: float = 80) -> None:
        """The learner does the first so many topics there."""
        here, username = self.programme.on(site), username_on(site, one)
        for ref in here.refs[:topics]:
            self.lms[site].results[username, ref] = TopicResult(
                ref=ref, username=username, done=True, completed_at=at or self.now, grade=grade
            )
        self.lms[site].course_access[here.enrolment.courses[0], username] = at or self.now
        self.lms[site].seen[username] = replace(self.lms[site].seen[username], last_access=at or self.now)

    def home(self, one: Learner) -> str:
        return self.programme.home(one.province_code)

    def judge(self) -> None:
        for here in self.ctx.each_site(PROGRAMME):
            mirror(here, PROGRAMME, reach=Reach.FULL)
        evaluate(self.ctx, PROGRAMME)

    def push(self, ctx: Context | None = None) -> PushOutcome:
        push_certificates(ctx or self.ctx, PROGRAMME)
        for here in self.programme.by_site:
            self.lms[here.site].issue_certificates(gate_of(here), self.now)
        return push_certificates(ctx or self.ctx, PROGRAMME)

    def owned(self, site: str, one: Learner) -> set[Kind]:
        with self.ctx.store.begin() as tx:
            return {row.kind for row in tx.ledger.of_username(site, username_on(site, one))}

    def verdict(self, one: Learner) -> Verdict:
        with self.ctx.store.begin() as tx:
            found = tx.verdicts.of_phone(PROGRAMME, one.phone)
        assert found is not None
        return found

    def find(self, one: Learner) -> RegisterEntry | None:
        with self.ctx.store.begin() as tx:
            return tx.register.of_phone(PROGRAMME, one.phone)

    def entry(self, one: Learner) -> RegisterEntry:
        found = self.find(one)
        assert found is not None
        return found


def gate_of(here: Programme) -> CertificateGate:
    assert here.certificate.gate is not None
    return here.certificate.gate


def both() -> dict[str, Any]:
    """What `sites` of the programme says."""
    return {NORTH: {}, SOUTH: on_south()}


def make_country(folder: Path, **sites: Any) -> Country:
    """A country with these sites, empty platforms with the programme's courses in them."""
    programmes = folder / "programmes"
    programmes.mkdir(parents=True)
    plain = Site(url=AnyHttpUrl("http://127.0.0.1:1"), token=SecretStr("x" * 32))
    other = plain.model_copy(update={"accounts": AccountMapping(username="s{phone_national}")})
    settings = Settings(state_dir=folder, programmes_dir=programmes, sites={NORTH: plain, SOUTH: other})
    lms = {NORTH: FakeLms(name=NORTH), SOUTH: FakeLms(name=SOUTH)}
    made: list[Country] = []
    open_site: Callable[[str, Site], FakeLms] = lambda key, _site: lms[key]  # noqa: E731 - a field of a context
    ctx = Context(
        settings=settings,
        store=Store(f"sqlite:///{folder}/connector.db"),
        open_site=open_site,
        now=lambda: made[0].now,
        wait=lambda _seconds: None,
    )
    made.append(Country(ctx=ctx, lms=lms, file=programmes / f"{PROGRAMME}.yaml"))
    made[0].define(**(sites or {"site": NORTH}))
    for here in made[0].programme.by_site:
        activities = [ref.activity for ref in here.refs] + [gate_of(here).certificate]
        lms[here.site].add_course(here.enrolment.courses[0], activities, [gate_of(here).group])
    return made[0]


def run_the_course(made: Country) -> None:
    """Everybody is provisioned where he belongs; the first has done everything, the last nothing."""
    made.register(*PEOPLE)
    made.provision()
    for number, one in enumerate(PEOPLE):
        made.now += timedelta(hours=1)
        made.complete(made.home(one), one, 19 - 2 * number, grade=60 + number)
    made.judge()
    made.now += timedelta(hours=1)
    made.push()
    made.judge()
