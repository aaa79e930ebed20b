"""The answer to a province: its table written anew as it was read, bad cells coloured, a first sheet says what to do.

Their own file is never opened for writing. What another program keeps in it (fonts that hold letters, numbers shown as
dates, formulas, drawings, strict OOXML) cannot be written back without loss by any library, and need not be: the table
is made of the very texts that were read, at the same rows and columns, with the same merged areas. So reading the
answer gives the same accepted and refused rows as reading the file, whatever its format. Every text is stored as a
text: none becomes a formula, a link or a number.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from connector.language import _
from connector.mappers.roster import FORMULA
from connector.rosters.error_notes import (
    BAD_COLOUR,
    HEAD_COLOUR,
    WIDTHS,
    Line,
    headings,
    instruction,
    line_of,
    note,
    row_height,
    sheet_name,
    without_bad_letters,
)
from connector.rosters.files import read_sheets
from connector.rosters.originals import sha256_of
from connector.rosters.reader import RefusedRow, RosterReading
from connector.rosters.sheets import ANSWER_MARK, DEFAULT_LIMITS, MARK_CELL, Limits, Sheet

_A4 = 9
_LONGEST_TEXT = 32_767  # of a cell of an .xlsx
_MOST_LINKS = 65_000  # Excel keeps 65,530 on a sheet
# A merged area costs a blank cell for each that it covers; what is larger together is written out instead.
_MOST_COVERED = 200_000
_NARROWEST, _WIDEST = 6, 45
_HEAD_ROWS = 2
_INSTRUCTION_HEIGHT = 50


def write_error_workbook(
    reading: RosterReading, source: Path, target: Path, *, limits: Limits = DEFAULT_LIMITS
) -> None:
    """Write the province's answer to `target` (.xlsx), whole or not at all; an earlier one there is replaced.

    `source` is the file that `reading` was read from; it is read once more and never written.
    """
    draft = target.with_name(f".{os.getpid()}.part")
    with Workbook(draft, {"strings_to_urls": False}) as workbook:
        formats = _formats(workbook)
        summary = workbook.add_worksheet(sheet_name(_("Errors"), ()))
        names, pages = [str(summary.name)], {}
        for sheet in read_sheets(source, limits):
            if sheet.answers:
                continue  # the list of an earlier answer
            page = workbook.add_worksheet(sheet_name(without_bad_letters(sheet.name), names))
            names.append(page.name)
            pages[sheet.name] = page.name
            _Page(page, sheet, formats).write([row for row in reading.to_mend if row.origin.sheet == sheet.name])
        _Summary(summary, pages, formats).write(reading.to_mend, sha256_of(source))
    draft.replace(target)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Formats:
    plain: Format
    table: Format
    bad: Format
    struck: Format
    struck_bad: Format
    head: Format
    told: Format
    link: Format
    mark: Format


def _formats(workbook: Workbook) -> _Formats:
    """`quote_prefix` keeps a text that begins with = a text when a clerk edits its cell."""
    text = {"num_format": "@", "quote_prefix": True, "valign": "top"}
    wrapped = {"text_wrap": True, "valign": "top"}
    bad = {"border": 1, "bg_color": f"#{BAD_COLOUR}"}
    return _Formats(
        plain=workbook.add_format(text),
        table=workbook.add_format(text | wrapped | {"border": 1}),
        bad=workbook.add_format(text | wrapped | bad),
        struck=workbook.add_format(text | wrapped | {"border": 1, "font_strikeout": True}),
        struck_bad=workbook.add_format(text | wrapped | bad | {"font_strikeout": True}),
        head=workbook.add_format(wrapped | {"bold": True, "bg_color": f"#{HEAD_COLOUR}", "border": 1}),
        told=workbook.add_format(wrapped | {"border": 1, "quote_prefix": True}),
        link=workbook.add_format(wrapped | {"border": 1, "font_color": "#0563C1", "underline": 1}),
        mark=workbook.add_format({"font_color": "#FFFFFF"}),
    )


class _Page:
    """One sheet of theirs, written anew."""

    def __init__(self, page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
        self._page = page
        self._sheet = sheet
        self._formats = formats
        self._last = max(sheet.rows, default=1)
        self._widest = max((max(row) for row in sheet.rows.values() if row), default=1)
        self._inside: dict[tuple[int, int], tuple[int, int]] = {}

    def write(self, refused: Sequence[RefusedRow]) -> None:
        """The cells, the merged areas and the faults."""
        self._set_up()
        self._merge()
        faults = {self._anchor(row.origin.row, row.at_column): row for row in refused}
        formulas = {self._holder(row.origin.row, row.at_column) for row in refused if row.code == FORMULA}
        for row, column in faults:
            self._page.write_blank(row - 1, column - 1, None, self._formats.bad)
        for row, column, text in self._cells():
            chosen = self._chosen(row, column, bad=(row, column) in faults)
            shown = _still_refused(text) if (row, column) in formulas else text
            self._page.write_string(row - 1, column - 1, _stored(shown), chosen)
        for (row, column), fault in faults.items():
            self._page.write_comment(row - 1, column - 1, note(fault), {"x_scale": 2, "y_scale": 1.5})

    def _chosen(self, row: int, column: int, *, bad: bool) -> Format:
        """The format of a cell; what was struck through, or not shown, is struck through: sent back it is doubtful."""
        if (row, column) in self._sheet.struck or row in self._sheet.hidden:
            return self._formats.struck_bad if bad else self._formats.struck
        return self._formats.bad if bad else self._format(row)

    def _set_up(self) -> None:
        _fit_to_a4(self._page)
        for column, width in self._widths().items():
            self._page.set_column(column - 1, column - 1, width)

    def _widths(self) -> Mapping[int, int]:
        """By column what its cells need; a title alone in its row may run over the columns beside it."""
        found: dict[int, int] = {}
        for cells in self._sheet.rows.values():
            if len(cells) > 1:
                for column, text in cells.items():
                    found[column] = max(found.get(column, _NARROWEST), min(len(text) + 2, _WIDEST))
        return found

    def _format(self, row: int) -> Format:
        return self._formats.table if len(self._sheet.rows[row]) > 1 else self._formats.plain

    def _cells(self) -> Iterator[tuple[int, int, str]]:
        for row in sorted(self._sheet.rows):
            own = self._sheet.rows[row]
            for column, text in sorted(self._sheet.texts(row).items()):
                if column in own or self._anchor(row, column)[1] != column or (row, column) not in self._inside:
                    yield row, column, text

    def _merge(self) -> None:
        left_over = _MOST_COVERED
        for (top, left), height in sorted(self._sheet.heights.items()):
            bottom = min(top + height - 1, self._last)
            right = min(left + self._sheet.widths[top, left] - 1, self._widest)
            size = (bottom - top + 1) * (right - left + 1)
            if 1 < size <= left_over and self._merged(top, left, bottom, right):
                left_over -= size
                cells = product(range(top, bottom + 1), range(left, right + 1))
                self._inside |= dict.fromkeys(cells, (top, left))

    def _merged(self, top: int, left: int, bottom: int, right: int) -> bool:
        try:
            self._page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "", self._format(top))
        except OverlappingRange:
            # Excel calls such a file damaged; their texts are written out instead.
            return False
        return True

    def _anchor(self, row: int, column: int) -> tuple[int, int]:
        """The cell itself, or the first one of the merged area around it, which alone can be seen and changed."""
        return self._inside.get((row, column), (row, column))

    def _holder(self, row: int, column: int) -> tuple[int, int]:
        """The cell that holds the text which counts here: a merged area may hide cells that hold one of their own."""
        return (row, column) if column in self._sheet.rows.get(row, {}) else self._anchor(row, column)


def _still_refused(text: str) -> str:
    """A formula's value would be taken as typed when it came back; with = in front of it the cell stays refused."""
    return text if text.startswith(("=", "@")) else f"={text}"


