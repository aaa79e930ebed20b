"""The seeded model of learners: shares, laws of a timetable."""

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sandbox.content import END, START, TOPICS, VIETNAM, day
from connector.sandbox.study import MANDATORY, Character, Event, character_of, timetable

SEEDS = st.integers(0, 10_000)
NAMES = st.integers(900_000_000, 999_999_999).map(lambda number: f"0{number}")
BEGINS = st.integers(START, END + 10 * 86_400)


def done(events: list[Event], until: int) -> set[int]:
    return {topic for time, topic, points in events if topic and points >= 5 and time < until}


@given(SEEDS, NAMES, BEGINS)
def test_a_timetable_is_repeatable_sorted_and_after_its_beginning(seed: int, name: str, begin: int) -> None:
    events = timetable(seed, name, begin)
    assert events == timetable(seed, name, begin)
    assert events == sorted(events)
    assert all(event.time > begin for event in events)
    assert all(event.topic in range(len(TOPICS) + 1) and 0 <= event.points <= 10 for event in events)


@given(SEEDS, NAMES)
def test_a_failed_topic_is_tried_again_later_or_given_up(seed: int, name: str) -> None:
    attempts: dict[int, list[Event]] = {}
    for event in timetable(seed, name, day(1)):
        attempts.setdefault(event.topic, []).append(event)
    for topic, tries in attempts.items():
        if topic:
            assert [attempt.points < 5 for attempt in tries] in ([False], [True, False], [True])


@given(SEEDS, NAMES, st.integers(day(1), day(9)))
def test_who_reaches_the_rule_does_so_inside_what_is_left_of_the_window(seed: int, name: str, begin: int) -> None:
    topics = done(timetable(seed, name, begin), END)
    mandatory = len([topic for topic in topics if topic <= MANDATORY])
    passed = mandatory == MANDATORY and len(topics) >= 10
    assert passed == (character_of(seed, name) is Character.REACHES)


@given(SEEDS, NAMES)
def test_each_character_does_what_its_name_says(seed: int, name: str) -> None:
    events = timetable(seed, name, day(1))
    character = character_of(seed, name)
    in_time, ever = done(events, END), done(events, 2**40)
    if character is Character.NEVER:
        assert events == []
    elif character is Character.LITTLE:
        assert events
        assert len(ever) <= 2
    elif character is Character.UNDER:
        assert 0 <= len(ever) <= 9
    elif character is Character.LACKING:
        assert len(ever) >= 10
        assert not set(range(1, MANDATORY + 1)) <= ever
    elif character is Character.LATE:
        assert len(ever) >= 10
        assert in_time < ever


def test_shares_are_near_what_they_should_be() -> None:
    count = 4000
    found = Counter(character_of(1, f"09{number:08d}") for number in range(count))
    for character, share in (
        (Character.NEVER, 0.06),
        (Character.LITTLE, 0.10),
        (Character.UNDER, 0.18),
        (Character.LACKING, 0.04),
        (Character.LATE, 0.02),
        (Character.REACHES, 0.60),
    ):
        assert found[character] / count == pytest.approx(share, abs=0.025)


def test_another_seed_is_another_crowd() -> None:
    names = [f"09{number:08d}" for number in range(50)]
    assert [character_of(1, name) for name in names] != [character_of(2, name) for name in names]


@given(SEEDS, NAMES)
def test_people_study_in_waking_hours_but_for_the_first_minutes(seed: int, name: str) -> None:
    for time, topic, points in timetable(seed, name, day(1)):
        hour = datetime.fromtimestamp(time, tz=VIETNAM).hour
        if topic and points >= 5:
            assert hour in range(7, 24) or time < day(2) + 86_400
