"""Kills at random points of one job: restore a snapshot, kill, let the next life go on, compare.

Five scenes are made once in each process: the first apply, an apply of changes on day 9, and on day 16 a mirror run, a
certificate push, and (on Moodle) the push that follows when issued certificates were revoked and reissued. In-process a
kill is at one of the boundaries of mortal.py, drawn evenly; `slain_once` kills a real process (SIGKILL) at a random
moment. An apply goes on by `connector resume`, which may be killed itself; mirror and push are simply run again.
"""

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from connector.context import Context
from connector.errors import ConnectorError
from connector.jobs.apply import apply
from connector.jobs.certificate_acts import reissue_certificate, revoke_certificate
from connector.jobs.plan import make_plan
from connector.jobs.resume import resume
from connector.jobs.runs import list_runs
from connector.sandbox.server import SandboxServer
from connector.sandbox.serving import write_token
from connector.sync.plan import Plan
from tests.faults.campaign import MIDDLE, Job, Life, Report, judge, provide, push, read_all
from tests.faults.checks import NOTHING_CORRECTED, Corrected
from tests.faults.grounds import MOODLE, TOKEN, Box, Ground
from tests.faults.mortal import Fate, Killed, MortalDoor
from tests.faults.people import Roster, changed_roster, first_roster
from tests.faults.victim import open_victim

FILES = ("connector.db", "password.key", "number-book.jsonl")
KILLED_AGAIN = 1 / 3
PATIENCE = 120.0


@dataclass(frozen=True)
class Scene:
    """What a job finds: the platform, our folder, the roster; between which boundaries a calm life does its work."""

    name: str
    ground: Ground
    like: Box
    site: bytes
    now: int
    folder: Path
    roster: Roster
    first: int
    last: int
    plan: Plan | None = None
    corrected: Corrected = NOTHING_CORRECTED

    def restored(self) -> Box:
        """The platform as it was."""
        sandbox = self.ground.revive(self.site, self.like)
        sandbox.site.set_now(self.now)
        return sandbox


@dataclass(frozen=True)
class Kill:
    """One point: which scene, where the life ended, and what was not as it must be afterwards."""

    scene: str
    point: int
    died_at: str
    lives: int
    findings: tuple[str, ...]


def make_scenes(folder: Path, learners: int, readers: int, ground: Ground = MOODLE) -> list[Scene]:
    """All scenes: applies with so many `learners`, mirror and push with so many `readers`. Writes into the folder."""
    first, life = _first_apply(folder / "applies", learners, ground)
    scenes = [first, _second_apply(folder / "applies", life, first.roster)]
    life.sandbox.close()
    _first, life = _first_apply(folder / "readings", readers, ground)
    life.sandbox.move(ground.last)
    scenes.append(_scene("mirror", folder / "readings", life, [read_all]))
    life.once([judge], Fate())
    scenes.append(_scene("certificates", folder / "readings", life, [push]))
    if ground is MOODLE:  # Open edX keeps the code of a certificate for ever: a reissue is no new one there
        scenes.append(_corrections(folder / "readings", life))
    life.sandbox.close()
    return scenes


def _corrections(folder: Path, life: Life) -> Scene:
    life.once([life.cron, push], Fate())
    with life.alive(Fate()) as ctx:
        corrected = _correct(ctx, life.ground.programme)
    return replace(_scene("corrections", folder, life, [push]), corrected=corrected)


def _correct(ctx: Context, programme: str) -> Corrected:
    """Revoke one issued certificate in ten, and reissue one in ten; the platform does not know of it yet."""
    with ctx.store.begin() as tx:
        serials = {phone: entry.serial for phone, entry in sorted(tx.register.of_programme(programme).items())}
    revoked, reissued = list(serials)[::10], list(serials)[5::10]
    for phone in revoked:
        revoke_certificate(ctx, programme, phone, by="An", reason="issued by mistake")
    for phone in reissued:
        reissue_certificate(ctx, programme, phone, by="An", reason="another name")
    return Corrected(frozenset(revoked), {phone: serials[phone] for phone in reissued})


def _first_apply(folder: Path, learners: int, ground: Ground) -> tuple[Scene, Life]:
    (folder / "now").mkdir(parents=True)
    life = Life(1, folder / "now", Report(seed=1, learners=learners), ground)
    life.door.weather = None
    life.register(first_roster(Random(1), learners))
    return _scene("first apply", folder, life, [provide]), life


def _second_apply(folder: Path, life: Life, roster: Roster) -> Scene:
    life.register(changed_roster(Random(2), roster))
    life.sandbox.move(MIDDLE)
    return _scene("apply of changes", folder, life, [provide])


def _scene(name: str, folder: Path, life: Life, jobs: Sequence[Job]) -> Scene:
    """Take a snapshot of what is there, then do the job in peace and count the boundaries that it passes."""
    kept = folder / name.replace(" ", "_")
    _copy(life.folder, kept)
    site, now = life.sandbox.site.db.serialize(), life.sandbox.site.now()
    fate, begun = Fate(), [0]

    def safe_point() -> None:
        begun[0] = begun[0] or fate.passed

    plan = _planned(life) if jobs == [provide] else None
    with life.alive(fate) as ctx:
        if plan is not None:
            apply(replace(ctx, safe_point=safe_point), plan)
        else:
            for job in jobs:
                job(ctx)
    return Scene(name, life.ground, life.sandbox, site, now, kept, life.roster, begun[0], fate.passed - 1, plan)


