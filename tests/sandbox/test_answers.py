"""JSON as PHP writes it, XML with every declared key."""

import xml.etree.ElementTree as ET

from connector.sandbox.answers import json_fault, json_result, page, php_json, xml_fault, xml_result
from connector.sandbox.faults import invalid_parameter, php_type_error

TREE = {
    "list": {
        "keys": {
            "id": {"type": "int", "need": "REQ"},
            "name": {"type": "text", "need": "opt"},
            "tags": {"list": {"type": "text", "need": "REQ"}, "need": "opt"},
            "owner": {"keys": {"id": {"type": "int", "need": "REQ"}}, "need": "opt"},
        },
        "need": "REQ",
    },
    "need": "REQ",
}


def test_json_escapes_slashes_and_letters_beyond_ascii() -> None:
    assert php_json({"a": "Hải/Phòng", "b": 8}) == '{"a":"H\\u1ea3i\\/Ph\\u00f2ng","b":8}'


def test_a_json_answer_has_moodles_headers() -> None:
    answer = json_result(None)
    assert (answer.status, answer.body) == (200, b"null")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_php_error_has_no_error_code() -> None:
    assert json_fault(php_type_error("boom")).body == b'{"exception":"TypeError","message":"boom"}'
    assert b"ERRORCODE" not in xml_fault(php_type_error("boom")).body


def test_a_fault_is_an_answer_with_status_200() -> None:
    answer = xml_fault(invalid_parameter())
    assert answer.status == 200
    root = ET.fromstring(answer.body)
    assert root.tag == "EXCEPTION"
    assert root.get("class") == "core\\exception\\invalid_parameter_exception"
    assert root.findtext("ERRORCODE") == "invalidparameter"


def test_xml_prints_every_declared_key() -> None:
    text = xml_result([{"id": 1, "tags": ["a&b", '"<c>"'], "name": True}, {"id": 2}], TREE).body.decode()
    first, second = ET.fromstring(text).findall("MULTIPLE/SINGLE")
    assert [key.get("name") for key in second] == ["id", "name", "tags", "owner"]
    assert first.findtext("KEY[@name='name']/VALUE") == "1"
    assert [value.text for value in first.findall("KEY[@name='tags']/MULTIPLE/VALUE")] == ["a&b", '"<c>"']
    assert second.find("KEY[@name='tags']/MULTIPLE") is not None
    missing = second.find("KEY[@name='owner']/SINGLE/KEY[@name='id']/VALUE")
    assert missing is not None
    assert missing.get("null") == "null"


def test_a_void_function_prints_an_empty_response() -> None:
    assert xml_result(None, None).body.decode().endswith("<RESPONSE>\n</RESPONSE>\n")
    assert "<VALUE>0</VALUE>" in xml_result(value=False, tree={"type": "bool", "need": "REQ"}).body.decode()


def test_a_page_for_people() -> None:
    answer = page(503, "<html>", Retry_After="300")
    assert answer.headers == {"Content-Type": "text/html; charset=utf-8", "Retry-After": "300"}
