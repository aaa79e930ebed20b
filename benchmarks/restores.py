"""Restores and copies: the third part of `make faults`. What one is: tests/faults/restores.py."""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from connector.language import use_language
from tests.faults.grounds import GROUNDS
from tests.faults.restores import Restore, restore_once


def restores(count: int, jobs: int, platform: str) -> Iterator[Restore]:
    """So many lives in which something is set back, as they are lived, in this many processes."""
    with ProcessPoolExecutor(jobs, initializer=use_language, initargs=("en",)) as pool:
        yield from pool.map(_one, range(count), repeat(platform))


def _one(seed: int, platform: str) -> Restore:
    with tempfile.TemporaryDirectory(prefix="connector-restore-") as folder:
        return restore_once(seed, Path(folder) / "life", GROUNDS[platform])


def table(made: Sequence[Restore]) -> str:
    """What was set back, and what was found, as Markdown."""
    lines = ["| set back | lives | said in words before a write | with a finding |", "|---|---:|---:|---:|"]
    for what in dict.fromkeys(one.what for one in made):
        some = [one for one in made if one.what is what]
        said, bad = sum(bool(one.said) for one in some), sum(bool(one.findings) for one in some)
        lines.append(f"| {what} | {len(some)} | {said} | {bad} |")
    lines += [f"\nseed {one.seed}: {finding}" for one in made for finding in one.findings]
    return "\n".join(lines)
