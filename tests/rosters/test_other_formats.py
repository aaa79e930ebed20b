"""Word tables, workbooks with macros and text tables are read; what is known and not read says why and what to do."""

import random
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from connector.errors import RosterFileError
from connector.rosters.docx import DOCUMENT
from connector.rosters.files import read_sheets
from connector.rosters.reader import read_roster
from connector.rosters.refusals import REFUSED_SUFFIXES
from connector.rosters.sheets import Limits, Sheet
from tests.rosters.making import HEAD, PERSON, package, people, row_xml, write_csv, xlsx_parts

_STRUCK = "<w:rPr><w:strike/></w:rPr>"


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:r>{properties}<w:t>{escape(text)}</w:t></w:r></w:p>"


def cell(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text, run)}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def texts_row(texts: Sequence[str]) -> str:
    return row(*(cell(text) for text in texts))


def docx(path: Path, body: str, styles: str = "") -> Path:
    parts = {DOCUMENT: f'<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>'}
    if styles:
        parts["word/styles.xml"] = f'<w:styles xmlns:w="w">{styles}</w:styles>'
    return package(path, parts)


def sheet_of(path: Path) -> Sheet:
    (sheet,) = read_sheets(path, Limits())
    return sheet


def refusal(path: Path) -> RosterFileError:
    with pytest.raises(RosterFileError) as caught:
        list(read_sheets(path, Limits()))
    return caught.value


def test_a_word_table_is_read_with_its_title_and_the_rows_that_a_clerk_counts(tmp_path: Path) -> None:
    body = paragraph("DANH SÁCH TỈNH NGHỆ AN") + table(texts_row(HEAD[:5]), texts_row(PERSON[:5]))
    (learner,) = read_roster(docx(tmp_path / "a.docx", body)).accepted
    assert (learner.full_name, learner.phone, learner.province_code) == ("Lê Thị Lan", "+84912345678", "40")
    assert learner.origin.row == 3


def test_people_of_a_table_that_goes_on_in_another_are_read(tmp_path: Path) -> None:
    one, two = people(2)
    body = table(texts_row(HEAD), texts_row(one)) + paragraph("") + table(texts_row(two))
    assert len(read_roster(docx(tmp_path / "a.docx", body)).accepted) == 2


def test_merged_cells_cover_columns_and_rows_once(tmp_path: Path) -> None:
    restart, go_on, wide = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    body = table(
        row(cell("a", wide), cell("b")),
        row(cell("c", restart), cell("d"), cell("e")),
        row(cell("", go_on), cell("f"), cell("g")),
        row(cell("h"), properties='<w:gridBefore w:val="2"/>'),
    )
    sheet = sheet_of(docx(tmp_path / "a.docx", body))
    assert sheet.rows == {1: {1: "a", 3: "b"}, 2: {1: "c", 2: "d", 3: "e"}, 3: {2: "f", 3: "g"}, 4: {3: "h"}}
    assert (sheet.widths[1, 1], sheet.heights[2, 1], sheet.covered) == (2, 2, {3: {1: "c"}})


def test_a_merge_that_goes_on_from_nothing_and_an_absurd_span_harm_nobody(tmp_path: Path) -> None:
    assert sheet_of(docx(tmp_path / "a.docx", table(row(cell("x", "<w:vMerge/>"), cell("y"))))).rows == {1: {2: "y"}}
    absurd = docx(tmp_path / "b.docx", table(row(cell("x", '<w:gridSpan w:val="99999"/>'))))
    assert refusal(absurd).code == "corrupt"


def test_breaks_tabs_and_text_boxes(tmp_path: Path) -> None:
    runs = "<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:noBreakHyphen/></w:r>"
    aside = "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>aside</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
    path = docx(tmp_path / "a.docx", f"<w:p>{runs}{aside}</w:p>")
    assert sheet_of(path).rows[1][1].split() == ["a", "b", "-"]


@pytest.mark.parametrize(
    ("styles", "paragraph_style", "run"),
    [
        ("", "", '<w:rPr><w:rFonts w:ascii=".VnTime"/></w:rPr>'),
        ('<w:docDefaults><w:rFonts w:ascii=".VnTime"/></w:docDefaults>', "", ""),
        ('<w:style w:type="paragraph" w:default="1"><w:rFonts w:ascii=".VnTime"/></w:style>', "", ""),
        ('<w:style w:styleId="old"><w:rFonts w:ascii=".VnTime"/></w:style>', '<w:pStyle w:val="old"/>', ""),
    ],
)
def test_text_in_an_old_font_is_decoded(tmp_path: Path, styles: str, paragraph_style: str, run: str) -> None:
    body = f"<w:p><w:pPr>{paragraph_style}</w:pPr><w:r>{run}<w:t>Hoµng</w:t></w:r></w:p>"
    assert sheet_of(docx(tmp_path / "a.docx", body, styles)).rows == {1: {1: "Hoàng"}}


