"""Use case: the whole road in one go, on the sample rosters and a sandbox, told step by step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import AnyHttpUrl

from connector.context import Context, open_context
from connector.errors import ConfigError
from connector.jobs.apply import apply, save_plan
from connector.jobs.certify import push_certificates
from connector.jobs.doctor import examine
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.measure import Meter
from connector.jobs.mirror import Reach, mirror
from connector.jobs.plan import make_plan
from connector.jobs.report import progress_report
from connector.jobs.rosters import import_rosters
from connector.jobs.sandbox import RunningSandbox, running_sandbox
from connector.language import _
from connector.sandbox.rosters import write_rosters
from connector.settings import Settings, Site

SITE = "sandbox"
PROGRAMME = "bkhcn-2025-k1"
SAMPLES = Path("examples/rosters")
ROSTER_SUFFIXES = {".xlsx", ".xls", ".ods", ".csv"}
MIDDLE, END = 9, 16
# The sandbox's own cron issues certificates about once a second; this is how long a push waits for it.
WAIT_FOR_CRON = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the demo: what happens, in plain words, and what the job gave."""

    name: str
    told: str
    outcome: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where a demo works and how large it is. Without `learners` it takes the sample rosters."""

    folder: Path
    learners: int | None = None
    seed: int = 1


def run_demo(demo: Demo, settings: Settings, meter: Meter) -> Iterator[Step]:
    """Each step of the demo after it was made. Writes into the demo's folder only; running it twice is harmless."""
    demo.folder.mkdir(parents=True, exist_ok=True)
    rosters = _rosters(demo)
    with running_sandbox(demo.folder, seed=demo.seed) as sandbox:
        clock = Clock(sandbox)
        ctx = demo_context(demo, settings, sandbox, clock)
        meter.requests = lambda: ctx.lms(SITE).calls.requests
        try:
            yield from _Road(demo, ctx, clock, meter).steps(rosters)
        finally:
            ctx.store.close()


class Clock:
    """The demo's time is the sandbox's, since its people study in December 2025."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._sandbox = sandbox
        self._now = sandbox.now()

    def now(self) -> datetime:
        return self._now

    def move_to(self, day: int) -> None:
        """Let the course go on to this day; the clock never goes back."""
        if self._sandbox.day() < day:
            self._sandbox.control.move_to_day(day)
        self._now = self._sandbox.now()


class _Road:
    """The steps, in the order of the data."""

    def __init__(self, demo: Demo, ctx: Context, clock: Clock, meter: Meter) -> None:
        self._demo = demo
        self._ctx = ctx
        self._clock = clock
        self._meter = meter

    def steps(self, rosters: list[Path]) -> Iterator[Step]:
        """All steps, one after the other. What a step gave is not kept here: 18,000 people fill the memory."""
        yield self._step("doctor", _("Can we work with this site?"), lambda: examine(self._ctx, PROGRAMME))
        yield self._step(
            "import",
            _("{count} lists of departments are read; each gets its bad cells back.").format(count=len(rosters)),
            lambda: import_rosters(self._ctx, PROGRAMME, rosters),
        )
        yield from self._provision()
        for day in (MIDDLE, END):
            yield from self._day(day)
        yield from self._certificates()
        yield from self._ending()

    def _step(self, name: str, told: str, work: Callable[[], object]) -> Step:
        with self._meter.step(name):
            outcome = work()
        return Step(name=name, told=told, outcome=outcome)

    def _provision(self) -> Iterator[Step]:
        path = self._demo.folder / "plan.json"
        told = _("What would change on the platform? Nothing is written yet; the plan is {path}.").format(path=path)
        with self._meter.step("plan"):
            plan = make_plan(self._ctx, PROGRAMME)
        save_plan(plan, path)
        yield Step(name="plan", told=told, outcome=plan)
        told = _("Exactly this is made, each change journaled before it is sent.")
        yield self._step("apply", told, lambda: apply(self._ctx, plan))

    def _day(self, day: int) -> Iterator[Step]:
        self._clock.move_to(day)
        yield self._step(
            f"mirror, day {day}",
            _("Day {day} of the course: what the platform knows is copied into the mirror.").format(day=day),
            lambda: mirror(self._ctx, PROGRAMME, reach=Reach.FULL if day == END else Reach.MOVED),
        )
        yield self._step(
            f"evaluate, day {day}", _("Every learner is judged by the rule."), lambda: evaluate(self._ctx, PROGRAMME)
        )

    def _certificates(self) -> Iterator[Step]:
        yield self._step(
            "certificates",
            _("Who has completed gets a certificate: released on the platform, read back, registered."),
            lambda: push_certificates(self._ctx, PROGRAMME, wait=WAIT_FOR_CRON),
        )
        yield self._step(
            "certificates again",
            _("Pushing again grants nothing twice."),
            lambda: push_certificates(self._ctx, PROGRAMME),
        )
        folder = self._demo.folder / "reports"
        yield self._step(
            "report",
            _("The report for the departments and the ministry."),
            lambda: progress_report(self._ctx, PROGRAMME, formats=("xlsx", "html", "csv"), folder=folder),
        )

    def _ending(self) -> Iterator[Step]:
        with self._ctx.store.begin() as tx:
            entries = tx.register.of_programme(PROGRAMME).values()
        issued = min((entry.phone for entry in entries if entry.register_no), default=None)
        if issued is not None:
            yield self._step(
                "explain",
                _("One person's story, from the roster cell to the certificate (connector explain)."),
                lambda: person_story(self._ctx, issued, PROGRAMME),
            )
        yield self._step("second plan", _("The plan once more."), lambda: make_plan(self._ctx, PROGRAMME))


def _rosters(demo: Demo) -> list[Path]:
    if demo.learners is not None:
        return write_rosters(demo.folder / "lists", demo.learners, demo.seed)
    found = sorted(path for path in SAMPLES.glob("*") if path.suffix in ROSTER_SUFFIXES)
    if not found:
        raise ConfigError(
            _("The sample rosters {folder} are not here.").format(folder=SAMPLES),
            hint=_("Run the demo in the folder of the source code."),
        )
    return found


def demo_context(demo: Demo, settings: Settings, sandbox: RunningSandbox, clock: Clock) -> Context:
    """A context for the demo's own database and site; a configuration file for later commands is left beside it."""
    site = Site(url=AnyHttpUrl(sandbox.url), token_file=sandbox.token_file)
    own = settings.model_copy(
        update={
            "state_dir": demo.folder,
            "database_url": "",
            "password_key_file": None,
            "default_programme": PROGRAMME,
            "sites": {SITE: site},
        }
    )
    content = {
        "state_dir": str(demo.folder),
        "programmes_dir": str(settings.programmes_dir),
        "reports_dir": str(settings.reports_dir),
        "default_programme": PROGRAMME,
        "sites": {SITE: {"platform": "moodle", "url": "http://127.0.0.1:8045", "token_file": str(sandbox.token_file)}},
    }
    (demo.folder / "connector.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return replace(open_context(own), now=clock.now)
