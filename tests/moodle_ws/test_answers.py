"""Every state of a real site (recordings states.jsonl), and what comes from servers before it."""

import json
from typing import Any

import pytest

from connector.errors import (
    AccessDenied,
    ConnectorError,
    OutcomeUnknown,
    PlatformUnavailable,
    ProtocolError,
    RequestRefused,
)
from connector.moodle_ws.answers import value_of
from connector.wire.exchange import Reply
from tests.moodle_ws.scripted import recorded

STATES = {call["name"]: call for call in recorded("states")}
LOGIN = b"<!DOCTYPE html>\n<html><head><title>MOOC: Log in to the site</title></head></html>"


def reply(name: str) -> Reply:
    call = STATES[name]
    after = float(call["retry_after"]) if call["retry_after"] else None
    return Reply(
        status=call["status"], content_type=call["content_type"], body=call["body"].encode(), retry_after=after
    )


def page(body: bytes, status: int = 200, content_type: str = "text/html", **more: Any) -> Reply:
    return Reply(status=status, content_type=content_type, body=body, **more)


CLOSED = (PlatformUnavailable, "503")
OFF = (AccessDenied, "switched off")
DENIED = (AccessDenied, "accessexception")
UNKNOWN = (AccessDenied, "invalidtoken")
CUT = (ProtocolError, "cut off the end")

# Every recorded state, asked for in its own format. None: a value.
CLASSES: dict[str, tuple[type[ConnectorError], str] | None] = {
    "ok.json": None,
    "ok.xml": None,
    "maintenance.json": CLOSED,
    "maintenance.xml": CLOSED,
    "webservices_disabled.json": OFF,
    "webservices_disabled.xml": OFF,
    "rest_protocol_disabled.json": OFF,
    "rest_protocol_disabled.xml": OFF,
    "token_expired.json": DENIED,
    "token_expired.xml": UNKNOWN,
    "ip_restricted.json": DENIED,
    "ip_restricted.xml": DENIED,
    "service_disabled.json": DENIED,
    "service_disabled.xml": DENIED,
    "too_many_input_vars.json": CUT,
    "too_many_input_vars.xml": None,  # nothing tells it from a whole one: over XML the token stands last instead
    "upgrade_pending.json": None,
    "upgrade_pending.xml": None,
}


def test_every_recorded_state_is_classified() -> None:
    assert CLASSES.keys() == STATES.keys()


def value(name: str, *, writes: bool) -> Any:
    xml_of = STATES[name]["function"] if name.endswith(".xml") else ""
    return value_of(reply(name), writes=writes, xml_of=xml_of)


@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize("name", [name for name, found in CLASSES.items() if found])
def test_recorded_states(name: str, writes: bool) -> None:
    kind, words = CLASSES[name] or (ConnectorError, "")
    with pytest.raises(kind, match=words) as caught:
        value(name, writes=writes)
    assert type(caught.value) is kind
    assert caught.value.hint


@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize("name", [name for name, found in CLASSES.items() if found])
def test_recorded_states_to_a_json_question(name: str, writes: bool) -> None:
    """Whatever its format, a state that is no answer is never taken for one."""
    with pytest.raises((CLASSES[name] or (ConnectorError, ""))[0]):
        value_of(reply(name), writes=writes)


@pytest.mark.parametrize("name", ["ok", "upgrade_pending"])
def test_recorded_answers_are_the_same_value_in_both_formats(name: str) -> None:
    found = value(f"{name}.json", writes=False)
    assert found == json.loads(STATES[f"{name}.json"]["body"])
    assert value(f"{name}.xml", writes=False) == found


def test_maintenance_tells_how_long_to_wait() -> None:
    with pytest.raises(PlatformUnavailable) as caught:
        value_of(reply("maintenance.json"), writes=True)
    assert caught.value.retry_after == 300


