from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connector.model import Reason
from connector.programmes.describe import describe, describe_missing
from connector.programmes.engine import judge
from tests.programmes.samples import PHONE, done, programme

RULE = {
    "type": "all",
    "parts": [
        {"type": "at_least", "name": "mandatory", "title": "Mandatory topics", "count": 2, "kind": "mandatory"},
        {"type": "at_least", "name": "elective", "count": 2, "kind": "elective"},
    ],
}


def test_a_met_part_says_so() -> None:
    reason = Reason(rule="total", met=True, have=3, need=2)
    assert describe(reason) == "total: 3 of 2, met."


def test_a_met_part_tells_since_when_and_by_which_decision() -> None:
    reason = Reason(
        rule="total",
        met=True,
        have=1.5,
        need=2,
        since=datetime(2025, 12, 2, 17, tzinfo=UTC),
        exempted=(("total", "3/QĐ"), ("cd01", "4/QĐ")),
    )
    assert describe(reason, zone=ZoneInfo("Asia/Ho_Chi_Minh")) == (
        "total: 1.5 of 2, met since 00:00 03/12/2025. Exempt: the whole part by decision 3/QĐ, cd01 by decision 4/QĐ."
    )


def test_an_open_part_names_what_is_open_and_what_does_not_count() -> None:
    reason = Reason(
        rule="m",
        met=False,
        have=1,
        need=5,
        missing=("cd02", "cd04"),
        not_counted=(
            ("cd03", "outside_window"),
            ("cd05", "below_grade"),
            ("cd06", "no_grade"),
            ("cd07", "no_time"),
            ("cd08", "later_cause"),
            ("cd09", "not_valid"),
        ),
    )
    assert describe(reason, {"m": "Mandatory topics"}) == (
        "Mandatory topics: 1 of 5, not met. Still open: cd02, cd04. Not counted: cd03 (done outside the window), "
        "cd05 (grade too low), cd06 (no grade), cd07 (the platform gives no time), cd08 (later_cause), "
        "cd09 (the topic was not valid then)."
    )


def test_missing_names_topics_where_all_are_needed_and_counts_where_there_is_a_choice() -> None:
    whole = programme(rule=RULE)
    verdict = judge(whole, PHONE, [done("m1"), done("e1")])
    assert describe_missing(verdict, whole.part_titles) == "Mandatory topics: m2; elective: 1 more"
    assert describe_missing(verdict) == "mandatory: m2; elective: 1 more"


def test_who_has_passed_misses_nothing() -> None:
    whole = programme(rule=RULE)
    passed = judge(whole, PHONE, [done(key) for key in ("m1", "m2", "e1", "e2")])
    assert passed.passed
    assert describe_missing(passed) == ""
