import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Reason, TopicRef, TopicResult
from connector.programmes.definition import Programme, find_programme
from connector.programmes.engine import judge, judge_all, rule_version
from connector.programmes.rule import Grade, Group, Rule
from tests.programmes.samples import CONFIG, COURSE, END, PHONE, START, content, done, programme

TOPICS = ("m1", "m2", "e1", "e2", "e3")
KINDS = {key: "mandatory" if key.startswith("m") else "elective" for key in TOPICS}
MIXED = {
    "type": "all",
    "parts": [
        {"type": "at_least", "name": "total", "count": 4},
        {"type": "at_least", "name": "mandatory", "count": 2, "kind": "mandatory"},
        {"type": "at_least", "name": "elective", "count": 2, "kind": "elective"},
    ],
}


def test_the_rule_of_the_first_course() -> None:
    whole = find_programme(CONFIG, "bkhcn-2025-k1")
    enough = [done(f"cd{number:02d}", number) for number in range(1, 11)]
    assert judge(whole, PHONE, enough).passed
    no_mandatory = [done(f"cd{number:02d}", number) for number in range(2, 20)]
    verdict = judge(whole, PHONE, no_mandatory)
    assert not verdict.passed
    assert [(reason.rule, reason.met, reason.have, reason.need) for reason in verdict.reasons] == [
        ("total", True, 18, 10),
        ("mandatory", False, 4, 5),
        ("elective", True, 14, 5),
    ]
    assert verdict.reasons[1].missing == ("cd01",)
    nine = judge(whole, PHONE, enough[:9])
    assert not nine.passed
    assert nine.reasons[2].missing == tuple(f"cd{number:02d}" for number in range(10, 20))


def test_the_rule_is_met_when_its_last_part_is() -> None:
    facts = [done("m1", 1), done("m2", 50), done("e1", 3), done("e2", 9), done("e3", 100)]
    verdict = judge(programme(rule=MIXED), PHONE, facts)
    assert verdict.completed_at == START + timedelta(hours=50)
    assert verdict.done == TOPICS
    assert (verdict.programme, verdict.phone) == ("small", PHONE)


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        (START, True),
        (START - timedelta(seconds=1), False),
        (END - timedelta(microseconds=1), True),
        (END, False),
    ],
)
def test_a_completion_counts_from_the_start_to_before_the_end(moment: datetime, counts: bool) -> None:
    whole = programme(rule={"type": "at_least", "name": "one", "count": 1})
    verdict = judge(whole, PHONE, [replace(done("m1"), completed_at=moment)])
    assert verdict.passed is counts
    assert verdict.reasons[0].not_counted == (() if counts else (("m1", "outside_window"),))
    assert verdict.reasons[0].missing == (() if counts else ("m2", "e1", "e2", "e3"))


def test_what_does_not_count_says_why() -> None:
    whole = programme(rule={"type": "grade", "name": "marks", "min": 50})
    facts = [
        done("m1", grade=49.9),
        done("m2", grade=None),
        replace(done("e1"), completed_at=None),
        done("e2", hours=-1, grade=90),
        replace(done("e3", grade=100), done=False),
    ]
    assert judge(whole, PHONE, facts).reasons == (
        Reason(
            rule="marks",
            met=False,
            have=0,
            need=5,
            missing=("e3",),
            not_counted=(("e1", "no_time"), ("e2", "outside_window"), ("m1", "below_grade"), ("m2", "no_grade")),
        ),
    )


def test_a_grade_part_is_met_at_the_first_good_enough_result() -> None:
    whole = programme(rule={"type": "grade", "name": "marks", "min": 50, "topics": ["m1"]})
    facts = [done("m1", 1, grade=20), done("m1", 5, grade=80), done("m1", 3, grade=50)]
    verdict = judge(whole, PHONE, facts)
    assert verdict.completed_at == START + timedelta(hours=3)
    assert verdict.done == ("m1",)


def test_one_topic_counts_once_and_by_its_earliest_result() -> None:
    whole = programme(rule={"type": "at_least", "name": "two", "count": 2})
    twice = judge(whole, PHONE, [done("m1", 1), done("m1", 2)])
    assert (twice.passed, twice.reasons[0].have) == (False, 1)
    again = judge(whole, PHONE, [done("m1", 9), done("m2", 4), done("m1", 2), done("m1", -3)])
    assert again.completed_at == START + timedelta(hours=4)
    assert again.reasons[0].not_counted == ()


