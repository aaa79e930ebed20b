"""An .ods file (OpenDocument) -> its visible sheets with formulas, fonts and merged areas.

Read as a stream (OpenDocument 1.3 part 3, sections 9.1 and 19): LibreOffice stores a sheet's empty rest as one row
that is repeated a million times, and a tree of the document would be many times its size.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

from connector.language import _
from connector.rosters.numbers import number_text
from connector.rosters.ods_styles import Styles, StyleScan
from connector.rosters.sheets import Limits, Sheet, SheetBuilder, TooLarge
from connector.rosters.xml_scan import Scan, scan_xml

_CELLS = ("table-cell", "covered-table-cell")
_NOT_CELL_TEXT = ("annotation", "frame", "shapes", "custom-shape")
_NUMBERS = ("float", "percentage", "currency")


def read_ods(package: ZipFile, limits: Limits) -> Iterator[Sheet]:
    """The visible sheets of an open package. Raises TooLarge, UnsafeXml, KeyError and others, see `read_xlsx`."""
    styles = Styles()
    if "styles.xml" in package.namelist():
        with package.open("styles.xml") as source:
            scan_xml(source, StyleScan(styles))
    scan = _ContentScan(styles, limits)
    with package.open("content.xml") as source:
        scan_xml(source, scan)
    yield from scan.sheets


def is_encrypted(package: ZipFile) -> bool:
    """Whether the parts are encrypted, as the manifest says."""
    name = "META-INF/manifest.xml"
    return name in package.namelist() and b"encryption-data" in package.read(name)


class _ContentScan(Scan):
    def __init__(self, styles: Styles, limits: Limits) -> None:
        self.sheets: list[Sheet] = []
        self._styles = styles
        self._style_scan = StyleScan(styles)
        self._limits = limits
        self._builder: SheetBuilder | None = None
        self._row = self._column = 0
        self._repeated = 1
        self._row_style = ""
        self._columns = _ColumnStyles()
        self._held: list[tuple[int, Mapping[str, str], list[tuple[str, str]]]] = []
        self._cell: Mapping[str, str] | None = None
        self._runs: list[tuple[str, str]] = []
        self._spans: list[str] = []
        self._in_text = False
        self._paragraphs = 0
        self._outside = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A table, a row, a cell or a piece of text begins."""
        if self._outside or name in _NOT_CELL_TEXT:
            self._outside += 1
        elif self._cell is not None:
            self._start_in_cell(name, attributes)
        elif name == "table":
            visible = not self._styles.is_hidden_table(attributes.get("table:style-name", ""))
            self._builder = SheetBuilder(attributes.get("table:name", ""), self._limits) if visible else None
            self._row = 0
            self._columns = _ColumnStyles()
        elif name == "table-column":
            self._columns.add(attributes)
        elif name == "table-row":
            self._repeated = int(attributes.get("table:number-rows-repeated", "1"))
            self._row_style = attributes.get("table:default-cell-style-name", "")
            self._column = 0
            self._held = []
        elif name in _CELLS:
            self._cell, self._runs, self._spans, self._paragraphs = attributes, [], [], 0
        else:
            self._style_scan.start(name, attributes)

    def end(self, name: str) -> None:
        """A cell, a row or a table ends and is kept."""
        if self._outside:
            self._outside -= 1
        elif name in _CELLS and self._cell is not None:
            self._end_cell(self._cell)
        elif self._cell is not None:
            self._end_in_cell(name)
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            if self._builder:
                self.sheets.append(self._builder.finish())
            self._builder = None
        else:
            self._style_scan.end(name)

    def text(self, data: str) -> None:
        """A piece of a cell's text."""
        if self._in_text and not self._outside:
            self._runs.append((self._spans[-1] if self._spans else "", data))

    def _start_in_cell(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "p":
            self._in_text = True
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._runs.append(("", "\n"))
        elif name == "span":
            self._spans.append(self._styles.font(attributes.get("text:style-name", "")))
        elif name in ("s", "tab", "line-break"):
            self._runs.append(("", " "))

    def _end_in_cell(self, name: str) -> None:
        if name == "p":
            self._in_text = False
        elif name == "span":
            self._spans.pop()

    def _end_cell(self, cell: Mapping[str, str]) -> None:
        self._cell = None
        self._in_text = False
        repeated = int(cell.get("table:number-columns-repeated", "1"))
        runs = _number_runs(cell) or self._runs
        if self._builder and (runs or "table:formula" in cell):
            if len(self._held) + repeated > self._limits.cells:
                raise TooLarge(_("more than {number} cells").format(number=self._limits.cells))
            self._held += [(self._column + offset, cell, runs) for offset in range(1, repeated + 1)]
        self._column += repeated

    def _end_row(self) -> None:
        first = self._row + 1
        self._row += self._repeated
        if self._held and self._builder:
            for row in range(first, self._row + 1):
                self._keep_row(self._builder, row)

    def _keep_row(self, builder: SheetBuilder, row: int) -> None:
        for column, cell, runs in self._held:
            style = cell.get("table:style-name") or self._row_style or self._columns.of(column)
            font = self._styles.cell_font(style)
            builder.put(row, column, runs, font=font, formula="table:formula" in cell)
            down = int(cell.get("table:number-rows-spanned", "1"))
            across = int(cell.get("table:number-columns-spanned", "1"))
            if down > 1 or across > 1:
                builder.merge(row, column, row + down - 1, column + across - 1)


class _ColumnStyles:
    """The default cell style of each column, kept by the last column of each run of equal ones."""

    def __init__(self) -> None:
        self._last: list[int] = []
        self._names: list[str] = []

    def add(self, attributes: Mapping[str, str]) -> None:
        before = self._last[-1] if self._last else 0
        self._last.append(before + int(attributes.get("table:number-columns-repeated", "1")))
        self._names.append(attributes.get("table:default-cell-style-name", "Default"))

    def of(self, column: int) -> str:
        place = bisect_left(self._last, column)
        return self._names[place] if place < len(self._names) else "Default"


def _number_runs(cell: Mapping[str, str]) -> list[tuple[str, str]]:
    if cell.get("office:value-type") in _NUMBERS and "office:value" in cell:
        return [("", number_text(cell["office:value"]))]
    return []
