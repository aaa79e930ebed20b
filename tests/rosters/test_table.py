"""The rows of one sheet: who is accepted or refused, what is skipped and counted, what is carried down."""

from collections.abc import Sequence

import pytest

from connector.mappers.roster import Fault, Person
from connector.rosters.sheets import Sheet
from connector.rosters.table import TableReader
from tests.rosters.making import HEAD, PERSON, people, sheet_of


class Read:
    """A sheet, read: people and faults by row, and the counts."""

    def __init__(self, sheet: Sheet) -> None:
        reader = TableReader(sheet, {})
        rows = list(reader.read() or ())
        self.people = {row.row: row.result for row in rows if isinstance(row.result, Person)}
        self.faults = {row.row: (row.result.code, row.column) for row in rows if isinstance(row.result, Fault)}
        self.rows = {row.row: row for row in rows}
        self.skipped = dict(reader.skipped)


def read(*rows: Sequence[str], merged: Sequence[tuple[int, int, int, int]] = (), name: str = "") -> Read:
    return Read(sheet_of(*rows, merged=merged, name=name))


def test_titles_head_people_totals_and_footers_are_told_apart() -> None:
    result = read(
        ("UBND TỈNH NGHỆ AN",),
        ("DANH SÁCH",),
        (),
        HEAD,
        ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)"),
        PERSON,
        ("2", "", "", "", "", "Nghệ An"),
        ("...",),
        ("Tổng cộng: 1 người",),
        (),
        ("", "", "", "", "Ngày 20 tháng 11 năm 2025"),
        ("Nơi nhận:", "", "", "", "KT. GIÁM ĐỐC"),
        ("", "Lê Văn Ký", "0987654322"),
    )
    assert list(result.people) == [6, 13]
    assert [doubt.code for doubt in result.rows[13].doubts] == ["below_signatures"]
    assert result.faults == {}
    assert result.skipped == {
        "title": 2,
        "header": 1,
        "column_numbers": 1,
        "placeholder": 2,
        "total": 1,
        "footer": 2,
    }


def test_a_repeated_head_is_skipped_row_by_row() -> None:
    top, below = ("STT", "Họ và tên", "", "SĐT", "Tỉnh"), ("", "Họ đệm", "Tên", "", "")
    first, second = ("1", "Lê Thị", "Lan", "0912345678", "Huế"), ("2", "Lê Văn", "Nam", "0912345679", "Huế")
    result = read(top, below, first, top, below, second)
    assert [person.full_name for person in result.people.values()] == ["Lê Thị Lan", "Lê Văn Nam"]
    assert result.skipped == {"header": 4}


def test_a_head_with_columns_in_another_order_counts_from_there_on() -> None:
    result = read(
        ("Họ tên", "SĐT", "Tỉnh"),
        ("Lê Lan", "0912345678", "Huế"),
        ("SĐT", "Tỉnh", "Họ tên"),
        (
            "0912345679",
            "Huế",
            "Lê Nam",
        ),
    )
    assert [person.full_name for person in result.people.values()] == ["Lê Lan", "Lê Nam"]


def test_a_repeated_head_that_begins_with_remarks_is_no_footer() -> None:
    head = ("Ghi chú", "Họ tên", "SĐT", "Tỉnh")
    result = read(head, ("", "Lê Lan", "0912345678", "Huế"), head, ("", "Lê Nam", "0912345679", "Huế"))
    assert len(result.people) == 2
    assert result.skipped == {"header": 2}


def test_sections_are_carried_down_to_the_next_section() -> None:
    result = read(
        ("STT", "Họ tên", "SĐT", "Đơn vị"),
        ("TỈNH NGHỆ AN",),
        ("I", "UBND xã Nhân Hòa"),
        ("1", "Lê Lan", "0912345671", ""),
        ("2", "Lê Nam", "0912345672", "Phòng VH-XH"),
        ("", "Cộng", "2"),
        ("3", "Lê Hoa", "0912345673", ""),
        ("II", "Phường Tây Hiếu"),
        ("1", "Lê Mai", "0912345674", ""),
    )
    assert [(person.workplace, person.commune_code) for person in result.people.values()] == [
        ("UBND xã Nhân Hòa", "17344"),
        ("Phòng VH-XH", "17344"),
        ("UBND xã Nhân Hòa", "17344"),
        ("Phường Tây Hiếu", "17011"),
    ]
    assert result.skipped == {"header": 1, "section": 3, "total": 1}


def test_a_section_with_a_phone_is_a_person() -> None:
    result = read(("STT", "Họ tên", "SĐT", "Tỉnh"), ("1", "Xã Văn Lan", "0912345678", "Huế"), ("2", "Xã A", "912"))
    assert list(result.people) == [2]
    assert result.faults == {3: ("bad_phone", 3)}


