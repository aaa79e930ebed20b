"""An .xlsx file -> its visible sheets with what the rules need: raw numbers, formulas, fonts, merged areas.

Read directly from the package, because no library gives all of it: openpyxl and calamine turn a phone number shown as
a date into a date, openpyxl drops the fonts inside of a text, calamine knows neither fonts nor formulas and reserves
memory for the whole rectangle up to a stray cell. Formulas are never executed; their stored value is read.
"""

import re
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

from connector.rosters.numbers import number_text
from connector.rosters.sheets import Limits, Sheet, SheetBuilder
from connector.rosters.xlsx_parts import Runs, TextScan, shared_texts, style_fonts, unescaped, workbook_parts
from connector.rosters.xml_scan import Scan, scan_xml

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


def read_xlsx(package: ZipFile, limits: Limits) -> Iterator[Sheet]:
    """The visible worksheets of an open package, one after the other. Raises TooLarge, UnsafeXml, KeyError and others.

    The caller turns what is raised into words (`connector.rosters.files`).
    """
    parts = workbook_parts(package)
    texts = shared_texts(package, parts.texts, limits)
    fonts, struck = style_fonts(package, parts.styles)
    for name, part in parts.sheets:
        scan = _SheetScan(SheetBuilder(name, limits), texts, fonts, struck)
        with package.open(part) as source:
            scan_xml(source, scan)
        yield scan.builder.finish()


def column_number(letters: str) -> int:
    """1 for A, 2 for B, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _position(reference: str) -> tuple[int, int]:
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(reference)
    return int(found.group(2)), column_number(found.group(1))


class _SheetScan(Scan):
    """The cells of one sheet (ECMA-376 part 1, section 18.3)."""

    def __init__(self, builder: SheetBuilder, texts: list[Runs], fonts: list[str], struck: frozenset[int]) -> None:
        self.builder = builder
        self._texts = texts
        self._fonts = fonts
        self._struck = struck
        self._row = self._column = 0
        self._attributes: Mapping[str, str] = {}
        self._value: list[str] | None = None
        self._stored = ""
        self._formula = False
        self._inline: TextScan | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A row, a cell, or a part of it begins."""
        if self._inline:
            self._inline.start(name, attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "v":
            self._value = []
        elif name == "f":
            self._formula = True
        elif name == "is":
            self._inline = TextScan(1)
        elif name == "row":
            self._begin_row(attributes)
        elif name == "mergeCell":
            first, _colon, last = attributes["ref"].partition(":")
            self.builder.merge(*_position(first), *_position(last or first))

    def end(self, name: str) -> None:
        """A part of a cell ends, or the cell, which is then kept."""
        if self._inline:
            self._inline.end(name)
        if name == "c":
            self._end_cell()
        elif name == "v" and self._value is not None:
            self._stored = "".join(self._value)
            self._value = None

    def text(self, data: str) -> None:
        """The value of a cell or a piece of its text."""
        if self._inline:
            self._inline.text(data)
        elif self._value is not None:
            self._value.append(data)

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = 0
        if attributes.get("hidden") in ("1", "true"):
            self.builder.hide(self._row)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._attributes = attributes
        self._stored = ""
        self._formula = False
        reference = attributes.get("r")
        if reference:
            self._row, self._column = _position(reference)
        else:
            self._column += 1

    def _end_cell(self) -> None:
        style = int(self._attributes.get("s", "0"))
        font = self._fonts[style] if style < len(self._fonts) else ""
        self.builder.put(self._row, self._column, self._runs(), font=font, formula=self._formula)
        if style in self._struck:
            self.builder.strike(self._row, self._column)
        self._inline = None

    def _runs(self) -> Runs:
        kind = self._attributes.get("t", "n")
        if self._inline:
            return self._inline.found[0] if self._inline.found else ""
        if kind == "s" and self._stored:
            return self._texts[int(self._stored)]
        if kind == "n":
            return number_text(self._stored)
        return unescaped(self._stored)
