"""The answers to all sample files: every bad cell marked, the list complete, and the file still the province's own."""

import random
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector.language import use_language
from connector.rosters.error_notes import BAD_COLOUR, Line, row_height
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.reader import RosterReading, read_roster
from tests.rosters.test_fuzz import mutant, outcome

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix not in {".md", ".json"})


@pytest.fixture(params=FILES, ids=[path.name for path in FILES])
def answer(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    source: Path = request.param
    target = tmp_path / "answer.xlsx"
    use_language("vi")
    write_error_workbook(read_roster(source), source, target)
    return source, target


def test_every_bad_cell_is_coloured_noted_and_listed(answer: tuple[Path, Path]) -> None:
    source, target = answer
    refused = read_roster(source).refused
    book = load_workbook(target)
    listed = list(book.worksheets[0].iter_rows(min_row=3, max_col=3, values_only=True))
    assert [(sheet, row, cell) for sheet, row, cell in listed] == [
        (row.origin.sheet or "Danh sách", row.origin.row, row.cell) for row in refused
    ]
    for row in refused:
        page = book[row.origin.sheet] if row.origin.sheet in book.sheetnames else book.worksheets[1]
        cell = page[row.cell]
        assert cell.fill.fgColor.rgb[-6:] == BAD_COLOUR, row.origin
        assert cell.comment is not None, row.origin
        assert any(letter in cell.comment.text for letter in "ạảấếệịốộớợụủứửựđơưô"), "notes are in Vietnamese"


def test_nothing_in_an_answer_is_a_formula_that_was_refused(answer: tuple[Path, Path]) -> None:
    source, target = answer
    book = load_workbook(target)
    for row in read_roster(source).refused:
        if row.code == "formula_in_cell":
            page = book[row.origin.sheet] if row.origin.sheet in book.sheetnames else book.worksheets[1]
            assert page[row.cell].data_type == "s"


def test_the_answer_is_read_as_the_file_was(answer: tuple[Path, Path]) -> None:
    source, target = answer
    assert rows_of(read_roster(target)) == rows_of(read_roster(source))


def rows_of(reading: RosterReading) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    accepted: list[tuple[object, ...]] = [
        (one.origin.row, one.full_name, one.phone, one.province_code, one.commune_code, one.workplace)
        for one in reading.accepted
    ]
    return accepted, [(row.origin.row, row.code) for row in reading.refused]


def test_long_lines_of_the_list_are_as_high_as_they_need() -> None:
    short = Line("Sheet", 3, "B3", "", "short", "short")
    assert row_height(short) == row_height(short._replace(advice=""))
    assert row_height(short._replace(advice="w" * 200)) == 3 * row_height(short)


HURT = 12  # of each sample; the seeds make each run the same


@pytest.mark.parametrize("source", FILES, ids=[path.name for path in FILES])
def test_answers_to_damaged_files_are_read_as_the_files_were(source: Path, tmp_path: Path) -> None:
    read = 0
    for seed in range(HURT):
        hurt = mutant(source, tmp_path / source.name, random.Random(f"answer {source.name} {seed}"))
        before = outcome(hurt)
        if isinstance(before, RosterReading):
            write_error_workbook(before, hurt, tmp_path / "loi.xlsx")
            assert rows_of(read_roster(tmp_path / "loi.xlsx")) == rows_of(before), seed
            read += 1
    assert read
