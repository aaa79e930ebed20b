"""What the error workbook says, whichever way it is written. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence

from connector.language import _
from connector.mappers.roster import reason_text
from connector.rosters.reader import RefusedRow

BAD_COLOUR = "FFC7CE"
HEAD_COLOUR = "D9D9D9"
WIDTHS = (18, 8, 8, 30, 90)
_LINE_HEIGHT = 15

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31


def headings() -> tuple[str, ...]:
    """The head of the sheet that lists what is to be mended."""
    return _("Sheet"), _("Row"), _("Cell"), _("Content"), _("What is wrong and what to do")


def summary_rows(refused: Sequence[RefusedRow]) -> Iterator[tuple[str | int, ...]]:
    """For each refused row: sheet, row, cell, what stands in it, what is wrong and what to do."""
    for row in refused:
        yield row.origin.sheet, row.origin.row, row.cell, row.text, note(row)


def note(row: RefusedRow) -> str:
    """What is wrong with a refused row and what to do, with the row that has the number already."""
    text = reason_text(row.code)
    if row.same_as is None:
        return text
    place = f"{row.same_as.sheet}!{row.same_as.row}" if row.same_as.sheet else str(row.same_as.row)
    return _("{text} (Earlier row: {place}.)").format(text=text, place=place)


def row_height(values: Sequence[str | int]) -> float:
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
