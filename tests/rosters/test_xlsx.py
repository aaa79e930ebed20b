"""What .xlsx packages hold, written part by part as Excel, WPS, Google Sheets and other writers do."""

from pathlib import Path

import pytest

from connector.rosters.files import read_sheets
from connector.rosters.numbers import number_text
from connector.rosters.sheets import Limits, Sheet
from connector.rosters.xlsx import column_number
from connector.rosters.xlsx_parts import unescaped
from tests.rosters.making import inline, package, xlsx_parts

STYLES = (
    '<fonts><font><name val="Calibri"/></font><font><b/><name val=".VnTime"/></font><font><sz val="9"/></font></fonts>'
    '<cellStyleXfs><xf fontId="1"/></cellStyleXfs>'
    '<cellXfs><xf fontId="0"/><xf fontId="1" numFmtId="14"/><xf/><xf fontId="2"/><xf fontId="99"/></cellXfs>'
    '<dxfs><dxf><font><name val="VNI-Times"/></font></dxf></dxfs>'
)


def sheets(tmp_path: Path, parts: dict[str, str], limits: Limits | None = None) -> list[Sheet]:
    return list(read_sheets(package(tmp_path / "a.xlsx", parts), limits or Limits()))


def only(tmp_path: Path, rows: str, texts: str = "", styles: str = "", after: str = "") -> Sheet:
    (sheet,) = sheets(tmp_path, xlsx_parts(rows, texts=texts, styles=styles, after=after))
    return sheet


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<v>912345678</v>", "912345678"),
        ("<v>9.12345678E8</v>", "912345678"),
        ("<v>912345678.0</v>", "912345678"),
        ("<v>1.5</v>", "1.5"),
        ("<v/>", ""),
        ("", ""),
    ],
)
def test_a_number_counts_by_its_value(tmp_path: Path, cell: str, text: str) -> None:
    sheet = only(tmp_path, f'<row r="2"><c r="C2">{cell}</c><c r="D2"><v>0</v></c></row>')
    assert sheet.rows[2].get(3, "") == text


def test_a_number_shown_as_a_date_is_the_same_number(tmp_path: Path) -> None:
    """openpyxl and calamine make a date of it, or an error, because 912345678 is no day."""
    sheet = only(tmp_path, '<row r="1"><c r="A1" s="1"><v>912345678</v></c></row>', styles=STYLES)
    assert sheet.rows == {1: {1: "912345678"}}


@pytest.mark.parametrize(
    ("kind", "inner", "text"),
    [
        ("s", "<v>1</v>", "Lê Thị Lan"),
        ("inlineStr", "<is><t>Lê</t></is>", "Lê"),
        ("inlineStr", "<is/>", ""),
        ("str", "<v>từ công thức</v>", "từ công thức"),
        ("str", "<v>a_x000D_b</v>", "a b"),
        ("b", "<v>1</v>", "1"),
        ("e", "<v>#N/A</v>", ""),
        ("s", "<v></v>", ""),
    ],
)
def test_texts_of_every_kind(tmp_path: Path, kind: str, inner: str, text: str) -> None:
    rows = f'<row><c t="{kind}">{inner}</c><c><v>1</v></c></row>'
    sheet = only(tmp_path, rows, texts="<si><t>không</t></si><si><t>Lê Thị Lan</t></si>")
    assert sheet.rows == {1: {1: text, 2: "1"} if text else {2: "1"}}


def test_rich_text_is_joined_without_its_phonetic_hints(tmp_path: Path) -> None:
    texts = "<si><r><t>Lê </t></r><r><rPr><b/></rPr><t>Lan</t></r><rPh sb='0' eb='1'><t>レ</t></rPh></si>"
    assert only(tmp_path, '<row><c t="s"><v>0</v></c></row>', texts=texts).rows == {1: {1: "Lê Lan"}}


def test_old_fonts_are_known_by_the_cells_style(tmp_path: Path) -> None:
    rows = f"<row>{inline('A1', 'Hµ', 1)}{inline('B1', 'Hµ', 0)}{inline('C1', 'Hµ', 3)}{inline('D1', 'Hµ', 4)}</row>"
    sheet = only(tmp_path, rows, styles=STYLES)
    assert sheet.rows == {1: {1: "Hà", 2: "Hµ", 3: "Hµ", 4: "Hµ"}}
    assert [sheet.was_decoded(1, column) for column in (1, 2)] == [True, False]


