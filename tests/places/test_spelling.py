"""Text as people type it: what is levelled, and what must stay apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.places import folded, tidy
from connector.places.spelling import tone_first

VIETNAMESE = st.text(alphabet="aăâeêioôơuưyđnghtcqkAĂÂĐN àáảãạềếểễệòóỏõọùúủũụỳýỷỹỵ-’',  ")


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Vũ  Thị\u00a0Thu Vân ", "Vũ Thị Thu Vân"),
        ("Hoàng \u200bThị\ufeff Hồng", "Hoàng Thị Hồng"),
        ("Tr\u00adung", "Trung"),
        ("Đơn vị\ncông tác", "Đơn vị công tác"),
        ("a\tb\x0bc", "a b c"),
        ("\u3000Huế\u2009", "Huế"),
        (unicodedata.normalize("NFD", "Nguyễn"), "Nguyễn"),
        ("bell\x07", "bell"),
        ("", ""),
    ],
)
def test_tidy_text_is_nfc_without_what_nobody_sees(typed: str, clean: str) -> None:
    assert tidy(typed) == clean


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thanh Hoá", "thanh hóa"),
        ("HOÀ BÌNH", "Hòa Bình"),
        ("Thuỷ", "Thủy"),
        ("Khoẻ", "Khỏe"),
        ("Bà Rịa - Vũng Tàu", "Bà Rịa–Vũng  Tàu"),
        ("Thừa Thiên, Huế", "thừa thiên huế"),
        ("Ea H’Leo", "ea h'leo"),
        ("Văn Miếu - Quốc Tử Giám", "VĂN MIẾU-QUỐC TỬ GIÁM"),
        (unicodedata.normalize("NFD", "Đắk Lắk"), "ĐẮK LẮK"),
    ],
)
def test_two_spellings_of_one_name_are_equal_when_folded(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sơn Hà", "Sơn Hạ"), ("Cẩm Giang", "Cẩm Giàng"), ("Ba Tơ", "Ba Tô"), ("Dak", "Đak"), ("Tân An", "Tan An")],
)
def test_marks_tell_names_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


@given(VIETNAMESE)
def test_tidying_and_folding_twice_is_doing_it_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert folded(folded(text)) == folded(text)


@given(VIETNAMESE)
def test_folding_does_not_see_case_composition_or_spaces(text: str) -> None:
    assert folded(text.upper()) == folded(text)
    assert folded(unicodedata.normalize("NFD", text)) == folded(text)
    assert folded(f"  {text}\u00a0") == folded(text)


@given(st.text())
def test_no_text_breaks_the_cleaning(text: str) -> None:
    clean = tidy(text)
    assert clean == clean.strip()
    assert "  " not in clean


def test_the_tone_goes_to_the_first_vowel_of_a_pair() -> None:
    assert tone_first("điện thoại, thuỷ, khoẻ, hoàn") == "điện thọai, thủy, khỏe, hòan"
    assert tone_first("hoa loe quy") == "hoa loe quy"
