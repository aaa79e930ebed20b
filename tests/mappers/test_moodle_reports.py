"""The report's texts are read strictly, and its time zone is worked out from exact times."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.mappers.moodle_reports import CompletionRow, columns, completion, wall_time, zone_of


def recorded() -> Any:
    path = Path(__file__).parents[1] / "recorded" / "moodle" / "reports.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        if call["name"] == "report.connector-completions.json":
            return json.loads(call["body"])["data"]
    raise LookupError


def test_the_recorded_report_has_one_completion() -> None:
    data = recorded()
    places = columns(data["headers"])
    rows = [completion(line["columns"], places) for line in data["rows"]]
    assert [row for row in rows if row] == [
        CompletionRow("cd-1", "0912000001", datetime(2026, 11, 22, 2, 46, tzinfo=UTC))
    ]


def test_columns_are_found_wherever_they_stand_and_a_missing_one_is_named() -> None:
    headers = ["Username", "Time completed", "Completed", "Course ID number"]
    assert columns(headers) == {"course": 3, "username": 0, "done": 2, "time": 1}
    with pytest.raises(ConfigError, match="'Time completed'"):
        columns([header for header in headers if header != "Time completed"])


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - the wall's clock has no zone
def test_every_minute_is_read(moment: datetime) -> None:
    wall = moment.replace(second=0, microsecond=0)
    text = f"{wall:%A}, {wall.day} {wall:%B %Y}, {wall.hour % 12 or 12}:{wall:%M} {'AM' if wall.hour < 12 else 'PM'}"
    assert wall_time(text) == wall.replace(tzinfo=UTC)


def test_a_narrow_space_before_the_half_of_the_day_is_a_space() -> None:
    assert wall_time("Sunday, 22 November 2026, 2:46\u202fPM") == datetime(2026, 11, 22, 14, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Chủ nhật, 22 tháng 11 2026, 2:46 AM", "22/11/2026 02:46", "Sunday, 22 Mai 2026, 2:46 AM"]
)
def test_another_form_of_time_is_an_error_that_shows_it(text: str) -> None:
    with pytest.raises(ConfigError, match="is not known"):
        wall_time(text)


@given(st.integers(-56, 56), st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - made aware below
def test_the_zone_is_found_from_one_event(quarters: int, moment: datetime) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    exact = moment.replace(tzinfo=UTC)
    wall = exact.astimezone(zone).replace(second=0, microsecond=0, tzinfo=UTC)
    assert zone_of(wall, exact) == zone


@pytest.mark.parametrize("minutes", [7, 15 * 60])
def test_two_different_events_have_no_zone(minutes: int) -> None:
    exact = datetime(2026, 11, 22, 2, 46, 30, tzinfo=UTC)
    assert zone_of(exact.replace(second=0) + timedelta(minutes=minutes), exact) is None
