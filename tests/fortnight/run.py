"""A fortnight of the real service in accelerated time: lists come, people study, things go wrong, nobody types.

The scheduler is connector/jobs/service with a clock that is set from tick to tick. It is stopped in the midst of an
apply, killed in the midst of another, started again, and for some days runs twice side by side. Once a person approves
a plan, since that is what he is called for.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from threading import RLock

import yaml
from pydantic import AnyHttpUrl, SecretStr

from connector.context import Context
from connector.jobs.apply import load_plan
from connector.jobs.approve import approve
from connector.jobs.service.alarms import Alert
from connector.jobs.service.service import Service
from connector.jobs.service.slots import slots_of
from connector.moodle_ws.lms import open_moodle
from connector.sandbox.content import seed_site
from connector.sandbox.site import Site
from connector.settings import HOME, ScheduledJob, Settings
from connector.settings import Site as SiteSettings
from connector.store.caller import Caller, this_process
from tests.faults.campaign import QuickContext
from tests.faults.mortal import Fate, Killed, MortalStore
from tests.fortnight.oracle import Expected, alerts_are_true, ended_well, findings, seen_on_site, told_nobody
from tests.fortnight.scenery import BEGINS, ENDS, Scenery, at, make_scenery
from tests.fortnight.table import Day
from tests.fortnight.world import Away, OwnWay, Road, SiteClock

TOKEN = "5ec2e7" * 5 + "00"
# Whoever is killed is gone when the next one looks for him: no system has a process of this number.
DEAD = replace(this_process(), pid=4_194_305)
PROGRAMME = "bkhcn-2025-k1"
SITE = "sandbox"
APPROVER = "lan"

# When each thing happens to the service; lists come ten or forty minutes past (tests/fortnight/scenery.py).
STOPPED, STARTED_AGAIN = at(2, 10, 40), at(2, 13, 0)
KILLED, TAKEN_UP = at(3, 9, 40), at(3, 12, 50)
SECOND_COMES, FIRST_GOES = at(6, 0), at(9, 0)
APPROVED = at(8, 19, 40)
HICCUP = Away(begins=at(4, 18, 20), ends=at(4, 18, 30), closed=False)
MAINTENANCE = Away(begins=at(9, 22), ends=at(10, 2), closed=True)
OUTAGE = Away(begins=at(11, 12), ends=at(11, 14), closed=False)
AWAYS = (HICCUP, MAINTENANCE, OUTAGE)
# An hour of a Sunday before the programme, in which every job that may be frequent has a tick.
QUIET = at(0, 17, 58), at(0, 18, 58)

TIMETABLE: tuple[dict[str, object], ...] = (
    {"name": "lists", "job": "pick-up", "trigger": {"every": "30m"}, "quiet": "0s"},
    {"name": "sync", "job": "apply", "trigger": {"cron": "25 * * * *"}},
    {"name": "copy", "job": "mirror", "trigger": {"cron": "35 8-18/5 * * *"}},
    {"name": "night-copy", "job": "mirror-rolling", "trigger": {"cron": "10 1 * * *"}},
    {"name": "judge", "job": "evaluate", "trigger": {"cron": "45 8-18/5 * * *"}},
    {"name": "certificates", "job": "push", "trigger": {"cron": "50 */3 * * *"}},
    {"name": "morning-report", "job": "report", "trigger": {"cron": "30 6 * * *"}, "formats": ["csv"]},
    {"name": "passwords", "job": "expire-passwords", "trigger": {"cron": "0 4 * * *"}},
    {"name": "tidy", "job": "retention", "trigger": {"cron": "0 5 * * sun"}},
)
# The shorter form looks less often, so that it is over in some seconds.
SELDOM = {
    "lists": {"cron": "0 10-18/2 * * *"},
    "sync": {"cron": "25 10-20/2 * * *"},
    "certificates": {"cron": "50 6-18/6 * * *"},
}


@dataclass(slots=True, kw_only=True)
class Quiet:
    """An hour in which nothing happens: its ticks by job, its requests, and those of them that the mirror made."""

    ticks: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    by_mirror: int = 0


@dataclass(slots=True, kw_only=True)
class Report:
    """What a fortnight was like and what was found at its end."""

    days: list[Day] = field(default_factory=list)
    alerts: list[tuple[datetime, Alert]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    quiet: Quiet = field(default_factory=Quiet)
    beside: Counter[int] = field(default_factory=Counter)


def run(folder: Path, *, learners: int, provinces: int, seed: int = 1, seldom: bool = False) -> Report:
    """The whole fortnight, or with fewer ticks (`seldom`). Writes into the folder only."""
    with Fortnight(folder, make_scenery(learners, provinces, seed), seed, seldom=seldom) as fortnight:
        fortnight.pass_by()
        return fortnight.judged()


@dataclass(slots=True, kw_only=True)
class Life:
    """One process of the service, from its start to its end."""

    service: Service
    ctx: Context
    store: MortalStore
    way: OwnWay
    fate: Fate


class Fortnight:
    """The site, the folders, time, and the lives of the service."""

    def __init__(self, folder: Path, scenery: Scenery, seed: int, *, seldom: bool) -> None:
        self.folder = folder
        self.scenery = scenery
        self.report = Report()
        self.site = Site(":memory:")
        seed_site(self.site, token=TOKEN, seed=seed)
        lock = RLock()
        self.clock = SiteClock(self.site, BEGINS, lock)
        self.road = Road(self.site, self.clock.now, lock, AWAYS)
        self.settings = _settings(folder, seldom=seldom)
        self.lives: list[Life] = []
        self.log = StringIO()

    def __enter__(self) -> "Fortnight":
        return self

    def __exit__(self, *_error: object) -> None:
        for life in self.lives:
            life.store.close()
        self.site.close()

    def pass_by(self) -> None:
        """All of it, event by event."""
        events = [
            *((drop.moment, self._dropped(drop.put)) for drop in self.scenery.drops),
            *((at(day, 0), self._midnight) for day in range(-2, 18)),
            (STOPPED, lambda: self._after_writes(2, lambda life: life.service.stop())),
            (STARTED_AGAIN, lambda: self._begin(to_be_killed=True)),
            (KILLED, lambda: self._after_writes(3, lambda life: life.fate.doom())),
            (TAKEN_UP, self._begin),
            (SECOND_COMES, lambda: self.lives.append(self._life(this_process()))),
            (FIRST_GOES, lambda: self._end(self.lives.pop(0))),
            (APPROVED, self._approve),
            (QUIET[0], self._begins_quiet),
            (QUIET[1], self._ends_quiet),
        ]
        with self._logged():
            self._begin()
            for moment, happens in sorted(events, key=lambda one: one[0]):
                self._until(moment)
                happens()
            self._until(ENDS)
            self._midnight()

    def _until(self, moment: datetime) -> None:
        """Let the services run up to this moment; one that is killed leaves the rest to the next."""
        if len(self.lives) > 1:
            self._side_by_side(moment)
            return
        for life in self.lives:
            try:
                life.service.run_until(moment, self.clock)
            except Killed:
                self.lives.remove(life)
                life.store.close()
        self.clock.go_to(moment)

    def _side_by_side(self, moment: datetime) -> None:
        """Two services look at the same time, each in a thread of its own; each is now and then a little earlier."""
        order = list(enumerate(self.lives))
        with ThreadPoolExecutor(len(order)) as pool:
            while True:
                order.reverse()
                made = list(pool.map(lambda one: one[1].service.look(), order))
                self.report.beside.update({place: count for (place, _life), count in zip(order, made, strict=True)})
                following = self.lives[0].service.next_moment()
                if following is None or following > moment:
                    break
                assert following > self.clock.now() or any(made), "a look finds what it does not run"
                self.clock.go_to(following)
        self.clock.go_to(moment)

    def _begin(self, *, to_be_killed: bool = False) -> None:
        """A new process, where the last one was stopped or killed."""
        for life in list(self.lives):
            assert life.service.stopping.is_set()
            self._end(life)
            self.lives.remove(life)
        self.lives.append(self._life(DEAD if to_be_killed else this_process()))

    def _life(self, caller: Caller) -> Life:
        fate = Fate()
        store = MortalStore(self.settings.database, fate)
        way = OwnWay(self.road, fate)
        ctx = QuickContext(
            settings=self.settings,
            store=store,
            open_site=lambda key, one: open_moodle(
                key, one, adapter=way, sleep=self.clock.wait, clock=self._seconds, now=self.clock.now
            ),
            now=self.clock.now,
            wait=self.clock.wait,
            caller=caller,
        )
        service = Service(ctx, slots_of(ctx), self._tell)
        service.start()
        return Life(service=service, ctx=ctx, store=store, way=way, fate=fate)

    def _seconds(self) -> float:
        return self.clock.now().timestamp()

    def _end(self, life: Life) -> None:
        life.service.stop()
        life.store.close()

    def _after_writes(self, count: int, act: Callable[[Life], None]) -> None:
        """Do this to the service in the midst of its next apply, after so many writes."""
        (life,) = self.lives
        left = count

        def written() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                act(life)

        life.way.written = written

    def _dropped(self, put: Callable[[Path], None]) -> Callable[[], None]:
        return lambda: put(self.folder / "pickup")

    def _approve(self) -> None:
        ctx = self.lives[0].ctx
        approve(ctx, load_plan(self.folder / "plans" / f"{PROGRAMME}.json"), APPROVER)

    def _tell(self, alert: Alert) -> bool:
        self.report.alerts.append((self.clock.now(), alert))
        return True

    def _begins_quiet(self) -> None:
        self.report.quiet.requests = -self.road.count

    def _ends_quiet(self) -> None:
        quiet = self.report.quiet
        quiet.requests += self.road.count
        with self.lives[0].store.begin() as tx:
            ticks = [one for one in tx.ticks.newest(100) if QUIET[0] < one.due_at <= QUIET[1]]
        quiet.ticks.update(one.job for one in ticks)
        quiet.by_mirror = sum(one.counts.get("requests", 0) for one in ticks if one.job == "copy")

    def _midnight(self) -> None:
        """A line of the table for the day that ends."""
        day = self.clock.now() - timedelta(seconds=1)
        with self.lives[-1].store.begin() as tx:
            ticks = [one for one in tx.ticks.newest(2000) if one.due_at.astimezone(HOME).date() == day.date()]
        seen = seen_on_site(self.site)
        self.report.days.append(Day.of(day, ticks, seen, self.road.count, self.report.alerts))

    @contextmanager
    def _logged(self) -> Iterator[None]:
        handler, root = logging.StreamHandler(self.log), logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            yield
        finally:
            root.setLevel(level)
            root.removeHandler(handler)

    def judged(self) -> Report:
        """The report, with everything that is not as it must be."""
        with self.lives[0].store.begin() as tx:
            ticks = tx.ticks.newest(100_000)
        self.report.findings += [
            *findings(self.site, self.scenery, self.folder / "reports"),
            *alerts_are_true(self.report.alerts, self._expected()),
            *ended_well(ticks, AWAYS),
            *told_nobody(self.log.getvalue(), TOKEN),
        ]
        return self.report

    def _expected(self) -> list[Expected]:
        """The incidents for which a person is to be called, and from when to when each lasts."""
        first, cast = self.scenery.first, self.scenery.cast
        return [
            Expected("job:lists:list-", first("astray", cast.astray), first("first", cast.astray)),
            Expected("job:sync:approval", first("left", cast.loses), APPROVED),
            Expected("site:sandbox:away", MAINTENANCE.begins, MAINTENANCE.ends),
            Expected("site:sandbox:away", OUTAGE.begins, OUTAGE.ends),
        ]


def _settings(folder: Path, *, seldom: bool) -> Settings:
    programmes = folder / "programmes"
    programmes.mkdir()
    text = Path(f"config/programmes/{PROGRAMME}.yaml").read_text(encoding="utf-8")
    definition = yaml.safe_load(text) | {
        "writes": {"starts_at": "2025-11-27T00:00"},
        "leaving": "leave_cohort",
        "unattended": {"apply": True, "most": 10_000, "losses": 3},
    }
    (programmes / f"{PROGRAMME}.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    jobs = [one | ({"trigger": SELDOM.get(str(one["name"]), one["trigger"])} if seldom else {}) for one in TIMETABLE]
    site = SiteSettings(url=AnyHttpUrl("https://moodle.test"), token=SecretStr(TOKEN), known_username="guest")
    return Settings(
        state_dir=folder,
        programmes_dir=programmes,
        sites={SITE: site},
        jobs=tuple(ScheduledJob.model_validate(one) for one in jobs),
    )
