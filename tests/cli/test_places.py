"""`connector places`: what clerks see."""

import json

import pytest

from connector.cli.main import main


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
