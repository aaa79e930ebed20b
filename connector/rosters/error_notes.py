"""What the error workbook says. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from connector.language import _
from connector.mappers.roster_doubts import doubt_text
from connector.rosters.reader import RefusedRow

BAD_COLOUR = "FFC7CE"
HEAD_COLOUR = "D9D9D9"
WIDTHS = (18, 7, 8, 28, 28, 70)
_LINE_HEIGHT = 15

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_NOT_IN_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


class Line(NamedTuple):
    """A line of the first sheet: where the cell is, whose it is, what stands in it, what is wrong and what to do."""

    sheet: str
    row: int
    cell: str
    person: str
    text: str
    advice: str


def headings() -> tuple[str, ...]:
    """The head of the sheet that lists what is to be mended."""
    return _("Sheet"), _("Row"), _("Cell"), _("Person"), _("Content"), _("What is wrong and what to do")


def line_of(row: RefusedRow, page: str) -> Line:
    """The line of a refused row, whose sheet is called `page` in the answer."""
    return Line(page, row.origin.row, row.cell, row.person, row.text, note(row))


def instruction(sheets: Sequence[str], pages: Mapping[str, str]) -> str:
    """What to do with the answer, in one paragraph. `pages` are the answer's names of the sheets."""
    named = ", ".join(pages.get(sheet, sheet) for sheet in sheets)
    return _(
        "These rows were not taken; all others were. Correct the pink cells in the sheet {sheets} (click a cell's name "
        "below to go there), leave all other rows as they are, save and send the whole file back under any name. "
        "This sheet and the notes in the cells may stay."
    ).format(sheets=named)


def without_bad_letters(text: str) -> str:
    """The text with a replacement mark for each letter that no XML file may hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def note(row: RefusedRow) -> str:
    """What is wrong with a refused row and what to do, with the row that has the number already."""
    text = doubt_text(row.code)
    if row.same_as is None:
        return text
    place = f"{row.same_as.sheet}!{row.same_as.row}" if row.same_as.sheet else str(row.same_as.row)
    return _("{text} (Earlier row: {place}.)").format(text=text, place=place)


def row_height(values: Line) -> float:
    """The height that shows all lines of a row of the list: office programs do not fit it when a file is opened."""
    lines = (-(-len(str(value)) // width) for value, width in zip(values, WIDTHS, strict=True))
    return float(max(1, *lines) * _LINE_HEIGHT)


def sheet_name(wanted: str, taken: Collection[str]) -> str:
    """A name that Excel allows and no sheet has yet, as near to the wanted one as can be."""
    plain = _FORBIDDEN.sub(" ", wanted).strip()[:_LONGEST_NAME] or _("List")
    used = {name.casefold() for name in taken}
    name, count = plain, 1
    while name.casefold() in used:
        count += 1
        ending = f" ({count})"
        name = plain[: _LONGEST_NAME - len(ending)] + ending
    return name
