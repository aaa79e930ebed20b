"""An .xls file (Excel 97-2003) -> its visible sheets with formulas, fonts and merged areas.

xlrd reads the values; which cells are formulas it does not tell, so their records are found in the stream (MS-XLS
sections 2.3.1 and 2.4.127: type and length in front of each record, row and column first in a Formula record).
"""

import struct
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise

import xlrd
from xlrd.book import Book
from xlrd.compdoc import CompDoc
from xlrd.sheet import Sheet as XlsSheet

from connector.rosters.numbers import number_text
from connector.rosters.sheets import Limits, Sheet, SheetBuilder
from connector.rosters.xlsx_parts import Runs

_BOF, _BOUNDSHEET, _FORMULAS = (0x0809, 0x0409, 0x0209, 0x0009), 0x0085, (0x0006, 0x0206, 0x0406)
_EOF = 0x000A
_WORKSHEET = 0
_VISIBLE = 0
_TEXTS = (xlrd.XL_CELL_TEXT,)
_NUMBERS = (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE)


def read_xls(content: bytes, limits: Limits) -> Iterator[Sheet]:
    """The visible worksheets of a file. Raises XLRDError and, for a broken file, nearly anything.

    The caller turns what is raised into words (`connector.rosters.files`).
    """
    log = StringIO()
    book = xlrd.open_workbook(file_contents=content, logfile=log, formatting_info=True, ragged_rows=True)
    formulas = _formula_cells(_stream(content, log))
    for number, sheet in enumerate(book.sheets()):
        if sheet.visibility == _VISIBLE:
            yield _sheet(book, sheet, formulas[number] if number < len(formulas) else set(), limits)


def has_macros(content: bytes) -> bool:
    """Whether a VBA project is stored in the file."""
    return any(entry.name == "_VBA_PROJECT_CUR" for entry in CompDoc(content, logfile=StringIO()).dirlist)


def is_encrypted_package(content: bytes) -> bool:
    """Whether the container holds an encrypted .xlsx instead of a workbook of its own kind."""
    return any(entry.name == "EncryptedPackage" for entry in CompDoc(content, logfile=StringIO()).dirlist)


def _sheet(book: Book, sheet: XlsSheet, formulas: set[tuple[int, int]], limits: Limits) -> Sheet:
    builder = SheetBuilder(sheet.name, limits)
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            formula = (row, column) in formulas
            builder.put(
                row + 1,
                column + 1,
                _runs(book, sheet, row, column),
                font=_font(book, sheet, row, column),
                formula=formula,
            )
    for top, below, left, beyond in sheet.merged_cells:
        builder.merge(top + 1, left + 1, below, beyond)
    return builder.finish()


def _runs(book: Book, sheet: XlsSheet, row: int, column: int) -> Runs:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind in _NUMBERS:
        return number_text(value)
    if kind not in _TEXTS:
        return ""
    changes = sheet.rich_text_runlist_map.get((row, column), [])
    if not changes:
        return str(value)
    starts = [0, *(start for start, _font_number in changes), len(value)]
    names = ["", *(book.font_list[number].name for _start, number in changes)]
    return [(name, value[start:end]) for name, (start, end) in zip(names, pairwise(starts), strict=True)]


def _font(book: Book, sheet: XlsSheet, row: int, column: int) -> str:
    return str(book.font_list[book.xf_list[sheet.cell_xf_index(row, column)].font_index].name)


def _stream(content: bytes, log: StringIO) -> bytes:
    container = CompDoc(content, logfile=log)
    for name in ("Workbook", "Book"):
        found = container.locate_named_stream(name)
        if found[0]:
            return bytes(found[0][found[1] : found[1] + found[2]])
    return b""


def _formula_cells(stream: bytes) -> list[set[tuple[int, int]]]:
    """For each worksheet in the file's order the (row, column) of its formulas, counted from 0."""
    starts = [
        struct.unpack_from("<I", stream, start)[0]
        for kind, start, _length in records(stream, 0)
        if kind == _BOUNDSHEET and stream[start + 5] == _WORKSHEET
    ]
    return [
        {
            struct.unpack_from("<HH", stream, begin)
            for kind, begin, _length in records(stream, start)
            if kind in _FORMULAS
        }
        for start in starts
    ]


def records(stream: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """Type, start and length of the content of each record of the part that begins here, up to its end."""
    depth = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        depth += (kind in _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        yield kind, position + 4, length
        position += 4 + length
