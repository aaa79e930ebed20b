"""A big XML part, read piece by piece in bounded memory; documents that define entities are refused.

`xml.etree` would keep the whole tree, and `defusedxml` falls back to the slow parser of pure Python.
"""

from collections.abc import Mapping
from typing import IO
from xml.parsers import expat


class UnsafeXml(Exception):
    """The part brings a document type or entities: no office program writes that."""


class Scan:
    """What is called while a part is read; a subclass takes what it needs.

    Element names come without prefix, attributes as they are written.
    """

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Character data; where it stands is known from `start` and `end`."""


def scan_xml(source: IO[bytes], scan: Scan) -> None:
    """Read a part to its end and tell `scan` what is in it. Raises expat.ExpatError, UnsafeXml."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse

    def start(name: str, attributes: dict[str, str]) -> None:
        scan.start(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        scan.end(name.rpartition(":")[2])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = scan.text
    parser.ParseFile(source)


def _refuse(*_args: object) -> None:
    raise UnsafeXml
