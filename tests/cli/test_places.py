"""`connector places`: what clerks see."""

import json

import pytest
import yaml

from connector.cli.main import main
from connector.sandbox.rosters import write_rosters
from connector.settings import Settings
from tests.cli.conftest import Desk


def type_in(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as leave:
        main(["places", *words])
    return int(str(leave.value.code)), capsys.readouterr().out


def test_one_place_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = type_in(capsys, "BR-VT")
    assert code == 0
    assert "77" in out
    assert "79 Thành phố Hồ Chí Minh" in out


def test_words_need_no_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    assert type_in(capsys, "Tân", "An,", "Cần", "Thơ")[0] == 0


def test_several_places_are_left_to_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = type_in(capsys, "24", "--json")
    assert code == 4
    assert [one["full_name"] for one in json.loads(out)["places"]] == ["Tỉnh Bắc Giang", "Thành phố Bắc Ninh"]
    assert type_in(capsys, "24")[0] == 4


def test_a_day_decides(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = type_in(capsys, "24", "--on", "2025-06-30", "--json")
    assert code == 0
    assert json.loads(out)["places"] == [
        {
            "level": "province",
            "code": "24",
            "full_name": "Tỉnh Bắc Giang",
            "since": "2008-08-01",
            "until": "2025-07-01",
            "province_code": "24",
            "province": "Thành phố Bắc Ninh",
        }
    ]


def test_nothing_is_guessed_but_offered(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = type_in(capsys, "Nghe An")
    assert code == 1
    assert "Tỉnh Nghệ An" in out
    assert type_in(capsys, "Atlantis")[0] == 1


def test_a_day_before_the_tables_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert type_in(capsys, "Hà Tây", "--on", "2007-01-01")[0] == 6


def test_the_word_find_may_be_typed_or_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert type_in(capsys, "find", "BR-VT") == type_in(capsys, "BR-VT")
    code, out = type_in(capsys, "--help")
    assert (code, "merge" in out, "find" in out) == (0, True, True)


def call_cohorts(desk: Desk, pattern: str) -> None:
    """The programme calls its cohorts by this pattern from now on."""
    folder = desk.folder / "programmes"
    folder.mkdir(exist_ok=True)
    for file in Settings().programmes_dir.glob("*.yaml"):
        text = file.read_text("utf-8").replace('idnumber: "VN-{province_code}"', f'idnumber: "{pattern}"')
        (folder / file.name).write_text(text, "utf-8")
    content = yaml.safe_load(desk.config.read_text("utf-8")) | {"programmes_dir": str(folder)}
    desk.config.write_text(yaml.safe_dump(content), "utf-8")


def test_a_merger_is_a_plan_that_is_applied(desk: Desk) -> None:
    call_cohorts(desk, "CU-{province_code}")
    (roster,) = write_rosters(desk.folder / "rosters", 3, 1, provinces=["08"])
    plan = desk.folder / "plan.json"
    desk.type("roster", "import", roster)
    code, _out, err = desk.type("plan", "--out", plan)
    assert code == 3, err
    assert desk.type("apply", plan)[0] == 0
    call_cohorts(desk, "VN-{province_code}")
    assert desk.type("places", "merge")[0] == 0
    code, out, _err = desk.type("places", "merge", "CU-08=08", "--by", "Lan", "--out", plan)
    assert (code, "3 people move to the cohorts" in out) == (3, True), out
    assert desk.type("apply", plan)[0] == 0
    assert "It merges cohorts of former provinces: CU-08=08" in desk.type("runs", "show", "2")[1]
    assert desk.type("places", "merge", "CU-08=08")[0] == 0
    assert desk.type("plan")[0] == 0
    code, _out, err = desk.type("places", "merge", "CU-08=02")
    assert (code, "'02'" in err) == (6, True)
    assert desk.type("places", "merge", "CU-08=08", "--override", " ")[0] == 6
