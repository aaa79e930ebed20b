"""A run of the campaign over real HTTP, with a connector in a process of its own that is really killed.

The sandbox listens in this process; `victim.py` is the connector. It is killed (SIGKILL) at a drawn moment, several
times; then it runs once in fair weather and is looked at by the same checks.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from connector.jobs.plan import make_plan
from connector.sandbox.breaking import Pauses
from connector.sandbox.mishaps import Mishap, Weather
from connector.sandbox.server import SandboxServer
from connector.sandbox.serving import write_token
from tests.faults.campaign import LEARNERS, MIDDLE, Report
from tests.faults.grounds import MOODLE, TOKEN, Box, Ground
from tests.faults.people import Roster, changed_roster, first_roster
from tests.faults.victim import HASTE, open_victim

RATE = 0.1
TIMEOUT = 0.7
JOBS = ("provide", "read_all", "judge", "push")
KILLS = (2, 4)
MOMENTS = (1, 60)  # requests after the start: a moment that is the same on a quick machine and on a loaded one
LOOK = 0.002  # seconds between two looks at the count
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


def run(
    seed: int, folder: Path, learners: int = LEARNERS, ground: Ground = MOODLE, *, kills: tuple[int, int] = KILLS
) -> Report:
    """One whole run with this seed. Writes into the folder only."""
    report = Report(seed=seed, learners=learners)
    dice = Random(seed)
    weather = CountedWeather(seed, RATE)
    with served(ground, folder, seed, weather) as server:
        first = first_roster(dice, learners)
        last = changed_roster(dice, first)
        for moment, roster in ((0, first), (MIDDLE, last), (ground.last, last)):
            new_day(ground, server, folder, moment, roster)
            for _ in range(dice.randint(*kills)):
                report.tries += 1
                report.kills["SIGKILL"] += slain(ground, folder, server, dice.randint(*MOMENTS))
        weather.fair = True
        report.findings += last_life(ground, folder, server)
        report.findings += look(ground, folder, server, last)
        report.requests = sum(count for name, count in server.sandbox.site.calls.items() if "/" not in name)
        report.certificates = ground.checks.issued(server.sandbox.site)
        report.welcomes_repeated = ground.checks.welcomes_repeated(server.sandbox.site, last)
    report.mishaps.update(mishap.value for mishap in weather.met)
    return report


@contextmanager
def served(ground: Ground, folder: Path, seed: int, weather: Weather) -> Iterator[SandboxServer[Box]]:
    """A sandbox on a loopback port, in a thread of this process."""
    # Its rate limits pass as quickly as the victim waits.
    sandbox = ground.fresh(seed, Random(seed), lambda: time.monotonic() * HASTE)
    write_token(folder / "token", TOKEN)
    server = SandboxServer(sandbox, TOKEN, 0, 0, weather=weather, pauses=Pauses(silence=2, drop=0.02))
    thread = threading.Thread(target=server.run, args=(lambda _url: None,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        sandbox.close()


def new_day(ground: Ground, server: SandboxServer[Box], folder: Path, moment: int, roster: Roster) -> None:
    """Move the clock and register the roster, as an import leaves it."""
    with server.lock:
        if moment:
            server.sandbox.move(moment)
        now = server.sandbox.site.now()
    ctx = open_victim(ground, folder, server.url, now)
    with ctx.store.begin() as tx:
        tx.registrations.save(roster.registrations(ground.programme), ctx.now())
    ctx.store.close()


def life(ground: Ground, folder: Path, server: SandboxServer[Box]) -> subprocess.Popen[str]:
    """A connector in a process of its own that plans, applies, mirrors, judges and certifies once."""
    with server.lock:
        now = server.sandbox.site.now()
    command = [sys.executable, "-m", "tests.faults.victim", ground.name, str(folder), server.url]
    command += [str(now), str(TIMEOUT), *JOBS]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def slain(ground: Ground, folder: Path, server: SandboxServer[Box], after: int) -> bool:
    """Start a connector and kill it when it has sent so many requests; False when it had ended before."""
    before = requests(server)
    with life(ground, folder, server) as process:
        while process.poll() is None and requests(server) - before < after:
            time.sleep(LOOK)
        slain = process.poll() is None
        process.kill()
        process.communicate()
    return slain


def requests(server: SandboxServer[Box]) -> int:
    """How many requests the platform has met."""
    return server.sandbox.site.calls.total()


def last_life(ground: Ground, folder: Path, server: SandboxServer[Box]) -> list[str]:
    """One life in fair weather, the platform's cron, and one more to register what it has issued."""
    found = []
    for _ in range(2):
        with life(ground, folder, server) as process:
            said, _nothing = process.communicate(timeout=PATIENCE)
        if process.returncode:
            found.append(f"in fair weather: exit code {process.returncode}: {said[-300:]}")
        with server.lock:
            server.sandbox.run_cron()
    return found


def look(ground: Ground, folder: Path, server: SandboxServer[Box], roster: Roster) -> list[str]:
    """All checks, and one more plan."""
    log = (folder / "victim.log").read_text(encoding="utf-8")
    ctx = open_victim(ground, folder, server.url, server.sandbox.site.now())
    checks, site = ground.checks, server.sandbox.site
    found = checks.findings(ctx, site, roster, log, [TOKEN])
    found += checks.left_over(make_plan(ctx), site, roster)
    ctx.store.close()
    return found
