"""Invented provincial rosters in the official form (Phụ lục 01), for the demo, training and benchmarks.

The names are common and the numbers random: some of the numbers may exist, so they must never be called or written to.
The form follows reference/vietnam-facts.md section 1 and examples/rosters/01_phu_luc_01_nghe_an.xlsx.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from connector.places import Province, communes_of, province_by_code
from connector.places import provinces as all_provinces

# One deliberately bad row for so many good ones.
GOOD_FOR_ONE_BAD = 100


def _words(text: str, between: str = " ") -> tuple[str, ...]:
    return tuple(text.split(between))


_FAMILIES = _words(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Mai Trịnh Đoàn Lương Hà Cao Châu Tạ Tô"
)
_MEN = _words("Văn Hữu Đức Công Quang Minh Đình Xuân Bá Quốc Ngọc Thanh Trọng")
_WOMEN = _words("Thị|Thị Thu|Thị Hồng|Thị Minh|Thị Ngọc|Thị Kim|Thị Bích|Ngọc|Thanh", "|")
_MEN_GIVEN = _words("An Bình Cường Dũng Đạt Hải Hiếu Hùng Huy Khánh Kiên Long Nam Phong Phúc Quân Sơn Thành Tuấn Việt")
_WOMEN_GIVEN = _words("Anh Ánh Châu Dung Giang Hà Hạnh Hoa Hương Lan Liên Linh Loan Mai Nga Nhung Oanh Thảo Thúy Yến")
_POSTS = (
    ("UBND {unit}", ("Chủ tịch", "Phó Chủ tịch", "Văn thư")),
    ("Đảng ủy {unit}", ("Bí thư", "Phó Bí thư", "Chuyên viên")),
    ("Phòng Văn hóa - Xã hội {unit}", ("Trưởng phòng", "Phó Trưởng phòng", "Chuyên viên")),
    ("Phòng Kinh tế {unit}", ("Trưởng phòng", "Chuyên viên")),
    ("Trung tâm Phục vụ hành chính công {unit}", ("Giám đốc", "Phó Giám đốc", "Viên chức")),
)
# Prefixes in use without the leading 0; libphonenumber knows every number of them as a mobile one.
_PREFIXES = _words("32 33 34 35 36 37 38 39 70 76 77 78 79 81 82 83 84 85 86 88 90 91 93 94 96 97 98")
_HEAD = ("STT", "Họ và tên", "Số ĐTDĐ", "Đơn vị công tác", "Chức vụ", "Tỉnh/Thành phố", "Đầu mối liên hệ của Sở")
_WIDTHS = (6, 26, 14, 46, 20, 18, 30)
_CONTACT = "Phòng Quản lý khoa học, Sở Khoa học và Công nghệ"
_FOOT = (
    (2, "", "Ngày 20 tháng 11 năm 2025"),
    (3, "Nơi nhận:", "KT. GIÁM ĐỐC"),
    (4, "- Như trên;", "PHÓ GIÁM ĐỐC"),
    (5, "- Lưu: VT.", "(Ký, ghi rõ họ tên)"),
)
_FIRST_ROW = 6
_WRITTEN_ON = datetime(2025, 11, 20, tzinfo=UTC)

# Name, phone as it was typed, office, post.
Row = tuple[str, str | int, str, str]


def write_rosters(folder: Path, learners: int, seed: int, provinces: Sequence[str] | None = None) -> list[Path]:
    """Write one workbook for each province into `folder` and return their paths in the order of province codes.

    `learners` good rows in all, shared out by the number of communes, and about one bad row for a hundred good ones
    (no number, a landline, two numbers, a digit short, no name). The same seed gives the same files. `provinces` are
    codes; all 34 by default.
    """
    chosen = [province_by_code(code) for code in sorted(set(provinces))] if provinces else list(all_provinces())
    rng = Random(seed)  # noqa: S311 - play data must be repeatable, not secret
    phones = invented_numbers(rng)
    paths = []
    folder.mkdir(parents=True, exist_ok=True)
    for province, count in zip(chosen, shares(chosen, learners), strict=True):
        path = folder / list_name(province)
        write_list(path, province, invented_rows(rng, phones, province, count))
        paths.append(path)
    return paths


def shares(provinces: Sequence[Province], learners: int) -> list[int]:
    """How many learners each province gets: in proportion to its communes, the sum exactly `learners`."""
    weights = [len(communes_of(province.code)) for province in provinces]
    ends = [learners * sum(weights[: place + 1]) // sum(weights) for place in range(len(weights))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def invented_numbers(rng: Random) -> Iterator[str]:
    """Mobile numbers with their leading 0, none of them twice."""
    given = set()
    while True:
        number = f"0{rng.choice(_PREFIXES)}{rng.randrange(10**7):07d}"
        if number not in given:
            given.add(number)
            yield number


def invented_rows(rng: Random, phones: Iterator[str], province: Province, count: int) -> list[Row]:
    """The good rows of a province with some bad ones among them."""
    rows = [invented_row(rng, next(phones), province) for _number in range(count)]
    # A remainder is a share of one more, so that small lists have bad rows as often as big ones.
    bad = (count + rng.randrange(GOOD_FOR_ONE_BAD)) // GOOD_FOR_ONE_BAD
    for _number in range(bad):
        rows.insert(rng.randrange(len(rows) + 1), spoilt_row(rng, invented_row(rng, next(phones), province)))
    return rows


def invented_row(rng: Random, phone: str, province: Province) -> Row:
    """A row that a reader accepts."""
    commune = rng.choice(communes_of(province.code))
    office, posts = rng.choice(_POSTS)
    # Typed as a number the phone loses its 0, as it does in every third real list.
    typed: str | int = int(phone) if rng.random() < 1 / 3 else phone
    return _name(rng), typed, office.format(unit=f"{commune.type} {commune.name}"), rng.choice(posts)


def _name(rng: Random) -> str:
    middles, given = rng.choice(((_MEN, _MEN_GIVEN), (_WOMEN, _WOMEN_GIVEN)))
    return f"{rng.choice(_FAMILIES)} {rng.choice(middles)} {rng.choice(given)}"


def spoilt_row(rng: Random, row: Row) -> Row:
    """The row with a fault for which a reader refuses it."""
    name, typed, workplace, post = row
    phone = f"{typed:010d}" if isinstance(typed, int) else typed
    faults: tuple[tuple[str, str], ...] = (
        (name, ""),
        (name, f"024 3{rng.randrange(10**7):07d}"),
        (name, f"{phone} hoặc 024 3{rng.randrange(10**7):07d}"),
        (name, phone[:-1]),
        ("", phone),
    )
    name, phone = rng.choice(faults)
    return name, phone, workplace, post


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "_".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def list_name(province: Province) -> str:
    """How a province calls the file of its list."""
    return f"phu_luc_01_{province.code}_{_ascii(province.name)}.xlsx"


def write_list(path: Path, province: Province, rows: Sequence[Row]) -> None:
    """Write the province's list with these rows as a workbook in the official form."""
    with Workbook(path) as workbook:
        workbook.set_properties({"created": _WRITTEN_ON})
        page = workbook.add_worksheet("Danh sách")
        centred = workbook.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True})
        plain = workbook.add_format({"valign": "vcenter", "text_wrap": True})
        _write_head(page, province, centred)
        for number, (name, phone, workplace, post) in enumerate(rows, start=1):
            page.write_row(_FIRST_ROW + number - 1, 0, (number, name, phone, workplace, post, province.name))
        last = _FIRST_ROW + len(rows)
        if len(rows) > 1:
            page.merge_range(_FIRST_ROW, len(_HEAD) - 1, last - 1, len(_HEAD) - 1, _CONTACT, plain)
        page.merge_range(last, 0, last, len(_HEAD) - 1, f"Tổng cộng: {len(rows)} người", centred)
        for offset, left, right in _FOOT:
            page.write_row(last + offset, 0, (left, "", "", "", right))


def _write_head(page: Worksheet, province: Province, centred: Format) -> None:
    titles = (
        "Phụ lục 01",
        "DANH SÁCH ĐĂNG KÝ THAM GIA TẬP HUẤN",
        f"(Kèm theo Công văn của Sở Khoa học và Công nghệ {province.type} {province.name})",
    )
    for row, title in enumerate(titles):
        page.merge_range(row, 0, row, len(_HEAD) - 1, title, centred)
    for column, (text, width) in enumerate(zip(_HEAD, _WIDTHS, strict=True)):
        page.merge_range(_FIRST_ROW - 2, column, _FIRST_ROW - 1, column, text, centred)
        page.set_column(column, column, width)