def test_the_province_comes_from_the_last_section_that_names_one() -> None:
    result = read(
        ("UBND TỈNH LÀO CAI",),
        ("STT", "Họ tên", "SĐT", "Đơn vị"),
        ("1", "Lê Lan", "0912345671", ""),
        ("Tỉnh Quảng Bình",),
        ("Xã Sen Ngư",),
        ("2", "Lê Nam", "0912345672", ""),
    )
    assert [person.province_code for person in result.people.values()] == ["15", "44"]
    assert result.people[6].notices == ("old_province_name", "province_from_context", "workplace_from_section")


@pytest.mark.parametrize(
    ("title", "name", "code"),
    [("UBND TỈNH HẢI DƯƠNG", "Huế", "31"), ("DANH SÁCH", "Huế", "46"), ("DANH SÁCH", "TP. Đà Nẵng", "48")],
)
def test_a_title_or_else_the_sheets_name_gives_the_province(title: str, name: str, code: str) -> None:
    result = read((title,), ("Họ tên", "SĐT"), ("Lê Lan", "0912345678"), name=name)
    assert result.people[3].province_code == code


@pytest.mark.parametrize("name", ["Sheet1", "ĐN", ""])
def test_without_any_of_them_the_row_is_refused_at_its_name(name: str) -> None:
    result = read(("Họ tên", "SĐT"), ("Lê Lan", "0912345678"), name=name)
    assert result.faults == {2: ("unknown_province", 1)}


def test_a_title_below_the_head_gives_nothing() -> None:
    assert read(("Họ tên", "SĐT"), ("Lê Lan", "0912345678"), ("UBND tỉnh Nghệ An", "x")).people == {}


def test_a_merged_workplace_and_province_count_for_every_person() -> None:
    first, second = people(2)
    result = read(HEAD, first, (*second[:3], "", "", ""), merged=[(2, 4, 3, 4), (2, 6, 3, 6)])
    assert [(person.workplace, person.province_code) for person in result.people.values()] == [
        ("UBND xã Nhân Hòa", "40"),
        ("UBND xã Nhân Hòa", "40"),
    ]


def test_a_merged_contact_makes_no_person_of_a_blank_row() -> None:
    result = read((*HEAD, "Đầu mối"), (*PERSON, "Lê Văn Sở, 0987654321"), ("2",), merged=[(2, 7, 3, 7)])
    assert result.skipped == {"header": 1, "placeholder": 1}


def test_a_number_is_taken_once_and_the_earlier_row_is_named() -> None:
    result = read(HEAD, PERSON, ("2", "Lê Nam", "+84 912345678", "", "", "Huế"))
    assert result.faults == {3: ("duplicate_in_file", 3)}
    assert result.rows[3].same_as == ("", 2)
    assert result.rows[3].text == "+84 912345678"


def test_a_refused_row_takes_no_number() -> None:
    result = read(HEAD, (*PERSON[:5], "Hà Tây"), PERSON)
    assert list(result.people) == [3]


def test_formulas_matter_only_in_the_persons_own_cells() -> None:
    sheet = sheet_of(HEAD, PERSON, ("", "", "", ""), people(1)[0], formulas=[(2, 1), (3, 1), (4, 2)])
    result = Read(sheet)
    assert list(result.people) == [2]
    assert result.faults == {4: ("formula_in_cell", 2)}
    assert result.skipped == {"header": 1, "placeholder": 1}


def test_a_formula_that_stands_for_a_name_is_a_person_though_no_value_is_stored() -> None:
    sheet = sheet_of(HEAD, ("1", "", "", "UBND xã A"), formulas=[(2, 2)])
    assert Read(sheet).faults == {2: ("formula_in_cell", 2)}


def test_a_name_in_two_columns_is_joined() -> None:
    result = read(
        ("Họ đệm", "Tên", "SĐT", "Tỉnh"), ("TS. LÊ THỊ", "LAN", "0912345678", "Huế"), ("", "Lan", "0912345679", "Huế")
    )
    assert [person.full_name for person in result.people.values()] == ["Lê Thị Lan", "Lan"]


def test_rows_without_name_and_phone_are_placeholders_whatever_else_they_hold() -> None:
    result = read(
        HEAD, ("1", "...", "...", "", "", "Huế"), ("2", "", "", "UBND xã Nhân Hòa", "Chủ tịch"), ("3", "-", "-")
    )
    assert (result.people, result.faults) == ({}, {})
    assert result.skipped == {"header": 1, "placeholder": 3}


def test_a_sheet_without_a_table_gives_no_rows() -> None:
    assert TableReader(sheet_of(("Hướng dẫn",)), {}).read() is None
