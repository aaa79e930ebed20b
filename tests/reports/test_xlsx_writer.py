from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from connector.reports.rows import Report
from connector.reports.xlsx_writer import write_xlsx
from tests.reports.samples import NASTY, report


def opened(tmp_path: Path, made: Report) -> Workbook:
    path = tmp_path / "report.xlsx"
    write_xlsx(made, path)
    return load_workbook(path)


def line(sheet: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in sheet[row]]


def find(sheet: Worksheet, text: str) -> int:
    """The row in which a cell holds this text."""
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == text)


def test_the_summary_looks_like_an_official_table(tmp_path: Path) -> None:
    sheet = opened(tmp_path, report())["Summary"]
    assert sheet["A1"].value == "BỘ KHOA HỌC VÀ CÔNG NGHỆ"
    assert sheet["A2"].value == "HỌC VIỆN"
    assert find(sheet, "BÁO CÁO TIẾN ĐỘ") < find(sheet, "Tổng hợp theo tỉnh") < find(sheet, "Unit: persons")
    header = find(sheet, "Province/city")
    assert line(sheet, header + 1) == [f"({number})" for number in range(1, 11)]
    assert line(sheet, header + 2) == [1, "01", "Hà Nội", 0, 8, 7, 3, 0, "—", 2]
    assert line(sheet, header + 3) == [2, "40", "Nghệ An", 8, 8, 7, 3, 3, 37.5, 2]
    assert line(sheet, header + 4)[2:5] == ["Total", 8, 16]
    assert sheet.cell(header + 4, 4).font.bold
    assert find(sheet, "HEAD OF THE UNIT") > header + 4


def test_sheets_print_on_a4_landscape_with_repeated_and_frozen_heads(tmp_path: Path) -> None:
    book = opened(tmp_path, report())
    assert book.sheetnames == ["Summary", "Learners"]
    for sheet in (book["Summary"], book["Learners"]):
        header = find(sheet, "No.")
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == f"${header}:${header + 1}"
        assert sheet.freeze_panes == f"A{header + 2}"


def test_phones_are_text_dates_are_local_and_nothing_is_a_formula(tmp_path: Path) -> None:
    sheet = opened(tmp_path, report())["Learners"]
    names = {heading: number for number, heading in enumerate(line(sheet, find(sheet, "Full name")), start=1)}
    nasty, plain = find(sheet, NASTY), find(sheet, "Nguyễn Văn An")
    assert sheet.cell(nasty, names["Full name"]).data_type in ("s", "inlineStr")
    assert sheet.cell(plain, names["Mobile phone"]).value == "0912345678"
    assert sheet.cell(plain, names["Mobile phone"]).number_format == "@"
    assert sheet.cell(plain, names["Completed on"]).value == datetime(2025, 12, 5, 1, 30)  # noqa: DTZ001 - Excel's own
    assert sheet.cell(plain, names["Completed on"]).number_format == "dd/mm/yyyy"
    assert sheet.cell(plain, names["Test score"]).value == 87.5
    assert not sheet.cell(nasty, names["Test score"]).value
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_titles_that_begin_like_a_formula_stay_text(tmp_path: Path) -> None:
    book = opened(tmp_path, report(title="=1+1", unit="=2+2"))
    sheet = book["Summary"]
    assert sheet["A2"].value == "=2+2"
    assert sheet["A2"].data_type == "s"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_rows_give_room_to_long_texts(tmp_path: Path) -> None:
    columns = [{"key": "row_no", "width": 5}, {"key": "missing_topics", "width": 10}, {"key": "province", "width": 30}]
    sheet = opened(tmp_path, report(learners={"caption": "x", "columns": columns}))["Learners"]
    header = find(sheet, "Topics still missing")
    heights = [sheet.row_dimensions[row].height for row in (header, header + 2)]
    assert heights[0] > heights[1]


def test_a_table_of_one_column_can_be_written(tmp_path: Path) -> None:
    one = {"caption": "x", "columns": [{"key": "province", "width": 30}]}
    sheet = opened(tmp_path, report(provinces=one))["Summary"]
    assert [cell.value for cell in sheet["A"]].count("Total") == 1


def test_where_nothing_can_be_written_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        write_xlsx(report(), tmp_path)


def test_the_page_foot_names_programme_and_checksum(tmp_path: Path) -> None:
    made = report()
    # A checksum that begins with a digit: Excel would read it as part of the font size before it.
    made = replace(made, meta=replace(made.meta, checksum=f"7{made.meta.checksum[1:]}"))
    foot = opened(tmp_path, made)["Summary"].oddFooter
    assert foot is not None
    assert foot.left is not None
    assert foot.right is not None
    assert (foot.left.text, foot.right.text) == ("k1 - 42", made.meta.checksum[:16])


def test_no_rows_of_people_stay_in_scratch_files(tmp_path: Path) -> None:
    first, learners = report().tables
    short = replace(learners, rows=(*learners.rows, ("one cell",)))
    with pytest.raises(ValueError, match="zip"):
        write_xlsx(replace(report(), tables=(first, short)), tmp_path / "report.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["report.xlsx"]
