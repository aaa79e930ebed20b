"""Cohorts: unique keys, warnings instead of errors, and members."""

from typing import Any

import pytest

from tests.sandbox.client import Api, Fault

SYSTEM = {"type": "system", "value": ""}


def member(cohort: object, user: object, *, cohort_by: str = "idnumber", user_by: str = "username") -> dict[str, Any]:
    return {
        "cohorttype": {"type": cohort_by, "value": str(cohort)},
        "usertype": {"type": user_by, "value": str(user)},
    }


def add(api: Api, *members: dict[str, Any]) -> list[tuple[str, str]]:
    warnings = api.call("core_cohort_add_cohort_members", members=list(members))["warnings"]
    return [(warning["warningcode"], warning["message"]) for warning in warnings]


def members(api: Api, cohort: int) -> list[int]:
    found: list[int] = api.call("core_cohort_get_cohort_members", cohortids=[cohort])[0]["userids"]
    return found


@pytest.mark.parametrize(
    "more",
    [
        {"idnumber": "VN-31"},
        {"categorytype": {"type": "idnumber", "value": "nosuch"}},
        {"categorytype": {"type": "word", "value": "x"}},
    ],
)
def test_a_bad_cohort_refuses_the_list(api: Api, more: dict[str, Any]) -> None:
    api.cohort()
    good = {"categorytype": SYSTEM, "name": "Huế", "idnumber": "VN-46"}
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_create_cohorts", cohorts=[good, {**good, "idnumber": "VN-47", **more}])
    assert caught.value.code == "invalidparameter"
    assert [cohort["idnumber"] for cohort in api.call("core_cohort_get_cohorts")] == ["VN-31"]


def test_an_empty_idnumber_counts_as_one(api: Api) -> None:
    api.cohort("")
    with pytest.raises(Fault):
        api.cohort("")


