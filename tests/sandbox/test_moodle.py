"""The protocol: addresses, token, control variables, limits, states of the site."""

import json

import pytest

from connector.sandbox.building import add_token
from connector.sandbox.moodle import ENDPOINT
from tests.sandbox.client import TOKEN, Api, Fault, limited
from tests.sandbox.replay import FORM


def test_variables_of_query_and_body_are_merged_and_the_body_wins(api: Api) -> None:
    query = f"wstoken={TOKEN}&wsfunction=core_cohort_get_cohorts&moodlewsrestformat=xml"
    answer = api.sandbox.handle("POST", ENDPOINT, query, FORM, b"moodlewsrestformat=json")
    assert answer.body == b"[]"


def test_a_get_request_is_a_call_too(api: Api) -> None:
    query = f"wstoken={TOKEN}&wsfunction=core_cohort_get_cohorts&moodlewsrestformat=json"
    assert api.sandbox.handle("GET", ENDPOINT, query, {}, b"").body == b"[]"


def test_a_json_body_is_not_read(api: Api) -> None:
    body = json.dumps({"wstoken": TOKEN, "wsfunction": "core_cohort_get_cohorts"}).encode()
    answer = api.sandbox.handle("POST", ENDPOINT, "", {"content-type": "application/json"}, body)
    assert b"invalidtoken" in answer.body


def test_xml_unless_exactly_json_is_asked_for(api: Api) -> None:
    form = {"wstoken": TOKEN, "wsfunction": "core_cohort_get_cohorts"}
    assert api.post(form).body.startswith(b"<?xml")
    assert api.post(form | {"moodlewsrestformat": "JSON"}).body.startswith(b"<?xml")
    assert api.post(form | {"moodlewsrestformat": "json"}).body == b"[]"


def test_a_cut_body_answers_in_xml_although_json_was_asked_for(api: Api) -> None:
    api.site.switches.max_input_vars = 50
    ids = {f"cohortids[{number}]": str(number) for number in range(60)}
    form = {"wstoken": TOKEN, "wsfunction": "core_cohort_get_cohorts", **ids, "moodlewsrestformat": "json"}
    assert api.post(form).body.startswith(b"<?xml")


def test_a_cut_body_with_the_token_at_its_end_is_an_invalid_token(api: Api) -> None:
    api.site.switches.max_input_vars = 5
    form = {f"cohortids[{number}]": "1" for number in range(5)} | {"wstoken": TOKEN}
    assert b"invalidtoken" in api.post(form).body


def test_a_body_over_post_max_size_arrives_empty(api: Api) -> None:
    api.site.switches.post_max_size = 100
    form = {"wstoken": TOKEN, "wsfunction": "core_cohort_get_cohorts", "moodlewsrestformat": "json", "x": "y" * 200}
    assert b"invalidtoken" in api.post(form).body


def test_a_cut_list_of_accounts_is_a_success_for_what_arrived(api: Api) -> None:
    api.site.switches.max_input_vars = 3 + 5 * 2 + 4  # control variables, two accounts, and a piece of the third
    with pytest.raises(Fault) as caught:  # the third account lacks its e-mail: a required value
        api.users(3)
    assert caught.value.code == "invalidparameter"
    api.site.switches.max_input_vars = 3 + 5 * 2
    assert len(api.users(3)) == 2


def test_an_optional_field_at_the_cut_is_lost_without_an_error(api: Api) -> None:
    api.site.switches.max_input_vars = 3 + 5
    users = [
        {
            "username": "0912000001",
            "password": "Abc@12345",
            "firstname": "An",
            "lastname": "Lê",
            "email": "a@b.vn",
            "idnumber": "VN-1",
        }
    ]
    api.call("core_user_create_users", users=users)
    assert "idnumber" not in api.find("0912000001")[0]


def test_an_unknown_variable_is_a_parameter_and_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_get_cohorts", sesskey="x")
    assert caught.value.code == "invalidparameter"


def test_control_variables_are_no_parameters(api: Api) -> None:
    names = ("raw", "filter", "fileurl", "lang", "timezone")
    settings = {f"moodlewssetting{name}": "" for name in names}
    assert api.call("core_cohort_get_cohorts", settings) == []


def test_texts_come_escaped_unless_raw_ones_are_asked_for(api: Api) -> None:
    api.cohort(name="Sở KH&CN <A>")
    assert api.call("core_cohort_get_cohorts")[0]["name"] == "Sở KH&amp;CN &lt;A&gt;"
    raw = api.call("core_cohort_get_cohorts", {"moodlewssettingraw": "1"})
    assert raw[0]["name"] == "Sở KH&CN <A>"


def test_an_expired_token_is_denied_once_and_unknown_ever_after(api: Api) -> None:
    add_token(api.site, "old", valid_until=api.site.now() - 1)
    form = {"wstoken": "old", "wsfunction": "core_cohort_get_cohorts", "moodlewsrestformat": "json"}
    codes = [json.loads(api.post(form).body)["errorcode"] for _ in range(3)]
    assert codes == ["accessexception", "invalidtoken", "invalidtoken"]


def test_a_token_that_is_not_expired_works(api: Api) -> None:
    add_token(api.site, "new", valid_until=api.site.now() + 1, address="127.0.0.1")
    form = {"wstoken": "new", "wsfunction": "core_cohort_get_cohorts", "moodlewsrestformat": "json"}
    assert api.post(form).body == b"[]"


def test_a_function_outside_of_the_tokens_service_is_denied(api: Api) -> None:
    limited(api, "few", "core_webservice_get_site_info")
    form = {"wstoken": "few", "wsfunction": "core_cohort_get_cohorts", "moodlewsrestformat": "json"}
    assert json.loads(api.post(form).body)["errorcode"] == "accessexception"
    info = json.loads(api.post(form | {"wsfunction": "core_webservice_get_site_info"}).body)
    assert [function["name"] for function in info["functions"]] == ["core_webservice_get_site_info"]


def test_maintenance_of_the_web_page_is_an_exception(api: Api) -> None:
    api.site.switches.closed = True
    with pytest.raises(Fault) as caught:
        api.call("core_cohort_get_cohorts")
    assert caught.value.code == "sitemaintenance"


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/", 200, b"Log in to the site"),
        ("/login/index.php", 200, b"Log in to the site"),
        ("/webservice/rest/", 404, b"could not be found"),
        ("/nosuch", 404, b"could not be found"),
    ],
)
def test_a_wrong_address_is_a_page_for_people(api: Api, path: str, status: int, word: bytes) -> None:
    answer = api.sandbox.handle("POST", path, "", FORM, b"wstoken=x")
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert word in answer.body


def test_calls_are_counted_by_function(api: Api) -> None:
    api.call("core_cohort_get_cohorts")
    api.batch(("core_cohort_get_cohorts", {}), ("core_cohort_get_cohorts", {}))
    assert api.site.calls["core_cohort_get_cohorts"] == 1
    assert api.site.calls["tool_mobile_call_external_functions"] == 1
    assert api.site.calls["tool_mobile_call_external_functions/core_cohort_get_cohorts"] == 2
