"""Where a roster's table begins and which column holds what. Reads a Sheet only.

The rules are those of examples/rosters/README.md, "Table": the first row that has both a name and a mobile column,
alone or with the row under it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.mappers.roster_head import PHONES, Field, field_of, field_under
from connector.rosters.sheets import Sheet

_TALLEST = 3
_NAME_PARTS = (Field.FULL_NAME, Field.FAMILY, Field.GIVEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a table. `names` are the columns that make up the full name, in order; 0 stands for no column.

    `fields` tells of each column with a head what it is said to hold, None where the words are not known.
    """

    rows: range
    columns: tuple[int, ...]
    names: tuple[int, ...]
    phone: int
    workplace: int
    position: int
    province: int
    commune: int
    moment: int
    fields: Mapping[int, Field | None]


def find_head(sheet: Sheet) -> Head | None:
    """The first head of a sheet, or None if it holds no roster."""
    for number, _row in sheet.numbered_rows():
        head = head_at(sheet, number)
        if head:
            return head
    return None


def has_head(sheet: Sheet) -> bool:
    """Whether the sheet holds a roster."""
    return find_head(sheet) is not None


def head_at(sheet: Sheet, row: int) -> Head | None:
    """The head that begins in this row, with the row under it where that belongs to it; None if none does."""
    top = sheet.rows.get(row, {})
    if not any(field_of(text) for text in top.values()):
        return None
    alone = _head(sheet, range(row, row + 1))
    # A merged remark may reach from the head far down; a head that is complete is as tall as its name and phone.
    ours = {*alone.names, alone.phone} if alone else top
    tall = min(max(sheet.heights.get((row, column), 1) for column in ours), _TALLEST)
    if tall > 1:
        return _head(sheet, range(row, row + tall)) or alone
    if _continues(sheet, row, alone):
        return _head(sheet, range(row, row + 2)) or alone
    return alone


def _continues(sheet: Sheet, row: int, alone: Head | None) -> bool:
    """Whether the next row belongs to the head: it names columns, and is neither a person nor a head of its own."""
    top, below = sheet.rows[row], sheet.rows.get(row + 1, {})
    if not any(field_of(text) for text in below.values()):
        return False
    if alone:
        return all(field_of(below.get(column, "")) in _NAME_PARTS for column in alone.names if below.get(column)) and (
            not any(char.isdigit() for text in below.values() for char in text)
        )
    return any(field_of(text) for column, text in top.items() if not below.get(column))


def _head(sheet: Sheet, rows: range) -> Head | None:
    fields = _fields(sheet, rows)
    mobile = next((column for kind in PHONES for column, field in fields.items() if field is kind), 0)
    names = _name_columns(sheet, rows, fields)
    if not mobile or not names:
        return None
    return Head(
        rows=rows,
        columns=tuple(sorted({column for row in rows for column in sheet.rows.get(row, {})})),
        names=names,
        phone=mobile,
        workplace=_first(fields, Field.WORKPLACE),
        position=_first(fields, Field.POSITION),
        province=_first(fields, Field.PROVINCE),
        commune=_first(fields, Field.COMMUNE),
        moment=_first(fields, Field.MOMENT),
        fields=fields,
    )


def _fields(sheet: Sheet, rows: range) -> dict[int, Field | None]:
    """By column, from the left: what its head, the lowest text and the wider ones above it, says that it holds."""
    top = sheet.rows.get(rows[0], {})
    fields: dict[int, Field | None] = {column: field_of(text) for column, text in top.items() if text}
    for row in rows[1:]:
        for column, leaf in sheet.rows.get(row, {}).items():
            if leaf:
                fields[column] = field_under(_above(sheet, rows[0], column), leaf)
    return dict(sorted(fields.items()))


def _above(sheet: Sheet, row: int, column: int) -> str:
    """The head over a column: its own, or one to the left that is merged over it or, without merging, spaced."""
    top = sheet.rows[row]
    near = next((near for near in range(column, 0, -1) if top.get(near)), 0)
    if near in (0, column):
        return top.get(near, "")
    merged = {start: sheet.widths.get((row, start), 1) for start in top}
    spaced = all(width == 1 for width in merged.values())
    return top[near] if spaced or near + merged[near] > column else ""


def _name_columns(sheet: Sheet, rows: range, fields: Mapping[int, Field | None]) -> tuple[int, ...]:
    family, given = _first(fields, Field.FAMILY), _first(fields, Field.GIVEN)
    if family and given:
        return (family, given)
    full = _first(fields, Field.FULL_NAME)
    if not full:
        return ()
    # One head merged over two columns, without a word under it: both hold parts of the name.
    width = max(sheet.widths.get((row, full), 1) for row in rows)
    return tuple(column for column in range(full, full + width) if column == full or column not in fields)


def _first(fields: Mapping[int, Field | None], wanted: Field) -> int:
    return next((column for column, field in fields.items() if field is wanted), 0)
