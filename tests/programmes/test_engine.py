from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connector.model import Exemption, Origin, OutsideKind, OutsideResult, Reason, TopicRef
from connector.programmes.compiled import rule_version
from connector.programmes.definition import find_programme
from connector.programmes.engine import judge, judge_all
from connector.programmes.facts import NOTHING, Besides, besides_hash, besides_until, result_row, results_until
from tests.programmes.samples import CONFIG, COURSE, END, PHONE, START, content, done, programme

TOPICS = ("m1", "m2", "e1", "e2", "e3")
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
            not_counted=(("m1", "below_grade"), ("m2", "no_grade"), ("e1", "no_time"), ("e2", "outside_window")),
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
        programme(window={"starts_at": "2025-12-01T00:00", "ends_at": "2025-12-16T00:01"}),
        programme(topics=content()["topics"][:4]),
    ]
    versions = {rule_version(other) for other in changed}
    assert len(versions) == len(changed)
    assert version not in versions
    assert judge(programme(), PHONE, []).rule_version == version
    by_kind = {"type": "at_least", "name": "total", "count": 2, "kind": "mandatory"}
    turned = [topic | {"kind": "mandatory"} for topic in content()["topics"]]
    assert rule_version(programme(topics=turned)) == version, "nobody asks for kinds"
    assert rule_version(programme(topics=turned, rule=by_kind)) != rule_version(programme(rule=by_kind))


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
    people = [
        ("+84900000001", [result_row(done("m1"))], NOTHING),
        ("+84900000002", [result_row(done("m1")), result_row(done("e1"))], NOTHING),
    ]
    assert [(verdict.phone, verdict.passed) for verdict in judge_all(programme(), people)] == [
        ("+84900000001", False),
        ("+84900000002", True),
    ]


# --- what is counted beside the platform's results ---

ORIGIN = Origin(file="list.xlsx", sheet="", row=2)


def outside(key: str, hours: float, kind: OutsideKind, value: float | None = None) -> OutsideResult:
    moment = START + timedelta(hours=hours)
    return OutsideResult(phone=PHONE, kind=kind, key=key, value=value, at=moment, origin=ORIGIN)


def exempt(decided_on: date = date(2025, 12, 3), **target: str) -> Exemption:
    return Exemption(
        programme="small", phone=PHONE, decision="12/QĐ-SNV", decided_on=decided_on, by="Trần Thị Hoa", **target
    )


def test_hours_are_added_up_exactly() -> None:
    topics = [topic | {"hours": 0.1} for topic in content()["topics"]]
    whole = programme(topics=topics, rule={"type": "hours", "name": "hours", "hours": 0.3})
    facts = [done("m1", 1), done("e1", 5), done("e2", 3)]
    verdict = judge(whole, PHONE, facts)
    assert (verdict.passed, verdict.completed_at) == (True, START + timedelta(hours=5))
    assert (verdict.reasons[0].have, verdict.reasons[0].need) == (0.3, 0.3)
    short = judge(whole, PHONE, facts[:2]).reasons[0]
    assert (short.met, short.have, short.missing) == (False, 0.2, ("m2", "e2", "e3"))


def test_a_topic_counts_while_it_is_valid() -> None:
    topics = [topic | ({"valid_to": "2025-12-03"} if topic["key"] == "m1" else {}) for topic in content()["topics"]]
    whole = programme(topics=topics, rule={"type": "at_least", "name": "one", "count": 1})
    last = datetime(2025, 12, 3, 16, 59, tzinfo=UTC)  # 23:59 in Viet Nam
    assert judge(whole, PHONE, [replace(done("m1"), completed_at=last)]).passed
    late = judge(whole, PHONE, [replace(done("m1"), completed_at=last + timedelta(minutes=1))])
    assert late.reasons[0].not_counted == (("m1", "not_valid"),)
    assert late.done == ()


def test_a_part_may_have_a_window_of_its_own_and_parts_inside_take_it() -> None:
    rule = {
        "type": "all",
        "window": {"zone": "UTC", "ends_at": "2025-12-02T00:00"},
        "parts": [{"type": "at_least", "name": "early", "count": 1}],
    }
    whole = programme(rule=rule)
    assert judge(whole, PHONE, [done("m1", 30)]).passed
    late = judge(whole, PHONE, [done("m1", 31)])
    assert late.reasons[0].not_counted == (("m1", "outside_window"),)
    assert late.done == ("m1",), "it counts in the programme, if not for this part"


