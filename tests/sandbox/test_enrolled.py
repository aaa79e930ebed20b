"""Reading the enrolled: pages, few fields, active and suspended."""

from typing import Any

import pytest

from connector.sandbox.clock import move
from tests.sandbox.client import Api, Fault, person


def read(api: Api, **options: Any) -> list[dict[str, Any]]:
    pairs = [{"name": name, "value": str(value)} for name, value in options.items()]
    found: list[dict[str, Any]] = api.call("core_enrol_get_enrolled_users", courseid=api.course(), options=pairs)
    return found


def ids(api: Api, **options: Any) -> list[int]:
    return [user["id"] for user in read(api, userfields="id", **options)]


def test_pages_are_sorted_by_id(api: Api) -> None:
    people = api.users(5)
    api.enrol(people[::-1])
    assert ids(api) == people
    assert ids(api, limitfrom=1, limitnumber=2) == people[1:3]
    assert ids(api, sortdirection="DESC", limitnumber=1) == people[-1:]
    assert ids(api, sortby="lastname", limitfrom=10) == []


def test_few_fields_come_with_the_full_name_and_a_second_phone(api: Api) -> None:
    made = api.call("core_user_create_users", users=[person(1, phone2="0912000001", city="Huế"), person(2)])
    api.enrol([user["id"] for user in made])
    first, second = read(api, userfields="id, username, lastaccess, lastcourseaccess")
    assert first == {
        "id": made[0]["id"],
        "username": "0912000001",
        "fullname": "An Nguyễn Văn",
        "phone2": "0912000001",
        "lastaccess": 0,
        "lastcourseaccess": 0,
    }
    assert "phone2" not in second


def test_all_fields_come_with_roles_groups_and_courses(api: Api) -> None:
    fields = [{"type": "commune", "value": "Kim Thành"}]
    (one,) = (user["id"] for user in api.call("core_user_create_users", users=[person(1, customfields=fields)]))
    api.enrol([one])
    api.enrol([one], course=3)
    group = api.call("core_group_get_course_groups", courseid=2)[0]["id"]
    api.call("core_group_add_group_members", members=[{"groupid": group, "userid": one}])
    user = read(api)[0]
    assert [role["roleid"] for role in user["roles"]] == [5]
    assert [group["name"] for group in user["groups"]] == ["Đủ điều kiện"]
    assert {course["shortname"] for course in user["enrolledcourses"]} == {"BKHCN-2025-01", "CD-01"}
    assert user["customfields"][0]["value"] == "Kim Thành"
    assert "suspended" not in user, "it is computed, but not declared"


def test_active_and_suspended(api: Api) -> None:
    now = api.site.now()
    active, suspended, ended, later = api.users(4)
    api.enrol([active])
    api.enrol([suspended], suspend=1)
    api.enrol([ended], timeend=now)
    api.enrol([later], timestart=now + 10)
    assert ids(api) == [active, suspended, ended, later]
    assert ids(api, onlyactive=1) == [active]
    assert ids(api, onlysuspended=1) == [suspended, ended, later]
    move(api.site, now + 10)
    assert ids(api, onlyactive=1) == [active, later]


def test_a_group_limits_the_list(api: Api) -> None:
    people = api.users(2)
    api.enrol(people)
    group = api.call("core_group_get_course_groups", courseid=2)[0]["id"]
    api.call("core_group_add_group_members", members=[{"groupid": group, "userid": people[1]}])
    assert ids(api, groupid=group) == people[1:]


def test_an_unknown_field_or_course_is_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        read(api, userfields="id,nosuch")
    assert caught.value.code == "invaliduserfield"
    with pytest.raises(Fault) as caught:
        api.call("core_enrol_get_enrolled_users", courseid=999)
    assert caught.value.code == "invalidrecord"


def test_enrolment_methods_do_not_show_manual_or_cohort_instances(api: Api) -> None:
    assert api.call("core_enrol_get_course_enrolment_methods", courseid=2) == []
    with pytest.raises(Fault):
        api.call("core_enrol_get_course_enrolment_methods", courseid=999)
