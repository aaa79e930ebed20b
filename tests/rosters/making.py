"""Small rosters for tests: sheets without a file, and packages written part by part, as no library would write them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from connector.rosters.sheets import Limits, Sheet, SheetBuilder

HEAD = ("STT", "Họ và tên", "Số ĐTDĐ", "Đơn vị công tác", "Chức vụ", "Tỉnh/Thành phố")
PERSON = ("1", "Lê Thị Lan", "0912345678", "UBND xã Nhân Hòa", "Chủ tịch", "Nghệ An")

_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def people(count: int, first: int = 0) -> list[tuple[str, ...]]:
    """So many good rows, each with a number of its own."""
    return [("", f"Lê Thị Lan {chr(65 + n % 26)}", f"09123{n:05d}", *PERSON[3:]) for n in range(first, first + count)]


def sheet_of(
    *rows: Sequence[str],
    merged: Sequence[tuple[int, int, int, int]] = (),
    formulas: Sequence[tuple[int, int]] = (),
    name: str = "",
    limits: Limits | None = None,
) -> Sheet:
    """A sheet with these rows from row 1 on; merged areas are (top, left, bottom, right), all counted from 1."""
    builder = SheetBuilder(name, limits or Limits())
    for number, cells in enumerate(rows, start=1):
        for column, text in enumerate(cells, start=1):
            builder.put(number, column, text, formula=(number, column) in formulas)
    for area in merged:
        builder.merge(*area)
    return builder.finish()


def write_csv(path: Path, *rows: Sequence[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """A file with these rows, cells neither quoted nor escaped."""
    text = "\r\n".join(delimiter.join(cells) for cells in rows)
    path.write_bytes(text.encode(encoding))
    return path


def package(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """A zip file with these parts."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def inline(reference: str, text: str, style: int = 0) -> str:
    """The XML of a cell with a text."""
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def row_xml(number: int, cells: Sequence[str]) -> str:
    """The XML of a row of texts, from column A on."""
    made = (inline(f"{chr(65 + column)}{number}", text) for column, text in enumerate(cells) if text)
    return f'<row r="{number}">{"".join(made)}</row>'


def xlsx_parts(
    rows: str, *, after: str = "", states: Sequence[str] = ("visible",), texts: str = "", styles: str = ""
) -> dict[str, str]:
    """The parts of a workbook whose sheets all hold these rows (XML); `after` is what follows the rows."""
    sheets = "".join(
        f'<sheet name="Tờ {number}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, state in enumerate(states, start=1)
    )
    relations = "".join(
        _relation(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(states) + 1)
    )
    relations += _relation("rIdT", "sharedStrings", "sharedStrings.xml") if texts else ""
    relations += _relation("rIdS", "styles", "/xl/styles.xml") if styles else ""
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f"<Relationships>{_relation('rId1', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_TYPES}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>",
    }
    parts |= {"xl/sharedStrings.xml": f"<sst>{texts}</sst>"} if texts else {}
    parts |= {"xl/styles.xml": f"<styleSheet>{styles}</styleSheet>"} if styles else {}
    for number in range(1, len(states) + 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
        )
    return parts


def xlsx(path: Path, *rows: Sequence[str], after: str = "") -> Path:
    """A workbook of one sheet with these rows of texts."""
    xml = "".join(row_xml(number, cells) for number, cells in enumerate(rows, start=1))
    return package(path, xlsx_parts(xml, after=after))


def ods(path: Path, body: str, *, styles: str = "", common: str = "") -> Path:
    """An OpenDocument table with this body (XML); `styles` are its own, `common` those of styles.xml."""
    content = f"<office:document-content {_SPACES}>{styles}<office:body>{body}</office:body></office:document-content>"
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    if common:
        parts["styles.xml"] = f"<office:document-styles {_SPACES}>{common}</office:document-styles>"
    return package(path, parts)


_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "fo", "svg", "draw")
)


def _relation(key: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="{_TYPES}/{kind}" Target="{target}"/>'
