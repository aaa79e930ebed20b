"""One table as LibreOffice writes it in three formats (fixtures/README.md), and what .ods and .xls hold besides."""

import struct
from pathlib import Path

import pytest

from connector.errors import RosterFileError
from connector.rosters import xls
from connector.rosters.files import read_sheets
from connector.rosters.reader import read_roster
from connector.rosters.sheets import Limits, Sheet
from tests.rosters.making import ods

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = {3: "Hà Thị Thu Trang", 4: "Nguyễn Văn An", 6: "Hồ Văn Bảy", 7: "Trần Văn Bình"}


def only(path: Path) -> Sheet:
    (sheet,) = read_sheets(path, Limits())
    return sheet


@pytest.mark.parametrize("name", ["kieu_cu.xlsx", "kieu_cu.xls", "kieu_cu.ods"])
def test_one_table_in_three_formats(name: str) -> None:
    """The .ods has lost the number shown as a date, see fixtures/README.md."""
    reading = read_roster(FIXTURES / name)
    lost = {3} if name.endswith(".ods") else set()
    assert {learner.origin.row: learner.full_name for learner in reading.accepted} == {
        row: text for row, text in NAMES.items() if row not in lost
    }
    assert {learner.commune_code for learner in reading.accepted} == {"06151"}
    old = [row for row in (3, 4, 6) if row not in lost]
    assert [learner.origin.row for learner in reading.accepted if "legacy_encoding" in learner.notices] == old
    assert {(row.origin.row, row.code) for row in reading.refused} == {(5, "formula_in_cell")} | {
        (row, "missing_phone") for row in lost
    }
    assert reading.skipped == {"title": 1, "header": 1}


