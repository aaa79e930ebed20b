"""Files that only an opening password opens. Nothing readable ever reaches the disk: all is made in memory first."""

import os
import secrets
from io import BytesIO
from pathlib import Path

from msoffcrypto.format.ooxml import OOXMLFile
from pypdf import PdfReader, PdfWriter

from connector.errors import ConfigError
from connector.language import _

# Told on the telephone, so only letters and digits that nobody mistakes; 16 of 31 are 79 bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


def new_opening_password() -> str:
    """A password for a file, such as 'k7mw-x2qd-9fhr-tnpa'."""
    return "-".join("".join(secrets.choice(_LETTERS) for _turn in range(_GROUP)) for _group in range(_GROUPS))


def lock_workbook(content: bytes, password: str) -> bytes:
    """The .xlsx file encrypted (ECMA-376 agile: AES-256), as Excel itself does it."""
    locked = BytesIO()
    OOXMLFile(BytesIO(content)).encrypt(password, locked)
    return locked.getvalue()


def lock_pdf(content: bytes, password: str) -> bytes:
    """The PDF encrypted (PDF 2.0: AES-256); opened, it may be printed."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.encrypt(password, algorithm="AES-256")
    locked = BytesIO()
    writer.write(locked)
    return locked.getvalue()


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises ConfigError when that cannot be done."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            _("The file {path} cannot be written: {why}.").format(path=path, why=error.strerror)
        ) from None
