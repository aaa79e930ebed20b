"""Moments as form services export them, in the languages of whoever downloads them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mappers.roster_moment import HERE, is_month_first, names_moments, read_moment

MORNING = datetime(2025, 11, 20, 8, 15, 33, tzinfo=HERE)


@pytest.mark.parametrize(
    "text",
    [
        "20/11/2025 8:15:33",
        "20/11/2025 08:15:33",
        "20-11-2025 08:15:33",
        "20.11.2025, 08:15:33",
        "20/11/25 8:15:33",
        "2025-11-20 08:15:33",
        "2025-11-20T08:15:33",
        "2025-11-20T08:15:33.250",
        "2025/11/20 8:15:33 SA GMT+7",
        "2025/11/20 8:15:33 AM GMT+07:00",
        "2025-11-20T01:15:33Z",
        "2025-11-20 01:15:33 GMT",
        "2025-11-19 20:15:33 UTC-5",
        "8:15:33 20/11/2025",
        "8h15m33s 20/11/2025",
        "45981.344131944445",
    ],
)
def test_one_moment_in_many_spellings(text: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert abs((moment - MORNING).total_seconds()) < 1


@pytest.mark.parametrize(
    ("text", "hour"),
    [("20/11/2025 8:15 CH", 20), ("20/11/2025 12:15 SA", 0), ("20/11/2025 12:15 p.m.", 12), ("20/11/2025", 0)],
)
def test_halves_of_the_day_and_days_alone(text: str, hour: int) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert moment.hour == hour


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chưa rõ",
        "31/02/2025 08:00",
        "20/11/2025 25:00",
        "20/11/2025 13:00 CH",
        "0912345678",
        "2025",
        "11111",
        "99999",
    ],
)
def test_what_is_no_moment_is_not_guessed(text: str) -> None:
    assert read_moment(text) is None


def test_the_american_order_is_found_by_the_column() -> None:
    american = ["11/20/2025 8:15:33", "11/05/2025 8:00:00", ""]
    assert is_month_first(american)
    assert not is_month_first(["05/11/2025 08:00", "20/11/2025 8:15:33"])
    assert not is_month_first(["05/11/2025 08:00"])
    assert read_moment(american[0], month_first=True) == MORNING
    assert names_moments(american)
    assert not names_moments(["", "An", "12"])


@given(st.integers(1_460_000_000, 4_070_000_000))
def test_every_moment_is_read_back(seconds: int) -> None:
    whole = datetime.fromtimestamp(seconds, UTC)
    assert read_moment(whole.isoformat()) == whole
    assert read_moment(f"{whole.astimezone(HERE):%d/%m/%Y %H:%M:%S}") == whole


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    for month_first in (True, False):
        moment = read_moment(text, month_first=month_first)
        assert moment is None or moment.tzinfo is not None
