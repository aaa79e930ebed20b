"""Groups: one who is not enrolled fails all."""

import pytest

from tests.sandbox.client import Api, Fault


def members(api: Api, group: int) -> list[int]:
    found: list[int] = api.call("core_group_get_group_members", groupids=[group])[0]["userids"]
    return found


def add(api: Api, group: int, *userids: int) -> None:
    pairs = [{"groupid": group, "userid": userid} for userid in userids]
    assert api.call("core_group_add_group_members", members=pairs) is None


@pytest.fixture
def group(api: Api) -> int:
    return int(api.call("core_group_get_course_groups", courseid=2)[0]["id"])


def test_adding_again_is_fine(api: Api, group: int) -> None:
    people = api.users(2)
    api.enrol(people)
    add(api, group, *people)
    add(api, group, people[0])
    assert members(api, group) == people


@pytest.mark.parametrize(("index", "code"), [(0, "invalidparameter"), (1, "invaliduser"), (2, "invaliduser")])
def test_one_who_cannot_be_added_fails_all(api: Api, group: int, index: int, code: str) -> None:
    enrolled, other, deleted = api.users(3)
    api.enrol([enrolled, deleted])
    api.call("core_user_delete_users", userids=[deleted])
    with pytest.raises(Fault) as caught:
        add(api, group, enrolled, (other, 999999, deleted)[index])
    assert caught.value.code == code
    assert members(api, group) == []


def test_taking_out(api: Api, group: int) -> None:
    people = api.users(2)
    api.enrol(people)
    add(api, group, people[0])
    pairs = [{"groupid": group, "userid": userid} for userid in people]
    assert api.call("core_group_delete_group_members", members=pairs) is None
    assert members(api, group) == []
    with pytest.raises(Fault) as caught:
        api.call("core_group_delete_group_members", members=[{"groupid": group, "userid": 999999}])
    assert caught.value.code == "invaliduser"


def test_an_unknown_group_is_an_error(api: Api) -> None:
    for call in (
        lambda: members(api, 99),
        lambda: add(api, 99, 3),
        lambda: api.call("core_group_delete_group_members", members=[{"groupid": 99, "userid": 3}]),
    ):
        with pytest.raises(Fault) as caught:
            call()
        assert caught.value.code == "invalidrecord"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "Đủ điều kiện"}, "invalidparameter"),
        ({"idnumber": "eligible"}, "idnumbertaken"),
        ({"courseid": 99}, "invalidrecord"),
    ],
)
def test_a_name_or_key_in_use_refuses_the_list(api: Api, more: dict[str, object], code: str) -> None:
    good = {"courseid": 2, "name": "Huế", "description": "", "idnumber": "VN-46"}
    with pytest.raises(Fault) as caught:
        api.call("core_group_create_groups", groups=[good, {**good, "name": "X", "idnumber": "Y", **more}])
    assert caught.value.code == code
    assert len(api.call("core_group_get_course_groups", courseid=2)) == 1


def test_groups_without_a_key_may_be_many(api: Api) -> None:
    plain = [{"courseid": 2, "name": name, "description": ""} for name in ("A", "B")]
    assert len(api.call("core_group_create_groups", groups=plain)) == 2
    with pytest.raises(Fault):
        api.call("core_group_get_course_groups", courseid=99)
