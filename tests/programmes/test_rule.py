from typing import Any

import pytest
from pydantic import ValidationError

from connector.programmes.rule import ChecksFailed, meant, needed, titles, walk
from tests.programmes.samples import programme


def at_least(name: str = "some", count: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "at_least", "name": name, "count": count} | more


def problems(rule: dict[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    """Place and text of all that is wrong in this rule."""
    with pytest.raises(ValidationError) as caught:
        programme(rule=rule)
    cause = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(cause, ChecksFailed)
    assert str(cause) == "; ".join(problem.why for problem in cause.problems)
    return [(problem.place, problem.why) for problem in cause.problems]


def test_a_part_means_all_topics_one_kind_or_the_named_ones() -> None:
    whole = programme(
        rule={
            "type": "all",
            "parts": [
                at_least("every"),
                at_least("mandatory", kind="mandatory"),
                at_least("named", topics=["e3", "m1"]),
                at_least("both", kind="elective", topics=["e3", "m1"]),
            ],
        }
    )
    found = {
        part.name: [topic.key for topic in meant(part, whole.topics)]
        for _place, part in walk(whole.rule)
        if part.type == "at_least"
    }
    assert found == {
        "every": ["m1", "m2", "e1", "e2", "e3"],
        "mandatory": ["m1", "m2"],
        "named": ["m1", "e3"],
        "both": ["e3"],
    }


def test_grade_needs_all_that_are_meant_unless_a_count_is_given() -> None:
    every = programme(rule={"type": "grade", "name": "marks", "min": 50, "kind": "elective"})
    some = programme(rule={"type": "grade", "name": "marks", "min": 50, "kind": "elective", "count": 2})
    assert every.rule.type == "grade"
    assert some.rule.type == "grade"
    assert needed(every.rule, every.topics) == 3
    assert needed(some.rule, some.topics) == 2


def test_walk_names_places_parents_first() -> None:
    rule = programme(
        rule={"type": "all", "parts": [{"type": "any", "name": "one", "parts": [at_least("a")]}, at_least("b")]}
    ).rule
    assert [(place, part.name) for place, part in walk(rule)] == [
        (("rule",), None),
        (("rule", "parts", 0), "one"),
        (("rule", "parts", 0, "parts", 0), "a"),
        (("rule", "parts", 1), "b"),
    ]
    assert titles(rule) == {"one": "one", "a": "a", "b": "b"}


def test_unknown_and_repeated_topics_are_named() -> None:
    assert problems(at_least(topics=["m1", "m1", "cd99"])) == [
        (("rule",), "there is no topic 'cd99'"),
        (("rule",), "the topic 'm1' stands twice"),
    ]


def test_counts_that_nobody_can_reach_are_refused() -> None:
    rule = {"type": "all", "parts": [at_least("a", 3, kind="mandatory"), at_least("b", kind="elective", topics=["m1"])]}
    assert problems(rule) == [
        (("rule", "parts", 0), "it asks for 3 topics, but only 2 fit"),
        (("rule", "parts", 1), "no topic fits this part, so nobody could ever meet it"),
    ]


def test_a_grade_part_of_no_topics_is_refused() -> None:
    assert problems({"type": "grade", "name": "g", "min": 1, "kind": "elective", "topics": ["m1"]}) == [
        (("rule",), "no topic fits this part, so nobody could ever meet it")
    ]


def test_names_are_needed_inside_and_must_differ() -> None:
    inner = {"type": "all", "parts": [at_least("a"), at_least("a")]}
    assert problems({"type": "all", "parts": [inner]}) == [
        (("rule", "parts", 0), "a part inside another needs a name"),
        (("rule",), "the name 'a' is used by two parts"),
    ]


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "all", "parts": []},
        {"type": "any", "parts": [at_least()]},
        at_least(count=0),
        at_least(topics=[]),
        {"type": "grade", "name": "g", "min": 101},
        at_least() | {"name": "Bắt buộc"},
    ],
)
def test_rules_of_a_wrong_shape_are_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        programme(rule=rule)
