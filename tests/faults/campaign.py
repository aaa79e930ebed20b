"""One run of the fault campaign: a programme is run under faults and kills, then once in fair weather, then checked.

The run goes as a real programme goes: the roster is applied, changes on day 9, people study, certificates are pushed on
day 16. In each of the three parts the jobs are tried several times under faults; the clean run makes one try of each.
Time is virtual: waiting costs nothing.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random

from connector.context import Context
from connector.errors import ConnectorError
from connector.jobs.apply import apply
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, mirror
from connector.jobs.plan import make_plan
from connector.programmes.definition import Programme, find_programme
from connector.sandbox.content import day
from connector.sandbox.mishaps import Weather
from connector.settings import Settings
from connector.store.caller import this_process
from connector.sync.outcome import ApplyOutcome
from tests.faults.grounds import MOODLE, TOKEN, Box, Ground
from tests.faults.mortal import Fate, Killed, MortalDoor, MortalStore
from tests.faults.people import Roster, changed_roster, first_roster

LEARNERS = 300
RATES = (0.02, 0.05, 0.1, 0.2, 0.35)
TRIES = (1, 3)
MIDDLE = day(9)
MOST_BOUNDARIES = 140
LATE_BY = (1, 12)

# Every life is gone when the next one looks for it: no system has a process of this number.
DEAD = replace(this_process(), pid=4_194_305)

Job = Callable[[Context], object]


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run met and what was found at its end."""

    seed: int
    learners: int
    findings: list[str] = field(default_factory=list)
    mishaps: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    tries: int = 0
    finished: int = 0
    requests: int = 0
    welcomes_repeated: int = 0
    certificates: int = 0


def run(seed: int, folder: Path, learners: int = LEARNERS, ground: Ground = MOODLE) -> Report:
    """One whole run with this seed. Writes into the folder only."""
    report = Report(seed=seed, learners=learners)
    with logged() as log, Life(seed, folder, report, ground) as life:
        life.live(learners)
        life.check(log)
    return report


@contextmanager
def logged() -> Iterator[StringIO]:
    """Everything that is logged meanwhile, of all loggers and levels."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@cache
def _programme(folder: Path, key: str) -> Programme:
    return find_programme(folder, key)


class QuickContext(Context):
    """A context that reads each programme's file once: thousands of lives read the same two files."""

    def programme(self, key: str | None = None) -> Programme:
        return _programme(self.settings.programmes_dir, key or self.settings.default_programme)


