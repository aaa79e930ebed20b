"""A client that is answered in XML: what it asks, what it makes of a cut, and that batches are the same."""

import json
from typing import Any

import pytest

from connector.errors import AccessDenied, OutcomeUnknown, PlatformUnavailable, ProtocolError, RequestRefused
from connector.moodle_ws.batch import FUNCTION
from tests.contract.worlds import SandboxWorld
from tests.moodle_ws.scripted import TOKEN, ScriptedDoor, Told, client

PROLOG = '<?xml version="1.0" encoding="UTF-8" ?>\n'


def xml(inner: str) -> Told:
    body = f"{PROLOG}{inner}".encode()
    return Told(body=body, content_type="application/xml; charset=utf-8")


def key(name: str, inner: str) -> str:
    return f'<KEY name="{name}">{inner}</KEY>\n'


def single(**texts: str) -> str:
    return "<SINGLE>\n" + "".join(key(name, f"<VALUE>{text}</VALUE>\n") for name, text in texts.items()) + "</SINGLE>\n"


def info(*functions: str) -> Told:
    listed = "".join(single(name=name, version="1") for name in functions)
    return xml(f"<RESPONSE>\n<SINGLE>{key('functions', f'<MULTIPLE>{listed}</MULTIPLE>')}</SINGLE></RESPONSE>\n")


def speaking(*script: Told, functions: tuple[str, ...] = ()) -> tuple[Any, ScriptedDoor]:
    door = ScriptedDoor(info(*functions), *script)
    return client(door, answers="xml", retry_budget=0), door


def test_a_form_asks_for_xml_and_has_the_token_last() -> None:
    """Nothing tells a cut XML body from a whole one, so a cut must take away the token: then nothing is done."""
    speaker, door = speaking(xml("<RESPONSE>\n<MULTIPLE>\n</MULTIPLE>\n</RESPONSE>\n"))
    assert speaker.call("core_cohort_get_cohorts", {"cohortids": [4]}, writes=False) == []
    assert door.asked[1] == [
        ("moodlewsrestformat", "xml"),
        ("wsfunction", "core_cohort_get_cohorts"),
        ("cohortids[0]", "4"),
        ("wstoken", TOKEN),
    ]


def test_what_a_real_cut_does_not_let_through_is_not_done() -> None:
    world = SandboxWorld(form_only=True, answers="xml")
    world.door.site.switches.max_input_vars = 40
    with pytest.raises(AccessDenied, match="invalidtoken"):
        world.lms._ws.call(  # type: ignore[attr-defined] # the adapter's own client, beneath its batch sizes
            "core_cohort_create_cohorts",
            {"cohorts": [{"categorytype": {"type": "system", "value": ""}, "name": f"c{n}"} for n in range(20)]},
            writes=True,
        )
    assert world.door.site.one("SELECT count(*) FROM cohorts WHERE name LIKE 'c%'") == (0,)


def test_a_batch_is_xml_around_json() -> None:
    data = json.dumps([{"id": 7, "name": "K&C"}]).replace("&", "&amp;").replace('"', "&quot;")
    answer = key("responses", f"<MULTIPLE>{single(error='0', data=data)}</MULTIPLE>")
    speaker, door = speaking(xml(f"<RESPONSE><SINGLE>{answer}</SINGLE></RESPONSE>"), functions=(FUNCTION,))
    assert speaker.call("core_cohort_get_cohorts", writes=False) == [{"id": 7, "name": "K&C"}]
    assert dict(door.asked[1])["wsfunction"] == FUNCTION


def test_an_exception_is_an_error() -> None:
    refused = xml('<EXCEPTION class="x">\n<ERRORCODE>invalidparameter</ERRORCODE>\n<MESSAGE>No</MESSAGE>\n</EXCEPTION>')
    speaker, _door = speaking(refused)
    with pytest.raises(RequestRefused) as caught:
        speaker.call("core_cohort_get_cohorts", writes=False)
    assert caught.value.code == "invalidparameter"


@pytest.mark.parametrize("body", [b"<?xml version='1.0'?>\n<RESPONSE>\n<MULT", b"[]", b"<?xml version='1.0'?><other/>"])
def test_what_is_no_whole_xml_is_lost(body: bytes) -> None:
    for writes, kind in ((False, PlatformUnavailable), (True, OutcomeUnknown)):
        speaker, _door = speaking(Told(body=body, content_type="application/xml"))
        with pytest.raises(kind, match="incomplete"):
            speaker.call("core_cohort_create_cohorts", writes=writes)


def test_a_page_for_people_is_still_no_answer() -> None:
    speaker, _door = speaking(Told(body=b"<!DOCTYPE html><html></html>", content_type="text/html"))
    with pytest.raises(ProtocolError, match="page for people"):
        speaker.call("core_cohort_get_cohorts", writes=False)
