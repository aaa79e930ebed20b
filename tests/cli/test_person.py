"""A person's data as an officer asks for them."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import yaml

from connector.sandbox.rosters import write_rosters
from connector.store.store import Store
from tests.cli.conftest import Desk


def test_what_is_held_is_handed_out_and_erasing_names_its_reason(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 3, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    phone = desk.type("roster", "check", roster, "--json")[1].split('"phone": "')[1].split('"')[0]
    out_file = desk.folder / "person.json"
    code, out, _ = desk.type("person", "export", phone, "--out", out_file)
    assert (code, "hand it over encrypted" in out) == (0, True)
    assert phone in json.dumps(json.loads(out_file.read_text(encoding="utf-8")))
    code, _, err = desk.type("person", "erase", phone, "--yes")
    assert (code, "list in force" in err, phone in err) == (6, True, False)


def test_erasing_shows_what_goes_and_what_the_platform_holds(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 3, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    phones = [part.split('"')[0] for part in desk.type("roster", "check", roster, "--json")[1].split('"phone": "')[1:]]
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    desk.type("apply", plan)
    (shorter,) = write_rosters(desk.folder / "later", 3, 2, provinces=["40"])
    desk.type("roster", "import", shorter, "--complete")
    code, out, _ = desk.type("person", "erase", phones[0])
    assert (code, "nothing was" in out, "3 things" in out, "3 of them are open" in out) == (0, True, True, True)
    code, _, err = desk.type("person", "erase", phones[0], "--yes")
    assert (code, "still open" in err, phones[0] in err) == (6, True, False)
    close = desk.folder / "close.json"
    assert desk.type("person", "erase", phones[0], "--out", close, "--yes")[0] == 2
    code, out, _ = desk.type("person", "erase", phones[0], "--out", close)
    assert (code, "Suspended accounts" in out) == (3, True)
    assert desk.type("apply", close)[0] == 0
    number = next(line.split()[0] for line in desk.type("runs", "--job", "apply")[1].splitlines() if "apply" in line)
    assert "It closes the account" in desk.type("runs", "show", number)[1]
    assert desk.type("person", "erase", phones[0], "--out", close)[0] == 0  # nothing is open any more
    code, out, _ = desk.type("person", "erase", phones[0], "--yes")
    assert (code, "Erased:" in out, "Order for the platform's operator" in out) == (0, True, True)
    assert phones[0].removeprefix("+84") not in desk.type("runs", "show", number)[1]
    code, out, _ = desk.type("person", "erase", phones[1], "--yes", "--operator-closes")
    assert (code, "Erased:" in out) == (0, True)
    code, out, _ = desk.type("retention")
    assert (code, "quarantine: 0" in out) == (0, True)
    code, out, _ = desk.type("retention", "--yes")
    assert (code, "Deleted:" in out) == (0, True)


def test_the_log_of_acts_names_who_looked_and_who_exported(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 3, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    phone = desk.type("roster", "check", roster, "--json")[1].split('"phone": "')[1].split('"')[0]
    desk.type("explain", phone)
    desk.type("person", "export", phone, "--out", desk.folder / "person.json")
    desk.type("roster", "export", "--out", desk.folder / "lists")
    code, out, _ = desk.type("acts")
    assert code == 0
    assert [word in out for word in ("looked up a person", "lists of 3 people", "person.json", "3 acts")] == [True] * 4
    assert phone.removeprefix("+84") not in out
    assert "2 acts" in desk.type("acts", "--phone", phone)[1]
    assert "0 acts" in desk.type("acts", "--by", "nobody")[1]
    assert "0 acts" in desk.type("acts", "--since", "1/12/2100")[1]
    with closing(sqlite3.connect(desk.folder / "state" / "connector.db")) as database, database:
        database.execute("UPDATE acts SET who = 'nobody' WHERE id = 1")
    code, _, err = desk.type("acts")
    assert (code, "Row 1 of the log" in err) == (1, True)


def test_only_its_owner_can_read_what_is_written(tmp_path: Path) -> None:
    """In a process of its own, since the rights of new files belong to a process; the caller's umask is lax."""
    config = tmp_path / "connector.yaml"
    config.write_text(yaml.safe_dump({"language": "en", "state_dir": str(tmp_path / "state")}), encoding="utf-8")
    write_rosters(tmp_path / "lists", 3, 1, provinces=["40"])
    script = f"umask 000; exec {sys.executable} -m connector -c {config} roster import {tmp_path}/lists/*.xlsx"
    subprocess.run(["/bin/sh", "-c", script], check=False, capture_output=True, timeout=100)
    found = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert "connector.db" in {path.name for path in found}
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in found if path.stat().st_mode & 0o077} == {}


def test_a_database_of_an_earlier_version_is_taken_away_from_others(tmp_path: Path) -> None:
    database = tmp_path / "connector.db"
    database.touch(mode=0o644)
    Store(f"sqlite:///{database}").close()
    assert database.stat().st_mode & 0o077 == 0