@pytest.mark.parametrize(
    ("answer", "reading", "writing"),
    [
        (page(b""), PlatformUnavailable, OutcomeUnknown),
        (page(b" \n", content_type="application/json"), PlatformUnavailable, OutcomeUnknown),
        (page(b'[{"id":1,', content_type="application/json"), PlatformUnavailable, OutcomeUnknown),
        (page(b"bad gateway", 502), PlatformUnavailable, OutcomeUnknown),
        (page(b"timeout", 504), PlatformUnavailable, OutcomeUnknown),
        (page(b"", 500), PlatformUnavailable, OutcomeUnknown),
        (page(b"upstream", 503), PlatformUnavailable, OutcomeUnknown),
        (page(b"", 503, retry_after=3), PlatformUnavailable, PlatformUnavailable),
        # Apache's own words for a PHP that died in the middle of a write.
        (page(b"unable to service your request due to maintenance downtime", 503), PlatformUnavailable, OutcomeUnknown),
        (page(b"slow down", 429), PlatformUnavailable, PlatformUnavailable),
        (page(b"too large", 413), RequestRefused, RequestRefused),
        (page(b"forbidden by the firewall", 403), AccessDenied, AccessDenied),
        (page(LOGIN), ProtocolError, ProtocolError),
        (page(LOGIN, content_type="application/json"), ProtocolError, ProtocolError),
        (page(b"not found", 404), ProtocolError, ProtocolError),
        (page(b"", 302, location="https://portal.test/login?secret=1"), ProtocolError, ProtocolError),
        (page(b"", 303), ProtocolError, ProtocolError),
    ],
)
def test_what_stands_before_the_site(
    answer: Reply, reading: type[ConnectorError], writing: type[ConnectorError]
) -> None:
    for writes, kind in ((False, reading), (True, writing)):
        with pytest.raises(kind) as caught:
            value_of(answer, writes=writes)
        assert type(caught.value) is kind


def test_a_redirect_is_named_without_its_query() -> None:
    with pytest.raises(ProtocolError, match=r"redirects to https://portal\.test\.") as caught:
        value_of(page(b"", 302, location="https://portal.test/login?secret=1"), writes=False)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'<?xml version="1.0"?><EXCEPTION class="x"><ERRORCODE>invalidparameter</ERRORCODE></EXCEPTION>',
            "in XML, inv",
        ),
        (b'<?xml version="1.0"?><RESPONSE></RESPONSE>', r"in XML\)"),
        (b'<?xml version="1.0"?><RESP', r"in XML\)"),
    ],
)
def test_xml_to_a_json_question_is_a_cut_request(body: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        value_of(page(body, content_type="application/xml; charset=utf-8"), writes=True)
    assert "form_variables" in caught.value.hint


def test_an_exception_document_is_an_error_and_a_null_is_not() -> None:
    document = b'{"exception":"core\\\\exception\\\\x","errorcode":"shortnametaken","message":"Taken"}'
    with pytest.raises(RequestRefused, match="Taken") as caught:
        value_of(page(document, content_type="application/json"), writes=True)
    assert caught.value.code == "shortnametaken"
    assert value_of(page(b"null", content_type="application/json"), writes=True) is None


def test_no_error_is_chained_to_the_decoder() -> None:
    with pytest.raises(PlatformUnavailable) as caught:
        value_of(page(b'{"name": "Nguyen Van An', content_type="application/json"), writes=False)
    assert caught.value.__context__ is None
    assert "Nguyen" not in str(caught.value)


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
@pytest.mark.parametrize(
    "before",
    [
        b"<br />\n<b>Notice</b>:  Undefined index in <b>/var/www/x.php</b> on line <b>7</b><br />\n",
        b"\nDeprecated: Creation of dynamic property in /var/www/x.php on line 7\n",
        b"PHP Warning:  Something in /var/www/x.php on line 7\n",
    ],
)
def test_a_message_of_php_before_the_answer_is_named_and_not_asked_again(before: bytes, kind: str) -> None:
    answer = page(before + b'[{"id": 1}]', content_type=kind)
    with pytest.raises(ProtocolError, match="PHP") as caught:
        value_of(answer, writes=False)
    assert "/var/www" not in str(caught.value)
    with pytest.raises(OutcomeUnknown, match="PHP"):
        value_of(answer, writes=True)
