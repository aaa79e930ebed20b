"""The error workbook of a file whose layout cannot be kept: the table as it was read, at its rows and columns."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from connector.language import _
from connector.rosters.error_notes import (
    BAD_COLOUR,
    HEAD_COLOUR,
    WIDTHS,
    headings,
    note,
    row_height,
    sheet_name,
    summary_rows,
)
from connector.rosters.reader import RefusedRow, cell_reference
from connector.rosters.sheets import Sheet


def write_table(refused: Sequence[RefusedRow], sheets: Iterable[Sheet], target: Path) -> None:
    """Write all `sheets` to `target` with the bad cells coloured and a note in each, and a first sheet that lists them.

    Every text is written as a text, so that none becomes a formula, a link or a number.
    """
    with Workbook(target) as workbook:
        bad = workbook.add_format({"bg_color": f"#{BAD_COLOUR}"})
        summary = workbook.add_worksheet(sheet_name(_("Errors"), ()))
        names = [summary.name]
        _write_summary(workbook, summary, refused)
        for sheet in sheets:
            page = workbook.add_worksheet(sheet_name(sheet.name, names))
            names.append(page.name)
            notes = {row.cell: note(row) for row in refused if row.origin.sheet == sheet.name}
            _write_sheet(page, sheet, notes, bad)


def _write_sheet(page: Worksheet, sheet: Sheet, notes: dict[str, str], bad: Format) -> None:
    page.set_column(0, max((max(row) for row in sheet.rows.values()), default=1) - 1, 20)
    for reference in notes:
        page.write_blank(reference, None, bad)
    for row, column, text in _cells(sheet):
        page.write_string(row - 1, column - 1, text, bad if cell_reference(row, column) in notes else None)
    for reference, text in notes.items():
        page.write_comment(reference, text)


def _cells(sheet: Sheet) -> Iterator[tuple[int, int, str]]:
    for row in sorted(sheet.rows):
        for column, text in sorted(sheet.texts(row).items()):
            yield row, column, text


def _write_summary(workbook: Workbook, page: Worksheet, refused: Sequence[RefusedRow]) -> None:
    head = workbook.add_format({"bold": True, "bg_color": f"#{HEAD_COLOUR}", "text_wrap": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    page.write_row(0, 0, headings(), head)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for number, values in enumerate(summary_rows(refused), start=1):
        page.set_row(number, row_height(values))
        for column, value in enumerate(values):
            if isinstance(value, int):
                page.write_number(number, column, value, wrapped)
            else:
                page.write_string(number, column, value, wrapped)
    for column, width in enumerate(WIDTHS):
        page.set_column(column, column, width)
    page.freeze_panes(1, 0)
