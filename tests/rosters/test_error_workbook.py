"""The answer to a province, opened again: bad cells marked, listed first, nothing of ours a formula."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.workbook import Workbook

from connector.rosters.error_notes import BAD_COLOUR, note, sheet_name
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.reader import RosterReading, read_roster
from tests.rosters.making import HEAD, PERSON, package, row_xml, write_csv, xlsx_parts

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix not in {".md", ".json"})


def answer(source: Path, tmp_path: Path) -> tuple[RosterReading, Workbook]:
    reading = read_roster(source)
    write_error_workbook(reading, source, tmp_path / "loi.xlsx")
    return reading, openpyxl.load_workbook(tmp_path / "loi.xlsx")


@pytest.mark.parametrize("source", FILES, ids=[path.name for path in FILES])
def test_only_the_bad_cells_carry_notes_and_nothing_is_a_formula(source: Path, tmp_path: Path) -> None:
    reading, workbook = answer(source, tmp_path)
    assert workbook.sheetnames[0] == "Errors"
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert sum(bool(cell.comment) for cell in cells) == len(reading.refused)
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


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


def test_their_table_stands_at_its_rows_and_columns_beside_a_sheet_of_ours(tmp_path: Path) -> None:
    _reading, workbook = answer(own_file(tmp_path), tmp_path)
    assert workbook.sheetnames == ["Errors", "Errors (2)"]
    sheet = workbook["Errors (2)"]
    assert [cell.value for cell in sheet[2]] == list(PERSON)
    assert not sheet["B2"].comment
    assert [str(area) for area in sheet.merged_cells.ranges] == ["C5:C6"]


def test_the_first_sheet_says_what_to_do_and_leads_to_each_cell(tmp_path: Path) -> None:
    reading, workbook = answer(own_file(tmp_path), tmp_path)
    page = workbook["Errors"]
    assert "in the sheet Errors (2)" in page["A1"].value
    assert "send the whole file back under any name" in page["A1"].value
    first, second = [[cell.value for cell in row] for row in page.iter_rows(min_row=3, max_row=4, max_col=6)]
    assert second == ["Errors (2)", 4, "C4", "Lê Mai", "", note(reading.refused[1])]
    assert first[:3] == ["Errors (2)", 3, "B3"]
    assert page["C3"].hyperlink.location == "'Errors (2)'!B3"
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")


def test_phones_are_readable(tmp_path: Path) -> None:
    _reading, workbook = answer(own_file(tmp_path), tmp_path)
    sheet = workbook["Errors (2)"]
    assert sheet.column_dimensions["C"].width >= len("0912345678")
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)


def test_a_formula_comes_back_as_a_text_that_is_still_refused(tmp_path: Path) -> None:
    formula = row_xml(2, PERSON).replace(
        row_xml(2, PERSON)[row_xml(2, PERSON).index('<c r="B2"') : row_xml(2, PERSON).index('<c r="C2"')],
        '<c r="B2" t="str"><f>A9</f><v>Lê Nam</v></c>',
    )
    source = package(tmp_path / "a.xlsx", xlsx_parts(row_xml(1, HEAD) + formula))
    reading, workbook = answer(source, tmp_path)
    cell = workbook["Tờ 1"]["B2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", "=Lê Nam", True)
    assert [row.code for row in read_roster(tmp_path / "loi.xlsx").refused] == [row.code for row in reading.refused]


def test_an_answer_to_an_answer_holds_no_marks_of_the_first(tmp_path: Path) -> None:
    answer(own_file(tmp_path), tmp_path)
    (tmp_path / "loi.xlsx").rename(tmp_path / "back.xlsx")
    reading, workbook = answer(tmp_path / "back.xlsx", tmp_path)
    assert workbook.sheetnames == ["Errors", "Errors (2)"]
    assert reading.rows_read == read_roster(own_file(tmp_path)).rows_read


def test_damaged_properties_and_letters_that_no_file_may_hold_stop_no_answer(tmp_path: Path) -> None:
    rows = row_xml(1, HEAD) + row_xml(2, ("1", "Lê _xD800_ Nam_xFFFF_", "chưa có", "", "", "Huế"))
    parts = xlsx_parts(rows) | {"docProps/core.xml": "<a>Sở A & B</a>"}
    reading, workbook = answer(package(tmp_path / "a.xlsx", parts), tmp_path)
    assert len(reading.refused) == 1
    assert "\N{REPLACEMENT CHARACTER}" in workbook["Tờ 1"]["B2"].value


def test_merged_areas_that_overlap_are_written_out(tmp_path: Path) -> None:
    rows = "".join(
        row_xml(number, cells) for number, cells in enumerate((HEAD, PERSON, ("2", "", ""), ("3",)), start=1)
    )
    after = '<mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="A2:C4"/></mergeCells>'
    source = package(tmp_path / "a.xlsx", xlsx_parts(rows, after=after))
    before, _workbook = answer(source, tmp_path)
    after_ = read_roster(tmp_path / "loi.xlsx")
    assert [row.code for row in after_.refused] == [row.code for row in before.refused]
    assert len(after_.accepted) == len(before.accepted)


def test_a_bad_cell_inside_of_a_merged_area_is_marked_where_it_can_be_seen(tmp_path: Path) -> None:
    reading, workbook = answer(own_file(tmp_path), tmp_path)
    assert [row.cell for row in reading.refused] == ["B3", "C4", "C5", "C6"]
    assert workbook["Errors (2)"]["C5"].comment is not None
    assert workbook["Errors (2)"]["C5"].fill.fgColor.rgb.endswith(BAD_COLOUR)


def test_texts_that_look_like_formulas_are_texts_in_a_new_table(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "a.csv", HEAD, ("1", "=1+1", "0912345678"), ("2", "@x", "http://example.invalid"))
    _reading, workbook = answer(source, tmp_path)
    sheet = workbook["List"]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert (sheet["C3"].value, sheet["C3"].hyperlink) == ("http://example.invalid", None)


def test_the_mended_answer_can_be_read_again(tmp_path: Path) -> None:
    """The list of errors is no roster, so only their own sheets are read."""
    _reading, workbook = answer(own_file(tmp_path), tmp_path)
    sheet = workbook["Errors (2)"]
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
