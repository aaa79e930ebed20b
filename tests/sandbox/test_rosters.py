"""Invented rosters: in the official form, repeatable, and read back as what they were meant to be."""

from pathlib import Path

import pytest

from connector.places import provinces
from connector.rosters.reader import RosterReading, read_roster
from connector.sandbox.rosters import write_rosters


def read(paths: list[Path]) -> list[RosterReading]:
    return [read_roster(path) for path in paths]


@pytest.mark.parametrize(("learners", "seed"), [(0, 1), (40, 1), (600, 7)])
def test_exactly_so_many_learners_are_accepted_whoever_reads_them(tmp_path: Path, learners: int, seed: int) -> None:
    readings = read(write_rosters(tmp_path, learners, seed))
    accepted = [learner for reading in readings for learner in reading.accepted]
    assert len(readings) == len(provinces()) == 34
    assert len(accepted) == len({learner.phone for learner in accepted}) == learners
    assert all(learner.commune_code for learner in accepted)


def test_each_file_holds_one_province_in_code_order(tmp_path: Path) -> None:
    paths = write_rosters(tmp_path, 600, 7)
    codes = [{learner.province_code for learner in reading.accepted} for reading in read(paths)]
    assert codes == [{province.code} for province in provinces()]
    assert paths[0].name == "phu_luc_01_01_ha_noi.xlsx"


def test_some_rows_are_bad_and_refused_for_different_reasons(tmp_path: Path) -> None:
    refused = [row for reading in read(write_rosters(tmp_path, 3000, 7)) for row in reading.refused]
    assert 15 <= len(refused) <= 60
    assert {row.code for row in refused} == {
        "missing_phone",
        "landline_phone",
        "several_phones",
        "bad_phone",
        "missing_name",
    }


def test_the_form_is_phu_luc_01(tmp_path: Path) -> None:
    (path,) = write_rosters(tmp_path, 50, 3, ["40"])
    skipped = read_roster(path).skipped
    assert skipped == {"title": 3, "header": 1, "total": 1, "footer": 4}


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    one, two, other = (
        write_rosters(tmp_path / name, 60, seed, ["46", "01"]) for name, seed in (("one", 5), ("two", 5), ("other", 6))
    )
    assert [path.name for path in one] == ["phu_luc_01_01_ha_noi.xlsx", "phu_luc_01_46_hue.xlsx"]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert [path.read_bytes() for path in one] != [path.read_bytes() for path in other]