def test_a_cell_without_a_style_has_the_first(tmp_path: Path) -> None:
    styles = '<fonts><font><name val=".VnTime"/></font></fonts><cellXfs><xf fontId="0"/></cellXfs>'
    rows = '<row><c t="inlineStr"><is><t>Hµ</t></is></c></row>'
    assert only(tmp_path, rows, styles=styles).rows == {1: {1: "Hà"}}


def test_a_piece_of_text_in_an_old_font_is_decoded_alone(tmp_path: Path) -> None:
    texts = '<si><r><t>Đ/c </t></r><r><rPr><rFont val=".VnTime"/></rPr><t>Hå</t></r><r><t> Lệ</t></r></si>'
    assert only(tmp_path, '<row><c t="s"><v>0</v></c></row>', texts=texts).rows == {1: {1: "Đ/c Hồ Lệ"}}


def test_formulas_are_known_and_their_stored_value_is_read(tmp_path: Path) -> None:
    rows = (
        '<row r="3"><c r="A3"><f>ROW()-2</f><v>1</v></c>'
        '<c r="B3" t="str"><f>A1</f><v>Lê Lan</v></c><c r="C3"><f>1</f></c></row>'
    )
    sheet = only(tmp_path, rows)
    assert sheet.rows == {3: {1: "1", 2: "Lê Lan", 3: ""}}
    assert [sheet.is_formula(3, column) for column in (1, 2, 3, 4)] == [True, True, True, False]


def test_cells_without_references_stand_one_after_the_other(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row><c><v>4</v></c></row>"
    assert only(tmp_path, rows).rows == {1: {1: "1", 3: "3"}, 2: {1: "4"}}


def test_merged_areas(tmp_path: Path) -> None:
    after = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="$C$1"/></mergeCells>'
    sheet = only(tmp_path, f"<row r='1'>{inline('A1', 'x')}</row><row r='2'>{inline('D2', 'y')}</row>", after=after)
    assert dict(sheet.texts(2)) == {1: "x", 4: "y"}


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_not_read(tmp_path: Path, state: str) -> None:
    parts = xlsx_parts(f"<row>{inline('A1', 'x')}</row>", states=("visible", state, "visible"))
    assert [sheet.name for sheet in sheets(tmp_path, parts)] == ["Tờ 1", "Tờ 3"]


def test_charts_are_not_read(tmp_path: Path) -> None:
    parts = xlsx_parts("", states=("visible", "visible"))
    relations = parts["xl/_rels/workbook.xml.rels"]
    parts["xl/_rels/workbook.xml.rels"] = relations.replace("relationships/worksheet", "relationships/chartsheet", 1)
    assert [sheet.name for sheet in sheets(tmp_path, parts)] == ["Tờ 2"]


def test_names_with_a_prefix_and_the_strict_form_are_read(tmp_path: Path) -> None:
    parts = xlsx_parts(f"<row>{inline('A1', 'x')}</row>")
    strict = "http://purl.oclc.org/ooxml"
    parts = {name: text.replace("http://schemas.openxmlformats.org", strict) for name, text in parts.items()}
    part = "xl/worksheets/sheet1.xml"
    for tag in ("worksheet", "sheetData", "row", "c", "is", "t"):
        parts[part] = parts[part].replace(f"<{tag}", f"<x:{tag}").replace(f"</{tag}>", f"</x:{tag}>")
    parts[part] = parts[part].replace("<x:t>", "<x:t>").replace("xmlns=", "xmlns:x=")
    (sheet,) = sheets(tmp_path, parts)
    assert sheet.rows == {1: {1: "x"}}


def test_a_stray_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    rows = f"<row r='1'>{inline('A1', 'x')}</row><row r='1048576'>{inline('XFD1048576', 'y')}</row>"
    assert only(tmp_path, rows).rows == {1: {1: "x"}, 1_048_576: {16_384: "y"}}


def test_column_letters_are_numbers() -> None:
    assert [column_number(letters) for letters in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16_384]


def test_escaped_characters_are_their_meaning_but_no_half_ones() -> None:
    assert unescaped("a_x0041_b_x000A_") == "aAb\n"
    assert unescaped("_xD83D_ _xZZZZ_ plain") == "_xD83D_ _xZZZZ_ plain"


@pytest.mark.parametrize(
    ("stored", "text"),
    [("", ""), ("007", "007"), (912345678.0, "912345678"), ("1e3", "1000"), (0.5, "0.5"), ("-3", "-3"), ("inf", "inf")],
)
def test_number_texts(stored: str | float, text: str) -> None:
    assert number_text(stored) == text