def _planned(life: Life) -> Plan:
    with life.alive(Fate()) as ctx:
        return make_plan(ctx, by="Lan", override="The departments have confirmed who left and who moved.")


def _copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)


def kill_once(scene: Scene, seed: int, folder: Path) -> Kill:
    """One kill at a drawn boundary, what comes after it, and the comparison. Writes into the folder only."""
    dice = Random(seed)
    _copy(scene.folder, folder)
    life = Life(seed, folder, Report(seed=seed, learners=0), scene.ground)
    life.sandbox.close()
    life.sandbox, life.roster = scene.restored(), scene.roster
    life.door, life.connections = MortalDoor(life.sandbox, None), 1
    point = dice.randint(scene.first, scene.last)
    fate = Fate(point)
    found: list[str] = []
    lives = 1 + _go_on(life, scene, fate, dice, found)
    with life.alive(Fate()) as ctx:
        found += _compare(ctx, life.sandbox, scene)
    life.sandbox.close()
    return Kill(scene.name, point, fate.died_at, lives, tuple(found))


def _go_on(life: Life, scene: Scene, fate: Fate, dice: Random, found: list[str]) -> int:
    """The life that is killed, and those after it; how many came after."""
    plan, again = scene.plan, _resume if scene.plan else _job(scene)
    _live(life, fate, [again if plan is None else lambda ctx: apply(ctx, plan)], found)
    more = 0
    while dice.random() < KILLED_AGAIN:
        more += 1
        _live(life, Fate(dice.randint(0, scene.last)), [again], found)
    _live(life, Fate(), [again] if scene.plan else [read_all, judge, push, life.cron, push], found)
    return more + 1


def _job(scene: Scene) -> Job:
    return read_all if scene.name == "mirror" else push


def _resume(ctx: Context) -> object:
    """Go on, if the run has not come to its end by the life before."""
    return resume(ctx) if list_runs(ctx, last=1)[0].broken_off else None


def _live(life: Life, fate: Fate, jobs: Sequence[Job], found: list[str]) -> None:
    try:
        with life.alive(fate) as ctx:
            for job in jobs:
                job(ctx)
    except Killed:
        return
    except ConnectorError as error:
        found.append(f"{type(error).__name__}: {error}")


def _compare(ctx: Context, sandbox: Box, scene: Scene) -> Iterator[str]:
    """All that is not as it must be: platform, ledger and journal against the roster, and what is still planned."""
    checks, site = scene.ground.checks, sandbox.site
    yield from checks.provided(ctx, site, scene.roster)
    if checks.welcomes_repeated(site, scene.roster):
        yield "welcome messages: sent again"
    if scene.plan is None:
        yield from checks.certified(ctx, site, scene.corrected)
        return
    run = list_runs(ctx, job="apply", last=1)[0].run
    if run.outcome != "done" or run.counts["done"] + run.counts["already"] != len(scene.plan.changes):
        yield f"run: {run.outcome} {run.counts}, planned were {len(scene.plan.changes)}"
    if run.checksum != scene.plan.checksum:
        yield "run: another plan than the one that was killed"
    rest = make_plan(ctx)
    if not rest.empty:
        yield f"plan: {len(rest.changes)} changes are left"


def slain_once(scene: Scene, seed: int, folder: Path) -> Kill:
    """The same with a real process over real HTTP that gets SIGKILL at a random moment after its run has begun."""
    dice = Random(seed)
    _copy(scene.folder, folder)
    write_token(folder / "token", TOKEN)
    found: list[str] = []
    with served(scene) as server:
        killed = _slay(folder, server, scene, dice)
        with _process(folder, server, scene, "resume" if scene.plan else "push") as process:
            said, _nothing = process.communicate(timeout=PATIENCE)
        if process.returncode and not (not killed and "came to its end" in said):
            found.append(f"exit code {process.returncode}: {said[-300:]}")
        ctx = open_victim(scene.ground, folder, server.url, scene.now, PATIENCE)
        found += _compare(ctx, server.sandbox, scene)
        ctx.store.close()
    return Kill(scene.name, -1, "SIGKILL" if killed else "ended before its kill", 2, tuple(found))


def _slay(folder: Path, server: SandboxServer[Box], scene: Scene, dice: Random) -> bool:
    """Start an apply, wait until its run has begun, kill it some moments later; False when it had ended before."""
    began = 0.0
    with _process(folder, server, scene, "provide") as process:
        while process.poll() is None and not began:
            time.sleep(0.01)
            began = time.monotonic() if _has_begun(folder) else 0.0
        try:
            process.communicate(timeout=dice.uniform(0, len(scene.plan.changes) / 2500 if scene.plan else 1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return True
    return False


def _has_begun(folder: Path) -> bool:
    with sqlite3.connect(folder / "connector.db") as database:
        return bool(database.execute("SELECT count(*) FROM leases WHERE run_id IS NOT NULL").fetchone()[0])


@contextmanager
def served(scene: Scene) -> Iterator[SandboxServer[Box]]:
    """The scene's platform on a loopback port, in a thread of this process."""
    server = SandboxServer(scene.restored(), TOKEN, 0, 0)
    thread = threading.Thread(target=server.run, args=(lambda _url: None,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.sandbox.close()


def _process(folder: Path, server: SandboxServer[Box], scene: Scene, job: str) -> subprocess.Popen[str]:
    now, timeout = str(scene.now), str(PATIENCE)  # the weather is fair: only a busy machine lets it wait
    command = [
        sys.executable,
        "-m",
        "tests.faults.victim",
        scene.ground.name,
        str(folder),
        server.url,
        now,
        timeout,
        job,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
