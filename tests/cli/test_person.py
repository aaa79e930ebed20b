"""A person's data as an officer asks for them."""

import json

from connector.sandbox.rosters import write_rosters
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
