"""Which font an OpenDocument style sets, with inheritance, and which table styles hide their table."""

from collections.abc import Mapping

from connector.rosters.xml_scan import Scan

_DEEPEST = 20
# Stands for the document's default style of cells, which has no name.
_DEFAULT = "\0"


class Styles:
    """The styles of a document by name. `font` and `is_hidden_table` answer for names that are unknown as well."""

    def __init__(self) -> None:
        self.parents: dict[str, str] = {}
        self.fonts: dict[str, str] = {}
        self.faces: dict[str, str] = {}
        self.hidden: set[str] = set()

    def font(self, style: str) -> str:
        """The font family that a style or one of those it is based on sets; '' if none does."""
        for _step in range(_DEEPEST):
            if style in self.fonts:
                return self.faces.get(self.fonts[style], self.fonts[style]).strip("'\"")
            if style not in self.parents:
                break
            style = self.parents[style]
        return ""

    def cell_font(self, style: str) -> str:
        """The same for the style of a cell, for which the document's default style stands below all others."""
        return self.font(style) or self.font(_DEFAULT)

    def is_hidden_table(self, style: str) -> bool:
        """Whether a table of this style is not shown."""
        return style in self.hidden


class StyleScan(Scan):
    """Takes up the styles that a part declares."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._name = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A style, a font or their properties begin."""
        if name == "style":
            self._name = attributes.get("style:name", "")
            if "style:parent-style-name" in attributes:
                self._styles.parents[self._name] = attributes["style:parent-style-name"]
        elif name == "default-style" and attributes.get("style:family") == "table-cell":
            self._name = _DEFAULT
        elif name == "font-face":
            self._styles.faces[attributes["style:name"]] = attributes.get("svg:font-family", "")
        elif name == "text-properties" and self._name:
            font = attributes.get("style:font-name") or attributes.get("fo:font-family")
            if font:
                self._styles.fonts[self._name] = font
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self._styles.hidden.add(self._name)

    def end(self, name: str) -> None:
        """A style ends."""
        if name in ("style", "default-style"):
            self._name = ""
