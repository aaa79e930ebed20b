"""Courses and categories, and one person's courses."""

import pytest

from tests.sandbox.client import COURSE, Api, Fault


def by(api: Api, field: str, value: object) -> list[int]:
    found = api.call("core_course_get_courses_by_field", field=field, value=value)
    return [course["id"] for course in found["courses"]]


def test_courses_are_found_by_each_field(api: Api) -> None:
    assert by(api, "id", 2) == by(api, "idnumber", COURSE) == by(api, "shortname", "BKHCN-2025-01") == [2]
    assert by(api, "ids", "3, 2,999") == [2, 3]
    assert len(by(api, "category", 2)) == 20
    assert len(by(api, "", "")) == 21, "the front page is a course too"
    assert by(api, "idnumber", "nosuch") == []


def test_an_unknown_field_is_refused(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        by(api, "nosuch", "x")
    assert caught.value.code == "invalidparameter"


def test_a_course_tells_its_window_and_its_category_escaped(api: Api) -> None:
    course = api.call("core_course_get_courses_by_field", field="id", value="2")["courses"][0]
    assert (course["startdate"], course["enddate"]) == (1764522000, 1765818000)
    assert course["categoryname"] == "Bộ KH&amp;CN"
    assert course["enablecompletion"] == 1


def new(**more: object) -> dict[str, object]:
    return {"fullname": "Khóa 2", "shortname": "K2", "categoryid": 2, "idnumber": "k2", **more}


def test_a_new_course_can_be_enrolled_into_at_once(api: Api) -> None:
    made = api.call("core_course_create_courses", courses=[new(enablecompletion=1, numsections=2)])
    (one,) = api.users(1)
    api.enrol([one], course=made[0]["id"])
    assert [section["section"] for section in api.call("core_course_get_contents", courseid=made[0]["id"])] == [0, 1, 2]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"idnumber": ""}, "shortnametaken"),
        ({"shortname": "K3"}, "courseidnumbertaken"),
        ({"categoryid": 99, "shortname": "K3"}, "invalidrecord"),
    ],
)
def test_a_name_in_use_refuses_the_whole_list(api: Api, more: dict[str, object], code: str) -> None:
    api.call("core_course_create_courses", courses=[new()])
    with pytest.raises(Fault) as caught:
        api.call("core_course_create_courses", courses=[new(shortname="K4", idnumber="k4"), new(**more)])
    assert caught.value.code == code
    assert by(api, "shortname", "K4") == []


def test_categories_by_criteria(api: Api) -> None:
    found = api.call("core_course_get_categories", criteria=[{"key": "idnumber", "value": "bkhcn"}])
    assert [(category["id"], category["coursecount"], category["path"]) for category in found] == [(2, 20, "/2")]
    with pytest.raises(Fault):
        api.call("core_course_get_categories", criteria=[{"key": "parent", "value": "0"}])


def test_one_persons_courses_with_progress(api: Api) -> None:
    (one,) = api.users(1)
    api.enrol([one])
    api.enrol([one], course=api.course("cd-01"))
    api.enrol([one], course=api.course("cd-02"), suspend=1)
    api.call(
        "core_completion_override_activity_completion_status", userid=one, cmid=api.cmid("cd01", "cd-01"), newstate=1
    )
    found = {course["idnumber"]: course for course in api.call("core_enrol_get_users_courses", userid=one)}
    assert set(found) == {COURSE, "cd-01"}
    assert (found["cd-01"]["completed"], found["cd-01"]["progress"]) == (True, 100)
    assert (found[COURSE]["completed"], found[COURSE]["progress"]) == (False, 0)
    assert (found[COURSE]["completionhascriteria"], found["cd-01"]["completionhascriteria"]) == (False, True)
    assert found[COURSE]["enrolledusercount"] == 1
    assert found[COURSE]["lastaccess"] is None


def test_counting_everybody_can_be_left_out(api: Api) -> None:
    (one,) = api.users(1)
    course = api.call("core_course_create_courses", courses=[new()])[0]["id"]
    api.enrol([one], course=course)
    mine = api.call("core_enrol_get_users_courses", userid=one, returnusercount=0)[0]
    assert "enrolledusercount" not in mine
    assert mine["progress"] == 0
    with pytest.raises(Fault):
        api.call("core_enrol_get_users_courses", userid=999)
