"""Descriptions: what is refused, filled in, dropped and checked."""

from typing import Any

import pytest

from connector.sandbox.faults import MoodleFault
from connector.sandbox.functions import FUNCTIONS, descriptions
from connector.sandbox.schema import describe
from tests.sandbox.schema_text import SCHEMAS, as_json


def check(kind: str, value: Any, **more: Any) -> Any:
    node = {"type": kind, "need": "REQ", **more}
    return describe({"keys": {"x": node}, "need": "REQ"}, None).parameters({"x": value})["x"]


def out(tree: dict[str, Any], value: Any) -> Any:
    return describe({"keys": {}, "need": "REQ"}, tree).result(value)


def test_schemas_json_is_made_from_the_references_trees() -> None:
    assert SCHEMAS.read_text(encoding="utf-8") == as_json(set(FUNCTIONS))
    assert set(descriptions()) == set(FUNCTIONS)


@pytest.mark.parametrize(
    ("kind", "value", "clean"),
    [
        ("int", "5", 5),
        ("int", "-5", -5),
        ("int", 5, 5),
        ("int", True, 1),
        ("float", "7.5", 7.5),
        ("float", 8, 8.0),
        ("float", "", 0.0),
        ("bool", "1", True),
        ("bool", False, False),
        ("bool", 0, False),
        ("alpha", "abc", "abc"),
        ("text", "a < b & c", "a < b & c"),
        ("notags", "Nguyễn Văn An", "Nguyễn Văn An"),
        ("username", "0912000001", "0912000001"),
        ("raw", " x ", " x "),
        ("raw", 12, "12"),
        ("raw", 3.0, "3"),
        ("raw", False, ""),
        ("auth", "nologin", "nologin"),
    ],
)
def test_a_value_that_cleaning_leaves_alone_is_taken(kind: str, value: Any, clean: Any) -> None:
    assert check(kind, value) == clean


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", "abc"),
        ("int", "+5"),
        ("int", " 5"),
        ("int", "05"),
        ("int", ""),
        ("int", 5.5),
        ("float", "x"),
        ("bool", "true"),
        ("bool", "yes"),
        ("alpha", "a1"),
        ("alphanumext", "a b"),
        ("username", "+84912000001"),
        ("username", "ABC"),
        ("username", "Bad User!"),
        ("notags", "An<b>"),
        ("text", "<script>"),
        ("raw_trimmed", " a@b.vn"),
        ("auth", "nosuch"),
        ("raw", ["x"]),
        ("raw", {"a": "x"}),
    ],
)
def test_a_value_that_cleaning_would_change_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(MoodleFault) as caught:
        check(kind, value)
    assert caught.value.errorcode == "invalidparameter"


def test_null_is_taken_unless_the_description_refuses_it() -> None:
    assert check("int", None) is None
    with pytest.raises(MoodleFault):
        check("int", None, notnull=True)


def test_defaults_are_filled_in_and_optional_keys_stay_away() -> None:
    args = descriptions()["core_user_create_users"].parameters(
        {"users": [{"username": "a", "firstname": "A", "lastname": "B", "email": "a@b.vn"}]}
    )
    user = args["users"][0]
    assert (user["auth"], user["lang"], user["calendartype"], user["idnumber"]) == ("manual", "en", "gregorian", "")
    assert "city" not in user
    course = {"fullname": "K", "shortname": "K", "categoryid": 1}
    made = descriptions()["core_course_create_courses"].parameters({"courses": [course]})["courses"][0]
    assert (made["format"], made["showgrades"], made["summaryformat"]) == ("topics", 0, 1)
    grades = {"source": "x", "courseid": 1, "component": "mod_quiz", "activityid": 1, "itemnumber": 0}
    assert descriptions()["core_grades_update_grades"].parameters(grades)["itemdetails"] == {}


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"field": "username"},
        {"field": "username", "values": "0912000001"},
        {"field": "username", "values": ["1"], "other": 1},
        {"field": "username", "values": [["1"]]},
        [],
        "text",
    ],
)
def test_a_missing_key_an_unknown_key_or_a_wrong_shape_is_refused(arguments: Any) -> None:
    with pytest.raises(MoodleFault):
        descriptions()["core_user_get_users_by_field"].parameters(arguments)


def test_a_list_loses_its_keys_and_keeps_the_order_of_arrival() -> None:
    values = {"7": "b", "2": "a"}
    args = descriptions()["core_user_get_users_by_field"].parameters({"field": "username", "values": values})
    assert args["values"] == ["b", "a"]


def test_an_empty_list_stands_for_an_empty_structure() -> None:
    assert descriptions()["core_cohort_get_cohorts"].parameters([]) == {"cohortids": []}


TREE = {
    "keys": {
        "id": {"type": "int", "need": "REQ"},
        "name": {"type": "text", "need": "opt"},
        "grade": {"type": "float", "need": "opt"},
        "done": {"type": "bool", "need": "default", "default": False},
    },
    "need": "REQ",
}


def test_undeclared_keys_are_dropped_and_the_declared_order_is_kept() -> None:
    clean = out(TREE, {"secret": 1, "done": 1, "grade": 8.0, "id": "7"})
    assert list(clean.items()) == [("id", 7), ("grade", 8), ("done", True)]
    assert isinstance(clean["grade"], int)
    assert out(TREE, {"id": 1, "grade": 7.5, "name": None}) == {"id": 1, "grade": 7.5, "name": None, "done": False}


def test_a_result_without_a_required_key_is_invalidresponse_after_the_work_is_kept() -> None:
    with pytest.raises(MoodleFault) as caught:
        out(TREE, {"name": "x"})
    assert caught.value.errorcode == "invalidresponse"
    assert caught.value.kept


def test_a_function_without_a_return_gives_null() -> None:
    assert describe({"keys": {}, "need": "REQ"}, None).result("anything") is None
