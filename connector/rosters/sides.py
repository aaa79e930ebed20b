"""Tables beside each other on one sheet, as a long list is printed in two columns: each is read by itself. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from connector.mappers.roster_head import PHONES, Field, field_of, head_words
from connector.rosters.head import find_head
from connector.rosters.sheets import Sheet


def tables_beside(sheet: Sheet) -> Iterator[Sheet]:
    """The sheet cut where its head begins anew to the right, with the lines above the head in each part; else itself.

    The head begins anew where the words of its name column and of its number column stand there a second time.
    """
    starts = _starts(sheet)
    if not starts[1:]:
        yield sheet
        return
    head = find_head(sheet)
    top = head.rows[0] if head else 0
    for start, end in zip(starts, [*starts[1:], 0], strict=True):
        yield _part(sheet, top, start, end)


def _starts(sheet: Sheet) -> list[int]:
    """The first column of each table, from the left."""
    head = find_head(sheet)
    if head is None:
        return []
    heads = {column: head_words(text) for column, text in sorted(sheet.rows[head.rows[0]].items()) if text}
    repeated = [words for words in heads.values() if list(heads.values()).count(words) > 1]
    fields = {field_of(words) for words in repeated}
    if Field.FULL_NAME not in fields or not fields & set(PHONES):
        return []
    first = next(iter(heads.values()))
    leading = first if first in repeated else repeated[0]
    return [column for column, words in heads.items() if words == leading]


def _part(sheet: Sheet, top: int, start: int, end: int) -> Sheet:
    """The columns from `start` up to before `end` (0: to the last one), and all of the lines above the head."""

    def inside(column: int) -> bool:
        return column >= start and (not end or column < end)

    rows = {
        row: cells if row < top else {column: text for column, text in cells.items() if inside(column)}
        for row, cells in sheet.rows.items()
    }
    covered = {
        row: {column: text for column, text in cells.items() if inside(column)} for row, cells in sheet.covered.items()
    }
    return replace(sheet, rows={row: cells for row, cells in rows.items() if cells}, covered=covered)
