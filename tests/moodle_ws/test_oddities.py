"""One row that cannot be understood stops no other, is told to whoever asks, and never looks like an answer."""

import json
from typing import Any

import pytest

from connector.errors import ConfigError
from connector.lms import CertificateGate
from connector.mappers.moodle import AccountMapper
from connector.model import TopicRef
from connector.moodle_ws.accounts import Accounts
from connector.moodle_ws.certificates import Certificates
from connector.moodle_ws.enrolments import Enrolments
from connector.moodle_ws.ids import Activity, Ids
from connector.moodle_ws.results import Results
from connector.wire.oddities import LONGEST, MOST_TEXTS, Oddities, shortened
from tests.moodle_ws.scripted import ScriptedDoor, good, ids_of, site_info

REF = TopicRef(course="c", activity="cd01")


@pytest.fixture
def odd() -> Oddities:
    return Oddities()


def known(*script: Any) -> Ids:
    """A course 'c' with one topic and one certificate, and three people with the numbers 1 to 3."""
    ids = ids_of(ScriptedDoor(site_info(), *script))
    assert ids.ws.batches
    ids._courses["c"] = 2
    ids._activities["c"] = {
        "cd01": Activity(cmid=1, module="quiz", instance=1, name="cd01", completion=True),
        "cert": Activity(cmid=6, module="customcert", instance=1, name="x", completion=False),
    }
    ids.users |= {f"0{number}": number for number in (1, 2, 3)}
    return ids


def status(state: Any, time: Any = 9) -> dict[str, Any]:
    return {"statuses": [{"cmid": 1, "state": state, "timecompleted": time, "overrideby": None}]}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (status(7), "unknown completion state 7"),
        (status("xong"), "invalid literal"),
        (status(1, "hôm qua"), "invalid literal"),
        (status(1, 10**30), "Error"),
        ({"statuses": None}, "NoneType"),
        ({"trạng thái": []}, "missing 'statuses'"),
    ],
)
def test_an_odd_completion_is_told_with_its_person(odd: Oddities, answer: Any, why: str) -> None:
    grades = {"usergrades": [{"userid": 1, "gradeitems": [{"cmid": 1, "graderaw": 8, "grademax": 10}]}]}
    ids = known(good(status(1), answer, status(2)), good(*[grades] * (3 if answer.get("statuses") else 2)))
    found = list(Results(ids.ws, ids, odd).of([REF], ["01", "02", "03"]))
    assert [item.username for item in found] == ["01", "03"]
    (told,) = odd.take()
    assert (told.part, told.username, told.place in ("c", "c/cd01"), why in told.why) == ("results", "02", True, True)
    assert odd.take() == []


def test_a_failed_attempt_with_a_hidden_grade_is_known(odd: Oddities) -> None:
    ids = known(good(status(4)), good({"usergrades": []}))
    assert [item.done for item in Results(ids.ws, ids, odd).of([REF], ["01"])] == [False]
    assert odd.take() == []


def test_whose_grade_is_no_number_keeps_what_was_known_of_him(odd: Oddities) -> None:
    people = [
        {"usergrades": [{"userid": number, "gradeitems": [{"cmid": 1, "graderaw": raw, "grademax": 10}]}]}
        for number, raw in ((1, 8), (2, "8 điểm"))
    ]
    ids = known(good(status(1), status(1)), good(*people))
    found = list(Results(ids.ws, ids, odd).of([REF], ["01", "02"]))
    assert [(item.username, item.grade) for item in found] == [("01", 80.0)]
    assert [(told.place, told.username) for told in odd.take()] == [("c", "02")]


def test_a_completion_of_a_whole_course_may_be_odd(odd: Oddities) -> None:
    answers = [
        {"completionstatus": {"completed": True, "completions": [{"timecompleted": time}]}} for time in (9, "chưa rõ")
    ]
    ids = known(good(*answers))
    found = list(Results(ids.ws, ids, odd)._exactly(TopicRef(course="c"), {"01": 1, "02": 2}))
    assert [item.username for item in found] == ["01"]
    assert [told.username for told in odd.take()] == ["02"]


def test_an_odd_issue_is_told_by_its_number(odd: Oddities) -> None:
    rows: list[Any] = [
        {
            "issue": {"id": number, "customcertid": 1, "code": "c", "timecreated": time},
            "user": {"id": 3, "username": "01", "fullname": "Nguyễn Văn An"},
        }
        for number, time in ((1, 1795317966), (2, "hôm nay"))
    ]
    ids = known(good([*rows, {"issue": 5}, 5]))
    gate = CertificateGate(course="c", certificate="cert", group="g")
    assert [
        item.issue_id for item in Certificates(ids.ws, ids, odd, Enrolments(ids.ws, ids, odd, 5)).issues(gate, None)
    ] == ["1"]
    told = odd.take()
    assert [(item.part, item.place) for item in told] == [("issues", "2"), ("issues", ""), ("issues", "")]
    assert "Nguyễn" not in told[0].raw


def test_who_is_enrolled_is_enrolled_though_his_times_are_odd(odd: Oddities) -> None:
    rows = [
        {"id": number, "username": f"0{number}", "lastaccess": 9, "lastcourseaccess": time}
        for number, time in ((1, 9), (2, "hôm qua"))
    ]
    ids = known(good([]), good(rows))  # the suspended ones are asked for first
    found = list(Enrolments(ids.ws, ids, odd, role_id=5).seen("c"))
    assert [(item.username, item.last_course_access is None) for item in found] == [("01", False), ("02", True)]
    assert [(told.part, told.place, told.username) for told in odd.take()] == [("enrolments", "c", "02")]


@pytest.mark.parametrize("change", [{"suspended": "có"}, {"lastaccess": "hôm qua"}, {"customfields": [{"name": "x"}]}])
def test_an_odd_account_is_left_out_and_told(odd: Oddities, change: dict[str, Any]) -> None:
    row = {"id": 1, "username": "01", "lastaccess": 0, "suspended": False}
    ids = known(good([row | change, row | {"id": 2, "username": "02", "suspended": "1"}]))
    found = list(Accounts(ids.ws, ids, odd, AccountMapper([], ["x"])).seen(["01", "02"]))
    assert [(item.account.username, item.account.suspended) for item in found] == [("02", True)]
    assert [(told.part, told.username) for told in odd.take()] == [("accounts", "01")]


def test_a_refusal_of_our_own_is_an_oddity_too(odd: Oddities) -> None:
    def refuse() -> None:
        raise ConfigError("no such time")

    assert odd.understood(refuse, {}, part="results") is None
    assert [told.why for told in odd.take()] == ["no such time"]


def test_rows_are_kept_short_and_without_names() -> None:
    raw = {"id": 1, "fullname": "Nguyễn Văn An", "inner": [{"email": "a@b.vn", "state": "x" * 99}], "more": "y" * 900}
    text = shortened(raw)
    assert len(text) <= LONGEST
    assert json.loads(text)["inner"] == [{"email": "…", "state": "x" * 40}]
    assert "Nguyễn" not in text
    assert "a@b.vn" not in text


def test_a_flood_is_counted_whole_and_kept_short(odd: Oddities) -> None:
    for number in range(MOST_TEXTS + 5):
        odd.add("changed", {"n": number}, part="results", username=str(number))
    told = odd.take()
    assert len(told) == MOST_TEXTS + 5
    assert [bool(item.raw) for item in told[MOST_TEXTS - 1 : MOST_TEXTS + 1]] == [True, False]