def test_sessions_are_counted_once_by_the_larger_number() -> None:
    whole = programme(rule={"type": "attendance", "name": "days", "count": 3, "sessions": ["s1", "s2", "s3"]})
    facts = (
        outside("s1", 2, OutsideKind.ATTENDANCE),
        outside("s1", 3, OutsideKind.ATTENDANCE, 2),
        outside("s2", 9, OutsideKind.ATTENDANCE, 0),
        outside("zz", 9, OutsideKind.ATTENDANCE, 5),
        outside("s3", -1, OutsideKind.ATTENDANCE, 5),
    )
    short = judge(whole, PHONE, [], Besides(outside=facts)).reasons[0]
    assert (short.met, short.have, short.missing) == (False, 2, ("s2", "s3"))
    more = (*facts, outside("s2", 20, OutsideKind.ATTENDANCE))
    assert judge(whole, PHONE, [], Besides(outside=more)).completed_at == START + timedelta(hours=20)


def test_a_result_of_another_platform_counts_like_our_own() -> None:
    whole = programme(rule={"type": "grade", "name": "marks", "min": 50, "topics": ["m1", "e1"]})
    facts = (outside("m1", 4, OutsideKind.RESULT, 90), outside("unknown", 4, OutsideKind.RESULT, 90))
    verdict = judge(whole, PHONE, [done("e1", 2, grade=50)], Besides(outside=facts))
    assert (verdict.passed, verdict.done) == (True, ("m1", "e1"))


def test_a_prerequisite_is_met_since_the_other_programme_was() -> None:
    whole = programme(rule={"type": "prerequisite", "name": "before", "programme": "first"})
    assert judge(whole, PHONE, []).reasons == (Reason(rule="before", met=False, have=0, need=1, missing=("first",)),)
    besides = Besides(completed=(("first", START), ("second", END)))
    assert judge(whole, PHONE, [], besides).completed_at == START


def test_an_exempt_topic_counts_from_the_decision_on_and_names_it() -> None:
    whole = programme(rule={"type": "grade", "name": "marks", "min": 50, "topics": ["m1", "e1"]})
    verdict = judge(whole, PHONE, [done("e1", 1, grade=60)], Besides(exemptions=(exempt(topic="m1"),)))
    assert verdict.completed_at == datetime(2025, 12, 2, 17, tzinfo=UTC)
    assert verdict.reasons[0].exempted == (("m1", "12/QĐ-SNV"),)
    assert verdict.done == ("m1", "e1")
    early = judge(whole, PHONE, [done("e1", 1, grade=60)], Besides(exemptions=(exempt(date(2024, 1, 1), topic="m1"),)))
    assert early.completed_at == START + timedelta(hours=1), "an old decision counts from the programme's start"


def test_an_exempt_part_is_met_whatever_was_done() -> None:
    whole = programme(rule=MIXED)
    verdict = judge(whole, PHONE, [done("e1")], Besides(exemptions=(exempt(part="mandatory"),)))
    assert [(reason.rule, reason.met) for reason in verdict.reasons] == [
        ("total", False),
        ("mandatory", True),
        ("elective", False),
    ]
    assert verdict.reasons[1].exempted == (("mandatory", "12/QĐ-SNV"),)
    assert (verdict.reasons[1].have, verdict.reasons[1].missing) == (0, ())
    all_done = [done(key, 1) for key in TOPICS]
    own = judge(whole, PHONE, all_done, Besides(exemptions=(exempt(part="mandatory"),)))
    assert own.reasons[1].exempted == (), "what he has done himself needs no decision"


def test_facts_besides_are_part_of_the_hash_whatever_their_order() -> None:
    one, other = outside("s1", 1, OutsideKind.ATTENDANCE), outside("s2", 1, OutsideKind.ATTENDANCE)
    plain = judge(programme(), PHONE, []).facts_hash
    besides = [
        Besides(outside=(one,)),
        Besides(outside=(other,)),
        Besides(exemptions=(exempt(topic="m1"),)),
        Besides(exemptions=(exempt(part="m1"),)),
        Besides(completed=(("first", START),)),
    ]
    assert len({plain, *(judge(programme(), PHONE, [], some).facts_hash for some in besides)}) == 6
    assert len({besides_hash(some) for some in [NOTHING, *besides]}) == 6
    assert besides_hash(Besides(outside=(one, other))) == besides_hash(Besides(outside=(other, one)))


def test_facts_until_a_moment_are_those_that_had_happened() -> None:
    rows = [result_row(done("m1", 1)), result_row(done("e1", 2)), result_row(replace(done("e2", 1), completed_at=None))]
    assert results_until(rows, START + timedelta(hours=1)) == rows[:1]
    besides = Besides(
        outside=(outside("s1", 1, OutsideKind.ATTENDANCE), outside("s2", 2, OutsideKind.ATTENDANCE)),
        exemptions=(exempt(topic="m1"), exempt(date(2025, 11, 1), topic="m2")),
        completed=(("first", END),),
    )
    until = besides_until(besides, START + timedelta(hours=1), "Asia/Ho_Chi_Minh")
    assert until == Besides(outside=besides.outside[:1], exemptions=besides.exemptions[1:])
