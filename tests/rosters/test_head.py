"""Where a table begins: heads alone, over two rows, merged and not, and rows that only look like one."""

from collections.abc import Sequence

import pytest

from connector.rosters.head import Head, find_head, head_at
from connector.rosters.sheets import Sheet
from tests.rosters.making import HEAD, PERSON, sheet_of


def head_of(sheet: Sheet) -> Head:
    head = find_head(sheet)
    assert head is not None
    return head


def columns(head: Head) -> tuple[tuple[int, ...], int, int, int, int]:
    return head.names, head.phone, head.workplace, head.position, head.province


def test_a_head_in_one_row_below_titles() -> None:
    head = head_of(sheet_of(("SỞ KHOA HỌC VÀ CÔNG NGHỆ",), ("DANH SÁCH",), (), HEAD, PERSON))
    assert list(head.rows) == [4]
    assert columns(head) == ((2,), 3, 4, 5, 6)
    assert head.columns == (1, 2, 3, 4, 5, 6)


def test_columns_in_any_order_with_empty_ones_between() -> None:
    head = head_of(sheet_of(("", "Tỉnh", "", "Nơi công tác", "Họ và tên cán bộ", "", "SĐT", "Vị trí")))
    assert columns(head) == ((5,), 7, 4, 8, 2)


def test_columns_that_are_missing_are_none() -> None:
    assert columns(head_of(sheet_of(("Full name", "Mobile phone")))) == ((1,), 2, 0, 0, 0)


def test_the_mobile_column_wins_over_other_phones() -> None:
    head = head_of(sheet_of(("Họ tên", "Điện thoại cơ quan", "Điện thoại", "Di động")))
    assert head.phone == 4


def test_the_first_of_two_equal_columns_counts() -> None:
    assert columns(head_of(sheet_of(("Họ tên", "SĐT", "Số ĐT", "Họ và tên")))) == ((1,), 2, 0, 0, 0)


def test_a_contact_of_the_department_is_nobody_of_the_table() -> None:
    top = ("STT", "Đầu mối liên hệ của Sở", "", "Họ và tên", "Số ĐTDĐ")
    below = ("", "Họ và tên", "Số ĐT", "", "")
    merged = [(1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 2, 4), (1, 5, 2, 5)]
    assert columns(head_of(sheet_of(top, below, merged=merged))) == ((4,), 5, 0, 0, 0)


def test_merged_heads_are_as_tall_as_their_name_and_phone() -> None:
    merged = [(1, column, 2, column) for column in range(1, 7)]
    head = head_of(sheet_of(HEAD, (), PERSON, merged=merged))
    assert list(head.rows) == [1, 2]


def test_a_remark_that_is_merged_down_from_the_head_swallows_no_people() -> None:
    head = head_of(sheet_of((*HEAD, "Ghi chú"), PERSON, PERSON, merged=[(1, 7, 3, 7)]))
    assert list(head.rows) == [1]


def test_a_name_split_in_the_row_under_it_stands_for_two_columns() -> None:
    top = ("STT", "Họ và tên", "", "Số di động")
    below = ("", "Họ và tên đệm", "Tên", "")
    spread = [(1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 2, 4)]
    for merged in ([], spread):
        head = head_of(sheet_of(top, below, PERSON, merged=merged))
        assert (list(head.rows), head.names, head.phone) == ([1, 2], (2, 3), 4)


def test_given_name_before_family_name_is_put_in_order() -> None:
    assert head_of(sheet_of(("Tên", "Họ đệm", "SĐT"))).names == (2, 1)


def test_a_name_merged_over_two_columns_without_a_word_under_it_is_both() -> None:
    assert head_of(sheet_of(("Họ và tên", "", "SĐT"), merged=[(1, 1, 1, 2)])).names == (1, 2)


def test_phones_split_in_the_row_under_them() -> None:
    top = ("Họ và tên", "Điện thoại", "", "Đơn vị")
    below = ("", "Cơ quan", "Di động", "")
    head = head_of(sheet_of(top, below))
    assert (list(head.rows), head.phone, head.workplace) == ([1, 2], 3, 4)


def test_a_head_that_is_not_merged_over_its_neighbour_says_nothing_about_it() -> None:
    top = ("Họ và tên", "Điện thoại", "", "Liên hệ", "")
    below = ("", "", "Đơn vị", "Email", "Zalo")
    assert head_of(sheet_of(top, below, merged=[(1, 4, 1, 5)])).workplace == 3


@pytest.mark.parametrize(
    ("top", "below"),
    [
        (("STT", "Họ và tên", "Liên hệ"), ("", "", "Số ĐTDĐ")),
        (("STT", "Thông tin cá nhân", "", "Đơn vị"), ("", "Họ và tên", "SĐT", "")),
    ],
)
def test_a_head_that_only_both_rows_make(top: Sequence[str], below: Sequence[str]) -> None:
    head = head_of(sheet_of(("DANH SÁCH",), top, below, PERSON))
    assert list(head.rows) == [2, 3]


def test_a_title_over_a_head_is_no_part_of_it() -> None:
    for title in ("DANH SÁCH", "Đơn vị: Sở Khoa học và Công nghệ", "Tỉnh"):
        assert list(head_of(sheet_of((title,), HEAD)).rows) == [2]


def test_a_person_under_a_head_is_no_part_of_it() -> None:
    by_name = sheet_of(("Họ tên", "SĐT", "Chức vụ"), ("Lê Thị Lan", "", "Chức vụ"))
    with_digits = sheet_of(("SĐT", "Chức vụ", "Họ tên"), ("0912345678", "Vị trí", ""))
    assert list(head_of(by_name).rows) == list(head_of(with_digits).rows) == [1]


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (("Họ và tên", "Chức vụ"),),
        (("SĐT", "Chức vụ"),),
        (("Họ và tên", "Điện thoại bàn"),),
        (("Tên", "SĐT"),),
        (("Họ và tên", "Đơn vị"), (), ("SĐT",)),
        (("Họ và tên: Lê Lan; SĐT: 0912345678",),),
    ],
)
def test_sheets_without_a_table(rows: Sequence[Sequence[str]]) -> None:
    assert find_head(sheet_of(*rows)) is None


def test_a_row_that_does_not_exist_is_no_head() -> None:
    assert head_at(sheet_of(HEAD), 7) is None
