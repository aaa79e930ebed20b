"""Which earlier file a new one replaces."""

import unicodedata

import pytest

from connector.model import Learner, Origin
from connector.rosters.succession import answer_name, is_same_list, is_supplement, kept_phones, leaving


def person(number: int, name: str) -> Learner:
    return Learner(
        phone=f"+8491200000{number}",
        full_name=name,
        province_code="40",
        commune_code=None,
        workplace="",
        position="",
        origin=Origin(file="a.xlsx", sheet="", row=number),
    )


AN, BINH, CHI = person(1, "Nguyễn Văn An"), person(2, "Trần Thị Bình"), person(3, "Lê Thị Chi")


def test_a_stray_row_does_not_make_a_file_the_list_of_its_province() -> None:
    assert not is_same_list("a.xlsx", {"46": 9}, "a.xlsx", {"48": 9, "46": 1})


def test_who_has_another_number_or_a_refused_row_has_not_left() -> None:
    assert leaving([person(7, "Nguyễn Văn An")], ["TRẦN THỊ BÌNH"], [AN, BINH, CHI]) == [CHI]
    assert kept_phones([person(7, "Nguyễn Văn An")], ["ông TRẦN THỊ BÌNH", ""], [AN, BINH, CHI]) == {BINH.phone}


def test_a_refused_double_of_an_accepted_person_keeps_no_old_number() -> None:
    assert kept_phones([person(7, "Nguyễn Văn An")], ["Nguyễn Văn An"], [AN]) == set()


@pytest.mark.parametrize(
    ("left", "old", "supplement"), [(2, 2, False), (3, 4, True), (3, 12, False), (6, 12, False), (7, 12, True)]
)
def test_most_of_a_list_never_leaves_by_a_name(left: int, old: int, supplement: bool) -> None:
    assert is_supplement(left, old) is supplement


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        ("a.xlsx", "a.xlsx", True),
        ("a.xlsx", "b.xlsx", False),
        ("a.csv", "a.xlsx", False),
        ("a-loi.xlsx", "a.xls", True),
        ("A-loi (1).xlsx", "a.csv", True),
        ("a-loi-loi.xlsx", "a-loi.xlsx", True),
        ("a.xlsx", "a-loi.xlsx", True),
        ("b-loi.xlsx", "a.xlsx", False),
        ("Danh sách (1).xlsx", "Danh sách.xlsx", True),
        ("Danh sách - Copy (2).xlsx", "danh sách.XLSX", True),
        (unicodedata.normalize("NFD", "Danh sách.xlsx"), "Danh sách.xlsx", True),
        ("Danh sách 1.xlsx", "Danh sách.xlsx", False),
    ],
)
def test_same_name_or_mended_answer(new: str, old: str, same: bool) -> None:
    assert is_same_list(new, {"40": 3}, old, {"40": 3, "31": 2}) is same


def test_files_of_two_provinces_may_have_the_same_name() -> None:
    assert not is_same_list("Phu luc 01.xlsx", {"40": 5}, "Phu luc 01.xlsx", {"31": 5})


def test_a_file_without_an_accepted_row_ends_nobody() -> None:
    assert not is_same_list("a.xlsx", {}, "a.xlsx", {"40": 5})


def test_the_answer_is_a_workbook_named_after_the_file() -> None:
    assert answer_name("danh sách.xls") == "danh sách-loi.xlsx"
    assert answer_name("a-loi.xlsx") == "a-loi.xlsx"
