"""Use case: the whole road in one go, on the sample rosters and a sandbox of either platform, told step by step."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

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
from connector.sandbox.content import day as epoch_of_day
from connector.sandbox.openedx.programme import CLIENT
from connector.sandbox.rosters import write_rosters
from connector.settings import Settings, Site

SITE, PROGRAMME = "sandbox", "bkhcn-2025-k1"  # on Moodle
SAMPLES = Path("examples/rosters")
ROSTER_SUFFIXES = {".xlsx", ".xls", ".ods", ".csv"}
MIDDLE, END = 9, 16
PORT = 8045  # of `connector sandbox`
# The sandbox's own cron issues certificates about once a second; this is how long a push waits for it.
WAIT_FOR_CRON = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the demo: what happens, in plain words, and what the job gave."""

    name: str
    told: str
    outcome: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a demo plays on: the site's key and programme, and how this platform's section is configured.

    `tells_times`: when a topic was completed; where not, it counts from when the mirror first saw it.
    """

    site: str
    programme: str
    credential: str
    keys: Mapping[str, str]
    tells_times: bool


STAGES: Mapping[str, Stage] = {
    "moodle": Stage(site=SITE, programme=PROGRAMME, credential="token_file", keys={}, tells_times=True),
    "openedx": Stage(
        site="sandbox_openedx",
        programme="bkhcn-2025-k1-openedx",
        credential="client_secret_file",
        keys={"client_id": CLIENT, "sign_up": "csv"},
        tells_times=False,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Where a demo works, on which platform, and how large it is. Without `learners` it takes the sample rosters."""

    folder: Path
    platform: str = "moodle"
    learners: int | None = None
    seed: int = 1

    @property
    def stage(self) -> Stage:
        """What it plays on."""
        return STAGES[self.platform]


def run_demo(demo: Demo, settings: Settings, meter: Meter) -> Iterator[Step]:
    """Each step of the demo after it was made. Writes into the demo's folder only; running it twice is harmless."""
    demo.folder.mkdir(parents=True, exist_ok=True)
    rosters = _rosters(demo)
    with running_sandbox(demo.folder, platform=demo.platform, seed=demo.seed) as sandbox:
        clock = Clock(sandbox)
        ctx = demo_context(demo, settings, sandbox, clock)
        meter.requests = lambda: ctx.lms(demo.stage.site).calls.requests
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

    def move_to(self, moment: datetime) -> None:
        """Let the course go on to this moment; the clock never goes back."""
        if self._now < moment:
            self._sandbox.control.move_to(moment)
        self._now = self._sandbox.now()


class _Road:
    """The steps, in the order of the data."""

    def __init__(self, demo: Demo, ctx: Context, clock: Clock, meter: Meter) -> None:
        self._demo = demo
        self._ctx = ctx
        self._clock = clock
        self._meter = meter
        self._programme = demo.stage.programme

    def steps(self, rosters: list[Path]) -> Iterator[Step]:
        """All steps, one after the other. What a step gave is not kept here: 18,000 people fill the memory."""
        yield self._step("doctor", _("Can we work with this site?"), lambda: examine(self._ctx, self._programme))
        yield self._step(
            "import",
            _("{count} lists of departments are read; each gets its bad cells back.").format(count=len(rosters)),
            lambda: import_rosters(self._ctx, self._programme, rosters),
        )
        yield from self._provision()
        yield from self._day(MIDDLE)
        yield from self._last_evening()
        yield from self._day(END)
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
            plan = make_plan(self._ctx, self._programme)
        save_plan(plan, path)
        yield Step(name="plan", told=told, outcome=plan)
        told = _("Exactly this is made, each change journaled before it is sent.")
        yield self._step("apply", told, lambda: apply(self._ctx, plan))

    def _last_evening(self) -> Iterator[Step]:
        evening = self._ctx.programme(self._programme).window.ends_at - timedelta(minutes=1)
        if self._demo.stage.tells_times or self._clock.now() > evening:
            return
        self._clock.move_to(evening)
        yield self._step(
            "mirror, last evening",
            _("The window's last minute: this platform does not tell when a topic was done, only that it is."),
            lambda: mirror(self._ctx, self._programme, reach=Reach.FULL),
        )

    def _day(self, day: int) -> Iterator[Step]:
        self._clock.move_to(datetime.fromtimestamp(epoch_of_day(day), UTC))
        yield self._step(
            f"mirror, day {day}",
            _("Day {day} of the course: what the platform knows is copied into the mirror.").format(day=day),
            lambda: mirror(self._ctx, self._programme, reach=Reach.FULL if day == END else Reach.MOVED),
        )
        yield self._step(
            f"evaluate, day {day}",
            _("Every learner is judged by the rule."),
            lambda: evaluate(self._ctx, self._programme),
        )

    def _certificates(self) -> Iterator[Step]:
        yield self._step(
            "certificates",
            _("Who has completed gets a certificate: released on the platform, read back, registered."),
            lambda: push_certificates(self._ctx, self._programme, wait=WAIT_FOR_CRON),
        )
        yield self._step(
            "certificates again",
            _("Pushing again grants nothing twice."),
            lambda: push_certificates(self._ctx, self._programme),
        )
        folder = self._demo.folder / "reports"
        yield self._step(
            "report",
            _("The report for the departments and the ministry."),
            lambda: progress_report(self._ctx, self._programme, formats=("xlsx", "html", "csv"), folder=folder),
        )

    def _ending(self) -> Iterator[Step]:
        with self._ctx.store.begin() as tx:
            entries = tx.register.of_programme(self._programme).values()
        issued = min((entry.phone for entry in entries if entry.register_no), default=None)
        if issued is not None:
            yield self._step(
                "explain",
                _("One person's story, from the roster cell to the certificate (connector explain)."),
                lambda: person_story(self._ctx, issued, self._programme),
            )
        yield self._step("second plan", _("The plan once more."), lambda: make_plan(self._ctx, self._programme))


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
    stage = demo.stage
    site = {"platform": demo.platform, stage.credential: str(sandbox.token_file), **stage.keys}
    own = settings.model_copy(
        update={
            "state_dir": demo.folder,
            "database_url": "",
            "password_key_file": None,
            "default_programme": stage.programme,
            "sites": {stage.site: Site.model_validate({**site, "url": sandbox.url})},
        }
    )
    content = {
        "state_dir": str(demo.folder),
        "programmes_dir": str(settings.programmes_dir),
        "reports_dir": str(settings.reports_dir),
        "default_programme": stage.programme,
        "sites": {stage.site: {**site, "url": f"http://127.0.0.1:{PORT}"}},
    }
    (demo.folder / "connector.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return replace(open_context(own), now=clock.now)
