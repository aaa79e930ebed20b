"""The small parts of an .xlsx package: which sheets are visible, the shared texts, the font of each cell style.

Facts: ECMA-376 part 1, sections 18.2 (workbook), 18.4 (shared strings) and 18.8 (styles).
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from zipfile import ZipFile

from connector.language import _
from connector.rosters.sheets import Limits, TooLarge
from connector.rosters.xml_scan import Scan, scan_xml

Runs = str | list[tuple[str, str]]

_ESCAPED = re.compile(r"_x(?![dD][89A-Fa-f])([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookParts:
    """Where things are in a package: visible worksheets as (name, part), and the parts that they share ('' if none)."""

    sheets: list[tuple[str, str]]
    texts: str
    styles: str


def workbook_parts(package: ZipFile) -> WorkbookParts:
    """The parts that hold visible worksheets, in the workbook's order, their texts and styles. KeyError: broken."""
    root = _relations(package, "")
    workbook = next(target for kind, target in root.values() if kind == "officeDocument")
    relations = _relations(package, workbook)
    shared = {kind: target for kind, target in relations.values() if kind in ("sharedStrings", "styles")}
    listed = _SheetList()
    with package.open(workbook) as source:
        scan_xml(source, listed)
    targets = [(name, *relations[relation]) for name, relation in listed.visible]
    return WorkbookParts(
        sheets=[(name, target) for name, kind, target in targets if kind == "worksheet"],
        texts=shared.get("sharedStrings", ""),
        styles=shared.get("styles", ""),
    )


def shared_texts(package: ZipFile, part: str, limits: Limits) -> list[Runs]:
    """All shared strings: a text, or (font, text) pieces where the text is set in several fonts."""
    scan = TextScan(limits.cells)
    if part:
        with package.open(part) as source:
            scan_xml(source, scan)
    return scan.found


def style_fonts(package: ZipFile, part: str) -> tuple[list[str], frozenset[int]]:
    """The font name of each cell style, by its number (attribute s of a cell), and the styles that strike through."""
    scan = _Styles()
    if part:
        with package.open(part) as source:
            scan_xml(source, scan)
    names = [scan.fonts[number] if number < len(scan.fonts) else "" for number in scan.styles]
    return names, frozenset(style for style, number in enumerate(scan.styles) if number in scan.struck)


class TextScan(Scan):
    """Collects strings (elements si or is): plain and rich text, without phonetic hints."""

    def __init__(self, most: int) -> None:
        self.found: list[Runs] = []
        self._most = most
        self._pieces: list[tuple[str, str]] = []
        self._font = ""
        self._in_text = False
        self._phonetic = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A string, a run of it, the run's font, or its text begins."""
        if name == "t":
            self._in_text = not self._phonetic
        elif name in ("si", "is"):
            self._pieces = []
        elif name == "rFont":
            self._font = attributes.get("val", "")
        elif name == "rPh":
            self._phonetic = True

    def end(self, name: str) -> None:
        """One of them ends; a whole string is kept."""
        if name == "t":
            self._in_text = False
        elif name in ("si", "is"):
            self._keep()
        elif name == "r":
            self._font = ""
        elif name == "rPh":
            self._phonetic = False

    def text(self, data: str) -> None:
        """A piece of the text."""
        if self._in_text:
            self._pieces.append((self._font, data))

    def _keep(self) -> None:
        if len(self.found) >= self._most:
            raise TooLarge(_("more than {number} texts").format(number=self._most))
        if any(font for font, _text in self._pieces):
            self.found.append([(font, unescaped(text)) for font, text in self._pieces])
        else:
            self.found.append(unescaped("".join(text for _font, text in self._pieces)))


def unescaped(text: str) -> str:
    """The text with Excel's _xHHHH_ turned into the characters that they mean (part 1, section 22.4.2.4)."""
    return _ESCAPED.sub(lambda code: chr(int(code.group(1), 16)), text) if "_x" in text else text


class _SheetList(Scan):
    def __init__(self) -> None:
        self.visible: list[tuple[str, str]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next(value for key, value in attributes.items() if key.endswith(":id"))
            self.visible.append((attributes["name"], relation))


class _Relations(Scan):
    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            self.found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], attributes["Target"])


class _Styles(Scan):
    def __init__(self) -> None:
        self.fonts: list[str] = []
        self.styles: list[int] = []
        self.struck: set[int] = set()
        self._inside = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in ("fonts", "cellXfs"):
            self._inside = name
        elif self._inside == "fonts" and name == "font":
            self.fonts.append("")
        elif self._inside == "fonts" and name == "name":
            self.fonts[-1] = attributes.get("val", "")
        elif self._inside == "fonts" and name == "strike":
            if attributes.get("val", "1") not in ("0", "false"):
                self.struck.add(len(self.fonts) - 1)
        elif self._inside == "cellXfs" and name == "xf":
            self.styles.append(int(attributes.get("fontId", "0")))

    def end(self, name: str) -> None:
        if name == self._inside:
            self._inside = ""


def _relations(package: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id -> (kind, part of the package) for what a part refers to; '' is the package itself."""
    folder, name = posixpath.split(part)
    scan = _Relations()
    with package.open(posixpath.join(folder, "_rels", f"{name}.rels")) as source:
        scan_xml(source, scan)
    return {
        key: (kind, posixpath.normpath(posixpath.join("/", folder, target))[1:])
        for key, (kind, target) in scan.found.items()
    }
