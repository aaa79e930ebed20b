"""Kills at random points: the second part of `make faults`. What a kill is: tests/faults/kills.py."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from connector.language import use_language
from tests.faults.grounds import GROUNDS
from tests.faults.kills import Kill, Scene, kill_once, make_scenes, slain_once

LEARNERS = 2_000
READERS = 300
APPLIES = ("first apply", "apply of changes")
READINGS = ("mirror", "certificates", "corrections")
# Of so many kills of a first apply one is made with SIGKILL on a process over real HTTP.
SLAIN_EVERY = 15
READINGS_SHARE = 5  # for so many kills of an apply one of a mirror run and one of a push


def kills(count: int, jobs: int, learners: int, platform: str) -> Iterator[Kill]:
    """So many kills of applies, and some of mirror runs and pushes, as they are made, in this many processes."""
    work = [(APPLIES[number % 2], number, learners, platform) for number in range(count)]
    work += [
        (name, number, learners, platform) for name in _readings(platform) for number in range(count // READINGS_SHARE)
    ]
    with ProcessPoolExecutor(jobs, initializer=use_language, initargs=("en",)) as pool:
        yield from pool.map(_one, *zip(*work, strict=True))


def _readings(platform: str) -> tuple[str, ...]:
    return READINGS if platform == "moodle" else READINGS[:2]


@cache
def _scenes(learners: int, platform: str) -> dict[str, Scene]:
    """The scenes of this process; their folder goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="connector-kills-"))
    return {scene.name: scene for scene in make_scenes(folder, learners, min(READERS, learners), GROUNDS[platform])}


def _one(name: str, number: int, learners: int, platform: str) -> Kill:
    scene = _scenes(learners, platform)[name]
    with tempfile.TemporaryDirectory(prefix="connector-kill-") as folder:
        slay = name == APPLIES[0] and number % SLAIN_EVERY == SLAIN_EVERY - 1
        return (slain_once if slay else kill_once)(scene, number, Path(folder))


def table(made: Sequence[Kill]) -> str:
    """What was killed where, and what was found, as Markdown."""
    lines = ["| killed | kills | points | SIGKILL | lives | with a finding |", "|---|---:|---:|---:|---:|---:|"]
    for name in dict.fromkeys(kill.scene for kill in made):
        some = [kill for kill in made if kill.scene == name]
        points = len({kill.point for kill in some if kill.point >= 0})
        slain = sum(kill.died_at == "SIGKILL" for kill in some)
        lives, bad = sum(kill.lives for kill in some), sum(bool(kill.findings) for kill in some)
        lines.append(f"| {name} | {len(some)} | {points} | {slain} | {lives} | {bad} |")
    lines += ["", "| the first life died | times |", "|---|---:|"]
    lines += [f"| {where} | {count} |" for where, count in _deaths(made)]
    lines += [f"\n{kill.scene}, point {kill.point}: {finding}" for kill in made for finding in kill.findings]
    return "\n".join(lines)


def _deaths(made: Iterable[Kill]) -> list[tuple[str, int]]:
    return Counter(kill.died_at or "not: it had ended before" for kill in made).most_common()
