"""Which earlier file a new one replaces."""

import pytest

from connector.rosters.succession import answer_name, replaces


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
    ],
)
def test_same_name_or_mended_answer(new: str, old: str, same: bool) -> None:
    assert replaces(new, {"40"}, old, {"40", "31"}) is same


def test_files_of_two_provinces_may_have_the_same_name() -> None:
    assert not replaces("Phu luc 01.xlsx", {"40"}, "Phu luc 01.xlsx", {"31"})


def test_a_file_without_an_accepted_row_ends_nobody() -> None:
    assert not replaces("a.xlsx", set(), "a.xlsx", {"40"})


def test_the_answer_is_a_workbook_named_after_the_file() -> None:
    assert answer_name("danh sách.xls") == "danh sách-loi.xlsx"
    assert answer_name("a-loi.xlsx") == "a-loi.xlsx"
