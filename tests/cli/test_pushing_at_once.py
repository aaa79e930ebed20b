"""Eight processes push the same list at the same time, over real HTTP, on both databases."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk
from tests.databases import KINDS, address_of

PEOPLE, PROCESSES = 25, 8


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from address_of(request.param, request, schema=True)


def test_each_person_has_one_entry_and_the_numbers_neither_gap_nor_double(desk: Desk, database: str) -> None:
    config = yaml.safe_load(desk.config.read_text()) | {"database_url": database}
    desk.config.write_text(yaml.safe_dump(config), encoding="utf-8")
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", PEOPLE, 1, provinces=["31"]))
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    desk.type("apply", plan)
    desk.control.move_to_day(15)
    desk.type("mirror")
    desk.type("evaluate")
    due = int(desk.type("certificates", "due")[1].split(" certificates are due")[0].split()[-1])
    assert due > 5

    command = [sys.executable, "-m", "tests.cli.pushers", str(desk.config), str(PROCESSES)]
    done = subprocess.run(command, capture_output=True, timeout=100, check=False)
    assert (done.returncode, done.stdout.count(b"issued and registered")) == (0, PROCESSES), done.stderr

    assert desk.type("certificates", "register", "--format", "json", "--out", desk.folder / "out")[0] == 0
    (file,) = (desk.folder / "out").glob("*.json")
    entries = json.loads(file.read_text())["entries"]
    assert [entry["seq"] for entry in entries] == list(range(1, due + 1))
    assert len({entry["serial"] for entry in entries}) == due
    assert desk.control.state()["issues"] == due
