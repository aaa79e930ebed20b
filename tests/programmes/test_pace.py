from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from random import Random
from typing import Any

import pytest

from connector.programmes.engine import judge
from connector.programmes.pace import Risk, pace, topics_wanted
from tests.programmes.histories import random_programme, random_results
from tests.programmes.samples import PHONE, START, content, done, programme

MIXED = {
    "type": "all",
    "parts": [
        {"type": "at_least", "name": "total", "count": 4},
        {"type": "at_least", "name": "mandatory", "count": 2, "kind": "mandatory"},
        {"type": "at_least", "name": "elective", "count": 2, "kind": "elective"},
    ],
}


def wanted(rule: dict[str, Any], *keys: str, hours: float = 2) -> int | None:
    topics = [topic | {"hours": hours} for topic in content()["topics"]]
    whole = programme(rule=rule, topics=topics)
    return topics_wanted(whole, judge(whole, PHONE, [done(key, grade=10) for key in keys]))


def test_a_topic_that_helps_two_parts_is_wanted_once() -> None:
    assert wanted(MIXED) == 4
    assert wanted(MIXED, "e1", "e2", "e3") == 2
    assert wanted(MIXED, "m1", "m2", "e1", "e2") == 0


def test_the_shorter_way_through_any_hours_and_grades() -> None:
    hours = {"type": "hours", "name": "hours", "hours": 5}
    marks = {"type": "grade", "name": "marks", "min": 50, "topics": ["m1", "e1"]}
    assert wanted(hours) == 3
    assert wanted(marks, "m1") == 2, "the one without the grade can be done better"
    assert wanted({"type": "any", "name": "x", "parts": [hours, marks]}) == 2
    attendance = {"type": "attendance", "name": "days", "count": 1}
    assert wanted({"type": "any", "name": "x", "parts": [attendance, hours]}) == 3
    assert wanted({"type": "all", "parts": [attendance, hours]}) == 3, "sessions are no matter of pace"
    assert wanted({"type": "any", "name": "x", "parts": [attendance]}) == 0
    assert wanted({"type": "all", "parts": [attendance, hours]}, "m1", "m2", "e1") == 0


def test_what_was_done_too_early_cannot_be_done_again() -> None:
    whole = programme(rule={"type": "at_least", "name": "all", "count": 5})
    assert topics_wanted(whole, judge(whole, PHONE, [done("m1", -5)])) is None


def test_the_count_is_near_the_best_choice() -> None:
    """Against trying every choice: never fewer, seldom more."""
    more = tried = 0
    for seed in range(300):
        random = Random(seed)
        _definition, whole = random_programme(random)
        known = random_results(random)
        found = topics_wanted(whole, judge(whole, PHONE, known))
        open_topics = ["m1", "m2", "e1", "e2", "e3"]
        best = next(
            (
                size
                for size in range(6)
                for choice in combinations(open_topics, size)
                if judge(whole, PHONE, known + [done(key, 24 * 7, grade=100) for key in choice]).passed
            ),
            None,
        )
        if found is not None and best is not None:
            tried += 1
            more += found > best
    assert tried > 100
    assert more < tried / 20


@pytest.mark.parametrize(
    ("topics", "days", "logged_in", "risk"),
    [
        ((), 8, False, Risk.NEVER_LOGGED_IN),
        ((), 8, True, Risk.NOT_BEGUN),
        (("m1", "e1"), 8, True, Risk.TOO_SLOW),
        (("m1", "e1", "e2"), 8, True, Risk.ON_PACE),
        (("m1", "e1"), 7, False, Risk.ON_PACE),
        (("m1",), 0.1, True, Risk.ON_PACE),
    ],
)
def test_risk_compares_the_pace_with_what_is_left(
    topics: tuple[str, ...], days: float, logged_in: bool, risk: Risk
) -> None:
    whole = programme(rule=MIXED)
    verdict = judge(whole, PHONE, [done(key) for key in topics])
    assert pace(whole, verdict, START + timedelta(days=days), logged_in=logged_in).risk is risk


def test_what_topics_cannot_mend_is_told_first() -> None:
    whole = programme(rule={"type": "at_least", "name": "all", "count": 5})
    assert pace(whole, judge(whole, PHONE, [done("m1", -5)]), START, logged_in=False).risk is Risk.OUT_OF_REACH


def test_a_verdict_without_reasons_tells_no_way() -> None:
    whole = programme(rule={"type": "at_least", "name": "all", "count": 2})
    assert topics_wanted(whole, replace(judge(whole, PHONE, []), reasons=())) is None
