"""Grades and what they complete."""

from typing import Any

import pytest

from tests.sandbox.client import Api, Fault


def grade(api: Api, idnumber: str, more: dict[str, Any] | None = None, **points: float) -> int:
    rows = [{"studentid": int(userid[1:]), "grade": value} for userid, value in points.items()]
    fixed = {"source": "x", "courseid": 2, "component": "mod_quiz", "itemnumber": 0}
    given = fixed | {"activityid": api.cmid(idnumber), "grades": rows} | (more or {})
    return int(api.call("core_grades_update_grades", **given))


def report(api: Api, **params: int) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = api.call("gradereport_user_get_grade_items", courseid=2, **params)["usergrades"]
    return answer


@pytest.fixture
def people(api: Api) -> list[int]:
    made = api.users(3)
    api.enrol(made)
    return made


def test_a_grade_completes_or_fails_the_quiz(api: Api, people: list[int]) -> None:
    assert grade(api, "cd02", u3=5, u4=4.9) == 0
    quiz = api.cmid("cd02")
    assert [api.states(userid)[quiz]["state"] for userid in people] == [2, 3, 0]
    assert grade(api, "cd02", u4=6) == 0
    assert api.states(people[1])[quiz]["isoverallcomplete"]


def test_an_override_is_sticky(api: Api, people: list[int]) -> None:
    quiz = api.cmid("cd02")
    api.call("core_completion_override_activity_completion_status", userid=3, cmid=quiz, newstate=1)
    grade(api, "cd02", u3=1)
    assert api.states(3)[quiz]["state"] == 1


@pytest.mark.parametrize("more", [{"itemnumber": 1}, {"component": "mod_page", "activityid": 1}])
def test_what_has_no_grade_item_fails(api: Api, people: list[int], more: dict[str, Any]) -> None:
    assert grade(api, "cd02", more, u3=5) == 1


@pytest.mark.parametrize("more", [{"component": "mod_page"}, {"courseid": 3}, {"activityid": 999}])
def test_a_wrong_activity_is_an_error(api: Api, more: dict[str, Any]) -> None:
    with pytest.raises(Fault) as caught:
        grade(api, "cd02", more)
    assert caught.value.code == "invalidcoursemodule"


def test_the_report_of_one_has_natural_weights(api: Api, people: list[int]) -> None:
    grade(api, "cd02", u3=8)
    grade(api, "cd04", u3=4)
    items = report(api, userid=3)[0]["gradeitems"]
    assert len(items) == 10, "nine quizzes and the course"
    first, second, third = items[:3]
    total = items[-1]
    assert (first["graderaw"], first["weightraw"], first["percentageformatted"]) == (8, 0.5, "80.00 %")
    assert "Pass" in first["gradeformatted"]
    assert "Fail" in second["gradeformatted"]
    assert (third["graderaw"], third["status"], third["weightraw"]) == (None, "novalue", 0)
    assert (total["itemtype"], total["graderaw"], total["grademax"]) == ("course", 12, 20)
    assert first["gradedategraded"] == api.site.now()


def test_who_has_no_grade_has_no_weights(api: Api, people: list[int]) -> None:
    items = report(api, userid=3)[0]["gradeitems"]
    assert "weightraw" not in items[0]
    assert (items[-1]["graderaw"], items[-1]["grademax"]) == (None, 90)


def test_the_report_of_all_holds_active_people_and_a_group_slices_it(api: Api, people: list[int]) -> None:
    api.enrol([people[2]], suspend=1)
    group = api.call("core_group_get_course_groups", courseid=2)[0]["id"]
    api.call("core_group_add_group_members", members=[{"groupid": group, "userid": people[1]}])
    assert [row["userid"] for row in report(api)] == people[:2]
    assert [row["userid"] for row in report(api, groupid=group)] == [people[1]]


def test_an_unknown_person_or_course_is_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        report(api, userid=999)
    assert caught.value.code == "invaliduser"
    with pytest.raises(Fault):
        api.call("gradereport_user_get_grade_items", courseid=999)


def test_quizzes_of_courses(api: Api) -> None:
    answer = api.call("mod_quiz_get_quizzes_by_courses", courseids=[2, 999])
    assert [quiz["coursemodule"] for quiz in answer["quizzes"]] == [
        api.cmid(f"cd{number:02d}") for number in range(2, 19, 2)
    ]
    assert [warning["itemid"] for warning in answer["warnings"]] == [999]
