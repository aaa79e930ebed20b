"""What Moodle keeps back from an account that is no administrator: recorded answers, and what we make of them."""

from typing import Any

import pytest

from connector.errors import AccessDenied, ConfigError
from connector.lms import Finding, Needs, Severity
from connector.model import TopicRef
from connector.moodle_ws.doctor import Doctor
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.results import COURSE, GRADES, Results
from connector.wire.oddities import Oddities
from tests.moodle_ws.scripted import (
    ScriptedDoor,
    Told,
    client,
    good,
    ids_of,
    reading_site,
    recorded_body,
    refusal,
    site_info,
)

LISTED = {"modules": [{"id": 1, "uservisible": True}]}
SEEN = {"id": 1, "idnumber": "cd01", "modname": "page", "instance": 1, "name": "Chuyên đề 1", "completion": 2}
GUEST = good(recorded_body("guest.admin"))
COURSE_ROW = good({"courses": [{"id": 2, "idnumber": "c"}]})


def refused(name: str) -> Told:
    """The recorded refusal as the inner answer of a batch."""
    body = recorded_body(name)
    return refusal(body["errorcode"], body["message"])


def test_a_course_is_found_although_its_id_number_is_kept_back() -> None:
    answer = recorded_body("few.course")
    assert "idnumber" not in answer["courses"][0]
    assert ids_of(ScriptedDoor(site_info(), good(answer))).course("bkhcn-2025-01") == 2


def test_a_course_of_another_id_number_is_not_taken() -> None:
    other = {"courses": [{"id": 2, "idnumber": "BKHCN-2025-01"}]}
    with pytest.raises(ConfigError):
        ids_of(ScriptedDoor(site_info(), good(other))).course("bkhcn-2025-01")


def test_hidden_id_numbers_of_activities_are_not_absent_ones() -> None:
    door = ScriptedDoor(site_info(), COURSE_ROW, good([LISTED]), good(recorded_body("few.module")))
    with pytest.raises(AccessDenied, match="manageactivities"):
        ids_of(door).activity("c", "cd01")


def test_an_activity_that_the_account_may_not_enter_stops_no_other() -> None:
    sections = [{"modules": [{"id": 7, "uservisible": False}, *LISTED["modules"]]}]
    door = ScriptedDoor(site_info(), COURSE_ROW, good(sections), good({"cm": SEEN}))
    ids = ids_of(door)
    assert ids.activity("c", "cd01").cmid == 1
    assert [arguments for _name, arguments in door.inner(-1)] == [{"cmid": 1}]
    with pytest.raises(ConfigError, match="mod/quiz:view"):
        ids.activity("c", "cd02")


@pytest.mark.parametrize(
    ("recording", "function", "right"),
    [("few.grades", GRADES, "moodle/grade:viewall"), ("few.completion", COURSE, "report/completion:view")],
)
def test_a_missing_right_is_not_taken_for_a_person_who_is_refused(recording: str, function: str, right: str) -> None:
    ws = client(ScriptedDoor(site_info(), refused(recording)))
    with pytest.raises(AccessDenied, match=right):
        ws.call(function, {"courseid": 2, "userid": 3}, writes=False)


def test_grades_are_never_lost_for_want_of_a_right() -> None:
    statuses = {"statuses": [{"cmid": 1, "state": 1, "timecompleted": 1764525660}]}
    door = ScriptedDoor(
        site_info(), COURSE_ROW, good([LISTED]), good({"cm": SEEN}), good(statuses), refused("few.grades")
    )  # fmt: skip
    ids = ids_of(door, u0912=3)
    with pytest.raises(AccessDenied):
        list(Results(ids.ws, ids, Oddities()).of([TopicRef(course="c", activity="cd01")], ["0912"]))


def diagnosed(subject: str, needs: Needs, *script: Told) -> Finding:
    ws = client(ScriptedDoor(reading_site(), *script))
    return next(finding for finding in Doctor(ws, Ids(ws)).check(needs) if finding.subject == subject)


@pytest.mark.parametrize(("recording", "severity"), [("few.guest", Severity.WARNING), ("guest.admin", Severity.OK)])
def test_the_doctor_tells_hidden_addresses(recording: str, severity: Severity) -> None:
    finding = diagnosed("Addresses of accounts", Needs(), good(recorded_body(recording)), good([]))
    assert finding.severity is severity
    assert ("viewuseridentity" in finding.remedy) is (severity is Severity.WARNING)


ACTIVITY = Needs(courses=("c",), topics=(TopicRef(course="c", activity="cd01"),))
FOUND: list[Any] = [good([LISTED]), good({"cm": SEEN})]


def test_the_doctor_tells_that_grades_cannot_be_read() -> None:
    people: list[Told] = [good([{"id": 3}]), good([])]
    finding = diagnosed(
        "Progress in c", ACTIVITY, GUEST, good([]), COURSE_ROW, *people, *FOUND, refused("few.grades")
    )  # fmt: skip
    assert finding.severity is Severity.ERROR
    assert "moodle/grade:viewall" in finding.remedy


def test_completions_are_an_open_question_while_nobody_is_enrolled() -> None:
    nobody = [good([]), good([])]
    grades = good({"usergrades": []})
    finding = diagnosed("Progress in c", ACTIVITY, GUEST, good([]), COURSE_ROW, *nobody, *FOUND, grades)
    assert finding.severity is Severity.WARNING
    assert "report/progress:view" in finding.remedy


@pytest.mark.parametrize(
    ("answer", "severity", "words"),
    [
        (refused("few.completion"), Severity.ERROR, "report/completion:view"),
        (refusal("nocriteriaset"), Severity.ERROR, "Course completion"),
        (refusal("usernotenroled"), Severity.OK, ""),
    ],
)
def test_the_doctor_asks_for_one_completion_of_a_course(answer: Told, severity: Severity, words: str) -> None:
    needs = Needs(courses=("c",), topics=(TopicRef(course="c"),))
    reports = good({"reports": []})
    finding = diagnosed(
        "Topic c", needs, GUEST, good([]), COURSE_ROW, good([{"id": 3}]), good([]), answer, reports
    )  # fmt: skip
    assert finding.severity is severity
    assert words in finding.remedy
