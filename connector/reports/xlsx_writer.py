"""A report as an Excel workbook with the look of an official annex: one sheet for each table, A4 landscape.

Rows are written from top to bottom in constant memory. Text is always written as text: a name that begins with '='
stays a name, a phone number keeps its first 0.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from connector.reports.rows import Cell, Column, ColumnKind, Report, ReportMeta, Table
from connector.reports.shown import (
    column_numbers,
    heading_lines,
    national_lines,
    origin_line,
    place_and_date,
    shown,
    signatories,
    table_title,
)

_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_CENTRED = {"align": "center", "text_wrap": True}
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""How a workbook is opened so that no text ever becomes a formula, a link or a number."""
_STYLES: dict[str, dict[str, Any]] = {
    "plain": {},
    "bold": {"bold": True, **_CENTRED},
    "italic": {"italic": True, **_CENTRED},
    "note": {"italic": True, "font_size": 11},
    "unit": {"italic": True, "align": "right"},
    "centre": _CENTRED,
    "title": {"bold": True, "font_size": 14, **_CENTRED},
    "heading": {"bold": True, "border": 1, "bg_color": "#E7EEF7", **_CENTRED},
    "number": {"italic": True, "border": 1, "font_size": 10, **_CENTRED},
}
_KINDS: dict[ColumnKind, dict[str, Any]] = {
    ColumnKind.ROW_NO: {"align": "center"},
    ColumnKind.CODE: {"align": "center", "num_format": "@"},
    ColumnKind.TEXT: {"text_wrap": True, "align": "left"},
    ColumnKind.COUNT: {"num_format": "#,##0", "align": "right", "indent": 1},
    ColumnKind.PERCENT: {"num_format": "0.0", "align": "right", "indent": 1},
    ColumnKind.SCORE: {"num_format": "0.0", "align": "right", "indent": 1},
    ColumnKind.DATE: {"num_format": "dd/mm/yyyy", "align": "center"},
}
PAPER_A4 = 9
LINE_HEIGHT = 16.5
# Only Excel itself fits the height of rows to wrapped text, so it is estimated: so wide are letters of this font beside
# the digits by which the width of columns is measured (a little more than seen, since a cut line is worse than a gap).
_LETTER_WIDTH = 0.85
_BOLD_LETTER_WIDTH = 0.98


def write_xlsx(report: Report, path: Path) -> None:
    """Write the report as a workbook to `path`, over whatever is there. Raises OSError when that cannot be done."""
    # XlsxWriter keeps rows of people in scratch files: they lie beside the report, and are gone in any case.
    with (
        path.open("wb") as file,
        TemporaryDirectory(dir=path.parent, prefix=".report-") as scratch,
        xlsxwriter.Workbook(file, AS_TEXT | {"constant_memory": True, "tmpdir": scratch}) as book,
    ):
        _fill(book, report)


def _fill(book: Any, report: Report) -> None:
    meta = report.meta
    book.set_properties({"title": meta.title, "company": meta.unit, "comments": meta.checksum})
    formats = _Formats(book)
    for number, table in enumerate(report.tables, start=1):
        _Sheet(book, formats, table).write(meta, number)


class _Formats:
    """The workbook's formats, each made once."""

    def __init__(self, book: Any) -> None:
        self.style = {name: book.add_format(_FONT | style) for name, style in _STYLES.items()}
        self.cell = {kind: book.add_format(_FONT | {"border": 1} | style) for kind, style in _KINDS.items()}
        bold = _FONT | {"border": 1, "bold": True}
        self.total = {kind: book.add_format(bold | style) for kind, style in _KINDS.items()}


