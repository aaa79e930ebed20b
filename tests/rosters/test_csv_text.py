"""CSV files in the encodings and with the delimiters that occur."""

import codecs
from pathlib import Path

import pytest

from connector.rosters.csv_text import DELIMITERS, NotText, csv_text, read_csv
from connector.rosters.reader import read_roster
from connector.rosters.sheets import Limits
from tests.rosters.making import HEAD, PERSON, write_csv

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1258"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_encoding_and_delimiter_gives_the_same_person(tmp_path: Path, encoding: str, delimiter: str) -> None:
    head = [text.replace("Số", "So") if encoding == "cp1258" else text for text in HEAD]
    rows = [("DANH SÁCH",), head, PERSON]
    if encoding == "cp1258":
        # windows-1258 has no composed ố; it writes ô and the tone as two characters.
        rows = [tuple(apart(text) for text in cells) for cells in (("DANH SÁCH",), HEAD, PERSON)]
    path = write_csv(tmp_path / "a.csv", *rows, delimiter=delimiter, encoding=encoding)
    (learner,) = read_roster(path).accepted
    assert (learner.full_name, learner.commune_code, learner.origin.row) == ("Lê Thị Lan", "17344", 3)


def apart(text: str) -> str:
    """The text as windows-1258 can hold it: tones apart from their letters, which keep their other mark."""
    import unicodedata

    tones = "\u0300\u0301\u0303\u0309\u0323"
    letters = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tone = "".join(part for part in parts if part in tones)
        rest = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        letters.append(rest + tone)
    return "".join(letters)


def test_a_row_has_the_line_where_it_begins(tmp_path: Path) -> None:
    text = 'Họ tên,SĐT,Tỉnh\n"Lê\nLan",0912345678,Huế\n\nLê Nam,0912345679,Huế\n'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    accepted = read_roster(tmp_path / "a.csv").accepted
    assert [(learner.full_name, learner.origin.row) for learner in accepted] == [("Lê Lan", 2), ("Lê Nam", 5)]


def test_commas_in_titles_do_not_choose_the_delimiter(tmp_path: Path) -> None:
    title = ("Danh sách cán bộ, công chức, viên chức, người lao động, học viên, khóa 1, năm 2025, đợt 2",)
    path = write_csv(tmp_path / "a.csv", title, HEAD, PERSON, delimiter=";")
    assert len(read_roster(path).accepted) == 1


@pytest.mark.parametrize(
    "content", [b"a\0b", codecs.BOM_UTF16_LE + b"\x00\xd8", codecs.BOM_UTF16_BE + b"\x00", b"\0" * 10]
)
def test_bytes_that_are_no_text_are_told(content: bytes) -> None:
    with pytest.raises(NotText):
        csv_text(content)


def test_a_file_that_says_it_is_utf_8_and_is_not_is_broken() -> None:
    with pytest.raises(UnicodeDecodeError):
        csv_text(codecs.BOM_UTF8 + b"H\xf3 t\xean")


def test_a_text_without_a_table_is_still_one_sheet() -> None:
    (sheet,) = read_csv(b"a;b\nc;d", Limits())
    assert sheet.rows == {1: {1: "a", 2: "b"}, 2: {1: "c", 2: "d"}}
