"""XML answers become the same values as JSON answers: on what a real site said, and on everything the schemas allow."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.moodle_ws.functions import FUNCTIONS
from connector.moodle_ws.xml_answers import Unreadable, document_of, exception_of, value_of
from connector.sandbox.answers import json_result, xml_result
from connector.sandbox.functions import descriptions
from tests.moodle_ws.returns_text import RETURNS, as_json
from tests.moodle_ws.scripted import recorded

NAMES = sorted(function.name for function in FUNCTIONS)
SHAPES: dict[str, Any] = json.loads(RETURNS.read_text(encoding="utf-8"))
RECORDED = {call["name"]: call for file in ("calls", "states", "reports") for call in recorded(file)}
TWINS = {name: name.removesuffix(".xml") + end for name in RECORDED for end in ("", ".json") if name.endswith(".xml")}
TWINS |= {name: name.removesuffix(".xml") for name in TWINS if name.removesuffix(".xml") in RECORDED}
PAIRS = [
    name
    for name in TWINS
    if RECORDED[name]["function"] in SHAPES and RECORDED[name]["body"].startswith("<?xml") and TWINS[name] in RECORDED
]
# Asked a second time, the token had been deleted and other people were made; and cut bodies lost different tails.
NOT_A_PAIR = ("token_expired.xml", "too_many_input_vars.xml", "users.create.xml")


def test_most_recorded_answers_have_a_twin() -> None:
    assert len(PAIRS) > 50


def test_returns_json_is_made_from_the_references_trees() -> None:
    assert RETURNS.read_text(encoding="utf-8") == as_json()


def without_absent(value: Any, shape: Any) -> Any:
    """A JSON value in the form that XML can say: no null at an optional key, an empty list for an absent one.

    Some texts are numbers in JSON (the values of course format options); XML says them as texts.
    """
    if shape == "text" and isinstance(value, int):
        return str(value)
    if isinstance(shape, list):
        return [without_absent(item, shape[0]) for item in value or ()]
    if not isinstance(shape, dict) or value is None:
        return value
    found = {}
    for name, inner in shape.items():
        key = name.removesuffix("?")
        item = without_absent(value.get(key), inner)
        if name.endswith("?") and (item is None or (isinstance(inner, dict) and holds_nothing(item))):
            continue
        if key in value or isinstance(inner, list):
            found[key] = item
    return found


def holds_nothing(value: Any) -> bool:
    return value in (None, []) or (isinstance(value, dict) and all(map(holds_nothing, value.values())))


@pytest.mark.parametrize("name", [name for name in PAIRS if name not in NOT_A_PAIR])
def test_a_real_sites_two_answers_are_one_value(name: str) -> None:
    call, twin = RECORDED[name], json.loads(RECORDED[TWINS[name]]["body"])
    document = document_of(call["body"].replace("http://", "https://").encode())
    exception = exception_of(document)
    if exception is not None:
        assert exception == {key: twin[key] for key in exception}
        return
    found, wanted = value_of(document, call["function"]), without_absent(twin, SHAPES[call["function"]])
    assert found == wanted


def leaf(kind: str) -> st.SearchStrategy[Any]:
    texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\n\t <>&\"'"), max_size=8)
    return {
        "int": st.integers(-(2**40), 2**40),
        "float": st.floats(-1e6, 1e6, allow_nan=False).map(lambda number: round(number, 5)),
        "bool": st.booleans(),
    }.get(kind, texts)


CODES = {"warningcode", "dataid", "userprivateaccesskey"}


def values(shape: Any) -> st.SearchStrategy[Any]:
    if isinstance(shape, list):
        return st.lists(values(shape[0]), max_size=3)
    if isinstance(shape, dict):
        required = {name: value_at(name, inner) for name, inner in shape.items() if not name.endswith("?")}
        optional = {
            name[:-1]: st.none() | value_at(name[:-1], inner) for name, inner in shape.items() if name.endswith("?")
        }
        return st.fixed_dictionaries(required, optional=optional)
    return leaf(shape)


def value_at(name: str, shape: Any) -> st.SearchStrategy[Any]:
    # A code with other signs in it spoils the whole answer (PARAM_ALPHANUM).
    return st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True) if name in CODES else values(shape)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_xml_and_json_are_the_same_value(data: st.DataObject) -> None:
    function = data.draw(st.sampled_from(NAMES))
    description = descriptions()[function]
    result = description.result(data.draw(values(SHAPES[function])) if SHAPES[function] is not None else None)
    as_xml = value_of(document_of(xml_result(result, description.tree).body), function)
    told = json.loads(json_result(result).body)
    assert as_xml == without_absent(told, SHAPES[function])
    assert repr(as_xml) == repr(without_absent(told, SHAPES[function]))  # 8 and 8.0, 1 and True are not the same


def response(inner: str) -> dict[str, Any]:
    return document_of(f'<?xml version="1.0" encoding="UTF-8" ?>\n<RESPONSE>\n{inner}</RESPONSE>\n'.encode())


COHORT_MEMBERS = "core_cohort_get_cohort_members"


def test_a_key_that_is_not_described_is_left_out_and_a_missing_one_is_missing() -> None:
    inner = '<KEY name="cohortid"><VALUE>4</VALUE></KEY><KEY name="new"><VALUE>x</VALUE></KEY>'
    document = response(f"<MULTIPLE><SINGLE>{inner}</SINGLE></MULTIPLE>")
    assert value_of(document, COHORT_MEMBERS) == [{"cohortid": 4}]


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<VALUE>1</VALUE>",
        '<MULTIPLE><SINGLE><KEY name="cohortid"><VALUE>four</VALUE></KEY></SINGLE></MULTIPLE>',
        '<MULTIPLE><SINGLE><KEY name="cohortid"></KEY></SINGLE></MULTIPLE>',
    ],
)
def test_an_answer_of_another_shape_is_not_read(inner: str) -> None:
    with pytest.raises(Unreadable):
        value_of(response(inner), COHORT_MEMBERS)


def test_a_truth_value_is_0_or_1() -> None:
    key = '<KEY name="completionstatus"><SINGLE><KEY name="completed"><VALUE>yes</VALUE></KEY></SINGLE></KEY>'
    with pytest.raises(Unreadable):
        value_of(response(f"<SINGLE>{key}</SINGLE>"), "core_completion_get_course_completion_status")


@pytest.mark.parametrize(
    "body", [b"<?xml version='1.0'?><RESPONSE><MULTI", b"", b"{}", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"]
)
def test_what_is_no_whole_document_is_not_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        document_of(body)


def test_another_kind_of_document_is_not_read() -> None:
    with pytest.raises(Unreadable):
        value_of(document_of(b"<rss><VALUE>1</VALUE></rss>"), COHORT_MEMBERS)


def test_a_function_that_is_not_described_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="does not describe core_new"):
        value_of(response(""), "core_new")


def test_an_exception_without_content_is_still_one() -> None:
    assert exception_of(document_of(b"<EXCEPTION/>")) == {}


def test_a_number_is_whole_where_it_is_printed_whole() -> None:
    """PHP prints 8.0 as 8, in JSON too; the grade report is full of both."""
    shape = SHAPES["gradereport_user_get_grade_items"]["usergrades"][0]["gradeitems"][0]
    assert shape["graderaw?"] == "float"
    grades = "".join(f'<KEY name="{name}"><VALUE>{text}</VALUE></KEY>' for name, text in GRADE.items())
    items = f'<KEY name="gradeitems"><MULTIPLE><SINGLE>{grades}</SINGLE></MULTIPLE></KEY>'
    users = f'<KEY name="usergrades"><MULTIPLE><SINGLE>{items}</SINGLE></MULTIPLE></KEY>'
    answer = value_of(response(f"<SINGLE>{users}</SINGLE>"), "gradereport_user_get_grade_items")
    assert repr(answer["usergrades"][0]["gradeitems"][0]) == "{'graderaw': 7.5, 'grademax': 10}"


GRADE = {"graderaw": "7.5", "grademax": "10"}
