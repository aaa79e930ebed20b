"""Two real services side by side run each tick once; the one that applies is killed, the other goes on in its place.

On both databases. The ceiling of the site makes the apply last some seconds.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from connector.store.journal_lines import PLANNED
from connector.store.store import Store
from connector.store.ticks import RUNNING, Tick
from tests.cli.conftest import Desk
from tests.databases import KINDS, address_of

LIST = Path("examples/rosters/01_phu_luc_01_nghe_an.xlsx")
PROGRAMMES = Path("config/programmes")
LOGS = ("one.log", "other.log")
DEADLINE = 45.0


@contextmanager
def serving(desk: Desk, log: str) -> Iterator["subprocess.Popen[bytes]"]:
    words = [sys.executable, "-m", "connector", "--config", str(desk.config), "serve"]
    with (desk.folder / log).open("wb") as out, subprocess.Popen(words, stderr=out) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def wait_for(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.05)


def begun(desk: Desk) -> list[tuple[str, int]]:
    """What the logs of both services say was begun: when it was due and which attempt it was."""
    lines = [json.loads(line) for log in LOGS for line in (desk.folder / log).read_text("utf-8").splitlines()]
    return [(line["due"], line["attempt"]) for line in lines if line["event"] == "begun"]


def newest(store: Store, job: str) -> list[Tick]:
    with store.begin() as tx:
        return tx.ticks.newest(99, job)


def left_of_an_apply_in_its_midst(store: Store) -> int:
    """How many changes are still to be sent of an apply of which some were; 0 when there is none."""
    with store.engine.connect() as connection:
        counted = connection.execute(text("SELECT state, count(*) AS number FROM journal GROUP BY state"))
        states = {row.state: row.number for row in counted}
    return int(states.get(PLANNED, 0)) if states.get("done") else 0


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from address_of(request.param, request, schema=True)


def prepare(desk: Desk, address: str) -> None:
    """A programme that may be applied unattended, with its list imported; the site is asked five times a second."""
    folder = desk.folder / "programmes"
    folder.mkdir()
    name = "bkhcn-2025-k1.yaml"
    programme = yaml.safe_load((PROGRAMMES / name).read_text("utf-8")) | {"unattended": {"apply": True}}
    (folder / name).write_text(yaml.safe_dump(programme), "utf-8")
    desk.configure(requests_per_minute=300)
    content = yaml.safe_load(desk.config.read_text("utf-8")) | {
        "database_url": address,
        "programmes_dir": str(folder),
        "serve": {"port": 0, "look_every": "1s"},
        "jobs": [{"name": "sync", "job": "apply", "trigger": {"every": "2s"}}],
    }
    desk.config.write_text(yaml.safe_dump(content), "utf-8")
    assert desk.type("roster", "import", LIST)[0] in (0, 4)


def test_what_a_killed_service_was_applying_is_finished_by_the_other(desk: Desk, address: str) -> None:
    prepare(desk, address)
    store = Store(address)
    with ExitStack() as services:
        services.callback(store.close)
        both = {one.pid: one for one in (services.enter_context(serving(desk, log)) for log in LOGS)}
        wait_for(lambda: left_of_an_apply_in_its_midst(store) > 0)
        (tick,) = [one for one in newest(store, "sync") if one.state == RUNNING]
        ended = both.pop(int(tick.who.rpartition(":")[2]))
        os.kill(ended.pid, signal.SIGKILL)
        ended.wait(DEADLINE)
        assert left_of_an_apply_in_its_midst(store) > 0
        wait_for(lambda: any(one.due_at == tick.due_at and one.state == "done" for one in newest(store, "sync")))
        (other,) = both.values()
        other.send_signal(signal.SIGTERM)
        assert other.wait(30) == 0
        with store.begin() as tx:
            (run,) = tx.runs.newest(9, job="apply")
        (again,) = [one for one in newest(store, "sync") if one.due_at == tick.due_at]
    assert (run.outcome, run.id) == ("done", again.run_id)
    assert again.attempts == 2
    assert len(begun(desk)) == len(set(begun(desk))) >= 2  # the killed attempt and the one that ended it, each once
    assert desk.type("plan")[0] == 0  # nothing is missing, and nothing is there twice
