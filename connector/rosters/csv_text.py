"""A .csv file -> one sheet without a name. Its encoding and delimiter are found, never assumed.

UTF-8 with or without mark, UTF-16 with mark, and windows-1258 for bytes that are no UTF-8; the delimiter is the one
with which the file's beginning shows a head of a roster. Rows are numbered by the line where they begin.
"""

import codecs
import csv
from collections.abc import Iterator
from io import StringIO

from connector.rosters.head import has_head
from connector.rosters.sheets import Limits, Sheet, SheetBuilder

DELIMITERS = ",;\t"
_BEGINNING = 64_000
_HEAD_LINES = 30


class NotText(Exception):
    """The bytes are no text."""


def read_csv(content: bytes, limits: Limits) -> Iterator[Sheet]:
    """The one sheet of a file, named ''. Raises NotText, TooLarge and csv.Error."""
    text = csv_text(content)
    yield _sheet(text, _delimiter(text, limits), limits)


def csv_text(content: bytes) -> str:
    """The characters of a file. Raises NotText for zero bytes outside of UTF-16 and for broken UTF-16.

    UnicodeDecodeError: the file is marked as UTF-8 and is not.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise NotText from None
    if b"\0" in content:
        raise NotText
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if content.startswith(codecs.BOM_UTF8):
            raise
        return content.decode("cp1258", errors="replace")


def _delimiter(text: str, limits: Limits) -> str:
    beginning = text[:_BEGINNING]
    for delimiter in DELIMITERS:
        if has_head(_sheet(beginning, delimiter, limits)):
            return delimiter
    return max(DELIMITERS, key=beginning.count)


def _sheet(text: str, delimiter: str, limits: Limits) -> Sheet:
    builder = SheetBuilder("", limits)
    for line, cells in _records(text, delimiter):
        for column, cell in enumerate(cells, start=1):
            builder.put(line, column, cell, formula=False)
    return builder.finish()


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a text, each with the number of the line where it begins.

    A quotation mark that nobody closes makes one cell of the lines that follow. Where a line within a cell has as many
    delimiters as the widest record, it is a row of its own: these lines are read one by one, without the marks.
    """
    lines = StringIO(text, newline="").readlines()
    width = max((line.count(delimiter) for line in lines[:_HEAD_LINES]), default=0)
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    for cells in reader:
        swallowed = (inner for cell in cells for inner in cell.splitlines()[1:])
        if width and any(inner.count(delimiter) >= width for inner in swallowed):
            for number, one in enumerate(lines[line - 1 : reader.line_num], start=line):
                yield number, one.rstrip("\r\n").replace('"', "").split(delimiter)
        else:
            yield line, cells
        line = reader.line_num + 1
