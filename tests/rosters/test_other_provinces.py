"""Lists that no sample shows: other provinces, other mixtures, made here by the rules of examples/rosters/README.md."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from viparse.normalize.encodings import get_charmap

from connector.model import Learner
from connector.places import commune_by_code, province_by_code
from connector.rosters.reader import RosterReading, read_roster
from tests.rosters.making import HEAD, write_csv

NUMBERS = [f"09123{number:05d}" for number in range(100)]
Cells = Sequence[object]
SAME_NUMBER = [
    *("0912.345.678", "0912 345 678", "0912-345-678", "(0912) 345 678", "0912–345–678", "０９１２３４５６７８"),
    *("+84 912 345 678", "+84912345678", "84912345678", "0084912345678", "+84(0)912345678", "84 0912345678"),
    *("912345678", "'0912345678", "0912345678.0", "O912345678"),
    *("ĐT: 0912345678", "SĐT 0912345678", "0912345678 (Zalo)", "0912345678 (di động)"),
]
HEAD_IN_LINES = (
    "Số\nTT",
    "HỌ VÀ TÊN:",
    "SỐ ĐIỆN THOẠI\n(di động)",
    "ĐƠN VỊ\nCÔNG TÁC",
    "CHỨC VỤ,\nCHỨC DANH",
    "TỈNH/\nTP",
    "x",
)


def workbook(path: Path, sheets: Mapping[str, Iterable[Cells]], *, merged: Sequence[str] = ()) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(list(row))
        for area in merged:
            page.merge_cells(area)
    book.save(path)
    return path


def people(*changes: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Rows under HEAD, each good but for what is changed."""
    good = {"name": "Lê Thị Lan", "workplace": "UBND xã Nhân Hòa", "position": "Văn thư", "province": "Nghệ An"}
    rows = []
    for number, change in enumerate(changes):
        row = {**good, "phone": NUMBERS[number], **change}
        rows.append((str(number + 1), *(row[key] for key in ("name", "phone", "workplace", "position", "province"))))
    return rows


def reading(path: Path) -> RosterReading:
    found = read_roster(path)
    assert found.is_complete
    return found


def outcome(path: Path) -> dict[int, Learner | str]:
    found = reading(path)
    rows: dict[int, Learner | str] = {one.origin.row: one for one in found.accepted}
    return rows | {row.origin.row: row.code for row in found.refused}


def read_one(tmp_path: Path, **change: str) -> Learner | str:
    return outcome(write_csv(tmp_path / "a.csv", HEAD, *people(change), delimiter="\t"))[2]