def test_facts_of_other_courses_are_left_aside() -> None:
    whole = programme(rule={"type": "at_least", "name": "one", "count": 1})
    other = judge(whole, PHONE, [done("m1", course="other"), done("zz")])
    assert not other.passed
    assert other.facts_hash == judge(whole, PHONE, []).facts_hash


def test_any_is_met_by_its_earliest_part_and_named_groups_give_a_reason() -> None:
    rule = {
        "type": "any",
        "name": "either",
        "parts": [
            {"type": "at_least", "name": "mandatory", "count": 2, "kind": "mandatory"},
            {"type": "all", "name": "electives", "parts": [{"type": "at_least", "name": "e", "count": 1}]},
        ],
    }
    verdict = judge(programme(rule=rule), PHONE, [done("m1", 7), done("m2", 3)])
    assert [(reason.rule, reason.met, reason.have, reason.need) for reason in verdict.reasons] == [
        ("either", True, 1, 1),
        ("mandatory", True, 2, 2),
        ("electives", True, 1, 1),
        ("e", True, 2, 1),
    ]
    assert verdict.completed_at == START + timedelta(hours=3)
    nothing = judge(programme(rule=rule), PHONE, [])
    assert (nothing.passed, nothing.completed_at) == (False, None)
    assert nothing.reasons[0] == Reason(rule="either", met=False, have=0, need=1)


def test_times_are_compared_whatever_their_zone() -> None:
    whole = programme(rule={"type": "at_least", "name": "one", "count": 1})
    local = done("m1").completed_at
    assert local is not None
    verdict = judge(whole, PHONE, [replace(done("m1"), completed_at=local.astimezone(whole.window.starts_at.tzinfo))])
    assert verdict.completed_at == local
    assert verdict.completed_at.tzinfo is UTC
    assert verdict.facts_hash == judge(whole, PHONE, [done("m1")]).facts_hash


def test_rule_version_follows_what_decides_and_nothing_else() -> None:
    version = rule_version(programme())
    renamed = programme(
        name="Other words",
        topics=[topic | {"name": "Other", "hours": 2} for topic in content()["topics"]],
        rule=content()["rule"] | {"title": "Other"},
    )
    assert rule_version(renamed) == version
    changed = [
        programme(rule={"type": "at_least", "name": "total", "count": 3}),
        programme(rule={"type": "at_least", "name": "total", "count": 2, "kind": "elective"}),
        programme(topics=[topic | {"kind": "mandatory"} for topic in content()["topics"]]),
        programme(window={"starts_at": "2025-12-01T00:00", "ends_at": "2025-12-16T00:01"}),
        programme(topics=content()["topics"][:4]),
    ]
    versions = {rule_version(other) for other in changed}
    assert len(versions) == len(changed)
    assert version not in versions
    assert judge(programme(), PHONE, []).rule_version == version


def test_facts_hash_follows_every_fact() -> None:
    fact = done("m1", grade=50)
    changes: list[dict[str, Any]] = [
        {},
        {"done": False},
        {"completed_at": START},
        {"completed_at": None},
        {"grade": None},
        {"overridden": True},
        {"ref": TopicRef(course=COURSE, activity="m2")},
    ]
    hashes = {judge(programme(), PHONE, [replace(fact, **change)]).facts_hash for change in changes}
    assert len(hashes) == len(changes)


def test_judge_all_gives_one_verdict_a_person_in_order() -> None:
    people = [("+84900000001", [done("m1")]), ("+84900000002", [done("m1"), done("e1")])]
    assert [(verdict.phone, verdict.passed) for verdict in judge_all(programme(), people)] == [
        ("+84900000001", False),
        ("+84900000002", True),
    ]


# --- laws, against an oracle that knows nothing of the engine: it replays the facts moment by moment ---

