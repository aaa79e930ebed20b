"""The Vietnamese message catalogue: found in the code by Babel, translated by people, compiled for gettext."""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from connector import __version__

ROOT = Path(__file__).parent.parent
PO = ROOT / "connector" / "locales" / "vi" / "LC_MESSAGES" / "connector.po"
MO = PO.with_suffix(".mo")
HEAD = "# The connector's messages in Vietnamese. Texts come from the code (`make generate`); words: docs/glossary.md."
# A constant: the history of the file is in git, and a moving date would make it differ on every run.
WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]


def messages_in_code() -> Catalog:
    """Every text inside `_( )` in connector/, with the files where it stands; not translated."""
    found = Catalog(locale="vi", project="connector", version=__version__, charset="utf-8", fuzzy=False)
    found.header_comment = HEAD
    found.last_translator = found.msgid_bugs_address = "the connector's authors"
    found.creation_date = found.revision_date = WRITTEN
    for file, line, message, comments, context in extract_from_dir(ROOT / "connector", METHODS, keywords={"_": None}):
        found.add(message, locations=[(f"connector/{file}", line)], auto_comments=comments, context=context)
    return found


def translated() -> Catalog:
    """The catalogue of the .po file as it is on the disk."""
    with PO.open("rb") as file:
        return read_po(file, locale="vi", domain="connector")


def updated() -> Catalog:
    """The messages of the code with the translations of the disk; new ones are still empty, old ones are dropped."""
    known = {message.id: message.string for message in translated()}
    catalogue = messages_in_code()
    for message in catalogue:
        if message.id:
            message.string = known.get(message.id, "")
    return catalogue


def po_bytes() -> bytes:
    """The .po file as it must be. No line numbers: they would change with every edit of the code."""
    out = io.BytesIO()
    write_po(out, updated(), width=120, sort_by_file=True, include_lineno=False)
    return out.getvalue()


def mo_bytes() -> bytes:
    """The .mo file that gettext reads, compiled from the translations."""
    out = io.BytesIO()
    write_mo(out, updated())
    return out.getvalue()
