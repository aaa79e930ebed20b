"""A whole file: several sheets, origins, duplicates over all of them, and the JSON of a reading."""

from collections import Counter
from pathlib import Path

import pytest

from connector.model import Learner, Origin
from connector.rosters.reader import RefusedRow, RosterReading, cell_reference, read_roster
from connector.rosters.reading_json import as_json
from tests.rosters.making import HEAD, PERSON, package, row_xml, write_csv, xlsx_parts

OTHER = ("2", "Lê Văn Nam", "0987654322", "UBND xã Nhân Hòa", "Chủ tịch", "Nghệ An")


def two_sheets(tmp_path: Path) -> Path:
    parts = xlsx_parts(row_xml(1, HEAD) + row_xml(2, PERSON), states=("visible", "visible", "visible"))
    second, third = "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"
    parts[second] = f"<worksheet>{row_xml(1, ('Hướng dẫn',))}</worksheet>"
    parts[third] = f"<worksheet>{row_xml(3, HEAD)}{row_xml(4, PERSON)}{row_xml(5, OTHER)}</worksheet>"
    return package(tmp_path / "a.xlsx", parts)


def test_every_row_has_its_origin_and_a_number_is_taken_once_in_the_file(tmp_path: Path) -> None:
    reading = read_roster(two_sheets(tmp_path))
    assert [str(learner.origin) for learner in reading.accepted] == ["a.xlsx[Tờ 1]:2", "a.xlsx[Tờ 3]:5"]
    assert reading.refused == (
        RefusedRow(
            origin=Origin(file="a.xlsx", sheet="Tờ 3", row=4),
            code="duplicate_in_file",
            column="phone",
            at_column=3,
            text="0912345678",
            same_as=Origin(file="a.xlsx", sheet="Tờ 1", row=2),
            person=reading.refused[0].person,
        ),
    )
    assert reading.refused[0].cell == "C4"
    assert reading.skipped == {"header": 2}
    assert (reading.rows_read, reading.is_complete) == (5, True)


def test_an_accepted_row_is_a_learner(tmp_path: Path) -> None:
    (learner,) = read_roster(write_csv(tmp_path / "a.csv", HEAD, PERSON)).accepted
    assert learner == Learner(
        phone="+84912345678",
        full_name="Lê Thị Lan",
        province_code="40",
        commune_code="17344",
        workplace="UBND xã Nhân Hòa",
        position="Chủ tịch",
        origin=Origin(file="a.csv", sheet="", row=2),
    )


def test_the_json_of_a_reading_has_every_field(tmp_path: Path) -> None:
    shown = as_json(read_roster(two_sheets(tmp_path)))
    assert shown["accepted"][0] == {
        "sheet": "Tờ 1",
        "source_row": 2,
        "full_name": "Lê Thị Lan",
        "phone": "+84912345678",
        "province_code": "40",
        "commune_code": "17344",
        "workplace": "UBND xã Nhân Hòa",
        "position": "Chủ tịch",
        "notices": [],
    }
    assert shown["refused"] == [
        {"sheet": "Tờ 3", "source_row": 4, "code": "duplicate_in_file", "column": "phone"},
    ]
    assert (shown["skipped"], shown["skipped_by_kind"]) == (2, {"header": 2})


def test_a_reading_that_lost_a_row_knows_it() -> None:
    assert not RosterReading(accepted=(), refused=(), skipped=Counter(header=1), rows_read=2).is_complete


@pytest.mark.parametrize(
    ("row", "column", "reference"), [(13, 3, "C13"), (1, 26, "Z1"), (2, 27, "AA2"), (9, 703, "AAA9")]
)
def test_cell_references(row: int, column: int, reference: str) -> None:
    assert cell_reference(row, column) == reference


def test_texts_of_old_fonts_are_kept_before_and_after() -> None:
    reading = read_roster(Path("examples/rosters/08_lang_son_vntime.xlsx"))
    assert reading.conversions
    assert {one.font.casefold()[:3] for one in reading.conversions} == {".vn"}
    assert all(one.before != one.after for one in reading.conversions)
    names = {learner.full_name for learner in reading.accepted}
    assert names & {one.after for one in reading.conversions}
    assert read_roster(Path("examples/rosters/05_hue.csv")).conversions == ()