def _stored(text: str) -> str:
    return without_bad_letters(text)[:_LONGEST_TEXT]


class _Summary:
    """The first sheet: what to do, and each fault with a link to its cell. `pages` are the answer's names of sheets."""

    def __init__(self, page: Worksheet, pages: Mapping[str, str], formats: _Formats) -> None:
        self._page = page
        self._pages = pages
        self._formats = formats

    def write(self, refused: Sequence[RefusedRow], answered: str) -> None:
        """Write it for these rows of the file with the hash `answered`."""
        page, last = self._page, len(WIDTHS) - 1
        _fit_to_a4(page)
        for column, width in enumerate(WIDTHS):
            page.set_column(column, column, width)
        told = instruction(sorted({row.origin.sheet for row in refused}), self._pages)
        page.merge_range(0, 0, 0, last, told, self._formats.told)
        page.set_row(0, _INSTRUCTION_HEIGHT)
        page.write_string(MARK_CELL[0] - 1, MARK_CELL[1] - 1, ANSWER_MARK + answered, self._formats.mark)
        page.print_area(0, 0, len(refused) + _HEAD_ROWS - 1, last)
        page.repeat_rows(1)
        page.write_row(1, 0, headings(), self._formats.head)
        for number, row in enumerate(refused):
            line = line_of(row, self._pages.get(row.origin.sheet, row.origin.sheet))
            self._write_line(number + _HEAD_ROWS, line, linked=number < _MOST_LINKS)
        page.freeze_panes(_HEAD_ROWS, 0)

    def _write_line(self, at: int, line: Line, *, linked: bool) -> None:
        page, told = self._page, self._formats.told
        page.set_row(at, row_height(line))
        page.write_string(at, 0, line.sheet, told)
        page.write_number(at, 1, line.row, told)
        if linked:
            page.write_url(at, 2, f"internal:'{line.sheet}'!{line.cell}", self._formats.link, line.cell)
        else:
            page.write_string(at, 2, line.cell, told)
        for column, text in enumerate((line.person, line.text, line.advice), start=3):
            page.write_string(at, column, _stored(text), told)


def _fit_to_a4(page: Worksheet) -> None:
    page.set_paper(_A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
