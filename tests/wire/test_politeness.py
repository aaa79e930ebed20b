"""Ceilings on requests a minute: all day, and in the office hours of Vietnam."""

from datetime import UTC, datetime, time

import pytest

from connector.wire.politeness import Ceilings, Politeness
from tests.moodle_ws.scripted import Clock, ScriptedDoor, client, good, site_info

MONDAY_NOON = datetime(2025, 12, 1, 5, 0, tzinfo=UTC)  # 12:00 in Vietnam
POLITE = Ceilings(always=60, busy=6)


@pytest.mark.parametrize(
    ("moment", "ceiling"),
    [
        (MONDAY_NOON, 6),
        (datetime(2025, 12, 1, 0, 29, tzinfo=UTC), 60),  # 07:29
        (datetime(2025, 12, 1, 0, 30, tzinfo=UTC), 6),  # 07:30
        (datetime(2025, 12, 1, 9, 59, tzinfo=UTC), 6),  # 16:59
        (datetime(2025, 12, 1, 10, 0, tzinfo=UTC), 60),  # 17:00
        (datetime(2025, 12, 5, 5, 0, tzinfo=UTC), 6),  # Friday
        (datetime(2025, 12, 6, 5, 0, tzinfo=UTC), 60),  # Saturday
        (datetime(2025, 11, 30, 23, 0, tzinfo=UTC), 60),  # Sunday in UTC, Monday 06:00 there
    ],
)
def test_office_hours_are_those_of_vietnam(moment: datetime, ceiling: int) -> None:
    assert POLITE.at(moment) == ceiling


@pytest.mark.parametrize(
    ("ceilings", "ceiling"),
    [
        (Ceilings(), 0),
        (Ceilings(busy=6), 6),
        (Ceilings(always=60), 60),
        (Ceilings(always=6, busy=60), 6),
        (Ceilings(busy=6, begins=time(13, 0)), 0),
    ],
)
def test_the_lower_ceiling_holds_and_0_is_none(ceilings: Ceilings, ceiling: int) -> None:
    assert ceilings.at(MONDAY_NOON) == ceiling


def test_requests_are_spread_evenly_and_idle_time_is_not_saved_up() -> None:
    clock = Clock()
    polite = Politeness(Ceilings(always=30), sleep=clock.sleep, clock=clock)
    sent = []
    for idle in (0, 0, 0.5, 100, 0):
        clock.now += idle
        polite.wait()
        sent.append(clock.now - 1000)
    assert sent == [0, 2, 4, 104, 106]


def test_without_a_ceiling_nobody_waits() -> None:
    clock = Clock()
    polite = Politeness(Ceilings(), sleep=clock.sleep, clock=clock)
    for _request in range(3):
        polite.wait()
    assert clock.slept == []


def test_a_client_keeps_to_its_ceiling_and_does_not_take_its_own_wait_for_slowness() -> None:
    clock, door = Clock(), ScriptedDoor(site_info(), good(None), good(None))
    speaker = client(door, clock, ceilings=Ceilings(always=2))
    assert speaker.room("f", 2, 100) == 100
    for _call in range(2):
        speaker.call("f", writes=True, items=100)
    assert clock.slept == [30, 30]
    assert speaker.room("f", 2, 100) == 200
