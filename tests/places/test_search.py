"""From a name as people write it to the place: found exactly, said to be ambiguous, or not found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.places import (
    Ambiguous,
    Commune,
    Province,
    ProvinceMatch,
    communes_of,
    find_commune,
    find_province,
    provinces,
)

OLD, SHORT = "old_province_name", "province_abbreviation"


def found(text: str) -> tuple[str, tuple[str, ...]] | None:
    match = find_province(text)
    return (match.province.name, match.notices) if isinstance(match, ProvinceMatch) else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Nghệ An", "Nghệ An"),
        ("T. Nghệ An", "Nghệ An"),
        ("T.Nghệ An", "Nghệ An"),
        ("tỉnh  NGHỆ\u00a0AN ", "Nghệ An"),
        ("Tp.Huế", "Huế"),
        ("TP Hải Phòng", "Hải Phòng"),
        ("Thành phố Hồ Chí Minh", "Hồ Chí Minh"),
        ("Thanh Hoá", "Thanh Hóa"),
        ("Khánh Hoà", "Khánh Hòa"),
    ],
)
def test_names_in_force_are_found_with_or_without_their_type(text: str, name: str) -> None:
    assert found(text) == (name, ())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hải Dương", "Hải Phòng"),
        ("HẢI DƯƠNG", "Hải Phòng"),
        ("Tỉnh Quảng Bình", "Quảng Trị"),
        ("Hoà Bình", "Phú Thọ"),
        ("Bà Rịa-Vũng Tàu", "Hồ Chí Minh"),
        ("Bắc Kạn", "Thái Nguyên"),
        ("Đắk Nông", "Lâm Đồng"),
    ],
)
def test_names_before_july_2025_are_found_and_said_to_be_old(text: str, name: str) -> None:
    assert found(text) == (name, (OLD,))


@pytest.mark.parametrize(
    ("text", "name", "notices"),
    [
        ("HN", "Hà Nội", (SHORT,)),
        ("hcm", "Hồ Chí Minh", (SHORT,)),
        ("TPHCM", "Hồ Chí Minh", (SHORT,)),
        ("TP.HCM", "Hồ Chí Minh", (SHORT,)),
        ("TP. HCM", "Hồ Chí Minh", (SHORT,)),
        ("Sài Gòn", "Hồ Chí Minh", (SHORT,)),
        ("BR-VT", "Hồ Chí Minh", (OLD, SHORT)),
        ("BRVT", "Hồ Chí Minh", (OLD, SHORT)),
        ("TT-Huế", "Huế", (OLD, SHORT)),
        ("TTH", "Huế", (OLD, SHORT)),
        ("Thừa Thiên - Huế", "Huế", (OLD, SHORT)),
        ("Đắc Lắc", "Đắk Lắk", (SHORT,)),
        ("Đăk Lăk", "Đắk Lắk", (SHORT,)),
        ("Daklak", "Đắk Lắk", (SHORT,)),
        ("Bắc Cạn", "Thái Nguyên", (OLD, SHORT)),
        ("Tỉnh Đắc Nông", "Lâm Đồng", (OLD, SHORT)),
        ("Đăk Nông", "Lâm Đồng", (OLD, SHORT)),
    ],
)
def test_the_closed_list_of_spellings_is_understood(text: str, name: str, notices: tuple[str, ...]) -> None:
    assert found(text) == (name, notices)


@pytest.mark.parametrize("text", ["", "-", "Nghe An", "Hà Tây", "Minh Hải", "Trung ương", "Nghệ", "Nghệ An Bình", "DN"])
def test_nothing_is_guessed(text: str) -> None:
    assert find_province(text) is None


@pytest.mark.parametrize("text", ["ĐN", "đn", "TP. ĐN", "Tỉnh ĐN"])
def test_an_abbreviation_with_several_meanings_is_an_answer_of_its_own(text: str) -> None:
    match = find_province(text)
    assert isinstance(match, Ambiguous)
    assert [province.name for province in match.candidates] == ["Đà Nẵng", "Đồng Nai", "Lâm Đồng"]


@given(st.sampled_from(provinces()), st.sampled_from(["", "Tỉnh ", "T. ", "thành phố ", "TP. ", "TP."]))
def test_every_name_in_force_is_its_own_province(province: Province, type_word: str) -> None:
    assert found(type_word + province.name.upper()) == (province.name, ())


@given(st.sampled_from([(name, province) for province in provinces() for name in province.former_names]))
def test_every_former_name_leads_to_the_province_that_it_went_into(pair: tuple[str, Province]) -> None:
    name, province = pair
    match = find_province(name.lower())
    assert isinstance(match, ProvinceMatch)
    assert match.province is province


@pytest.mark.parametrize(
    ("text", "province", "code"),
    [
        ("Nhân Hòa", "40", "17344"),
        ("nhân hoà", "40", "17344"),
        ("Ea H'Leo", "66", "24184"),
        ("Văn Miếu-Quốc Tử Giám", "01", "00226"),
    ],
)
def test_a_commune_is_found_by_its_exact_name(text: str, province: str, code: str) -> None:
    commune = find_commune(text, province)
    assert commune is not None
    assert commune.code == code


@pytest.mark.parametrize(
    ("text", "province"), [("Nhan Hoa", "40"), ("Nhân Hòa", "01"), ("Nhân", "40"), ("Nhân Hòa", "99"), ("", "40")]
)
def test_a_commune_is_never_guessed(text: str, province: str) -> None:
    assert find_commune(text, province) is None


@given(st.sampled_from([commune for province in provinces() for commune in communes_of(province.code)]))
def test_every_commune_is_found_in_its_province_in_capitals(commune: Commune) -> None:
    assert find_commune(commune.name.upper(), commune.province_code) == commune
