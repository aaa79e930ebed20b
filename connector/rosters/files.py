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

from connector.errors import RosterFileError
from connector.language import _
from connector.rosters import csv_text, ods, xls, xlsx
from connector.rosters.sheets import Limits, Sheet, TooLarge, too_large
from connector.rosters.xml_scan import UnsafeXml

SUFFIXES = (".xlsx", ".xls", ".ods", ".csv")

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_BIT = 0x1
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
    content_of = {"xlsx": _xlsx, "ods": _ods, "xls": _xls, "csv": _csv}
    kind = _kind(path, limits)
    try:
        yield from content_of[kind](path, limits)
    except TooLarge as error:
        raise too_large(error.what) from None
    except csv_text.NotText:
        raise _not_a_workbook() from None
    except UnsafeXml:
        raise _unsafe() from None
    except _BROKEN:
        raise _corrupt() from None
    except OSError as error:
        raise _unreadable(error) from None


def _kind(path: Path, limits: Limits) -> str:
    """'xlsx', 'xls', 'ods' or 'csv' where name and first bytes agree. Raises RosterFileError otherwise."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(len(_OLE))
    except OSError as error:
        raise _unreadable(error) from None
    if size > limits.file_bytes:
        raise too_large(_("{size} MB").format(size=size // 1_000_000))
    suffix = path.suffix.lower()
    fits = {
        ".xlsx": start.startswith((_ZIP, _OLE)),
        ".ods": start.startswith(_ZIP),
        ".xls": start.startswith(_OLE),
        ".csv": not start.startswith((_ZIP, _OLE)),
    }
    if not size or not fits.get(suffix):
        raise _not_a_workbook()
    return suffix[1:]


def _xlsx(path: Path, limits: Limits) -> Iterator[Sheet]:
    if path.read_bytes()[: len(_OLE)] == _OLE:
        # An encrypted .xlsx is a container of the old kind; an old workbook under a new name is not one.
        raise _encrypted() if xls.is_encrypted_package(path.read_bytes()) else _not_a_workbook()
    yield from _packaged(path, limits, "[Content_Types].xml", xlsx.read_xlsx)


def _ods(path: Path, limits: Limits) -> Iterator[Sheet]:
    yield from _packaged(path, limits, "content.xml", ods.read_ods)


def _packaged(
    path: Path, limits: Limits, mark: str, read: Callable[[zipfile.ZipFile, Limits], Iterator[Sheet]]
) -> Iterator[Sheet]:
    with zipfile.ZipFile(path) as package:
        entries = package.infolist()
        names = {entry.filename for entry in entries}
        if any(entry.flag_bits & _ENCRYPTED_BIT for entry in entries) or ods.is_encrypted(package):
            raise _encrypted()
        if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
            raise too_large(_("more than {size} MB unpacked").format(size=limits.unpacked_bytes // 1_000_000))
        if mark not in names:
            raise _not_a_workbook()
        if any(name.lower().endswith(_MACRO_PARTS) for name in names):
            raise _macros()
        yield from read(package, limits)


def _xls(path: Path, limits: Limits) -> Iterator[Sheet]:
    content = path.read_bytes()
    if xls.is_encrypted_package(content):
        raise _encrypted()
    if xls.has_macros(content):
        raise _macros()
    try:
        yield from xls.read_xls(content, limits)
    except XLRDError as error:
        if "encrypted" in str(error):
            raise _encrypted() from None
        raise


def _csv(path: Path, limits: Limits) -> Iterator[Sheet]:
    yield from csv_text.read_csv(path.read_bytes(), limits)


def _not_a_workbook() -> RosterFileError:
    return RosterFileError(
        "not_a_workbook",
        _("The file is not what its name says, or no table file at all."),
        hint=_("Send an Excel workbook (.xlsx, .xls), an OpenDocument table (.ods) or a .csv file."),
    )


def _encrypted() -> RosterFileError:
    return RosterFileError(
        "encrypted", _("The file is protected by a password."), hint=_("Save it without a password and send it again.")
    )


def _corrupt() -> RosterFileError:
    return RosterFileError(
        "corrupt", _("The file is damaged or cut off."), hint=_("Open it, save it anew and send it again.")
    )


def _macros() -> RosterFileError:
    return RosterFileError(
        "macros", _("The file holds a program (macros)."), hint=_("Save it as .xlsx without macros and send it again.")
    )


def _unsafe() -> RosterFileError:
    return RosterFileError(
        "unsafe", _("The file defines XML entities, which no office program does."), hint=_("Save it anew in Excel.")
    )


def _unreadable(error: OSError) -> RosterFileError:
    return RosterFileError("unreadable", _("The file cannot be read: {why}.").format(why=error.strerror))