@pytest.mark.parametrize(
    ("text", "code", "old"),
    [
        *[(text, "79", False) for text in ("TP. HCM", "tp hcm", "Tp.HCM", "TP.Hồ Chí Minh", "THÀNH PHỐ HỒ CHÍ MINH")],
        *[(text, "79", False) for text in ("HCM", "TPHCM", "TP Sài Gòn", "sài gòn")],
        *[(text, "79", True) for text in ("BR-VT", "BRVT", "Bà Rịa – Vũng Tàu", "T. Bà Rịa Vũng Tàu", "Bình Dương")],
        *[(text, "46", True) for text in ("TT-Huế", "TT Huế", "TTH", "Thừa Thiên - Huế", "tỉnh Thừa Thiên Huế")],
        *[(text, "46", False) for text in ("Huế", "TP Huế", "TP. Huế", "thành phố Huế")],
        *[(text, "66", False) for text in ("Đắc Lắc", "ĐĂK LĂK", "DAKLAK", "Đắk Lắk", "T.Đắk Lắk", "Đắk-Lắk")],
        *[(text, "68", True) for text in ("Đắc Nông", "Đăk Nông", "Đắk Nông", "Bình Thuận")],
        *[(text, "19", True) for text in ("Bắc Cạn", "Bắc Kạn", "tỉnh bắc kạn")],
        *[(text, "25", True) for text in ("Hoà Bình", "Hòa Bình", "HOÀ BÌNH", "Vĩnh Phúc")],
        *[(text, "56", False) for text in ("Khánh Hoà", "Khánh Hòa", "Khánh hòa ")],
        *[
            (text, "01", False)
            for text in ("HN", "Hà Nội", "TP Hà Nội", "Hà\u00a0Nội", unicodedata.normalize("NFD", "Hà Nội"))
        ],
        *[(text, "ambiguous_province", False) for text in ("ĐN", "TP ĐN", "đn")],
        *[(text, "unknown_province", False) for text in ("Nghe An", "Dak Lak", "Hà Tây", "Đà Nẳng", "NA", "40")],
    ],
)
def test_provinces_in_every_spelling(tmp_path: Path, text: str, code: str, old: bool) -> None:
    found = read_one(tmp_path, province=text)
    if isinstance(found, str):
        assert found == code
    else:
        assert (found.province_code, "old_province_name" in found.notices) == (code, old)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(text, "+84912345678") for text in SAME_NUMBER],
        *[(text, "+84329999999") for text in ("01629999999", "1629999999", "+84 162 999 9999", "0162.999.9999")],
        ("0703456789", "+84703456789"),
        ("841234567", "+84841234567"),
        *[
            (text, "several_phones")
            for text in ("0912345678/0987654321", "0912345678 0987654321", "0912345678, 02438251234")
        ],
        *[
            (text, "several_phones")
            for text in ("0912345678 hoặc 0987654321", "0912345678-0987654321", "0912345678;0987654321")
        ],
        *[(text, "landline_phone") for text in ("024 3825 1234", "(0238) 3844 123", "02383844123")],
        *[
            (text, "bad_phone")
            for text in ("091234567", "09123456789", "9,12E+08", "9.12E+08", "+1 650 253 0000", "0000000000")
        ],
        *[(text, "missing_phone") for text in ("", "-", "chưa có", "...")],
        *[(text, "formula_in_cell") for text in ("=0912345678", "@0912345678", "+abc")],
    ],
)
def test_phones_in_every_spelling(tmp_path: Path, text: str, expected: str) -> None:
    found = read_one(tmp_path, phone=text)
    assert (found if isinstance(found, str) else found.phone) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Đ/c: Nguyễn Văn An", "Nguyễn Văn An"),
        ("ĐỒNG CHÍ NGUYỄN VĂN AN", "Nguyễn Văn An"),
        ("ThS. Nguyễn Văn An", "Nguyễn Văn An"),
        ("Ông: ThS.Nguyễn Văn An", "Nguyễn Văn An"),
        ("TS.Nguyễn Văn An", "Nguyễn Văn An"),
        ("Bà Triệu Thị Trinh", "Triệu Thị Trinh"),
        ("Ông An", "Ông An"),
        ("Ô.Lê Văn Nam", "Lê Văn Nam"),
        ("Ông Ích Khiêm", "Ích Khiêm"),
        ("Bàn Văn Đức", "Bàn Văn Đức"),
        ("H’LAN AYŨN", "H’Lan Ayũn"),
        ("Y-BLỐC  Niê", "Y-Blốc Niê"),
        ("\u200bLê\u00a0Thị\nLan", "Lê Thị Lan"),
    ],
)
def test_names_of_all_peoples(tmp_path: Path, text: str, name: str) -> None:
    found = outcome(workbook(tmp_path / "a.xlsx", {"A": [HEAD, *people({"name": text})]}))[2]
    assert isinstance(found, Learner)
    assert found.full_name == name


@pytest.mark.parametrize(
    ("province", "workplace", "commune"),
    [
        ("66", "UBND xã Ea H'Leo", "Ea H’Leo"),
        ("46", "Đảng ủy phường Phú Xuân - TP Huế", "Phú Xuân"),
        ("46", "P.Thuận Hoá", "Thuận Hóa"),
        ("91", "UBND ĐK. Phú Quốc", "Phú Quốc"),
        ("91", "Đặc khu PHÚ QUỐC tỉnh An Giang", "Phú Quốc"),
        ("40", "Công an xã Nhân Hoà (Nghệ An)", "Nhân Hòa"),
        ("40", "X.Nhân Hòa; tỉnh Nghệ An", "Nhân Hòa"),
        ("40", "phường Nhân Hòa", "Nhân Hòa"),
        ("40", "UBND xa Nhan Hoa", ""),
        ("40", "UBND thị xã Nhân Hòa", ""),
        ("31", "UBND xã Nhân Hòa", ""),
        ("40", "Phòng Văn hóa - Xã hội", ""),
        ("40", "Phòng VH-XH xã Nhân Hòa", "Nhân Hòa"),
    ],
)
def test_communes_out_of_workplaces(tmp_path: Path, province: str, workplace: str, commune: str) -> None:
    found = read_one(tmp_path, province=province_by_code(province).name, workplace=workplace)
    assert isinstance(found, Learner)
    assert called(found) == commune


def called(learner: Learner) -> str:
    return commune_by_code(learner.commune_code).name if learner.commune_code else ""


def test_the_sheets_name_decides_where_nothing_else_does(tmp_path: Path) -> None:
    head = HEAD[:5]
    rows = {
        name: [head, ("1", "Lê Lan", NUMBERS[number])] for number, name in enumerate(("Cà Mau", "Bạc Liêu", "Sheet3"))
    }
    found = reading(workbook(tmp_path / "a.xlsx", rows))
    assert [(one.province_code, one.notices[-2:]) for one in found.accepted] == [
        ("96", ("commune_not_found", "province_from_context")),
        ("96", ("old_province_name", "province_from_context")),
    ]
    assert [(row.origin.sheet, row.code) for row in found.refused] == [("Sheet3", "unknown_province")]


