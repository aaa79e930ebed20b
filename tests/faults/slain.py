"""A run of the campaign over real HTTP, with a connector in a process of its own that is really killed.

The sandbox listens in this process; `victim.py` is the connector. It is killed (SIGKILL) at a drawn moment, several
times; then it runs once in fair weather and is looked at by the same checks.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from connector.jobs.plan import make_plan
from connector.sandbox.breaking import Pauses
from connector.sandbox.clock import set_day
from connector.sandbox.content import seed_site
from connector.sandbox.cron import run_cron
from connector.sandbox.mishaps import Mishap, Weather
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.server import SandboxServer
from connector.sandbox.site import Site
from tests.faults.campaign import LEARNERS, TOKEN, Report, add_by_hand, certificates, welcomes_repeated
from tests.faults.checks import findings
from tests.faults.people import PROGRAMME, Roster, changed_roster, first_roster
from tests.faults.victim import open_victim

RATE = 0.1
TIMEOUT = 0.7
JOBS = ("provide", "read_all", "judge", "push")
KILLS = (2, 4)
MOMENTS = (1.0, 3.0)  # seconds after the start; the interpreter needs about one of them
PATIENCE = 120.0


class CountedWeather(Weather):
    """Weather that remembers what it brought, and can clear up."""

    def __init__(self, seed: int, rate: float) -> None:
        super().__init__(seed, rate)
        self.met: list[Mishap] = []
        self.fair = False

    def next(self) -> Mishap | None:
        mishap = None if self.fair else super().next()
        if mishap is not None:
            self.met.append(mishap)
        return mishap


def run(seed: int, folder: Path, learners: int = LEARNERS, kills: tuple[int, int] = KILLS) -> Report:
    """One whole run with this seed. Writes into the folder only."""
    report = Report(seed=seed, learners=learners)
    dice = Random(seed)
    weather = CountedWeather(seed, RATE)
    with served(folder, seed, weather) as server:
        first = first_roster(dice, learners)
        last = changed_roster(dice, first)
        for number, roster in ((1, first), (9, last), (16, last)):
            new_day(server, folder, number, roster)
            for _ in range(dice.randint(*kills)):
                report.tries += 1
                report.kills["SIGKILL"] += slain(folder, server, dice.uniform(*MOMENTS))
        weather.fair = True
        report.findings += last_life(folder, server)
        report.findings += look(folder, server, last)
        report.requests = sum(count for name, count in server.sandbox.site.calls.items() if "/" not in name)
        report.certificates = certificates(server.sandbox.site)
        report.welcomes_repeated = welcomes_repeated(server.sandbox.site, last)
    report.mishaps.update(mishap.value for mishap in weather.met)
    return report


@contextmanager
def served(folder: Path, seed: int, weather: Weather) -> Iterator[SandboxServer[MoodleSandbox]]:
    """A sandbox on a loopback port, in a thread of this process."""
    site = Site(":memory:")
    seed_site(site, token=TOKEN, seed=seed)
    add_by_hand(site)
    (folder / "token").write_text(TOKEN)
    server = SandboxServer(MoodleSandbox(site), TOKEN, 0, 0, weather=weather, pauses=Pauses(silence=2, drop=0.02))
    thread = threading.Thread(target=server.run, args=(lambda _url: None,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        site.close()


def new_day(server: SandboxServer[MoodleSandbox], folder: Path, number: int, roster: Roster) -> None:
    """Move the clock and register the roster, as an import leaves it."""
    with server.lock:
        set_day(server.sandbox.site, number)
        now = server.sandbox.site.now()
    ctx = open_victim(folder, server.url, now)
    with ctx.store.begin() as tx:
        tx.registrations.save(roster.registrations, ctx.now())
    ctx.store.close()


def life(folder: Path, server: SandboxServer[MoodleSandbox]) -> subprocess.Popen[str]:
    """A connector in a process of its own that plans, applies, mirrors, judges and certifies once."""
    with server.lock:
        now = server.sandbox.site.now()
    command = [sys.executable, "-m", "tests.faults.victim", str(folder), server.url, str(now), str(TIMEOUT), *JOBS]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def slain(folder: Path, server: SandboxServer[MoodleSandbox], after: float) -> bool:
    """Start a connector and kill it after so many seconds; False when it had ended before."""
    with life(folder, server) as process:
        try:
            process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True
    return False


def last_life(folder: Path, server: SandboxServer[MoodleSandbox]) -> list[str]:
    """One life in fair weather, the platform's cron, and one more to register what it has issued."""
    found = []
    for _ in range(2):
        with life(folder, server) as process:
            said, _nothing = process.communicate(timeout=PATIENCE)
        if process.returncode:
            found.append(f"in fair weather: exit code {process.returncode}: {said[-300:]}")
        with server.lock:
            run_cron(server.sandbox.site)
    return found


def look(folder: Path, server: SandboxServer[MoodleSandbox], roster: Roster) -> list[str]:
    """All checks, and one more plan."""
    log = (folder / "victim.log").read_text(encoding="utf-8")
    ctx = open_victim(folder, server.url, server.sandbox.site.now())
    found = findings(ctx, server.sandbox.site, roster, log, [TOKEN])
    plan = make_plan(ctx, PROGRAMME)
    if not plan.empty or plan.by_hand or plan.foreign or plan.held:
        found.append(f"plan: {len(plan.changes)} changes, {len(plan.by_hand)} by hand")
    ctx.store.close()
    return found