@pytest.mark.parametrize(
    "person",
    [
        row(cell("Lê Thị Lan", run=_STRUCK)),
        row(cell("Lê Thị Lan", run="<w:rPr><w:vanish/></w:rPr>")),
        row(cell("Lê Thị Lan"), properties="<w:del/>"),
        row("<w:tc><w:p><w:ins><w:r><w:t>Lê Thị Lan</w:t></w:r></w:ins></w:p></w:tc>"),
    ],
)
def test_people_who_may_be_struck_out_are_refused_not_taken(tmp_path: Path, person: str) -> None:
    refused = refusal(docx(tmp_path / "a.docx", table(texts_row(HEAD), person)))
    assert (refused.code, bool(refused.hint)) == ("unsettled", True)


def test_a_strike_that_is_switched_off_or_outside_of_tables_is_none(tmp_path: Path) -> None:
    off = cell("Lê Thị Lan", run='<w:rPr><w:strike w:val="0"/></w:rPr>')
    assert sheet_of(docx(tmp_path / "a.docx", paragraph("x", _STRUCK) + table(row(off)))).rows[2] == {1: "Lê Thị Lan"}


def test_a_table_within_a_cell_is_refused(tmp_path: Path) -> None:
    inner = f"<w:tc>{table(texts_row(HEAD))}</w:tc>"
    assert refusal(docx(tmp_path / "a.docx", table(row(inner)))).code == "nested_tables"


@pytest.mark.parametrize("seed", range(8))
def test_whoever_a_word_file_of_any_shape_holds_is_accepted_as_typed(tmp_path: Path, seed: int) -> None:
    """Property: titles, several tables, columns in another order and merged provinces change nobody."""
    chance = random.Random(seed)
    order = chance.sample(range(1, len(HEAD)), len(HEAD) - 1)
    lines = people(chance.randint(2, 9), first=100 * seed)
    cut = chance.randint(0, len(lines))
    head = texts_row([HEAD[column] for column in order])
    rows = [texts_row([line[column] for column in order]) for line in lines]
    body = "".join(paragraph("DANH SÁCH HỌC VIÊN") for _ in range(chance.randint(0, 3)))
    body += table(head, *rows[:cut]) + paragraph("") + (table(*rows[cut:]) if rows[cut:] else "")
    reading = read_roster(docx(tmp_path / "a.docx", body))
    assert reading.is_complete
    assert [(one.full_name, one.phone) for one in reading.accepted] == [(x[1], f"+84{x[2][1:]}") for x in lines]


def test_macros_of_a_workbook_that_is_named_so_are_ignored(tmp_path: Path) -> None:
    parts = xlsx_parts(row_xml(1, HEAD) + row_xml(2, PERSON)) | {"xl/vbaProject.bin": b"x"}
    assert len(read_roster(package(tmp_path / "a.xlsm", parts)).accepted) == 1


@pytest.mark.parametrize(("name", "delimiter"), [("a.tsv", "\t"), ("a.txt", "\t"), ("a.txt", ";")])
def test_text_tables_are_read(tmp_path: Path, name: str, delimiter: str) -> None:
    path = write_csv(tmp_path / name, HEAD, PERSON, delimiter=delimiter)
    assert len(read_roster(path).accepted) == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"%PDF-1.4", "pdf"),
        ("a.xlsx", b"%PDF-1.4", "pdf"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "picture"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_word"),
        ("a.xls", b"{\\rtf1", "old_word"),
        ("a.xlsb", b"PK\x03\x04", "binary_workbook"),
        ("a.xls", b"<html><table></table></html>", "web_page"),
        ("a.xls", b"\xef\xbb\xbf <?xml", "web_page"),
        ("a.zip", b"PK\x03\x04", "packed"),
    ],
)
def test_each_kind_that_is_not_read_has_its_own_reason_and_advice(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refused = refusal(path)
    assert (refused.code, bool(refused.hint)) == (code, True)


@pytest.mark.parametrize("suffix", REFUSED_SUFFIXES)
def test_no_refused_suffix_is_called_another_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"anything")
    assert refusal(path).code != "not_a_workbook"


def test_a_small_file_that_unpacks_to_very_much_is_refused(tmp_path: Path) -> None:
    parts = xlsx_parts(row_xml(1, HEAD)) | {"xl/media/image1.bmp": b"\0" * 40_000_000}
    assert refusal(package(tmp_path / "a.xlsx", parts)).code == "too_large"
