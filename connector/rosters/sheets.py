"""A sheet as it was read: tidied texts by row and column, merged areas, and where formulas and old fonts stand.

Rows and columns are counted from 1, as a clerk sees them (column 2 is B). Only cells that hold something are kept, so
that a stray cell at XFD1048576 costs nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connector.errors import RosterFileError
from connector.language import _
from connector.places import tidy
from connector.rosters.legacy_fonts import decoded
from connector.settings import Rosters

# What tells the first sheet of our own answer (row 1, column H), with the hash of the
# file that is answered: what comes back is read without this sheet and takes that file's place, whatever its name.
ANSWER_MARK = "connector:answer:"
MARK_CELL = (1, 8)

_WIDEST = 16384
_ERROR_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a file is read; what is larger is refused before it can fill the memory."""

    file_bytes: int = 20_000_000
    unpacked_bytes: int = 200_000_000
    rows: int = 200_000
    cells: int = 2_000_000
    merged_cells: int = 1_000_000


DEFAULT_LIMITS = Limits()
_MEGABYTE = 1_000_000


def limits_of(settings: Rosters) -> Limits:
    """The limits that an operator has set; the number of cells follows the number of rows."""
    return Limits(
        file_bytes=int(settings.file_megabytes * _MEGABYTE),
        unpacked_bytes=int(settings.unpacked_megabytes * _MEGABYTE),
        rows=settings.rows,
        cells=settings.rows * DEFAULT_LIMITS.cells // DEFAULT_LIMITS.rows,
    )


class TooLarge(Exception):
    """A limit was passed while reading; `what` names it for the reader."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def too_large(what: str) -> RosterFileError:
    """The refusal of a file that passes a limit."""
    return RosterFileError(
        "too_large",
        _("The file is too large for a roster: {what}.").format(what=what),
        hint=_("Send the table alone, without empty rows, pictures and other sheets."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The text of one cell before and after it was read by its old font's encoding; for the screen, never for a log."""

    row: int
    font: str
    before: str
    after: str


@dataclass(slots=True)
class Sheet:
    """One visible sheet. `rows` holds what stands in cells, `covered` what merged areas add to the rows below.

    `struck` are cells (row, column) whose text is struck through, `hidden` rows that are not shown.
    """

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    covered: dict[int, dict[int, str]] = field(default_factory=dict)
    heights: dict[tuple[int, int], int] = field(default_factory=dict)
    widths: dict[tuple[int, int], int] = field(default_factory=dict)
    formulas: set[int] = field(default_factory=set)
    old_fonts: set[int] = field(default_factory=set)
    conversions: list[Conversion] = field(default_factory=list)
    struck: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)

    @property
    def answers(self) -> str:
        """The hash of the file that is answered, on the first sheet of an answer of ours, which holds no people."""
        row, column = MARK_CELL
        mark = self.rows.get(row, {}).get(column, "")
        return mark.removeprefix(ANSWER_MARK) if mark.startswith(ANSWER_MARK) else ""

    def numbered_rows(self) -> Iterator[tuple[int, Mapping[int, str]]]:
        """The rows that are not empty, from above, with the texts of their own cells."""
        for number in sorted(self.rows):
            if any(self.rows[number].values()) or self._has_formula(number):
                yield number, self.rows[number]

    def texts(self, row: int) -> Mapping[int, str]:
        """The texts that count for a row: its own cells and the merged ones that reach into it."""
        own = self.rows.get(row, {})
        covered = self.covered.get(row)
        return covered | own if covered else own

    def is_formula(self, row: int, column: int) -> bool:
        """Whether the cell, or the merged one that covers it, is a formula in the workbook."""
        return row * _WIDEST + column in self.formulas

    def was_decoded(self, row: int, column: int) -> bool:
        """Whether the cell, or the merged one that covers it, was set in a legacy font."""
        return row * _WIDEST + column in self.old_fonts

    def _has_formula(self, row: int) -> bool:
        return bool(self.formulas) and any(self.is_formula(row, column) for column in self.rows[row])


class SheetBuilder:
    """Takes cells and merged areas in any order and gives the Sheet. Raises TooLarge when a limit is passed."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._sheet = Sheet(name)
        self._limits = limits
        self._cells = 0
        self._merged: list[tuple[int, int, int, int]] = []

    def put(self, row: int, column: int, runs: str | list[tuple[str, str]], *, font: str = "", formula: bool) -> None:
        """Keep one cell. `runs` is its text, or (font, text) pieces where a piece without font has the cell's."""
        text, old_font = decoded(runs, font)
        text = tidy(text)
        if _ERROR_VALUE.fullmatch(text):
            text = ""
        if not text and not formula:
            return
        self._count(row)
        self._sheet.rows.setdefault(row, {})[column] = text
        self._mark(row, column, formula=formula, old_font=old_font)
        if old_font:
            before = runs if isinstance(runs, str) else "".join(piece for _font, piece in runs)
            self._sheet.conversions.append(Conversion(row=row, font=font, before=before, after=text))

    def strike(self, row: int, column: int) -> None:
        """Note that the text of a cell is struck through."""
        self._sheet.struck.add((row, column))

    def hide(self, row: int) -> None:
        """Note that a row is not shown: hidden by hand or filtered out."""
        self._sheet.hidden.add(row)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Note a merged area; it counts when the sheet is finished."""
        self._merged.append((top, left, bottom, right))
        if len(self._merged) > self._limits.cells:
            raise TooLarge(_("more than {number} merged cells").format(number=self._limits.cells))

    def finish(self) -> Sheet:
        """The sheet, with each merged value in every row that it covers."""
        sheet = self._sheet
        last = max(sheet.rows, default=0)
        spread = 0
        for top, left, bottom, right in self._merged:
            if left not in sheet.rows.get(top, {}):
                continue
            sheet.heights[top, left] = bottom - top + 1
            sheet.widths[top, left] = right - left + 1
            spread += max(min(bottom, last) - top, 0)
            if spread > self._limits.merged_cells:
                raise TooLarge(_("merged cells over more than {number} rows").format(number=self._limits.merged_cells))
            self._spread(top, left, min(bottom, last))
        return sheet

    def _spread(self, top: int, left: int, bottom: int) -> None:
        sheet = self._sheet
        formula, old_font = sheet.is_formula(top, left), sheet.was_decoded(top, left)
        for row in range(top + 1, bottom + 1):
            if row in sheet.rows:
                sheet.covered.setdefault(row, {})[left] = sheet.rows[top][left]
                self._mark(row, left, formula=formula, old_font=old_font)

    def _mark(self, row: int, column: int, *, formula: bool, old_font: bool) -> None:
        if formula:
            self._sheet.formulas.add(row * _WIDEST + column)
        if old_font:
            self._sheet.old_fonts.add(row * _WIDEST + column)

    def _count(self, row: int) -> None:
        self._cells += 1
        if self._cells > self._limits.cells:
            raise TooLarge(_("more than {number} cells").format(number=self._limits.cells))
        if row not in self._sheet.rows and len(self._sheet.rows) >= self._limits.rows:
            raise TooLarge(_("more than {number} rows").format(number=self._limits.rows))
