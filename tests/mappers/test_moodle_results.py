"""Recorded answers of Moodle about learning become our values."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.mappers.moodle_results import activity_result, course_result, enrolment, grades, issue
from connector.model import TopicRef

REF = TopicRef(course="c", activity="cd03")
AT = datetime.fromtimestamp(1795315617, UTC)


def recorded(name: str, file: str = "calls") -> Any:
    path = Path(__file__).parents[1] / "recorded" / "moodle" / f"{file}.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        if call["name"] == name:
            return json.loads(call["body"])
    raise LookupError(name)


def status(name: str, cmid: int) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in recorded(name)["statuses"] if row["cmid"] == cmid)
    return found


def test_an_enrolled_person() -> None:
    row = {"id": 3, "username": "0912000001", "lastaccess": 1795315617, "lastcourseaccess": 0}
    seen = enrolment("c", row, active=True)
    assert (seen.username, seen.active, seen.last_access, seen.last_course_access) == ("0912000001", True, AT, None)
    few = enrolment("c", recorded("enrol.users.few_fields")[0], active=None)
    assert (few.course, few.active, few.last_access) == ("c", None, None)


def test_an_overridden_activity_is_done() -> None:
    found = activity_result(REF, "u", status("completion.activities.some", 5))
    assert found is not None
    assert (found.done, found.completed_at, found.overridden, found.grade) == (True, AT, True, None)


def test_a_passed_quiz_is_done_with_its_grade() -> None:
    found = activity_result(REF, "u", status("completion.activities.some", 3), 80.0)
    assert found is not None
    assert (found.done, found.completed_at, found.overridden, found.grade) == (True, AT, False, 80.0)


def test_a_failed_quiz_is_begun_and_not_done() -> None:
    found = activity_result(REF, "u", status("completion.activities.failed_quiz", 3), 30.0)
    assert found is not None
    assert (found.done, found.completed_at, found.grade) == (False, None, 30.0)


def test_what_is_not_begun_is_nothing() -> None:
    assert activity_result(REF, "u", status("completion.activities.none", 3)) is None


def test_a_completion_without_a_time_does_not_count() -> None:
    found = activity_result(REF, "u", {"state": 1, "timecompleted": 0, "overrideby": None})
    assert found is not None
    assert (found.done, found.completed_at) == (False, None)


def test_a_whole_course() -> None:
    done = course_result(TopicRef(course="cd-1"), "u", recorded("completion.course.after")["completionstatus"])
    assert done is not None
    assert (done.done, done.completed_at) == (True, AT)
    opened = recorded("completion.course.open")["completionstatus"]
    assert course_result(TopicRef(course="cd-1"), "u", opened) is None


@pytest.mark.parametrize(
    ("completed", "times", "epoch"),
    [(True, [None, 5, 3], 5), (True, [None], None), (False, [5], None), (True, [], None)],
)
def test_a_course_is_completed_by_its_last_criterion(
    completed: bool, times: list[int | None], epoch: int | None
) -> None:
    rows = [{"timecompleted": time} for time in times]
    found = course_result(TopicRef(course="c"), "u", {"completed": completed, "completions": rows})
    assert (found and found.completed_at) == (datetime.fromtimestamp(epoch, UTC) if epoch else None)


def test_grades_are_per_cent_of_the_highest() -> None:
    items = recorded("grades.items.one")["usergrades"][0]["gradeitems"]
    assert grades(items) == {3: 80.0}


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"cmid": 3, "graderaw": 0, "grademax": 10}, {3: 0.0}),
        ({"cmid": 3, "graderaw": 12, "grademax": 10}, {3: 100.0}),
        ({"cmid": 3, "graderaw": -1, "grademax": 10}, {3: 0.0}),
        ({"cmid": 3, "graderaw": 5, "grademax": 0}, {}),
        ({"cmid": 3, "graderaw": None, "grademax": 10}, {}),
        ({"graderaw": 5, "grademax": 10}, {}),
    ],
)
def test_odd_grades(item: dict[str, Any], found: dict[int, float]) -> None:
    assert grades([item]) == found


def test_an_issue() -> None:
    found = issue("cert", recorded("issues.all.json", "certificate_gate")[0])
    assert (found.issue_id, found.certificate, found.username, found.code) == ("1", "cert", "0912000001", "wrKlKZAnwH")
    assert found.issued_at == datetime.fromtimestamp(1795317966, UTC)
