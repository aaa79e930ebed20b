"""Real processes on both databases: one is killed in mid-run, two run side by side."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.jobs.service.service import Service
from tests.databases import KINDS, address_of
from tests.jobs.service.victim import context, slots

DEADLINE = 40.0


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from address_of(request.param, request, schema=True)


def begin(address: str, folder: Path, way: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.jobs.service.victim", address, str(folder), way])


def acts(folder: Path) -> int:
    file = folder / "acts"
    return len(file.read_text(encoding="ascii").splitlines()) if file.exists() else 0


def test_what_a_killed_service_was_at_is_run_by_the_other(address: str, tmp_path: Path) -> None:
    victim = begin(address, tmp_path, "hang")
    ends = time.monotonic() + DEADLINE
    while not acts(tmp_path) and time.monotonic() < ends:
        time.sleep(0.05)
    ctx = context(address, tmp_path)
    other = Service(ctx, slots(ctx, tmp_path, hang=False), lambda _alert: True)
    other.start()
    other.look()
    assert acts(tmp_path) == 1  # while the holder lives, nobody touches what it is at
    victim.kill()
    victim.wait()
    assert other.look() >= 1
    with ctx.store.begin() as tx:
        ticks = tx.ticks.newest(100)
    ctx.store.close()
    assert min(ticks, key=lambda one: one.due_at).attempts == 2
    assert {tick.state for tick in ticks} == {"done"}


def test_two_services_run_each_tick_once(address: str, tmp_path: Path) -> None:
    for process in [begin(address, tmp_path, "quick") for _n in range(2)]:
        assert process.wait(DEADLINE) == 0
    ctx = context(address, tmp_path)
    with ctx.store.begin() as tx:
        ticks = tx.ticks.newest(100)
    ctx.store.close()
    assert {tick.state for tick in ticks} == {"done"}
    assert acts(tmp_path) == len(ticks) >= 2
