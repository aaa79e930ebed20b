"""The Vietnamese message catalogue: found in the code by Babel, translated by people, compiled for gettext."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from connector import __version__

ROOT = Path(__file__).parent.parent
PO = ROOT / "connector" / "locales" / "vi" / "LC_MESSAGES" / "connector.po"
MO = PO.with_suffix(".mo")
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext:babel_extract")]


def messages_in_code() -> Catalog:
    """Every text inside `_( )` in connector/, with the files where it stands."""
    found = Catalog(project="connector", charset="utf-8")
    for file, line, message, comments, context in extract_from_dir(ROOT / "connector", METHODS, keywords={"_": None}):
        found.add(message, locations=[(f"connector/{file}", line)], auto_comments=comments, context=context)
    return found


def translated() -> Catalog:
    """The catalogue of the .po file as it is on the disk."""
    with PO.open("rb") as file:
        return read_po(file, locale="vi", domain="connector")


def updated() -> Catalog:
    """The translations on the disk, for exactly the messages of the code; new ones are still empty."""
    catalogue = translated()
    found = messages_in_code()
    found.creation_date = catalogue.revision_date = catalogue.creation_date
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.project, catalogue.version = "connector", __version__
    catalogue.last_translator = catalogue.msgid_bugs_address = "the connector's authors"
    return catalogue


def po_bytes() -> bytes:
    """The .po file as it must be. No line numbers: they would change with every edit of the code."""
    out = io.BytesIO()
    write_po(out, updated(), width=120, ignore_obsolete=True, sort_by_file=True, include_lineno=False)
    return out.getvalue()


def mo_bytes() -> bytes:
    """The .mo file that gettext reads, compiled from the translations."""
    out = io.BytesIO()
    write_mo(out, updated())
    return out.getvalue()
