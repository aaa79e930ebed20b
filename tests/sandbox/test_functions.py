"""The batch function: stops at the first failing item, keeps what was done before."""

import json
from typing import Any

import pytest

from connector.sandbox.functions import BATCH, FUNCTIONS
from tests.sandbox.client import Api, Fault, limited, person


def error_of(response: dict[str, Any]) -> dict[str, Any]:
    assert response["error"]
    found: dict[str, Any] = json.loads(response["exception"])
    return found


def test_answers_come_in_order_as_json_texts(api: Api) -> None:
    api.cohort()
    first, second = api.batch(
        ("core_cohort_get_cohorts", {"cohortids": []}),
        ("enrol_manual_unenrol_users", {"enrolments": []}),
    )
    assert json.loads(first["data"])[0]["idnumber"] == "VN-31"
    assert second == {"error": False}, "a function without a return has no data"


def test_the_first_failing_item_ends_the_list_and_only_it_is_undone(api: Api) -> None:
    users = [{"users": [person(number)]} for number in range(4)]
    users[1]["users"] += users[0]["users"]
    responses = api.batch(*[("core_user_create_users", arguments) for arguments in users])
    assert [response["error"] for response in responses] == [False, True]
    assert error_of(responses[1])["errorcode"] == "invalidparameter"
    assert [user["username"] for user in api.find(*(f"09120{number:05d}" for number in range(4)))] == ["0912000000"]


@pytest.mark.parametrize("broken", ["{not json", '"text"', "[1]", "null"])
def test_arguments_that_are_no_object_are_taken_as_empty(api: Api, broken: str) -> None:
    api.cohort("A")
    api.cohort("B")
    (response,) = api.batch(("core_cohort_get_cohorts", broken))
    assert len(json.loads(response["data"])) == 2


def test_real_types_nulls_and_empty_lists_work(api: Api) -> None:
    (response,) = api.batch(("core_user_create_users", {"users": [person(1, city=None, customfields=[])]}))
    assert not response["error"]


def test_a_long_list_is_one_variable(api: Api) -> None:
    api.site.switches.max_input_vars = 10
    (response,) = api.batch(("core_user_create_users", {"users": [person(number) for number in range(200)]}))
    assert len(json.loads(response["data"])) == 200


def test_a_php_error_has_a_code_only_inside_the_batch(api: Api) -> None:
    (response,) = api.batch(
        ("enrol_manual_enrol_users", {"enrolments": [{"roleid": 5, "userid": 99999, "courseid": 2}]})
    )
    error = error_of(response)
    assert error["errorcode"] == "generalexceptionmessage"
    assert error["message"].startswith("Exception - core\\user")
    assert error["moreinfourl"].endswith("/error/error/generalexceptionmessage")


def test_inner_functions_must_be_in_the_service(api: Api) -> None:
    limited(api, "few", BATCH)
    form = {"wstoken": "few", "wsfunction": BATCH, "moodlewsrestformat": "json"}
    answer = json.loads(api.post(form | {"requests[0][function]": "core_cohort_get_cohorts"}).body)
    assert error_of(answer["responses"][0])["errorcode"] == "accessexception"
    assert error_of(api.batch(("core_no_such_function", {}))[0])["errorcode"] == "accessexception"


def test_raw_texts_are_asked_for_item_by_item(api: Api) -> None:
    api.cohort(name="A&B")
    item = {"function": "core_cohort_get_cohorts", "arguments": "{}"}
    answer = api.call(BATCH, requests=[{**item, "settingraw": 1}, item])["responses"]
    assert [json.loads(part["data"])[0]["name"] for part in answer] == ["A&B", "A&amp;B"]


def test_site_info_lists_the_functions_with_versions(api: Api) -> None:
    info = api.call("core_webservice_get_site_info")
    versions = {function["name"]: function["version"] for function in info["functions"]}
    assert set(versions) == set(FUNCTIONS)
    assert versions["mod_customcert_list_issues"] == "2024042219"
    assert info["release"].startswith("4.5")
    assert info["userid"] == 2


def test_an_unknown_function_is_an_invalid_record(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        api.call("core_no_such_function")
    assert caught.value.code == "invalidrecord"
