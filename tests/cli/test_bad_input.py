"""What an operator can get wrong: one clear line, an exit code by kind, no traceback, nothing half-written."""

from pathlib import Path

import pytest

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk


def state_of(desk: Desk) -> dict[str, int]:
    counts = desk.control.state()
    return {name: counts[name] for name in ("users", "members", "enrolments")}


@pytest.fixture
def registered(desk: Desk) -> Desk:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", 5, 1, provinces=["40"]))
    return desk


def one_line(err: str) -> str:
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


def test_a_wrong_token(registered: Desk) -> None:
    registered.token_file.write_text("0123456789abcdef")
    code, _, err = registered.type("plan")
    assert code == 1
    assert "token" in one_line(err)
    assert "0123456789abcdef" not in err


def test_no_token(registered: Desk) -> None:
    registered.token_file.write_text("")
    code, _, err = registered.type("plan")
    assert (code, "empty" in one_line(err)) == (6, True)
    registered.configure(token_file=None)
    code, _, err = registered.type("plan")
    assert (code, "has no token" in one_line(err)) == (6, True)


def test_a_site_that_cannot_be_reached(registered: Desk) -> None:
    registered.configure(url="http://127.0.0.1:9")
    code, _, err = registered.type("plan")
    assert code == 1
    assert "127.0.0.1" in one_line(err)


def test_a_wrong_address_that_shows_a_login_page(registered: Desk) -> None:
    registered.configure(url=f"{registered.url}/login/index.php?")
    code, _, err = registered.type("plan")
    assert code in (1, 6)
    one_line(err)
    registered.configure(url=f"{registered.url}/somewhere")
    code, _, err = registered.type("mirror")
    assert code == 1
    assert "web service" in one_line(err)


def test_the_doctor_shows_a_wrong_token_as_a_finding(registered: Desk) -> None:
    registered.token_file.write_text("0123456789abcdef")
    code, out, _ = registered.type("doctor")
    assert (code, "1 errors" in out) == (1, True)


def test_a_file_that_is_no_workbook(desk: Desk) -> None:
    path = desk.folder / "list.xlsx"
    path.write_text("this is no workbook")
    code, out, err = desk.type("roster", "check", path)
    assert (code, "list.xlsx" in err, out) == (1, True, "")
    code, out, _ = desk.type("roster", "check", path, "--json")
    assert (code, '"file_error": "not_a_workbook"' in out) == (1, True)
    assert desk.type("roster", "import", path)[0] == 1


def test_a_bad_file_among_good_ones_stops_nobody(desk: Desk) -> None:
    bad = desk.folder / "bad.xlsx"
    bad.write_text("this is no workbook")
    code, out, _ = desk.type("roster", "import", bad, *write_rosters(desk.folder / "r", 5, 1, provinces=["40"]))
    assert (code, "5 new" in out) == (4, True)


def test_json_of_several_files_is_wrong_usage(desk: Desk) -> None:
    path = Path("examples/rosters/05_hue.csv")
    assert desk.type("roster", "check", path, path, "--json")[0] == 2


def test_a_programme_that_does_not_exist(desk: Desk) -> None:
    code, _, err = desk.type("plan", "--programme", "bkhcn-2025-k9")
    assert (code, "bkhcn-2025-k1" in one_line(err)) == (6, True)


def test_an_unknown_key_names_the_nearest_known_one(desk: Desk) -> None:
    desk.config.write_text("langage: en\n")
    code, _, err = desk.type("plan")
    assert (code, "'language'" in one_line(err)) == (6, True)


def test_a_configuration_that_is_not_there(desk: Desk) -> None:
    desk.config.unlink()
    code, _, err = desk.type("plan")
    assert (code, str(desk.config) in one_line(err)) == (6, True)


def test_a_plan_that_was_edited_changes_nothing(registered: Desk) -> None:
    plan = registered.folder / "plan.json"
    registered.type("plan", "--out", plan)
    plan.write_text(plan.read_text().replace("Nguyễn", "Ngô").replace('"create"', '"update"'))
    before = state_of(registered)
    code, _, err = registered.type("apply", plan)
    assert (code, "plan" in one_line(err)) == (1, True)
    assert state_of(registered) == before


def test_a_plan_that_the_world_has_overtaken_changes_nothing(registered: Desk) -> None:
    plan = registered.folder / "plan.json"
    registered.type("plan", "--out", plan)
    registered.type("roster", "import", *write_rosters(registered.folder / "late", 3, 2, provinces=["31"]))
    before = state_of(registered)
    code, _, err = registered.type("apply", plan)
    assert (code, "moved" in one_line(err)) == (5, True)
    assert state_of(registered) == before


def test_an_unknown_province_and_an_unknown_format(registered: Desk) -> None:
    assert registered.type("plan", "--province", "99")[0] == 6
    assert registered.type("report", "progress", "--format", "docx")[0] == 6


def test_a_report_before_anything_was_mirrored(registered: Desk) -> None:
    code, _, err = registered.type("report", "progress")
    assert (code, "connector mirror" in one_line(err)) == (6, True)


def test_wrong_usage_is_clicks_own(desk: Desk) -> None:
    assert desk.type("no-such-command")[0] == 2
    assert desk.type("apply", desk.folder / "not-there.json")[0] == 2
    assert desk.type("--help")[0] == 0


def test_a_port_that_is_taken(desk: Desk) -> None:
    port = desk.url.rsplit(":", 1)[1]
    code, _, err = desk.type("sandbox", "--port", port, "--state", desk.folder / "second.db")
    assert (code, port in one_line(err)) == (6, True)


def test_headings_speak_the_configured_language_too(desk: Desk) -> None:
    """They are made before anything is read: once the language was chosen with the first look at the database."""
    _code, out, _ = desk.type("jobs", "list")
    assert "Last success" in out
