"""Provinces on a day: reference/vietnam-facts.md sections 2.1 to 2.3."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.places import provinces
from connector.places.dated import KNOWN_SINCE, MERGED_ON, meanings_of_code, provinces_on

LAST_OLD_DAY = MERGED_ON - timedelta(days=1)
REUSED = {
    "15": ("Yên Bái", "Lào Cai"),
    "24": ("Bắc Giang", "Bắc Ninh"),
    "44": ("Quảng Bình", "Quảng Trị"),
    "52": ("Bình Định", "Gia Lai"),
    "80": ("Long An", "Tây Ninh"),
    "82": ("Tiền Giang", "Đồng Tháp"),
    "91": ("Kiên Giang", "An Giang"),
}


@given(st.dates(KNOWN_SINCE, date(2030, 1, 1)))
def test_on_every_day_there_are_63_or_34_each_with_a_code_of_its_own(day: date) -> None:
    found = provinces_on(day)
    assert len(found) == (63 if day < MERGED_ON else 34)
    assert [one.code for one in found] == sorted({one.code for one in found})
    assert {one.today.code for one in found} == {province.code for province in provinces()}


@pytest.mark.parametrize(
    ("day", "cities"),
    [
        (date(2024, 12, 31), 5),
        (date(2025, 1, 1), 6),
        (date(2025, 7, 1), 6),
        (date(2026, 4, 30), 7),
        (date(2026, 9, 1), 8),
        (date(2026, 9, 20), 9),
    ],
)
def test_cities_are_counted_by_their_dates(day: date, cities: int) -> None:
    assert sum(one.type == "thành phố" for one in provinces_on(day)) == cities


@pytest.mark.parametrize(("code", "names"), REUSED.items())
def test_a_reused_code_means_two_provinces_until_a_day_is_given(code: str, names: tuple[str, str]) -> None:
    assert tuple(one.name for one in meanings_of_code(code)) == names
    assert [one.name for one in meanings_of_code(code, LAST_OLD_DAY)] == [names[0]]
    assert [one.name for one in meanings_of_code(code, MERGED_ON)] == [names[1]]


def test_all_other_codes_mean_one_province() -> None:
    codes = {one.code for day in (LAST_OLD_DAY, MERGED_ON) for one in provinces_on(day)}
    assert len(codes) == 63
    assert {code for code in codes if len(meanings_of_code(code)) > 1} == REUSED.keys()


def test_a_code_that_is_no_more_needs_no_day_but_has_its_time() -> None:
    (haigiang,) = meanings_of_code("02")
    assert (haigiang.full_name, haigiang.today.name) == ("Tỉnh Hà Giang", "Tuyên Quang")
    assert meanings_of_code("02", MERGED_ON) == ()
    assert meanings_of_code("99") == ()


def test_hue_was_called_thua_thien_hue_under_the_same_code() -> None:
    assert [one.full_name for one in meanings_of_code("46", date(2024, 12, 31))] == ["Tỉnh Thừa Thiên Huế"]
    assert [one.full_name for one in meanings_of_code("46")] == ["Thành phố Huế"]


def test_days_before_the_tables_begin_are_refused() -> None:
    with pytest.raises(ConfigError, match="01/08/2008"):
        provinces_on(KNOWN_SINCE - timedelta(days=1))
    with pytest.raises(ConfigError, match="01/08/2008"):
        meanings_of_code("28", date(2007, 1, 1))