grades = st.none() | st.sampled_from([0.0, 49.9, 50.0, 80.0, 100.0])
moments = st.none() | st.integers(-3, 19).map(lambda days: START + timedelta(days=days, hours=days % 5))
facts = st.lists(
    st.builds(
        TopicResult,
        ref=st.sampled_from([*TOPICS, "other"]).map(lambda key: TopicRef(course=COURSE, activity=key)),
        username=st.just("0912345678"),
        done=st.sampled_from([True, True, True, False]),
        completed_at=moments,
        grade=grades,
        overridden=st.booleans(),
    ),
    max_size=14,
)
selections: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"kind": "mandatory"}, {"kind": "elective"}, {"topics": ["m1", "e3"]}, {"topics": ["e1", "e2", "m2"]}]
)


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    at_least = st.tuples(selections, st.integers(1, 2)).map(
        lambda drawn: {"type": "at_least", "count": drawn[1]} | drawn[0]
    )
    counts: st.SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {"count": 1}, {"count": 2}])
    grade = st.tuples(selections, counts, st.sampled_from([0, 50, 80])).map(
        lambda drawn: {"type": "grade", "min": drawn[2]} | drawn[0] | drawn[1]
    )
    return at_least | grade


rules = st.recursive(
    leaves(),
    lambda inner: st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda drawn: {"type": drawn[0], "parts": drawn[1]}
    ),
    max_leaves=6,
)


def named(rule: dict[str, Any], numbers: "itertools.count[int]") -> dict[str, Any]:
    own = rule | {"name": f"part-{next(numbers)}"}
    if "parts" in rule:
        own["parts"] = [named(part, numbers) for part in rule["parts"]]
    return own


programmes = rules.map(lambda rule: programme(rule=named(rule, itertools.count())))


def holds(rule: Rule, known: Sequence[TopicResult]) -> bool:
    """Whether the rule is met by these facts, all of which have happened."""
    if isinstance(rule, Group):
        stands = [holds(part, known) for part in rule.parts]
        return all(stands) if rule.type == "all" else any(stands)
    meant = [
        key
        for key in TOPICS
        if (rule.kind is None or KINDS[key] == rule.kind) and (rule.topics is None or key in rule.topics)
    ]
    lowest = rule.min if isinstance(rule, Grade) else None
    counted = {
        result.ref.activity
        for result in known
        if result.done
        and result.completed_at is not None
        and START <= result.completed_at < END
        and (lowest is None or (result.grade is not None and result.grade >= lowest))
    }
    need = rule.count if rule.count is not None else len(meant)
    return len([key for key in meant if key in counted]) >= need


def first_moment(whole: Programme, known: Sequence[TopicResult]) -> datetime | None:
    times = sorted({result.completed_at for result in known if result.completed_at is not None})
    for time in times:
        until = [result for result in known if result.completed_at is not None and result.completed_at <= time]
        if holds(whole.rule, until):
            return time
    return None


@given(whole=programmes, known=facts)
@settings(max_examples=300)
def test_the_engine_agrees_with_replaying_the_facts(whole: Programme, known: list[TopicResult]) -> None:
    verdict = judge(whole, PHONE, known)
    assert verdict.passed == holds(whole.rule, known)
    assert verdict.completed_at == first_moment(whole, known)
    assert verdict.reasons[0].met == verdict.passed


@given(whole=programmes, known=facts, extra=facts)
def test_a_valid_completion_more_never_takes_a_pass_away(
    whole: Programme, known: list[TopicResult], extra: list[TopicResult]
) -> None:
    before = judge(whole, PHONE, known)
    after = judge(whole, PHONE, known + extra)
    assert after.passed >= before.passed
    assert set(before.done) <= set(after.done)
    if before.completed_at is not None:
        assert after.completed_at is not None
        assert after.completed_at <= before.completed_at


@given(whole=programmes, known=facts, data=st.data())
def test_the_order_of_facts_does_not_matter(whole: Programme, known: list[TopicResult], data: st.DataObject) -> None:
    assert judge(whole, PHONE, data.draw(st.permutations(known))) == judge(whole, PHONE, known)


@given(whole=programmes, known=facts)
def test_reasons_never_contradict_themselves(whole: Programme, known: list[TopicResult]) -> None:
    for reason in judge(whole, PHONE, known).reasons:
        aside = {topic for topic, _cause in reason.not_counted}
        assert reason.met == (reason.have >= reason.need)
        assert not aside & set(reason.missing)
        assert not (reason.met and reason.missing)
