"""A file of a province -> its visible sheets; whatever cannot be read is refused in words. Never a traceback.

What a file is, its first bytes say; a name that says otherwise is a reason to refuse it. Nothing is written.
"""

import csv
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers.expat import ExpatError

from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from connector.language import _
from connector.rosters import csv_text, docx, ods, refusals, xls, xlsx
from connector.rosters.sheets import Limits, Sheet, TooLarge, too_large
from connector.rosters.xml_scan import UnsafeXml

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods", ".docx", ".csv", ".tsv", ".txt")

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_BIT = 0x1
# Sheets of people pack 5 to 20 times; a small file that unpacks to hundreds of megabytes was made to do harm.
_MOST_PACKED = 200
_HARMLESS_BYTES = 30_000_000
_MACRO_PARTS = ("vbaproject.bin", "basic/script-lc.xml")
# What broken files make the readers raise: offsets out of range, sizes that do not fit, bytes that are no text.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ExpatError,
    csv.Error,
    XLRDError,
    CompDocError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)


def read_sheets(path: Path, limits: Limits) -> Iterator[Sheet]:
    """The visible sheets of a file, one after the other. Raises RosterFileError, whose `code` names the kind."""
    content_of = {"xlsx": _xlsx, "xlsm": _xlsm, "ods": _ods, "xls": _xls, "docx": _docx}
    kind = _kind(path, limits)
    try:
        yield from content_of.get(kind, _csv)(path, limits)
    except TooLarge as error:
        raise too_large(error.what) from None
    except csv_text.NotText:
        raise refusals.not_a_workbook() from None
    except UnsafeXml:
        raise refusals.unsafe() from None
    except _BROKEN:
        raise refusals.corrupt() from None
    except OSError as error:
        raise refusals.unreadable(error) from None


def _kind(path: Path, limits: Limits) -> str:
    """The suffix without its dot where it is ours and fits the first bytes. Raises RosterFileError otherwise."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(_OLE))
    except OSError as error:
        raise refusals.unreadable(error) from None
    if size > limits.file_bytes:
        raise too_large(_("{size} MB").format(size=size // 1_000_000))
    suffix = path.suffix.lower()
    refused = refusals.known_refusal(start, suffix)
    if refused:
        raise refused
    package, old = start.startswith(_ZIP), start.startswith(_OLE)
    fits = {".ods": package, ".xls": old, **dict.fromkeys((".xlsx", ".xlsm", ".docx"), package or old)}
    if not size or suffix not in SUFFIXES or not fits.get(suffix, not package and not old):
        raise refusals.not_a_workbook()
    return suffix[1:]


def _xlsx(path: Path, limits: Limits) -> Iterator[Sheet]:
    _refuse_container(path)
    yield from _packaged(path, limits, "[Content_Types].xml", xlsx.read_xlsx)


def _xlsm(path: Path, limits: Limits) -> Iterator[Sheet]:
    """The name says that there are macros; the cells are read and nothing is ever run."""
    _refuse_container(path)
    yield from _packaged(path, limits, "[Content_Types].xml", xlsx.read_xlsx, macros=True)


def _docx(path: Path, limits: Limits) -> Iterator[Sheet]:
    _refuse_container(path)
    yield from _packaged(path, limits, docx.DOCUMENT, docx.read_docx)


def _refuse_container(path: Path) -> None:
    """An encrypted package is a container of the old kind; an old file under a new name is not one."""
    content = path.read_bytes()
    if content.startswith(_OLE):
        raise refusals.encrypted() if xls.is_encrypted_package(content) else refusals.not_a_workbook()


def _ods(path: Path, limits: Limits) -> Iterator[Sheet]:
    yield from _packaged(path, limits, "content.xml", ods.read_ods)


def _packaged(
    path: Path,
    limits: Limits,
    mark: str,
    read: Callable[[zipfile.ZipFile, Limits], Iterator[Sheet]],
    *,
    macros: bool = False,
) -> Iterator[Sheet]:
    with zipfile.ZipFile(path) as package:
        entries = package.infolist()
        names = {entry.filename for entry in entries}
        if any(entry.flag_bits & _ENCRYPTED_BIT for entry in entries) or ods.is_encrypted(package):
            raise refusals.encrypted()
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > max(_HARMLESS_BYTES, _MOST_PACKED * path.stat().st_size):
            raise too_large(_("packed more than {times} times").format(times=_MOST_PACKED))
        if unpacked > limits.unpacked_bytes:
            raise too_large(_("more than {size} MB unpacked").format(size=limits.unpacked_bytes // 1_000_000))
        if mark not in names:
            raise refusals.not_a_workbook()
        if not macros and any(name.lower().endswith(_MACRO_PARTS) for name in names):
            raise refusals.macros()
        yield from read(package, limits)


def _xls(path: Path, limits: Limits) -> Iterator[Sheet]:
    content = path.read_bytes()
    if xls.is_encrypted_package(content):
        raise refusals.encrypted()
    if xls.has_macros(content):
        raise refusals.macros()
    try:
        yield from xls.read_xls(content, limits)
    except XLRDError as error:
        if "encrypted" in str(error):
            raise refusals.encrypted() from None
        raise


def _csv(path: Path, limits: Limits) -> Iterator[Sheet]:
    yield from csv_text.read_csv(path.read_bytes(), limits)