class Life:
    """The site, the connector's many lives, and time."""

    def __init__(self, seed: int, folder: Path, report: Report, ground: Ground = MOODLE) -> None:
        self.dice = Random(seed)
        self.report = report
        self.ground = ground
        self.roster = Roster(present=())
        self.seconds = 0.0
        self.sandbox: Box = ground.fresh(seed, self.dice, lambda: self.seconds)
        self.weather = Weather(seed, self.dice.choice(RATES))
        self.door = MortalDoor(self.sandbox, self.weather)
        self.door.late_by = self.dice.randint(*LATE_BY)
        self.connections = 2 if self.dice.random() < 1 / 8 else 1
        self.folder = folder
        self.said: list[str] = []

    def __enter__(self) -> "Life":
        return self

    def __exit__(self, *_error: object) -> None:
        self.sandbox.close()

    def live(self, learners: int) -> None:
        """The three parts of the programme, each under faults, and its end in fair weather."""
        self.register(first_roster(self.dice, learners))
        self.suffer([provide, read])
        self.register(changed_roster(self.dice, self.roster))
        self.sandbox.move(MIDDLE)
        self.suffer([provide, read])
        self.sandbox.move(self.ground.last)
        self.suffer([provide, read, judge, push, self.cron, push])
        self.finish()

    def finish(self) -> None:
        """The last day in fair weather: every job once."""
        self.sandbox.move(self.ground.last)
        self.door.do_late_work()
        self.door.weather = None
        self.once([provide, read_all, judge, push, self.cron, push], Fate())

    def register(self, roster: Roster) -> None:
        """Registrations as an import leaves them. Nobody's late request arrives after a roster has changed."""
        self.door.do_late_work()
        self.roster = roster
        with self.alive(Fate()) as ctx, ctx.store.begin() as tx:
            tx.registrations.save(roster.registrations(self.ground.programme), ctx.now())

    def suffer(self, jobs: list[Job]) -> None:
        """Try these jobs several times; every other life ends with a kill."""
        for _ in range(self.dice.randint(*TRIES)):
            self.once(jobs, Fate(self.dice.randint(0, MOST_BOUNDARIES) if self.dice.random() < 0.5 else None))

    def once(self, jobs: list[Job], fate: Fate) -> None:
        """One life of the connector: the jobs in their order, each even if the one before it failed."""
        self.report.tries += 1
        try:
            with self.alive(fate) as ctx:
                for job in jobs:
                    self.report.finished += self.attempt(job, ctx)
        except Killed:
            self.report.kills[fate.died_at] += 1

    def attempt(self, job: Job, ctx: Context) -> bool:
        try:
            outcome = job(ctx)
            if isinstance(outcome, ApplyOutcome):
                self.said.append(f"{outcome.stopped_by} {outcome.refusals}")
                self.note(outcome)
        except ConnectorError as error:
            self.report.errors[type(error).__name__] += 1
            self.said.append(str(error))
            if self.door.weather is None:
                self.report.findings.append(f"in fair weather: {type(error).__name__}: {error}")
            return False
        except Exception as error:  # noqa: BLE001 - an error that is not ours is what the campaign looks for
            self.report.findings.append(f"crash: {type(error).__name__}: {error}")
            return False
        return True

    def note(self, outcome: ApplyOutcome) -> None:
        """Count what stopped an apply; in fair weather nothing may, and nothing may stay undone."""
        if outcome.stopped_by is not None:
            self.report.errors[type(outcome.stopped_by).__name__] += 1
        if self.door.weather is None and not outcome.complete:
            self.report.findings.append(f"in fair weather: {outcome.counts} {outcome.stopped_by} {outcome.refusals}")

    @contextmanager
    def alive(self, fate: Fate) -> Iterator[Context]:
        """A fresh connector over what the last one left on the disk."""
        self.door.fate = Fate()
        store = MortalStore(f"sqlite:///{self.folder}/connector.db", fate)
        self.door.fate = fate
        try:
            yield self.context(store)
        finally:
            store.close()

    def context(self, store: MortalStore) -> Context:
        ground = self.ground
        site = ground.settings("https://lms.test", TOKEN, connections=self.connections)
        settings = Settings(state_dir=self.folder, sites={ground.site_key: site}, default_programme=ground.programme)
        return QuickContext(
            settings=settings,
            store=store,
            open_site=lambda key, one: ground.open(
                key, one, adapter=self.door, sleep=self.sleep, clock=lambda: self.seconds
            ),
            now=self.now,
            wait=self.sleep,
            caller=DEAD,
        )

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.sandbox.site.now(), UTC) + timedelta(seconds=self.seconds)

    def cron(self, _ctx: Context) -> None:
        """The platform's own task: it issues certificates."""
        self.sandbox.run_cron()

    def check(self, log: StringIO) -> None:
        """Look at everything, and plan once more: nothing may be left to do."""
        text = log.getvalue() + "\n".join(self.said)
        site, checks = self.sandbox.site, self.ground.checks
        with self.alive(Fate()) as ctx:
            self.report.findings += checks.findings(ctx, site, self.roster, text, [TOKEN])
            self.report.findings += checks.left_over(make_plan(ctx), site, self.roster)
        self.report.mishaps.update(mishap.value for mishap in self.door.met)
        self.report.requests = len(self.door.requests)
        self.report.certificates = checks.issued(site)
        self.report.welcomes_repeated = checks.welcomes_repeated(site, self.roster)
        if self.report.welcomes_repeated and not self.door.repeated_enrolments:
            self.report.findings.append("welcome messages: sent again, and neither a proxy nor a late site did it")


def provide(ctx: Context) -> object:
    """Plan and apply; an outage on the way is told as the outcome."""
    plan = make_plan(ctx)
    return plan if plan.empty else apply(ctx, plan)


def read(ctx: Context) -> object:
    return mirror(ctx)


def read_all(ctx: Context) -> object:
    return mirror(ctx, reach=Reach.FULL)


def judge(ctx: Context) -> object:
    return evaluate(ctx)


def push(ctx: Context) -> object:
    return push_certificates(ctx)