def cell(text: str, **attributes: str) -> str:
    written = "".join(f' {name.replace("__", ":").replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-cell{written}>{text}</table:table-cell>"


def style(name: str, properties: str) -> str:
    return f'<style:style style:name="{name}">{properties}</style:style>'


def table(rows: str, name: str = "DS", style: str = "") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{rows}</table:table>'


def test_an_ods_cell_is_its_paragraphs_without_comments_and_pictures(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>ghi chú</text:p></office:annotation>"
    picture = "<draw:frame><draw:text-box><text:p>hình</text:p></draw:text-box></draw:frame>"
    text = f"{note}<text:p>Lê<text:s/>Thị</text:p><text:p>Lan{picture} A<text:line-break/>B<text:tab/>C</text:p>"
    sheet = only(ods(tmp_path / "a.ods", table(f"<table:table-row>{cell(text)}</table:table-row>")))
    assert sheet.rows == {1: {1: "Lê Thị Lan A B C"}}


def test_an_ods_number_counts_by_its_value(tmp_path: Path) -> None:
    cells = cell("<text:p>9,12E+08</text:p>", office__value_type="float", office__value="912345678")
    cells += cell("<text:p>x</text:p>", office__value_type="string")
    sheet = only(ods(tmp_path / "a.ods", table(f"<table:table-row>{cells}</table:table-row>")))
    assert sheet.rows == {1: {1: "912345678", 2: "x"}}


def test_repeated_ods_rows_and_cells_are_counted_and_empty_ones_cost_nothing(tmp_path: Path) -> None:
    text_a, text_b = "<text:p>a</text:p>", "<text:p>b</text:p>"
    first = f"<table:table-row>{cell('', table__number_columns_repeated='2')}{cell(text_a)}</table:table-row>"
    empty = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'
    twice = cell(text_b, table__number_columns_repeated="2")
    rows = f'{first}{empty}<table:table-row table:number-rows-repeated="2">{twice}</table:table-row>'
    sheet = only(ods(tmp_path / "a.ods", table(rows)))
    assert sheet.rows == {1: {3: "a"}, 1_000_002: {1: "b", 2: "b"}, 1_000_003: {1: "b", 2: "b"}}


ENDLESS_ROW = (
    '<table:table-row table:number-rows-repeated="99999999">'
    "<table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>"
)
ENDLESS_CELL = (
    '<table:table-row><table:table-cell table:number-columns-repeated="99999999">'
    "<text:p>a</text:p></table:table-cell></table:table-row>"
)


@pytest.mark.parametrize("row", [ENDLESS_ROW, ENDLESS_CELL])
def test_a_value_repeated_without_end_is_too_large(tmp_path: Path, row: str) -> None:
    with pytest.raises(RosterFileError) as caught:
        list(read_sheets(ods(tmp_path / "a.ods", table(row)), Limits(rows=1000, cells=1000)))
    assert caught.value.code == "too_large"


def test_merged_and_computed_ods_cells(tmp_path: Path) -> None:
    rows = (
        f"<table:table-row>{cell('<text:p>a</text:p>', table__number_rows_spanned='2')}"
        f"{cell('<text:p>b</text:p>', table__formula='of:=1', table__number_columns_spanned='2')}</table:table-row>"
        f"<table:table-row><table:covered-table-cell/>{cell('<text:p>c</text:p>')}</table:table-row>"
    )
    sheet = only(ods(tmp_path / "a.ods", table(rows)))
    assert dict(sheet.texts(2)) == {1: "a", 2: "c"}
    assert sheet.is_formula(1, 2)
    assert sheet.widths[1, 2] == 2


OLD = '<style:text-properties style:font-name="F1"/>'
FACES = (
    '<office:font-face-decls><style:font-face style:name="F1" svg:font-family="\'.VnTime\'"/></office:font-face-decls>'
)


@pytest.mark.parametrize(
    ("styles", "common", "columns", "attributes"),
    [
        (f'{FACES}<style:style style:name="ce1">{OLD}</style:style>', "", "", {"table__style_name": "ce1"}),
        (
            f'{FACES}<style:style style:name="ce1" style:parent-style-name="P"/>{style("P", OLD)}',
            "",
            "",
            {"table__style_name": "ce1"},
        ),
        (
            f'{FACES}<style:style style:name="ce1">{OLD}</style:style>',
            "",
            '<table:table-column table:default-cell-style-name="ce1" table:number-columns-repeated="3"/>',
            {},
        ),
        ("", f'{FACES}<style:style style:name="Default">{OLD}</style:style>', "", {}),
        ("", f'{FACES}<style:default-style style:family="table-cell">{OLD}</style:default-style>', "", {}),
        (
            "",
            '<style:style style:name="Default"><style:text-properties fo:font-family=".VnArial"/></style:style>',
            "<table:table-column/>",
            {},
        ),
    ],
)
def test_an_ods_font_is_found_through_styles_columns_and_defaults(
    tmp_path: Path, styles: str, common: str, columns: str, attributes: dict[str, str]
) -> None:
    body = table(f"{columns}<table:table-row>{cell('<text:p>Hµ</text:p>', **attributes)}</table:table-row>")
    assert only(ods(tmp_path / "a.ods", body, styles=styles, common=common)).rows == {1: {1: "Hà"}}


def test_an_ods_row_may_set_the_style_and_a_span_another(tmp_path: Path) -> None:
    styles = (
        f'{FACES}<style:style style:name="ce1">{OLD}</style:style><style:style style:name="T1">'
        '<style:text-properties fo:font-family="Arial"/></style:style>'
    )
    text = '<text:p>Hµ <text:span text:style-name="T1">Hµ</text:span></text:p>'
    body = table(f'<table:table-row table:default-cell-style-name="ce1">{cell(text)}</table:table-row>')
    assert only(ods(tmp_path / "a.ods", body, styles=styles)).rows == {1: {1: "Hà Hµ"}}


def test_styles_that_are_based_on_each_other_end(tmp_path: Path) -> None:
    styles = "".join(f'<style:style style:name="{a}" style:parent-style-name="{b}"/>' for a, b in ("ab", "ba"))
    body = table(f"<table:table-row>{cell('<text:p>Hµ</text:p>', table__style_name='a')}</table:table-row>")
    assert only(ods(tmp_path / "a.ods", body, styles=styles)).rows == {1: {1: "Hµ"}}


def test_hidden_ods_tables_are_not_read(tmp_path: Path) -> None:
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    row = f"<table:table-row>{cell('<text:p>a</text:p>')}</table:table-row>"
    path = ods(tmp_path / "a.ods", table(row, "Nháp", "ta2") + table(row, "DS", "ta1"), styles=styles)
    assert [sheet.name for sheet in read_sheets(path, Limits())] == ["DS"]


def test_an_encrypted_xls_is_said_to_be_so(tmp_path: Path) -> None:
    """MS-XLS section 2.4.117: a FilePass record, here in place of the first record after the beginning."""
    content = bytearray((FIXTURES / "kieu_cu.xls").read_bytes())
    start = content.index(struct.pack("<HH", 0x0809, 16)) + 4 + 16
    content[start : start + 2] = struct.pack("<H", 0x002F)
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    with pytest.raises(RosterFileError) as caught:
        read_roster(path)
    assert caught.value.code == "encrypted"


def test_an_xls_with_macros_is_refused(tmp_path: Path) -> None:
    """The storage of a VBA project, here in place of a stream of properties that nobody reads."""
    content = (FIXTURES / "kieu_cu.xls").read_bytes()
    name, wanted = "\x05SummaryInformation".encode("utf-16-le"), "_VBA_PROJECT_CUR".encode("utf-16-le")
    at = content.index(name)
    entry = bytearray(content[at : at + 128])
    entry[:64] = wanted.ljust(64, b"\0")
    entry[64:66] = struct.pack("<H", len(wanted) + 2)
    path = tmp_path / "a.xls"
    path.write_bytes(content[:at] + entry + content[at + 128 :])
    with pytest.raises(RosterFileError) as caught:
        read_roster(path)
    assert caught.value.code == "macros"


def test_which_xls_cells_are_formulas_is_found_in_the_stream() -> None:
    assert xls.has_macros((FIXTURES / "kieu_cu.xls").read_bytes()) is False
    sheet = only(FIXTURES / "kieu_cu.xls")
    assert [(row, column) for row in sheet.rows for column in sheet.rows[row] if sheet.is_formula(row, column)] == [
        (4, 1),
        (5, 1),
        (5, 2),
    ]


def test_formulas_of_a_stream_that_is_cut_off_are_those_before_the_cut() -> None:
    begin = struct.pack("<HHHH", 0x0809, 4, 0x0600, 0x0010)
    formula = struct.pack("<HHHHH", 0x0006, 6, 7, 3, 0)
    end = struct.pack("<HH", 0x000A, 0)
    chart = begin + formula + end
    for tail in (end, b"", b"\x06"):
        stream = begin + formula + chart + tail
        kinds = [kind for kind, _start, _length in xls.records(stream, 0)]
        assert kinds.count(0x0006) == 2
    after = begin + end + formula
    assert [kind for kind, _start, _length in xls.records(after, 0)] == [0x0809]
