"""The same answer in both formats, and the same call over both transports."""

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from connector.sandbox.clock import set_day
from tests.sandbox.client import Api

READS: list[tuple[str, dict[str, Any]]] = [
    ("core_webservice_get_site_info", {}),
    ("core_user_get_users_by_field", {"field": "username", "values": ["0912000001", "0912000002", "admin"]}),
    ("core_cohort_get_cohorts", {}),
    ("core_cohort_get_cohort_members", {"cohortids": [1]}),
    ("core_course_get_categories", {}),
    ("core_course_get_contents", {"courseid": 2}),
    ("core_course_get_course_module", {"cmid": 2}),
    ("core_course_get_courses_by_field", {"field": "category", "value": "2"}),
    ("core_enrol_get_enrolled_users", {"courseid": 2}),
    ("core_enrol_get_users_courses", {"userid": 3}),
    ("core_group_get_course_groups", {"courseid": 2}),
    ("core_completion_get_activities_completion_status", {"courseid": 2, "userid": 3}),
    ("gradereport_user_get_grade_items", {"courseid": 2}),
    ("mod_customcert_list_issues", {}),
    ("mod_quiz_get_quizzes_by_courses", {"courseids": [2]}),
    ("core_reportbuilder_list_reports", {}),
    ("core_reportbuilder_retrieve_report", {"reportid": 1}),
]


@pytest.fixture
def busy(api: Api) -> Api:
    """A site on which people have worked and a certificate is issued."""
    people = api.users(4)
    api.cohort(name="Sở KH&CN <Huế>")
    api.enrol(people)
    member = {"cohorttype": {"type": "id", "value": "1"}, "usertype": {"type": "id", "value": "3"}}
    api.call("core_cohort_add_cohort_members", members=[member])
    api.call("core_group_add_group_members", members=[{"groupid": 1, "userid": 3}])
    set_day(api.site, 16)
    return api


def value_of(node: ET.Element) -> Any:
    """A node of Moodle's XML as a value; every leaf is a text or None."""
    if node.tag == "MULTIPLE":
        return [value_of(item) for item in node]
    if node.tag == "SINGLE":
        return {key.get("name"): value_of(key[0]) for key in node}
    return None if node.get("null") == "null" else (node.text or "")


def agree(from_json: Any, from_xml: Any) -> None:
    """Fail unless both say the same; XML also holds what JSON leaves out, as nulls."""
    if isinstance(from_json, dict):
        assert set(from_json) <= set(from_xml)
        for key, value in from_xml.items():
            if key in from_json:
                agree(from_json[key], value)
            else:
                assert empty(value), key
    elif isinstance(from_json, list):
        assert len(from_json) == len(from_xml)
        for left, right in zip(from_json, from_xml, strict=True):
            agree(left, right)
    elif isinstance(from_json, bool):
        assert from_xml == ("1" if from_json else "0")
    else:
        assert from_xml == (None if from_json is None else str(from_json))


def empty(value: Any) -> bool:
    """Whether a value is nothing but nulls."""
    if isinstance(value, dict):
        return all(empty(inner) for inner in value.values())
    return value is None or value == []


@pytest.mark.parametrize(("function", "params"), READS)
def test_json_and_xml_say_the_same(busy: Api, function: str, params: dict[str, Any]) -> None:
    root = ET.fromstring(busy.xml(function, **params))
    assert root.tag == "RESPONSE"
    agree(busy.call(function, **params), value_of(root[0]))


@pytest.mark.parametrize(("function", "params"), READS)
def test_form_variables_and_the_batch_get_the_same_answer(busy: Api, function: str, params: dict[str, Any]) -> None:
    (response,) = busy.batch((function, params))
    assert json.loads(response["data"]) == busy.call(function, **params)


@pytest.mark.parametrize(("function", "params"), READS)
def test_reading_writes_nothing(busy: Api, function: str, params: dict[str, Any]) -> None:
    before = busy.site.db.total_changes
    busy.call(function, **params)
    assert busy.site.db.total_changes == before