def test_a_title_with_a_city_decides_and_the_last_section_after_it(tmp_path: Path) -> None:
    rows = [
        ("DANH SÁCH CÁN BỘ TP. ĐÀ NẴNG",),
        HEAD[:5],
        ("1", "Lê Lan", NUMBERS[0]),
        ("", "TỈNH HÀ NAM"),
        ("I", "Xã Bình Lục"),
        ("1", "Lê Nam", NUMBERS[1]),
        ("", "Cộng: 1 người"),
        ("II", "Thành phố Hồ Chí Minh"),
        ("1", "Lê Bình", NUMBERS[2]),
    ]
    found = reading(workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert [(one.province_code, one.workplace) for one in found.accepted] == [
        ("48", ""),
        ("37", "Xã Bình Lục"),
        ("79", "Thành phố Hồ Chí Minh"),
    ]
    assert found.accepted[1].notices == (
        "old_province_name",
        "province_from_context",
        "workplace_from_section",
    )
    assert found.skipped == {"title": 1, "header": 1, "section": 3, "total": 1}


def test_sections_in_the_second_column_with_numbers_of_every_kind(tmp_path: Path) -> None:
    sections = (
        "Xã Nhân Hòa",
        "1. UBND xã Con Cuông",
        "A. Phường Vinh Phú",
        "II. XÃ NHÂN HOÀ",
        "3) ĐẶC KHU ABC",
        "UBND XÃ",
    )
    rows: list[Cells] = [HEAD]
    for number, section in enumerate(sections):
        rows += [("", section), ("1", f"Lê Lan {'ABCDEF'[number]}", NUMBERS[number], "", "", "Nghệ An")]
    found = reading(workbook(tmp_path / "a.xlsx", {"A": rows}))
    assert [one.workplace for one in found.accepted] == [
        "Xã Nhân Hòa",
        "UBND xã Con Cuông",
        "Phường Vinh Phú",
        "XÃ NHÂN HOÀ",
        "ĐẶC KHU ABC",
        "UBND XÃ",
    ]
    assert [called(one) for one in found.accepted] == ["Nhân Hòa", "Con Cuông", "Vinh Phú", "Nhân Hòa", "", ""]


HEADS: dict[str, tuple[list[Cells], list[str], Cells]] = {
    "names and phones split": (
        [
            ("STT", "Họ và tên", None, "Điện thoại", None, "Nơi công tác", None),
            (None, "Họ và tên đệm", "Tên", "Cơ quan", "Di động", "Đơn vị", "Tỉnh"),
        ],
        ["A1:A2", "B1:C1", "D1:E1", "F1:G1"],
        (1, "Lê Thị", "Lan", "0238 3844123", "0912345678", "UBND xã Nhân Hòa", "Nghệ An"),
    ),
    "not merged, contact beside": (
        [
            ("TT", "Đầu mối liên hệ", None, "Họ tên", "Thông tin", None, "Tỉnh, TP"),
            (None, "Họ và tên", "Số ĐT", None, "SĐT", "Cơ quan, đơn vị", None),
        ],
        ["B1:C1", "E1:F1"],
        (1, "Phạm Văn Em", "0987654321", "Lê Thị Lan", "0912345678", "UBND xã Nhân Hòa", "Nghệ An"),
    ),
    "one head over two columns": (
        [("STT", "Họ và tên", None, "Số ĐTDĐ", "Đơn vị công tác", "Tỉnh/Thành phố", "Ghi chú")],
        ["B1:C1"],
        (1, "Lê Thị", "Lan", "0912345678", "UBND xã Nhân Hòa", "Nghệ An", "x"),
    ),
    "other words": (
        [("Học viên", "SĐT (Zalo)", "Nơi làm việc", "Thuộc tỉnh")],
        [],
        ("Lê Thị Lan", "0912345678", "UBND xã Nhân Hòa", "Nghệ An"),
    ),
    "English": (
        [("No.", "Organization", "Position", "Province", "Mobile phone", "Full name", "Email")],
        [],
        (1, "UBND xã Nhân Hòa", "Văn thư", "Nghệ An", 912345678, "LÊ THỊ LAN", "a@b.vn"),
    ),
    "line breaks and marks": (
        [
            (
                "Số\nTT",
                "HỌ VÀ TÊN:",
                "SỐ ĐIỆN THOẠI\n(di động)",
                "ĐƠN VỊ\nCÔNG TÁC",
                "CHỨC VỤ,\nCHỨC DANH",
                "TỈNH/\nTHÀNH PHỐ",
                "x",
            )
        ],
        [],
        (1, "Lê Thị Lan", "0912345678", "UBND xã Nhân Hòa", "Văn thư", "Nghệ An", ""),
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_heads_split_in_other_ways(tmp_path: Path, name: str) -> None:
    head, merged, row = HEADS[name]
    found = reading(workbook(tmp_path / "a.xlsx", {"A": [*head, row]}, merged=merged))
    (one,) = found.accepted
    assert (one.full_name, one.phone, one.workplace) == ("Lê Thị Lan", "+84912345678", "UBND xã Nhân Hòa")
    assert (one.province_code, one.commune_code) == ("40", "17344")
    assert found.skipped == {"header": len(head)}


def in_old_font(text: str, encoding: str) -> str:
    charmap = get_charmap(encoding)
    assert charmap is not None
    known = {unicode: legacy for legacy, unicode in charmap.pairs}
    return "".join(known.get(char, char) for char in unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("font", "encoding"), [("VNI-Times", "vni"), (".VnArial", "tcvn3"), ("VNI-Helve-Condense", "vni")]
)
def test_whole_lists_in_old_fonts_titles_and_heads_too(tmp_path: Path, font: str, encoding: str) -> None:
    person = ("1", "Nguyễn Thị Phượng", "0912345678", "UBND xã Nhân Hòa", "Phó Chủ tịch", "Nghệ An")
    book = Workbook()
    page = book.worksheets[0]
    for row in (("Tỉnh Nghệ An",), HEAD, person):
        page.append([in_old_font(text, encoding) for text in row])
    for cell in (cell for row in page.iter_rows() for cell in row):
        cell.font = Font(name=font)
    book.save(tmp_path / "a.xlsx")
    (one,) = reading(tmp_path / "a.xlsx").accepted
    assert (one.full_name, one.workplace, one.position) == person[1:2] + person[3:5]
    assert one.commune_code == "17344"
    assert "legacy_encoding" in one.notices


def in_1258(text: str) -> bytes:
    """Windows-1258 keeps letters whole and tones apart."""
    out = []
    for char in unicodedata.normalize("NFC", text):
        pieces = unicodedata.normalize("NFD", char)
        tones = "".join(piece for piece in pieces if piece in "\u0300\u0301\u0303\u0309\u0323")
        out.append(unicodedata.normalize("NFC", "".join(piece for piece in pieces if piece not in tones)) + tones)
    return "".join(out).encode("cp1258")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258", "utf-16-be"])
def test_csv_of_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [("DANH SÁCH TỈNH NGHỆ AN",), HEAD, *people({"name": "Đặng Thị Ngọc Ánh"})]
    text = "\r\n".join(delimiter.join(cells) for cells in rows)
    encoded = in_1258(text) if encoding == "cp1258" else text.encode(encoding)
    (tmp_path / "a.csv").write_bytes((b"\xfe\xff" if encoding == "utf-16-be" else b"") + encoded)
    (one,) = reading(tmp_path / "a.csv").accepted
    assert (one.full_name, one.workplace, one.province_code) == ("Đặng Thị Ngọc Ánh", "UBND xã Nhân Hòa", "40")


def test_a_list_with_everything_around_its_rows(tmp_path: Path) -> None:
    rows: list[Cells] = [
        ("UBND TỈNH QUẢNG NINH", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ", None, None, "Độc lập - Tự do - Hạnh phúc"),
        (None,),
        ("Phụ lục 01",),
        HEAD[:5],
        ("(1)", "(2)", "(3)", "(4)", "(5)"),
        ("I", "Phường Hạ Long"),
        (1, "Lê Lan", 912300001, None, "Văn thư"),
        (2, "...", None, None, None),
        HEAD[:5],
        (3, "Lê Nam", "0912300001", "UBND đặc khu Cô Tô", "Văn thư"),
        (None, None, None, None, None),
        (4, None, "0912300002", "UBND đặc khu Cô Tô", "Văn thư"),
        (5, "Lê Bình", "0912300003", "UBND đặc khu Cô Tô", None),
        ("Tổng số: 5 người", None, None, None, None),
        ("Quảng Ninh, ngày 20 tháng 11 năm 2025", None, None, None, None),
        (None, "Nguyễn Văn Ký", "0912300004"),
    ]
    found = reading(workbook(tmp_path / "a.xlsx", {"Danh sách": rows}))
    assert [(one.origin.row, one.workplace, called(one)) for one in found.accepted] == [
        (8, "Phường Hạ Long", "Hạ Long"),
        (14, "UBND đặc khu Cô Tô", "Cô Tô"),
    ]
    assert [(row.origin.row, row.code) for row in found.refused] == [(11, "duplicate_in_file"), (13, "missing_name")]
    assert [(row.learner.origin.row, row.doubts[0].code) for row in found.doubtful] == [(17, "below_signatures")]
    assert found.skipped == {
        "title": 3,
        "header": 2,
        "column_numbers": 1,
        "section": 1,
        "placeholder": 1,
        "total": 1,
        "footer": 1,
    }