def test_a_name_too_long_for_its_column(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        api.cohort(name="A" * 255)
    assert caught.value.code == "dmlwriteexception"


def test_no_ids_mean_all_cohorts_and_unknown_ones_are_left_out(api: Api) -> None:
    one, two = api.cohort("A"), api.cohort("B")
    assert [cohort["id"] for cohort in api.call("core_cohort_get_cohorts")] == [one, two]
    assert [cohort["id"] for cohort in api.call("core_cohort_get_cohorts", cohortids=[two, 999])] == [two]


def test_unsorted_reads_come_in_the_order_of_writing(api: Api) -> None:
    one, two = api.cohort("A"), api.cohort("B")
    api.call(
        "core_cohort_update_cohorts",
        cohorts=[{"id": one, "categorytype": SYSTEM, "name": "A2", "idnumber": "A", "description": "d", "visible": 0}],
    )
    found = api.call("core_cohort_get_cohorts")
    assert [cohort["id"] for cohort in found] == [two, one]
    assert (found[1]["name"], found[1]["description"], found[1]["visible"]) == ("A2", "d", False)


def test_an_update_does_not_look_at_uniqueness(api: Api) -> None:
    one, _two = api.cohort("A"), api.cohort("B")
    change = {"id": one, "categorytype": {"type": "id", "value": "2"}, "name": "A", "idnumber": "B"}
    assert api.call("core_cohort_update_cohorts", cohorts=[change]) is None
    assert [cohort["idnumber"] for cohort in api.call("core_cohort_get_cohorts")] == ["B", "B"]
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_update_cohorts", cohorts=[{**change, "id": 999}])
    assert caught.value.code == "invalidrecord"


def test_searching_by_part_of_the_name(api: Api) -> None:
    for number in range(3):
        api.cohort(f"VN-{number}", f"Tỉnh {number}")
    context = {"contextid": 1}
    found = api.call("core_cohort_search_cohorts", query="Tỉnh", context=context, limitnum=2, limitfrom=1)["cohorts"]
    assert [cohort["idnumber"] for cohort in found] == ["VN-1", "VN-2"]
    assert api.call("core_cohort_search_cohorts", query="nosuch", context=context, includes="all")["cohorts"] == []


def test_members_are_added_by_number_or_name(api: Api) -> None:
    cohort = api.cohort()
    one, two = api.users(2)
    assert add(api, member("VN-31", "0912000001"), member(cohort, two, cohort_by="id", user_by="id")) == []
    assert members(api, cohort) == [one, two]


def test_ordinary_problems_are_warnings_and_the_others_are_added(api: Api) -> None:
    cohort = api.cohort()
    one, two, three = api.users(3)
    api.call("core_user_delete_users", userids=[three])
    add(api, member("VN-31", "0912000001"))
    warnings = add(
        api,
        member("VN-31", "0912000001"),
        member("VN-99", "0912000001"),
        member("VN-31", "0999999999"),
        member("VN-31", three, user_by="id"),
        member("VN-31", "x", user_by="id"),
        member("VN-31", "0912000002", cohort_by="name"),
        member("VN-31", "0912000002", user_by="email"),
        member("VN-31", "0912000002"),
        member("VN-31", "0912000002"),
    )
    assert warnings == [
        ("3", "record already exists: cohort(idnumber=VN-31 username=0912000001)"),
        ("2", "cohort idnumber=VN-99 not exists"),
        ("2", "user username=0999999999 not exists"),
        ("2", f"user id={three} not exists"),
        ("2", "user id=x not exists"),
        ("1", "invalid type specified"),
        ("1", "invalid type specified"),
        ("3", "record already exists: cohort(idnumber=VN-31 username=0912000002)"),
    ]
    assert members(api, cohort) == [one, two]


def test_an_unknown_cohort_fails_the_reading_of_all(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_get_cohort_members", cohortids=[api.cohort(), 999])
    assert caught.value.code == "invalidrecord"


def test_taking_out_one_who_is_no_member_is_no_error(api: Api) -> None:
    cohort = api.cohort()
    one, two = api.users(2)
    add(api, member("VN-31", "0912000001"))
    pairs = [{"cohortid": cohort, "userid": userid} for userid in (one, two)]
    assert api.call("core_cohort_delete_cohort_members", members=pairs) is None
    assert members(api, cohort) == []


@pytest.mark.parametrize(("cohort", "user", "code"), [(999, 3, "invalidrecord"), (1, 999, "invaliduser")])
def test_an_unknown_cohort_or_person_fails_all_removals(api: Api, cohort: int, user: int, code: str) -> None:
    known = api.cohort()
    api.users(1)
    add(api, member("VN-31", "0912000001"))
    pairs = [{"cohortid": known, "userid": 3}, {"cohortid": cohort, "userid": user}]
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_delete_cohort_members", members=pairs)
    assert caught.value.code == code
    assert members(api, known) == [3]


def test_deleting_a_cohort(api: Api) -> None:
    cohort = api.cohort()
    api.users(1)
    add(api, member("VN-31", "0912000001"))
    with pytest.raises(Fault):
        api.call("core_cohort_delete_cohorts", cohortids=[cohort, 999])
    assert members(api, cohort) == [3]
    assert api.call("core_cohort_delete_cohorts", cohortids=[cohort]) is None
    assert api.call("core_cohort_get_cohorts") == []


def test_a_deleted_person_keeps_everybody_in(api: Api) -> None:
    one, two = api.users(2)
    (cohort,) = api.call(
        "core_cohort_create_cohorts", cohorts=[{"categorytype": SYSTEM, "name": "x", "idnumber": "DEL"}]
    )
    added = [{"cohorttype": {"type": "id", "value": cohort["id"]}, "usertype": {"type": "id", "value": one}}]
    api.call("core_cohort_add_cohort_members", members=added)
    api.call("core_user_delete_users", userids=[two])
    leaving = [{"cohortid": cohort["id"], "userid": userid} for userid in (one, two)]
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_delete_cohort_members", members=leaving)
    assert caught.value.code == "invaliduser"
    (members,) = api.call("core_cohort_get_cohort_members", cohortids=[cohort["id"]])
    assert members["userids"] == [one]