class _Sheet:
    """One sheet, written from top to bottom; `row` is the next free one."""

    def __init__(self, book: Any, formats: _Formats, table: Table) -> None:
        self.sheet = book.add_worksheet(table.name[:31])
        self.formats = formats
        self.table = table
        self.last = max(len(table.columns) - 1, 1)
        self.row = 0

    def write(self, meta: ReportMeta, number: int) -> None:
        self._page(meta)
        self._top(meta, number)
        self._header()
        self._body()
        self._foot(meta, signed=self.table.totals is not None)

    def _page(self, meta: ReportMeta) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        sheet.set_paper(PAPER_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.8, right=0.6, top=0.8, bottom=0.8)
        sheet.set_header("&C&P")
        # A space after the size: digits that follow at once would be read as part of it.
        sheet.set_footer(f"&L&8 {_plain(meta.programme_key)} - {meta.snapshot_id}&R&8 {meta.checksum[:16]}")
        for number, column in enumerate(self.table.columns):
            sheet.set_column(number, number, column.width)

    def _top(self, meta: ReportMeta, number: int) -> None:
        middle = self.last // 2
        for left, right in zip((meta.superior.upper(), meta.unit.upper()), national_lines(), strict=True):
            self._span(0, middle, left, "bold" if left == meta.unit.upper() else "centre")
            self._span(middle + 1, self.last, right, "bold")
            self._next()
        self._next()
        self._across(table_title(number), "centre")
        self._across(meta.title.upper(), "title", height=24)
        self._across(self.table.caption, "bold")
        for line in heading_lines(meta):
            self._across(line, "italic")
        if self.table.unit:
            self._across(self.table.unit, "unit")
        self._next()

    def _header(self) -> None:
        first = self.row
        headings = [column.heading for column in self.table.columns]
        self._height(headings, _BOLD_LETTER_WIDTH)
        for texts, style in ((headings, "heading"), (column_numbers(self.table), "number")):
            for column, text in enumerate(texts):
                self.sheet.write_string(self.row, column, text, self.formats.style[style])
            self._next()
        self.sheet.freeze_panes(self.row, 0)
        self.sheet.repeat_rows(first, self.row - 1)

    def _body(self) -> None:
        for row in self.table.rows:
            self._cells(row, self.formats.cell)
        if self.table.totals is not None:
            self._cells(self.table.totals, self.formats.total)
        self._next()

    def _cells(self, cells: tuple[Cell, ...], formats: dict[ColumnKind, Any]) -> None:
        self._height(cells, _LETTER_WIDTH)
        for number, (column, cell) in enumerate(zip(self.table.columns, cells, strict=True)):
            self._cell(number, column, cell, formats[column.kind])
        self._next()

    def _height(self, cells: Sequence[Cell], letter_width: float) -> None:
        """Give the next row room for its longest wrapped text; must come before the row's cells."""
        lines = max(
            (
                lines_of(cell, column.width / letter_width)
                for column, cell in zip(self.table.columns, cells, strict=True)
                if isinstance(cell, str)
            ),
            default=1,
        )
        self.sheet.set_row(self.row, lines * LINE_HEIGHT)

    def _cell(self, number: int, column: Column, cell: Cell, style: Any) -> None:
        if isinstance(cell, datetime):
            # Excel knows no zones; the report's dates are local already.
            self.sheet.write_datetime(self.row, number, cell.replace(tzinfo=None), style)
        elif isinstance(cell, int | float):
            self.sheet.write_number(self.row, number, cell, style)
        else:
            self.sheet.write_string(self.row, number, shown(cell, column.kind), style)

    def _foot(self, meta: ReportMeta, *, signed: bool) -> None:
        for note in (*self.table.notes, origin_line(meta)):
            self.sheet.write_string(self.row, 0, note, self.formats.style["note"])
            self._next()
        if not signed:
            return
        middle = self.last // 2
        self._next()
        self._span(middle + 1, self.last, place_and_date(meta), "italic")
        self._next()
        left, right = signatories()
        self._span(0, middle, left.upper(), "bold")
        self._span(middle + 1, self.last, right.upper(), "bold")

    def _across(self, text: str, style: str, height: float = 18) -> None:
        self.sheet.set_row(self.row, height)
        self._span(0, self.last, text, style)
        self._next()

    def _span(self, first: int, last: int, text: str, style: str) -> None:
        # merge_range would guess the type of the text, so the cells are merged empty and the text is put in as text
        if last > first:
            self.sheet.merge_range(self.row, first, self.row, last, "", self.formats.style[style])
        self.sheet.write_string(self.row, first, text, self.formats.style[style])

    def _next(self) -> None:
        self.row += 1


def lines_of(text: str, letters: float) -> int:
    """How many lines a text takes where so many letters fit in one; words are kept whole."""
    if len(text) <= letters:
        return 1
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > letters:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + bool(used)
    return lines


def _plain(text: str) -> str:
    """Text for a page's foot, where & begins a command."""
    return text.replace("&", "&&")
