"""Rows that are not about a person, and the places that a roster's texts name."""

import pytest

from connector.mappers.roster_rows import (
    commune_named_in,
    first_text,
    is_column_numbers,
    is_footer,
    is_total,
    province_named_in,
    section_of,
)


def row(*cells: str) -> dict[int, str]:
    return {column: text for column, text in enumerate(cells, start=1) if text}


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (("1", "Lê Văn A"), "Lê Văn A"),
        (("I", "Tổng số"), "Tổng số"),
        (("", "...", "Cộng"), "Cộng"),
        (("12", "...", "(1)"), ""),
        ((), ""),
    ],
)
def test_the_first_text_is_more_than_a_number(cells: tuple[str, ...], text: str) -> None:
    assert first_text(row(*cells)) == text


@pytest.mark.parametrize("text", ["Cộng", "Cộng: 6 người", "TỔNG CỘNG: 60", "Tổng số: 35 người", "Total", "tổng số"])
def test_totals(text: str) -> None:
    assert is_total(row(text), "")
    assert is_total(row("12", text, "60"), "60")


@pytest.mark.parametrize("text", ["Công Văn An", "Tổng giám đốc", "Cộngg", "Lê Văn Cộng"])
def test_no_totals(text: str) -> None:
    assert not is_total(row(text), "")


def test_a_row_with_a_phone_is_a_person_though_his_post_comes_first() -> None:
    assert not is_total(row("Cộng tác viên", "Lê Văn An", "0912345678"), "0912345678")


@pytest.mark.parametrize(
    "text",
    [
        "Ngày 20 tháng 11 năm 2025",
        "Nghệ An, ngày 20 tháng 11 năm 2025",
        "Hà Nội, ngày ... tháng ... năm 2025",
        "Ngày tháng năm 2025",
        "KT. GIÁM ĐỐC",
        "TM. ỦY BAN NHÂN DÂN",
        "TL.GIÁM ĐỐC",
        "TUQ. CHỦ TỊCH",
        "Nơi nhận:",
        "NGƯỜI LẬP BIỂU",
        "Người tổng hợp",
        "THỦ TRƯỞNG ĐƠN VỊ",
        "Xác nhận của cơ quan",
        "Ghi chú: gửi bản mềm",
        "(Danh sách này có 85 người)",
    ],
)
def test_footers(text: str) -> None:
    assert is_footer(row("", "", text))
    assert is_footer(row("", text.upper()))


@pytest.mark.parametrize("text", ["Lê Văn Ngày", "KT Giám đốc", "Ngày sinh 20/11", "Thủ trưởngg", "Phòng KT. HT", ""])
def test_no_footers(text: str) -> None:
    assert not is_footer(row("7", text))


@pytest.mark.parametrize("cells", [("(1)", "(2)", "(3)"), ("1", "2", "", "3"), ("A", "B", "1", "2"), ("[1]", "[2]")])
def test_column_numbers(cells: tuple[str, ...]) -> None:
    assert is_column_numbers(row(*cells))


@pytest.mark.parametrize("cells", [("1", "Lê A", "3"), ("1", "1"), ("2", "1"), ("1", "0912345678"), ("A", "A")])
def test_no_column_numbers(cells: tuple[str, ...]) -> None:
    assert not is_column_numbers(row(*cells))


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (("I. Phường Tân Hiệp",), "Phường Tân Hiệp"),
        (("1. UBND xã Long Điền",), "UBND xã Long Điền"),
        (("A. Đặc khu Thổ Châu",), "Đặc khu Thổ Châu"),
        (("II) Xã B",), "Xã B"),
        (("IV - Xã B",), "Xã B"),
        (("I Xã B",), "Xã B"),
        (("I", "Phường Tây Hiếu"), "Phường Tây Hiếu"),
        (("3", "UBND xã Thông Thụ", "", "6"), "UBND xã Thông Thụ"),
        (("TỈNH NGHỆ AN",), "TỈNH NGHỆ AN"),
        (("", "Thành phố Huế"), "Thành phố Huế"),
        (("", "Uỷ ban nhân dân xã B"), "Uỷ ban nhân dân xã B"),
    ],
)
def test_sections_are_read_without_their_number(cells: tuple[str, ...], text: str) -> None:
    section = section_of(row(*cells), (1, 2, 3, 4))
    assert section is not None
    assert section.text == text


@pytest.mark.parametrize(
    "cells",
    [
        ("1", "Lê Văn An"),
        ("1", "Xã Long Điền", "Chủ tịch"),
        ("", "", "Xã Long Điền"),
        ("Xãm",),
        ("I", "Khối Đảng"),
        ("Phương Thị Lan",),
        ("II",),
        (),
    ],
)
def test_no_sections(cells: tuple[str, ...]) -> None:
    assert section_of(row(*cells), (1, 2, 3, 4)) is None


