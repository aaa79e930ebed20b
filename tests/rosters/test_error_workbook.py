"""The answer to a province, opened again: bad cells marked, listed first, nothing of ours a formula."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from connector.rosters.error_notes import BAD_COLOUR, note, sheet_name
from connector.rosters.error_workbook import KEPT_WHOLE, write_error_workbook
from connector.rosters.reader import RosterReading, read_roster
from tests.rosters.making import HEAD, PERSON, package, row_xml, write_csv, xlsx_parts

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix not in {".md", ".json"})


def answer(source: Path, tmp_path: Path, *, kept_whole: int = KEPT_WHOLE) -> tuple[RosterReading, Workbook]:
    reading = read_roster(source)
    write_error_workbook(reading, source, tmp_path / "loi.xlsx", kept_whole=kept_whole)
    return reading, openpyxl.load_workbook(tmp_path / "loi.xlsx")


@pytest.mark.parametrize("source", FILES, ids=[path.name for path in FILES])
def test_every_bad_cell_of_a_sample_is_coloured_noted_and_listed(source: Path, tmp_path: Path) -> None:
    reading, workbook = answer(source, tmp_path)
    listed = list(workbook.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert workbook.sheetnames[0] == "Errors"
    assert [(row[1], row[2]) for row in listed] == [(row.origin.row, row.cell) for row in reading.refused]
    for row in reading.refused:
        cell = workbook[row.origin.sheet or "List"][row.cell]
        assert cell.fill.fgColor.rgb.endswith(BAD_COLOUR)
        assert cell.comment is not None
        assert cell.comment.text == note(row)
    marked = sum(bool(cell.comment) for sheet in workbook for cells in sheet.iter_rows() for cell in cells)
    assert marked == len(reading.refused)


@pytest.mark.parametrize("source", FILES, ids=[path.name for path in FILES])
def test_no_cell_of_a_person_in_an_answer_is_a_formula(source: Path, tmp_path: Path) -> None:
    """What is left are the province's own row numbers (=ROW()-3), outside of the cells that were refused."""
    reading, workbook = answer(source, tmp_path)
    formulas = {
        (sheet.title, cell.coordinate)
        for sheet in workbook
        for cells in sheet.iter_rows()
        for cell in cells
        if cell.data_type == "f"
    }
    assert not formulas & {(row.origin.sheet, row.cell) for row in reading.refused}
    assert {reference[0] for _sheet, reference in formulas} <= {"A"}
    assert not [name for name, _reference in formulas if name == "Errors"]


def own_file(tmp_path: Path) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "Errors"
    for cells in (HEAD, PERSON, (2, '=CONCATENATE("Lê"," Nam")', "0912345679", "x", "y", "Huế"), (3, "Lê Mai")):
        sheet.append(cells)
    sheet["C5"], sheet["B5"], sheet["B6"], sheet["C6"] = "chưa có", "Lê Hoa", "Lê Tư", None
    sheet.merge_cells("C5:C6")
    sheet["B2"].font = Font(name="Arial", italic=True)
    sheet.column_dimensions["B"].width = 33
    workbook.save(tmp_path / "own.xlsx")
    return tmp_path / "own.xlsx"


def test_their_own_file_is_kept_as_it_is(tmp_path: Path) -> None:
    _reading, workbook = answer(own_file(tmp_path), tmp_path)
    assert workbook.sheetnames == ["Errors (2)", "Errors"]
    sheet = workbook["Errors"]
    assert [cell.value for cell in sheet[2]] == list(PERSON)
    assert (sheet["B2"].font.name, sheet["B2"].font.italic, sheet.column_dimensions["B"].width) == ("Arial", True, 33)
    assert not sheet["B2"].comment


def test_a_refused_formula_is_shown_and_no_longer_alive(tmp_path: Path) -> None:
    _reading, workbook = answer(own_file(tmp_path), tmp_path)
    cell = workbook["Errors"]["B3"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", '=CONCATENATE("Lê"," Nam")', True)


def test_a_bad_cell_inside_of_a_merged_area_is_marked_where_it_can_be_seen(tmp_path: Path) -> None:
    reading, workbook = answer(own_file(tmp_path), tmp_path)
    assert [row.cell for row in reading.refused] == ["B3", "C4", "C5", "C6"]
    assert workbook["Errors"]["C5"].comment is not None


def test_texts_that_look_like_formulas_are_texts_in_a_new_table(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", HEAD, ("1", "=1+1", "0912345678"), ("2", "@x", "http://example.invalid"))
    _reading, workbook = answer(source, tmp_path)
    sheet = workbook["List"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert (sheet["C3"].value, sheet["C3"].hyperlink) == ("http://example.invalid", None)


def test_a_file_that_is_too_big_to_keep_is_written_anew_at_the_same_cells(tmp_path: Path) -> None:
    reading, workbook = answer(own_file(tmp_path), tmp_path, kept_whole=10)
    sheet = workbook["Errors (2)"]
    assert [cell.value for cell in sheet[2]] == list(PERSON)
    assert sheet["C6"].value == "chưa có"
    assert all(sheet[row.cell].comment for row in reading.refused)


def test_a_file_that_openpyxl_does_not_take_is_written_anew(tmp_path: Path) -> None:
    rows = row_xml(1, HEAD) + row_xml(2, ("1", "", "0912345678"))
    source = package(tmp_path / "a.xlsx", xlsx_parts(rows))
    _reading, workbook = answer(source, tmp_path)
    assert workbook.sheetnames == ["Errors", "Tờ 1"]
    assert workbook["Tờ 1"]["B2"].comment is not None


def test_the_mended_answer_can_be_read_again(tmp_path: Path) -> None:
    """The list of errors is no roster, so only their own sheets are read."""
    _reading, workbook = answer(own_file(tmp_path), tmp_path)
    sheet = workbook["Errors"]
    sheet["B3"].value, sheet["C4"].value = "Lê Văn Nam", "0912345670"
    sheet["A4"].value = 3
    workbook.save(tmp_path / "mended.xlsx")
    before, after = read_roster(tmp_path / "own.xlsx"), read_roster(tmp_path / "mended.xlsx")
    assert len(after.refused) < len(before.refused)
    assert {learner.phone for learner in before.accepted} < {learner.phone for learner in after.accepted}


def test_a_duplicate_names_the_row_that_has_the_number(tmp_path: Path) -> None:
    reading = read_roster(write_csv(tmp_path / "a.csv", HEAD, PERSON, PERSON))
    assert "Earlier row: 2." in note(reading.refused[0])


@pytest.mark.parametrize(
    ("wanted", "taken", "name"),
    [
        ("DS", (), "DS"),
        ("", (), "List"),
        ("a/b:c*?[d]", (), "a b c   d"),
        ("x" * 40, (), "x" * 31),
        ("ds", ("DS",), "ds (2)"),
        ("x" * 31, ("x" * 31, "x" * 27 + " (2)"), "x" * 27 + " (3)"),
    ],
)
def test_sheet_names_are_allowed_and_unique(wanted: str, taken: tuple[str, ...], name: str) -> None:
    assert sheet_name(wanted, taken) == name
