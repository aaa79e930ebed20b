"""What a clerk finds: every name, every code, ambiguity as an answer of its own."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.places import communes_of, provinces
from connector.places.dated import provinces_on
from connector.places.finding import find_places

OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)


def names(text: str, day: date | None = None) -> list[str]:
    return [place.full_name for place in find_places(text, day).places]


@pytest.mark.parametrize(
    ("text", "day", "found"),
    [
        ("Nghệ An", None, ["Tỉnh Nghệ An"]),
        ("tỉnh  NGHỆ AN", None, ["Tỉnh Nghệ An"]),
        ("Thanh Hoá", None, ["Tỉnh Thanh Hóa"]),
        ("T. Bình Dương", None, ["Tỉnh Bình Dương"]),
        ("BR-VT", None, ["Tỉnh Bà Rịa - Vũng Tàu"]),
        ("TPHCM", OLD, ["Thành phố Hồ Chí Minh"]),
        ("Thừa Thiên Huế", None, ["Tỉnh Thừa Thiên Huế"]),
        ("TT-Huế", date(2024, 6, 1), ["Tỉnh Thừa Thiên Huế"]),
        ("TT-Huế", OLD, []),
        ("Đồng Nai", NEW, ["Tỉnh Đồng Nai"]),
        ("Đồng Nai", None, ["Thành phố Đồng Nai"]),
        ("Bình Dương", NEW, ["Xã Bình Dương", "Phường Bình Dương"]),
        ("ĐN", None, ["Thành phố Đà Nẵng", "Tỉnh Đắk Nông", "Thành phố Đồng Nai"]),
        ("ĐN", NEW, ["Thành phố Đà Nẵng", "Tỉnh Đồng Nai"]),
        ("xã Lộc Ninh, Đồng Nai", NEW, ["Xã Lộc Ninh"]),
        ("xã Lộc Ninh, Đồng Nai", None, ["Phường Lộc Ninh"]),
        ("P. Tân An, tỉnh Cần Thơ", None, ["Phường Tân An"]),
        ("X. Ea H'Leo", None, ["Xã Ea H’Leo"]),
        ("10804", None, ["Xã Kim Thành"]),
        ("10804", OLD, []),
        ("24", OLD, ["Tỉnh Bắc Giang"]),
        ("24", None, ["Tỉnh Bắc Giang", "Thành phố Bắc Ninh"]),
        ("123", None, []),
        ("Xin Chào", None, []),
    ],
)
def test_names_and_codes(text: str, day: date | None, found: list[str]) -> None:
    assert names(text, day) == found


def test_a_name_of_a_province_and_of_a_commune_gives_both() -> None:
    answer = find_places("Hải Dương").places
    assert [(place.level, place.province.name) for place in answer] == [
        ("province", "Hải Phòng"),
        ("commune", "Hải Phòng"),
    ]
    assert answer[0].ends == NEW


def test_ten_communes_are_called_tan_an_and_one_in_each_province() -> None:
    found = find_places("Tân An").places
    assert len(found) == 10
    assert all(len(find_places(f"Tân An, {place.province.name}").places) == 1 for place in found)


def test_a_name_without_marks_is_no_name_but_is_offered() -> None:
    answer = find_places("Tan An")
    assert answer.places == ()
    assert {place.full_name for place in answer.near} >= {"Xã Tân An", "Xã Tân Ân"}
    assert [place.full_name for place in find_places("Nghe An").near] == ["Tỉnh Nghệ An"]
    assert [place.full_name for place in find_places("Ha Giang", OLD).near] == ["Tỉnh Hà Giang"]


def test_the_period_of_a_commune_is_that_of_its_kind() -> None:
    (before,) = find_places("Lộc Ninh, Đồng Nai", NEW).places
    (after,) = find_places("Lộc Ninh, Đồng Nai").places
    assert (before.begins, before.ends) == (NEW, date(2026, 4, 30))
    assert (after.begins, after.ends) == (date(2026, 4, 30), None)


def test_a_day_before_the_tables_is_refused() -> None:
    with pytest.raises(ConfigError):
        find_places("Hà Tây", date(2007, 1, 1))


@given(st.sampled_from(provinces()), st.data())
def test_every_commune_is_found_in_its_province(province: object, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from([one for one in provinces() if one == province]))
    commune = data.draw(st.sampled_from(communes_of(chosen.code)))
    assert [one.code for one in find_places(f"{commune.full_name}, {chosen.name}").places] == [commune.code]


@given(st.sampled_from(provinces_on(OLD)))
def test_every_former_province_is_found_on_its_last_day(one: object) -> None:
    former = next(province for province in provinces_on(OLD) if province == one)
    found = [place for place in find_places(former.full_name, OLD).places if place.level == "province"]
    assert [(place.code, place.province) for place in found] == [(former.code, former.today)]