def test_a_section_may_stand_in_the_only_column_of_the_head() -> None:
    assert section_of({5: "Xã Long Điền"}, (5,)) is not None
    assert section_of({6: "Xã Long Điền"}, (5,)) is None


@pytest.mark.parametrize(
    ("text", "name", "notices"),
    [
        ("(Kèm theo Công văn của Sở KH&CN tỉnh Nghệ An)", "Nghệ An", ()),
        ("UBND THÀNH PHỐ HỒ CHÍ MINH", "Hồ Chí Minh", ()),
        ("SỞ KHOA HỌC VÀ CÔNG NGHỆ TP. HUẾ", "Huế", ()),
        ("UBND TPHCM", "Hồ Chí Minh", ("province_abbreviation",)),
        ("Tỉnh: Lào Cai", "Lào Cai", ()),
        ("Danh sách tỉnh Quảng Bình năm 2025", "Quảng Trị", ("old_province_name",)),
        ("Thành phố Vinh, tỉnh Nghệ An", "Nghệ An", ()),
        ("UBND tỉnh Bà Rịa - Vũng Tàu", "Hồ Chí Minh", ("old_province_name",)),
    ],
)
def test_a_title_names_a_province_after_its_type(text: str, name: str, notices: tuple[str, ...]) -> None:
    match = province_named_in(text)
    assert match is not None
    assert (match.province.name, match.notices) == (name, notices)


@pytest.mark.parametrize("text", ["Nghệ An", "các tỉnh, thành phố", "tỉnh ĐN", "Tỉnh ủy", "tỉnhNghệ An", "", "tỉnh"])
def test_a_title_that_names_no_province(text: str) -> None:
    assert province_named_in(text) is None


@pytest.mark.parametrize(
    ("text", "province", "code"),
    [
        ("Phòng VH-XH xã Nhân Hòa", "40", "17344"),
        ("UBND XÃ NHÂN HOÀ", "40", "17344"),
        ("Phòng Văn hóa - Xã hội xã Vĩnh Phong", "91", "31051"),
        ("Phòng Kinh tế xã Hội Hoan", "20", "06151"),
        ("Phòng VH-XH P. Cát Lái", "79", "27112"),
        ("P.Cát Lái, TP.HCM", "79", "27112"),
        ("UBND X. Cát Lái", "79", "27112"),
        ("UBND phường Nhân Hòa", "40", "17344"),
        ("UBND phường Lê Đại Hành - TP. Hải Phòng", "31", "10603"),
        ("Đảng ủy xã Tam Quang - tỉnh Nghệ An", "40", "16933"),
        ("xã Nhân Hòa tỉnh Nghệ An", "40", "17344"),
        ("Trạm Y tế (xã Nhân Hòa)", "40", "17344"),
        ("UBND phường Văn Miếu - Quốc Tử Giám - TP. Hà Nội", "01", "00226"),
        ("Phường Văn Miếu – Quốc Tử Giám – Hà Nội", "01", "00226"),
        ("Trạm y tế xã Ea H'Leo", "66", "24184"),
        ("Phòng Kinh tế, Hạ tầng và Đô thị phường Kiến An", "31", "11443"),
        ("UBND xã Không Có; UBND xã Nhân Hòa", "40", "17344"),
        ("Đảng ủy ĐK. Thổ Châu", "91", "31105"),
    ],
)
def test_the_commune_of_a_workplace(text: str, province: str, code: str) -> None:
    commune, named = commune_named_in(text, province)
    assert commune is not None
    assert (commune.code, named) == (code, True)


@pytest.mark.parametrize(
    "text", ["UBND phường Vỹ Dạ", "UBND xã Nhan Hoa", "xã Nhân Hòa Đông", "P. Vỹ Dạ", "xã Nhân Hòa huyện X"]
)
def test_a_unit_that_is_no_commune_of_the_province_is_named_but_not_guessed(text: str) -> None:
    assert commune_named_in(text, "40") == (None, True)


@pytest.mark.parametrize(
    "text",
    [
        "Phòng Văn hóa - Xã hội",
        "Phòng VH-XH",
        "P. VH-XH",
        "UBND xã",
        "UBND xã, tỉnh Nghệ An",
        "Xã đội",
        "thị xã Nhân Hòa",
        "TP. Nhân Hòa",
        "Sở Khoa học và Công nghệ tỉnh Nghệ An",
        "",
    ],
)
def test_a_workplace_that_names_no_unit_at_all(text: str) -> None:
    assert commune_named_in(text, "40") == (None, False)
