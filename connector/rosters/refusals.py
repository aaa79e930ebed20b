"""Why a whole file is refused, in words, each with what to do. `code` is for programs. Pure."""

from connector.errors import RosterFileError
from connector.language import _

# What a file is by its first bytes, whatever its name.
_BY_BYTES = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"GIF8", "picture"),
    (b"{\\rtf", "old_word"),
    (b"Rar!", "packed"),
    (b"7z\xbc\xaf", "packed"),
)
_BY_SUFFIX = {
    ".pdf": "pdf",
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".heic", ".webp", ".bmp"), "picture"),
    **dict.fromkeys((".doc", ".rtf"), "old_word"),
    ".xlsb": "binary_workbook",
    **dict.fromkeys((".zip", ".rar", ".7z"), "packed"),
}
REFUSED_SUFFIXES = tuple(_BY_SUFFIX)
_WORKBOOK_SUFFIXES = (".xls", ".xlsx", ".xlsm")
_UTF8_MARK = b"\xef\xbb\xbf"


def known_refusal(start: bytes, suffix: str) -> RosterFileError | None:
    """The refusal of a kind of file that is known and not read, by its first bytes or its suffix; None for others."""
    code = next((code for mark, code in _BY_BYTES if start.startswith(mark)), "") or _BY_SUFFIX.get(suffix, "")
    if suffix in _WORKBOOK_SUFFIXES and start.removeprefix(_UTF8_MARK).lstrip().startswith(b"<"):
        code = "web_page"
    refusal_of = {
        "web_page": web_page,
        "pdf": pdf,
        "picture": picture,
        "old_word": old_word,
        "binary_workbook": binary_workbook,
        "packed": packed,
    }
    return refusal_of[code]() if code else None


def pdf() -> RosterFileError:
    """A PDF, typed or scanned."""
    return RosterFileError(
        "pdf",
        _("The file is a PDF, in which rows and columns cannot be told for certain."),
        hint=_("Send the Excel or Word file from which the PDF was made."),
    )


def picture() -> RosterFileError:
    """A photo or scan."""
    return RosterFileError(
        "picture",
        _("The file is a picture, and people are not read from pictures."),
        hint=_("Send the Excel or Word file, not a photo or scan of the paper."),
    )


def old_word() -> RosterFileError:
    """Word 97-2003 or RTF."""
    return RosterFileError(
        "old_word",
        _("The file is an old Word document (.doc or .rtf), whose tables cannot be read."),
        hint=_("Open it in Word, save it as .docx and send it again."),
    )


def binary_workbook() -> RosterFileError:
    """An .xlsb file."""
    return RosterFileError(
        "binary_workbook",
        _("The file is a binary workbook (.xlsb)."),
        hint=_("Open it in Excel, save it as .xlsx and send it again."),
    )


def web_page() -> RosterFileError:
    """HTML or XML under the name of a workbook, as some systems export."""
    return RosterFileError(
        "web_page",
        _("The file is a web page or XML that is only named like a workbook."),
        hint=_("Open it in Excel, save it as .xlsx and send it again."),
    )


def packed() -> RosterFileError:
    """An archive."""
    return RosterFileError(
        "packed",
        _("The file is an archive of other files."),
        hint=_("Unpack it and send each list by itself."),
    )


def nested_tables() -> RosterFileError:
    """A Word file with a table inside of a table's cell."""
    return RosterFileError(
        "nested_tables",
        _("A table of the Word file stands inside of another table's cell."),
        hint=_("Move the list out of the outer table, or send it as an Excel workbook."),
    )


def unsettled() -> RosterFileError:
    """A Word file whose tables hold struck, hidden or tracked text."""
    return RosterFileError(
        "unsettled",
        _("A table of the Word file holds text that is struck through, hidden, or a tracked change."),
        hint=_("Accept or reject the changes, delete who is not meant, and send the file again."),
    )


def not_a_workbook() -> RosterFileError:
    """No table file, or another one than its name says."""
    return RosterFileError(
        "not_a_workbook",
        _("The file is not what its name says, or no table file at all."),
        hint=_(
            "Send an Excel workbook (.xlsx, .xlsm, .xls), an OpenDocument table (.ods), a Word file with a table"
            " (.docx) or a text table (.csv, .tsv, .txt)."
        ),
    )


def encrypted() -> RosterFileError:
    """A file with a password."""
    return RosterFileError(
        "encrypted", _("The file is protected by a password."), hint=_("Save it without a password and send it again.")
    )


def corrupt() -> RosterFileError:
    """A damaged file."""
    return RosterFileError(
        "corrupt", _("The file is damaged or cut off."), hint=_("Open it, save it anew and send it again.")
    )


def macros() -> RosterFileError:
    """A file that holds macros though its name does not say so."""
    return RosterFileError(
        "macros", _("The file holds a program (macros)."), hint=_("Save it as .xlsx without macros and send it again.")
    )


def unsafe() -> RosterFileError:
    """XML with entities."""
    return RosterFileError(
        "unsafe", _("The file defines XML entities, which no office program does."), hint=_("Save it anew in Excel.")
    )


def unreadable(error: OSError) -> RosterFileError:
    """A file that the system does not give."""
    return RosterFileError("unreadable", _("The file cannot be read: {why}.").format(why=error.strerror))
