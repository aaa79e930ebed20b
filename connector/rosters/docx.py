"""A .docx file -> one sheet of its paragraphs and tables in their order, with fonts and merged areas.

Cells are walked by themselves (ECMA-376 part 1, section 17.4): python-docx repeats a merged cell for each column that
it covers. A paragraph outside of tables is a row of one cell. What Word shows as struck out, hidden or changed
without a decision, and tables within cells, are refused: nobody can tell which people are meant.
"""

import posixpath
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

from connector.rosters.refusals import nested_tables, unsettled
from connector.rosters.sheets import Limits, Sheet, SheetBuilder
from connector.rosters.xml_scan import Scan, scan_xml

DOCUMENT = "word/document.xml"
_STYLES = posixpath.join(posixpath.dirname(DOCUMENT), "styles.xml")
_OFF = ("0", "false", "off", "none")
_UNSETTLED_RUN = ("strike", "dstrike", "vanish")
_UNSETTLED_CHANGE = ("ins", "del", "moveFrom", "moveTo")
# Shown beside the text (text boxes), or a second copy of it for old programs.
_ASIDE = ("txbxContent", "Fallback")
_SPACES = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MOST_COLUMNS = 63  # of a table in Word


def read_docx(package: ZipFile, limits: Limits) -> Iterator[Sheet]:
    """The one sheet of an open package, named ''. Raises RosterFileError, TooLarge, UnsafeXml, KeyError and others."""
    fonts = _StyleFonts()
    if _STYLES in package.namelist():
        with package.open(_STYLES) as source:
            scan_xml(source, fonts)
    scan = _DocumentScan(SheetBuilder("", limits), fonts.found)
    with package.open(DOCUMENT) as source:
        scan_xml(source, scan)
    yield scan.builder.finish()


def _value(attributes: Mapping[str, str], name: str = "val") -> str:
    """An attribute by its name without prefix; '' when it is not there."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def _number(attributes: Mapping[str, str]) -> int:
    number = int(_value(attributes) or 1)
    if not 0 <= number <= _MOST_COLUMNS:
        raise ValueError(number)
    return number


class _StyleFonts(Scan):
    """The font of each style by its id; '' is the document's own."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._style = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "style":
            standard = _value(attributes, "type") == "paragraph" and _value(attributes, "default") in ("1", "true")
            self._style = "" if standard else _value(attributes, "styleId")
        elif name == "rFonts" and _value(attributes, "ascii"):
            self.found[self._style] = _value(attributes, "ascii")


class _Areas:
    """The vertically merged cells of a table that are still open, by column: (first row, last row, width)."""

    def __init__(self, builder: SheetBuilder) -> None:
        self._builder = builder
        self._open: dict[int, tuple[int, int, int]] = {}

    def cell(self, row: int, column: int, width: int, merge: str) -> None:
        """Take one cell; `merge` is 'restart', 'continue', or '' for a cell that is not merged downwards."""
        if merge == "continue" and column in self._open:
            top, _last, wide = self._open[column]
            self._open[column] = (top, row, wide)
            return
        self._close(column)
        if merge or width > 1:
            self._open[column] = (row, row, width)

    def close(self) -> None:
        """The table ends, and with it all areas."""
        for column in list(self._open):
            self._close(column)

    def _close(self, column: int) -> None:
        area = self._open.pop(column, None)
        if area:
            top, bottom, width = area
            self._builder.merge(top, column, bottom, column + width - 1)


class _DocumentScan(Scan):
    def __init__(self, builder: SheetBuilder, fonts: Mapping[str, str]) -> None:
        self.builder = builder
        self._fonts = fonts
        self._areas = _Areas(builder)
        self._row = self._column = 0
        self._width = 1
        self._merge = ""
        self._tables = self._aside = 0
        self._style = self._font = ""
        self._runs: list[tuple[str, str]] = []
        self._in_run = self._in_text = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A table, a row, a cell, a paragraph or a piece of text begins, or one of their properties."""
        if name in _ASIDE or self._aside:
            self._aside += name in _ASIDE
        elif name in ("tbl", "tr", "tc", "gridBefore", "gridSpan", "vMerge"):
            self._begin_cells(name, attributes)
        elif self._tables and name in _UNSETTLED_CHANGE:
            raise unsettled()
        elif self._in_run:
            self._begin_text(name, attributes)
        elif name == "p":
            self._style = ""
        elif name == "pStyle":
            self._style = _value(attributes)
        elif name == "r":
            self._in_run = True
            self._font = self._fonts.get(self._style) or self._fonts.get("", "")

    def end(self, name: str) -> None:
        """One of them ends; a whole cell, or a paragraph outside of tables, is kept."""
        if self._aside:
            self._aside -= name in _ASIDE
        elif name == "t":
            self._in_text = False
        elif name == "r":
            self._in_run = False
        elif name == "p":
            self._end_paragraph()
        elif name == "tc":
            self._end_cell()
        elif name == "tbl":
            self._tables -= 1
            self._areas.close()

    def text(self, data: str) -> None:
        """A piece of the text."""
        if self._in_text and not self._aside:
            self._runs.append((self._font, data))

    def _begin_cells(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "tbl":
            self._tables += 1
            if self._tables > 1:
                raise nested_tables()
        elif name == "tr":
            self._row += 1
            self._column = 1
        elif name == "tc":
            self._width, self._merge, self._runs = 1, "", []
        elif name == "gridBefore":
            self._column += _number(attributes)
        elif name == "gridSpan":
            self._width = max(_number(attributes), 1)
        else:
            self._merge = _value(attributes) or "continue"

    def _begin_text(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "t":
            self._in_text = True
        elif name == "rFonts":
            self._font = _value(attributes, "ascii") or self._font
        elif name in _SPACES:
            self._runs.append((self._font, _SPACES[name]))
        elif self._tables and name in _UNSETTLED_RUN and _value(attributes) not in _OFF:
            raise unsettled()

    def _end_paragraph(self) -> None:
        if self._tables:
            self._runs.append((self._font, "\n"))
            return
        self._row += 1
        self.builder.put(self._row, 1, self._runs, formula=False)
        self._runs = []

    def _end_cell(self) -> None:
        # What stands in a cell that another one is merged over is not shown.
        if self._merge != "continue":
            self.builder.put(self._row, self._column, self._runs, formula=False)
        self._areas.cell(self._row, self._column, self._width, self._merge)
        self._column += self._width
        self._runs = []
