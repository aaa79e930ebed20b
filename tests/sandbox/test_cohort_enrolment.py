"""Membership enrols, and leaving destroys: what hangs on a cohort enrolment instance."""

import pytest

from connector.sandbox.building import add_cohort_enrolment
from tests.sandbox.client import Api
from tests.sandbox.test_cohorts import add, member


@pytest.fixture
def course(api: Api) -> int:
    """The course, tied to cohort VN-31, with one account 0912000001 (id 3) in it through the cohort."""
    courseid = api.course()
    add_cohort_enrolment(api.site, courseid, api.cohort())
    api.users(1)
    add(api, member("VN-31", "0912000001"))
    return courseid


def enrolled(api: Api, course: int, **options: str) -> list[int]:
    pairs = [{"name": name, "value": value} for name, value in {"userfields": "id", **options}.items()]
    return [user["id"] for user in api.call("core_enrol_get_enrolled_users", courseid=course, options=pairs)]


def leave(api: Api) -> None:
    api.call("core_cohort_delete_cohort_members", members=[{"cohortid": 1, "userid": 3}])


def test_a_new_member_is_enrolled_as_a_student(api: Api, course: int) -> None:
    assert enrolled(api, course) == [3]
    user = api.call("core_enrol_get_enrolled_users", courseid=course)[0]
    assert [role["shortname"] for role in user["roles"]] == ["student"]


def test_those_who_are_members_before_are_enrolled_with_the_instance(api: Api) -> None:
    cohort = api.cohort()
    api.users(1)
    add(api, member("VN-31", "0912000001"))
    add_cohort_enrolment(api.site, api.course(), cohort)
    assert enrolled(api, api.course()) == [3]


def fill(api: Api, course: int) -> int:
    """Give account 3 a group, a grade, a completion and a visit; the group's id."""
    group = int(api.call("core_group_get_course_groups", courseid=course)[0]["id"])
    api.call("core_group_add_group_members", members=[{"groupid": group, "userid": 3}])
    api.call(
        "core_grades_update_grades",
        source="x",
        courseid=course,
        component="mod_quiz",
        activityid=api.cmid("cd02"),
        itemnumber=0,
        grades=[{"studentid": 3, "grade": 8}],
    )
    api.site.db.execute("INSERT INTO course_access VALUES (3, ?, 1)", (course,))
    return group


def test_leaving_the_last_cohort_takes_groups_grades_and_last_access_but_not_completion(api: Api, course: int) -> None:
    group = fill(api, course)
    leave(api)
    assert enrolled(api, course) == []
    assert api.call("core_group_get_group_members", groupids=[group])[0]["userids"] == []
    assert api.site.all("SELECT * FROM grades") == []
    assert api.site.all("SELECT * FROM course_access") == []
    assert api.states(3)[api.cmid("cd02")]["state"] == 2


def test_who_is_also_enrolled_by_hand_loses_nothing(api: Api, course: int) -> None:
    group = fill(api, course)
    api.enrol([3])
    leave(api)
    assert enrolled(api, course) == [3]
    assert api.call("core_group_get_group_members", groupids=[group])[0]["userids"] == [3]
    assert len(api.site.all("SELECT * FROM grades")) == 1


def test_with_the_setting_suspend_nothing_is_lost(api: Api, course: int) -> None:
    api.site.switches.cohort_unenrol = False
    fill(api, course)
    leave(api)
    assert enrolled(api, course) == [3]
    assert enrolled(api, course, onlyactive="1") == []
    assert len(api.site.all("SELECT * FROM grades")) == 1
    add(api, member("VN-31", "0912000001"))
    assert enrolled(api, course, onlyactive="1") == [3]


def test_deleting_the_cohort_unenrols_its_members(api: Api, course: int) -> None:
    api.call("core_cohort_delete_cohorts", cohortids=[1])
    assert enrolled(api, course) == []
