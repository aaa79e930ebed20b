"""Locked files open with their password only, and lie on the disk for their owner alone."""

from io import BytesIO
from pathlib import Path

import pytest
from msoffcrypto import OfficeFile
from msoffcrypto.exceptions import InvalidKeyError
from pypdf import PdfReader
from pypdf.errors import FileNotDecryptedError

from connector.errors import ConfigError
from connector.handouts.handout import Handout
from connector.handouts.locked import lock_pdf, lock_workbook, new_opening_password, write_private
from connector.handouts.slips import slips_of
from connector.handouts.workbook import workbook_of

PASSWORD = "mo-tep-2025-bi-mat"


def test_a_locked_workbook_opens_with_its_password_only(handout: Handout) -> None:
    plain = workbook_of(handout)
    locked = lock_workbook(plain, PASSWORD)
    assert b"xl/worksheets" not in locked
    file = OfficeFile(BytesIO(locked))
    file.load_key(password=PASSWORD)
    opened = BytesIO()
    file.decrypt(opened, verify_integrity=True)
    assert opened.getvalue() == plain
    other = OfficeFile(BytesIO(locked))
    other.load_key(password="something else")
    with pytest.raises(InvalidKeyError):
        other.decrypt(BytesIO())


def test_locked_slips_open_with_their_password_only(handout: Handout) -> None:
    locked = lock_pdf(slips_of(handout), PASSWORD)
    assert b"/AESV3" in locked
    with pytest.raises(FileNotDecryptedError):
        PdfReader(BytesIO(locked)).pages[0].extract_text()
    assert not PdfReader(BytesIO(locked)).decrypt("something else")
    reader = PdfReader(BytesIO(locked), password=PASSWORD)
    assert "Abc@00001" in reader.pages[0].extract_text()


def test_opening_passwords_are_long_and_never_the_same() -> None:
    made = {new_opening_password() for _turn in range(100)}
    assert len(made) == 100
    assert all(len(password) == 19 and not set("0oO1lI") & set(password) for password in made)


def test_a_private_file_is_its_owners_alone_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.xlsx"
    write_private(path, b"old")
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["a.xlsx"]
    with pytest.raises(ConfigError, match="cannot be written"):
        write_private(path / "below a file" / "a.xlsx", b"x")
