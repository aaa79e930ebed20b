from typing import Any

import pytest
from pydantic import ValidationError

from connector.programmes.rule import ChecksFailed, depths, meant, needed, titles, walk
from tests.programmes.samples import programme, topic


def at_least(name: str = "some", count: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "at_least", "name": name, "count": count} | more


def problems(rule: dict[str, Any], **changes: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Place and text of all that is wrong in this rule."""
    with pytest.raises(ValidationError) as caught:
        programme(rule=rule, **changes)
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
        (("rule", "topics", 2), "there is no topic 'cd99'. Known: m1, m2, e1, e2, e3."),
        (("rule", "topics", 0), "the topic 'm1' stands twice"),
    ]


def test_counts_that_nobody_can_reach_are_refused() -> None:
    rule = {"type": "all", "parts": [at_least("a", 3, kind="mandatory"), at_least("b", kind="elective", topics=["m1"])]}
    assert problems(rule) == [
        (("rule", "parts", 0, "count"), "it asks for 3 topics, but only 2 fit"),
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
        (("rule", "parts", 0, "parts", 1, "name"), "the name 'a' is used by two parts"),
    ]


def test_tags_choose_topics() -> None:
    topics = [topic("m1") | {"tags": ["data"]}, topic("e1") | {"tags": ["data", "law"]}, topic("e2")]
    whole = programme(topics=topics, rule=at_least(tag="data", count=2))
    assert whole.rule.type == "at_least"
    assert [found.key for found in meant(whole.rule, whole.topics)] == ["m1", "e1"]
    assert problems(at_least(tag="laws"), topics=topics) == [
        (("rule", "tag"), "no topic has the tag 'laws'. Did you mean 'law'?"),
        (("rule",), "no topic fits this part, so nobody could ever meet it"),
    ]


def test_hours_are_asked_for_as_far_as_there_are_any() -> None:
    hours = {"type": "hours", "name": "h", "hours": 3}
    topics = [topic("m1") | {"hours": 2}, topic("e1")]
    assert problems(hours, topics=topics) == [(("rule",), "the topic 'e1' has no hours")]
    assert problems(hours | {"topics": ["m1"]}, topics=topics) == [
        (("rule", "hours"), "it asks for 3 hours, but the topics that fit have only 2")
    ]


def test_windows_and_days_that_leave_nothing_are_refused() -> None:
    empty = {"ends_at": "2025-11-30T00:00"}
    inner = {"type": "all", "name": "x", "window": empty, "parts": [at_least()]}
    assert problems({"type": "all", "parts": [inner]}) == [
        (("rule", "parts", 0, "window"), "the window is empty: it ends before it begins")
    ]
    never = [topic("m1") | {"valid_from": "2026-01-01"}, topic("e1")]
    assert problems(at_least(count=2), topics=never) == [
        (("rule",), "the topic 'm1' is on no day valid inside the window of this part")
    ]
    turned = [topic("m1") | {"valid_from": "2025-12-09", "valid_to": "2025-12-08"}, topic("e1")]
    assert problems(at_least(topics=["e1"]), topics=turned) == [
        (("topics", 0, "valid_to"), "the last day lies before the first")
    ]


def test_grades_in_all_topics_want_a_list_that_does_not_change() -> None:
    topics = [topic("m1") | {"valid_to": "2025-12-08"}, topic("e1")]
    grade = {"type": "grade", "name": "g", "min": 50}
    assert problems(grade, topics=topics) == [
        (("rule",), "the topic 'm1' is not valid during the whole window; say by 'count' how many are needed")
    ]
    assert programme(rule=grade | {"count": 1}, topics=topics).rule.type == "grade"


def test_a_session_stands_once() -> None:
    rule = {"type": "attendance", "name": "days", "count": 1, "sessions": ["s1", "s2", "s1"]}
    assert problems(rule) == [(("rule", "sessions", 0), "the session 's1' stands twice")]


def test_the_depth_of_parts_begins_at_the_outermost_name() -> None:
    inner = {"type": "any", "name": "x", "parts": [at_least("a")]}
    assert depths(programme(rule={"type": "all", "parts": [inner]}).rule) == {"x": 0, "a": 1}
    assert depths(programme(rule=inner).rule) == {"x": 0, "a": 1}


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
