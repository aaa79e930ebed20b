"""Moodle's error codes become the kinds of connector.errors; its words are cleaned before they are repeated."""

import json

import pytest

from connector.errors import AccessDenied, ConnectorError, OutcomeUnknown, PlatformUnavailable, RequestRefused
from connector.moodle_ws.failures import CLOSED_FOR_NOW, DATABASE, NOT_LET_IN, WEAK, access_denied, error_of
from connector.wire.words import cleaned
from tests.moodle_ws.scripted import recorded

DENIED, REFUSED, LATER, UNKNOWN = AccessDenied, RequestRefused, PlatformUnavailable, OutcomeUnknown

# Every code of reference/moodle-ws-facts.md section 1.8 (and 1.2): what it means for a read, and for a write.
KINDS: dict[str, tuple[type[ConnectorError], type[ConnectorError]]] = {
    "invalidtoken": (DENIED, DENIED),
    "accessexception": (DENIED, DENIED),
    "wsaccessuserdeleted": (DENIED, DENIED),
    "wsaccessuserunconfirmed": (DENIED, DENIED),
    "wsaccessusersuspended": (DENIED, DENIED),
    "wsaccessuserexpired": (DENIED, DENIED),
    "wsaccessusernologin": (DENIED, DENIED),
    "sitemaintenance": (LATER, LATER),
    "upgraderunning": (LATER, LATER),
    "dbconnectionfailed": (LATER, LATER),
    "invalidparameter": (REFUSED, REFUSED),
    "invaliduser": (REFUSED, REFUSED),
    "invalidcourseid": (REFUSED, REFUSED),
    "invalidcoursemodule": (REFUSED, REFUSED),
    "invalidrecord": (REFUSED, REFUSED),
    "invalidrecordunknown": (REFUSED, REFUSED),
    "nopermissions": (DENIED, DENIED),
    "nopermission": (DENIED, DENIED),
    "nopermissiontoviewgrades": (DENIED, DENIED),
    "cannotviewreport": (DENIED, DENIED),
    "notingroup": (DENIED, DENIED),
    "accessdenied": (DENIED, DENIED),
    "requireloginerror": (DENIED, DENIED),
    "errorcoursecontextnotvalid": (DENIED, DENIED),
    "wsusercannotassign": (DENIED, DENIED),
    "dmlwriteexception": (LATER, REFUSED),
    "dmlreadexception": (LATER, REFUSED),
    "dmltransactionexception": (LATER, REFUSED),
    "servicenotavailable": (DENIED, DENIED),
    "restrictedcontextexception": (DENIED, DENIED),
    "codingerror": (REFUSED, REFUSED),
    "invalidresponse": (REFUSED, UNKNOWN),
}


@pytest.mark.parametrize("code", KINDS)
def test_codes(code: str) -> None:
    for writes, kind in zip((False, True), KINDS[code], strict=True):
        error = error_of({"errorcode": code, "message": "Sorry."}, writes=writes)
        assert type(error) is kind
        assert code in str(error)


def test_no_code_that_has_a_kind_of_its_own_is_untested() -> None:
    assert KINDS.keys() >= CLOSED_FOR_NOW | NOT_LET_IN | DATABASE


def test_every_recorded_exception_is_denied_or_refused() -> None:
    bodies = [json.loads(call["body"]) for call in recorded("calls") if call["format"] == "json"]
    documents = [body for body in bodies if isinstance(body, dict) and "exception" in body]
    assert len(documents) > 20
    kinds = {type(error_of(document, writes=True)) for document in documents}
    assert kinds == {AccessDenied, RequestRefused}


def test_an_unknown_function_is_a_missing_plugin_not_a_missing_row() -> None:
    function = {"errorcode": "invalidrecord", "message": "Can't find data record in database table external_functions."}
    row = {"errorcode": "invalidrecord", "message": "Can't find data record in database table course."}
    assert isinstance(error_of(function, writes=False), AccessDenied)
    assert isinstance(error_of(row, writes=False), RequestRefused)


def test_an_answer_that_moodle_cannot_word_leaves_a_write_open() -> None:
    document = {"errorcode": "invalidresponse", "message": "Invalid response value detected"}
    assert isinstance(error_of(document, writes=True), OutcomeUnknown)
    assert isinstance(error_of(document, writes=False), RequestRefused)


def test_a_weak_password_has_html_for_a_code() -> None:
    weak = next(call for call in recorded("calls") if call["name"] == "users.create.weak_password")
    error = error_of(json.loads(weak["body"]), writes=True)
    assert isinstance(error, RequestRefused)
    assert error.code == WEAK
    assert "at least 8 characters" in error.message
    assert "<" not in error.message


@pytest.mark.parametrize("code", [None, "generalexceptionmessage"])
def test_a_php_error_shows_no_path_of_the_server(code: str | None) -> None:
    recorded_error = next(call for call in recorded("calls") if call["name"] == "enrol.manual.unknown_user")
    error = error_of({**json.loads(recorded_error["body"]), "errorcode": code}, writes=True)
    assert isinstance(error, RequestRefused)
    assert error.code == ""
    assert "/var/www" not in str(error)
    assert "TypeError" in error.message


def test_words_of_the_platform_are_cleaned() -> None:
    assert cleaned("<b>User</b> 0912345678 (an@example.vn)  exists") == "User 091*****78 *** exists"
    assert len(cleaned("x" * 500)) == 200


def test_a_reason_that_only_debugging_gives_is_told_without_the_person() -> None:
    document = {
        "errorcode": "invalidparameter",
        "message": "Invalid",
        "debuginfo": "Username already exists: 0912345678",
    }
    error = error_of(document, writes=True)
    assert "Username already exists: 091*****78" in error.message


def test_a_refusal_without_a_word_still_reads_well() -> None:
    """An inner call of tool_mobile_call_external_functions is refused with its code alone (measured on a real 4.5)."""
    assert access_denied("accessexception", "").message.endswith("no reason is given (accessexception).")
