"""Tables for working people as an Excel workbook: no annex, no signatures, a sheet for each table, with a filter.

Text is always written as text, as in `xlsx_writer`: a name that begins with '=' stays a name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter

from connector.reports.xlsx_writer import AS_TEXT, LINE_HEIGHT, PAPER_A4, lines_of

_FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
_BORDER = {"border": 1, "border_color": "#BFBFBF"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "line": {"text_wrap": True},
    "warning": {"bold": True, "font_color": "#9C0006", "text_wrap": True},
    "heading": {"bold": True, "bg_color": "#E7EEF7", "text_wrap": True, **_BORDER},
    "text": {"text_wrap": True, **_BORDER},
    "count": {"num_format": "#,##0", "align": "right", **_BORDER},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table: headings with the width of each column in characters, and the rows below."""

    headings: Sequence[tuple[str, float]]
    rows: Iterable[Sequence[str | int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One sheet: its short name, its title, warnings and lines above the tables, and the tables one below the other."""

    name: str
    title: str
    grids: Sequence[Grid]
    warnings: Sequence[str] = ()
    lines: Sequence[str] = ()


def write_pages(pages: Iterable[Page], path: Path) -> None:
    """Write the sheets as a workbook to `path`, over whatever is there. Raises OSError when that cannot be done."""
    # XlsxWriter keeps rows of people in scratch files: they lie beside the workbook, and are gone in any case.
    with (
        path.open("wb") as file,
        TemporaryDirectory(dir=path.parent, prefix=".plan-") as scratch,
        xlsxwriter.Workbook(file, AS_TEXT | {"constant_memory": True, "tmpdir": scratch}) as book,
    ):
        styles = {name: book.add_format(_FONT | style) for name, style in _STYLES.items()}
        for page in pages:
            _Sheet(book.add_worksheet(page.name[:31]), styles).write(page)


class _Sheet:
    """One sheet, written from top to bottom; `row` is the next free one."""

    def __init__(self, sheet: Any, styles: dict[str, Any]) -> None:
        self.sheet = sheet
        self.styles = styles
        self.row = 0
        self._first = 0

    def write(self, page: Page) -> None:
        self.sheet.set_landscape()
        self.sheet.set_paper(PAPER_A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer("&C&P / &N")
        widths = [max(widths) for widths in _columns(page.grids)]
        for number, width in enumerate(widths):
            self.sheet.set_column(number, number, width)
        self._line(page.title, "title")
        for texts, style in ((page.warnings, "warning"), (page.lines, "line")):
            for text in texts:
                self._across(text, style, widths)
        for grid in page.grids:
            self.row += 1
            self._grid(grid, widths)
        if len(page.grids) == 1:
            self.sheet.autofilter(self._first, 0, self.row - 1, len(widths) - 1)
            self.sheet.freeze_panes(self._first + 1, 0)
            self.sheet.repeat_rows(self._first)

    def _grid(self, grid: Grid, widths: Sequence[float]) -> None:
        self._first = self.row
        self._cells([heading for heading, _width in grid.headings], widths, "heading")
        for cells in grid.rows:
            self._cells(cells, widths, "text")

    def _cells(self, cells: Sequence[str | int], widths: Sequence[float], style: str) -> None:
        height = max(lines_of(str(cell), width * 1.05) for cell, width in zip(cells, widths, strict=False))
        self.sheet.set_row(self.row, height * LINE_HEIGHT)
        for number, cell in enumerate(cells):
            if isinstance(cell, int):
                self.sheet.write_number(self.row, number, cell, self.styles["count"])
            else:
                self.sheet.write_string(self.row, number, cell, self.styles[style])
        self.row += 1

    def _across(self, text: str, style: str, widths: Sequence[float]) -> None:
        """One long text over all columns, with room for its lines."""
        self.sheet.set_row(self.row, lines_of(text, sum(widths) * 1.05) * LINE_HEIGHT)
        if len(widths) > 1:
            # merge_range would guess the type of the text, so the cells are merged empty and the text is put in as text
            self.sheet.merge_range(self.row, 0, self.row, len(widths) - 1, "", self.styles[style])
        self._line(text, style)

    def _line(self, text: str, style: str) -> None:
        self.sheet.write_string(self.row, 0, text, self.styles[style])
        self.row += 1


def _columns(grids: Sequence[Grid]) -> list[list[float]]:
    """The widths that the tables of a sheet ask for, by column."""
    count = max((len(grid.headings) for grid in grids), default=1)
    found: list[list[float]] = [[8.0] for _number in range(count)]
    for grid in grids:
        for number, (_heading, width) in enumerate(grid.headings):
            found[number].append(width)
    return found
