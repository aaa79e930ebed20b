"""The answer to a province: its own file with the bad cells coloured and a note in each, and a sheet that lists them.

Nothing that we write is a formula: our texts are stored as texts, and a refused formula is shown, not kept alive.
"""

from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

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
from connector.rosters.error_table import write_table
from connector.rosters.files import read_sheets
from connector.rosters.reader import RefusedRow, RosterReading
from connector.rosters.sheets import DEFAULT_LIMITS, Limits

# openpyxl keeps a whole workbook in memory, about 50 times its size; above this the table is written anew.
KEPT_WHOLE = 3_000_000


def write_error_workbook(
    reading: RosterReading, source: Path, target: Path, *, limits: Limits = DEFAULT_LIMITS, kept_whole: int = KEPT_WHOLE
) -> None:
    """Write the province's answer to `target` (.xlsx); `source` is the file that `reading` was read from.

    An .xlsx file of at most `kept_whole` bytes is kept as it is but for colours, notes and the first sheet, which
    lists what is to be mended. Of others the table is written anew as it was read, at the same rows and columns.
    """
    own = _own_workbook(source, kept_whole)
    if own is None:
        write_table(reading.refused, read_sheets(source, limits), target)
        return
    for row in reading.refused:
        _mark(own[row.origin.sheet], row)
    _add_summary(own, reading.refused)
    own.save(target)


def _own_workbook(source: Path, most: int) -> Workbook | None:
    """The province's workbook to write into, or None where its layout cannot be kept."""
    if source.suffix.lower() != ".xlsx" or source.stat().st_size > most:
        return None
    try:
        return load_workbook(source)
    except (AttributeError, BadZipFile, LookupError, OSError, TypeError, ValueError):
        # openpyxl is stricter than Excel about styles and drawings; the rows can still be given back.
        return None


def _mark(sheet: Worksheet, row: RefusedRow) -> None:
    cell = _anchor(sheet, sheet[row.cell])
    cell.fill = PatternFill("solid", fgColor=BAD_COLOUR)
    cell.comment = Comment(note(row), "connector")
    if cell.data_type == "f":
        cell.value = row.text or str(cell.value)
        _as_text(cell)


def _anchor(sheet: Worksheet, cell: Cell | MergedCell) -> Cell:
    """The cell itself, or the first one of the merged area that it belongs to, which alone can be written."""
    if isinstance(cell, Cell):
        return cell
    area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
    anchor = sheet.cell(area.min_row, area.min_col)
    if not isinstance(anchor, Cell):
        raise TypeError(anchor.coordinate)
    return anchor


def _as_text(cell: Cell) -> None:
    cell.data_type = "s"
    cell.quotePrefix = True


def _add_summary(workbook: Workbook, refused: Sequence[RefusedRow]) -> None:
    sheet = workbook.create_sheet(sheet_name(_("Errors"), workbook.sheetnames), 0)
    for other in workbook.worksheets:
        other.sheet_view.tabSelected = other is sheet
    workbook.active = 0
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    for number, values in enumerate([headings(), *summary_rows(refused)], start=1):
        sheet.row_dimensions[number].height = row_height(values)
        for column, value in enumerate(values, start=1):
            _write(sheet.cell(number, column), value, heading=number == 1)
    for letter, width in zip("ABCDE", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"


def _write(cell: Cell, value: str | int, *, heading: bool) -> None:
    cell.value = value
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if isinstance(value, str):
        _as_text(cell)
    if heading:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=HEAD_COLOUR)
