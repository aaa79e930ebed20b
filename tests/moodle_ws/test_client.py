"""The one function that speaks: what is repeated and what never, what is counted, and that the token stays inside."""

import gc
import logging
import traceback
from typing import Any

import pytest
import requests
import urllib3.exceptions as broken
from requests import exceptions as http
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

from connector.errors import (
    AccessDenied,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    PlatformUnavailable,
    ProtocolError,
    RequestRefused,
)
from connector.moodle_ws.batch import MOST_CALLS, InnerCall
from connector.moodle_ws.client import MoodleWs
from connector.wire.exchange import Timeouts
from tests.moodle_ws.scripted import TOKEN, Clock, ScriptedDoor, Told, client, good, refusal, site_info

BUSY = Told(status=503, headers={"Retry-After": "7"})
LOST = http.ReadTimeout("no answer")
REFUSED = http.ConnectionError(
    broken.MaxRetryError(
        HTTPSConnectionPool("moodle.test"), "/", broken.NewConnectionError(HTTPSConnection("moodle.test"), "refused")
    )
)


def test_the_form_has_the_token_first_and_the_format_last() -> None:
    door = ScriptedDoor(site_info(batches=False), Told(body=[]))
    client(door).call("core_cohort_get_cohorts", {"cohortids": [4]}, writes=False, lang="en")
    assert door.asked[1] == [
        ("wstoken", TOKEN),
        ("wsfunction", "core_cohort_get_cohorts"),
        ("cohortids[0]", "4"),
        ("moodlewssettinglang", "en"),
        ("moodlewsrestformat", "json"),
    ]


def test_lists_travel_as_json_where_the_site_has_the_batch_function() -> None:
    door = ScriptedDoor(site_info(), good([{"id": 1}]))
    assert client(door).call("core_cohort_get_cohorts", {"cohortids": [4]}, writes=False) == [{"id": 1}]
    assert door.inner(1) == [("core_cohort_get_cohorts", {"cohortids": [4]})]


def test_timeouts_are_always_set() -> None:
    door = ScriptedDoor(site_info())
    assert client(door, timeouts=Timeouts(connect=3, read=9)).offers("core_cohort_get_cohorts")
    assert door.timeouts == [(3, 9)]


def test_a_read_is_repeated_and_the_platform_is_obeyed() -> None:
    clock, door = Clock(), ScriptedDoor(BUSY, LOST, site_info())
    assert client(door, clock).site.release.startswith("4.5")
    assert clock.slept[0] == 7
    assert 1 <= clock.slept[1] <= 5
    assert len(door.asked) == 3


def test_a_read_is_given_up_when_the_budget_is_spent() -> None:
    clock, door = Clock(), ScriptedDoor(*[Told(status=502)] * 50)
    with pytest.raises(PlatformUnavailable, match="502"):
        client(door, clock, retry_budget=60).site  # noqa: B018
    assert sum(clock.slept) <= 60
    assert 4 < len(door.asked) < 20


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    clock, door = Clock(), ScriptedDoor(Told(status=503, headers={"Retry-After": "300"}))
    with pytest.raises(PlatformUnavailable) as caught:
        client(door, clock, retry_budget=60).site  # noqa: B018
    assert caught.value.retry_after == 300
    assert clock.slept == []


@pytest.mark.parametrize(
    "accident",
    [
        LOST,
        http.ConnectionError(broken.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))),
        http.ChunkedEncodingError("cut"),
        http.SSLError("UNEXPECTED_EOF"),
        Told(status=504),
        Told(),
        Told(body=b'{"responses":[{"er'),
    ],
    ids=str,
)
def test_a_write_without_answer_is_never_sent_again(accident: Told | Exception) -> None:
    door = ScriptedDoor(site_info(), accident)
    with pytest.raises(OutcomeUnknown):
        client(door).call("core_cohort_create_cohorts", {"cohorts": []}, writes=True)
    assert len(door.asked) == 2


@pytest.mark.parametrize(
    "accident",
    [REFUSED, http.ConnectTimeout("no"), http.ProxyError("no"), BUSY, Told(status=429)],
    ids=["refused", "connect", "proxy", "busy", "too many"],
)
def test_a_write_that_never_arrived_is_sent_again(accident: Told | Exception) -> None:
    door = ScriptedDoor(site_info(), accident, good(None))
    assert client(door).call("core_cohort_delete_cohort_members", {"members": []}, writes=True) is None
    assert len(door.asked) == 3


def test_a_redirect_is_not_followed_with_the_token() -> None:
    door = ScriptedDoor(Told(status=307, headers={"Location": "https://portal.test/login"}))
    with pytest.raises(ProtocolError, match=r"https://portal\.test"):
        client(door).site  # noqa: B018
    assert len(door.asked) == 1


def test_an_untrusted_certificate_stops_the_work() -> None:
    door = ScriptedDoor(http.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    with pytest.raises(ProtocolError, match="cannot be trusted"):
        client(door).site  # noqa: B018


def test_refusals_are_not_repeated() -> None:
    door = ScriptedDoor(site_info(), refusal("invalidparameter"))
    with pytest.raises(RequestRefused) as caught:
        client(door).call("core_user_create_users", {"users": []}, writes=True)
    assert caught.value.code == "invalidparameter"


def test_an_answer_that_is_too_large_is_not_read() -> None:
    door = ScriptedDoor(site_info(), Told(body=b"[" + b" " * 2000 + b"]"), Told(body=b" " * 2000))
    speaker = client(door)
    assert speaker.batches
    speaker._wire._largest = 1000
    for writes, kind in ((False, ProtocolError), (True, OutcomeUnknown)):
        with pytest.raises(kind, match="larger than"):
            speaker.call("core_cohort_get_cohorts", writes=writes)


def test_an_answer_that_drips_is_given_up() -> None:
    clock = Clock()

    def slowly(_variables: Any) -> Told:
        clock.now += 1000
        return Told(body=[])

    door = ScriptedDoor(site_info(), slowly)
    with pytest.raises(OutcomeUnknown, match="did not end"):
        client(door, clock).call("core_cohort_create_cohorts", writes=True)


def test_the_token_is_in_no_error_and_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for accident in (LOST, REFUSED, Told(status=500), Told(body=b"<html>")):
        door = ScriptedDoor(accident)
        with pytest.raises(ConnectorError) as caught:
            client(door, retry_budget=0).site  # noqa: B018
        chain: BaseException | None = caught.value
        while chain is not None:
            assert not isinstance(chain, requests.RequestException)
            assert TOKEN not in repr(chain)
            chain = chain.__cause__ or chain.__context__
        assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(client(ScriptedDoor()))
    assert caplog.records
    assert TOKEN not in caplog.text
    gc.collect()


def test_one_line_is_logged_for_a_request_without_its_parameters(caplog: pytest.LogCaptureFixture) -> None:
    door = ScriptedDoor(site_info(), good([], []))
    speaker = client(door)
    assert speaker.batches
    caplog.set_level(logging.DEBUG, logger="connector.moodle_ws")
    speaker.call_many([InnerCall("core_user_get_users_by_field", {"values": ["0912345678"]})] * 2, writes=False)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 1
    assert "core_user_get_users_by_field inner=2" in lines[0]
    assert lines[0].endswith("ok")
    assert "0912345678" not in caplog.text


def test_requests_and_inner_calls_are_counted() -> None:
    door = ScriptedDoor(site_info(), BUSY, good([], []))
    speaker = client(door)
    speaker.call_many([InnerCall("core_cohort_get_cohorts", {})] * 2, writes=False)
    assert speaker.calls.requests == 3
    assert dict(speaker.calls.by_function) == {"core_webservice_get_site_info": 1, "core_cohort_get_cohorts": 4}


def test_calls_are_counted_by_how_they_ended() -> None:
    door = ScriptedDoor(site_info(), BUSY, refusal("invaliduser"))
    speaker = client(door)
    speaker.call_many([InnerCall("f", {}), InnerCall("g", {})], writes=False)
    assert set(speaker.calls.by_outcome) == {
        ("core_webservice_get_site_info", "ok", 1),
        ("f", "PlatformUnavailable", 1),
        ("g", "PlatformUnavailable", 1),
        ("f", "RequestRefused", 1),
        ("g", "not run", 1),
    }


def test_a_refused_read_is_taken_out_and_the_rest_goes_on() -> None:
    door = ScriptedDoor(site_info(), refusal("invaliduser"), good(2, 3, 4))
    answers = list(client(door).read_each([InnerCall("f", {"n": n}) for n in range(4)], start=3))
    assert [answer.value for answer in answers] == [None, 2, 3, 4]
    assert [answer.error is None for answer in answers] == [False, True, True, True]
    assert [len(door.inner(index)) for index in (1, 2)] == [3, 3]


def test_a_denied_read_is_not_taken_out() -> None:
    door = ScriptedDoor(site_info(), refusal("nopermissions"))
    with pytest.raises(AccessDenied):
        list(client(door).read_each([InnerCall("f", {})] * 4, start=3))


def test_without_batches_calls_go_one_by_one_and_stop_at_the_first_refused() -> None:
    refused = Told(body={"exception": "x", "errorcode": "invaliduser", "message": "no"})
    door = ScriptedDoor(site_info(batches=False), Told(body=[1]), refused)
    answers = client(door).call_many([InnerCall("f", {"n": n}) for n in range(3)], writes=False)
    assert [(answer.value, answer.ran) for answer in answers] == [([1], True), (None, True), (None, False)]


def test_a_service_without_site_info_is_spoken_to_in_forms(caplog: pytest.LogCaptureFixture) -> None:
    denied = Told(body={"exception": "x", "errorcode": "accessexception", "message": "Access control exception"})
    door = ScriptedDoor(denied, Told(body=[]))
    assert client(door).call("core_cohort_get_cohorts", writes=False) == []
    assert "plain forms" in caplog.text


def test_room_keeps_forms_inside_the_limit() -> None:
    assert client(ScriptedDoor(site_info())).room("f", 12, 100) == 100
    small = client(ScriptedDoor(site_info(batches=False)), form_variables=100)
    assert small.room("f", 12, 100) == 8
    assert small.room("g", 12, 5) == 5
    assert small.room("h", 500, 5) == 1


def test_a_form_above_the_limit_is_refused_before_it_is_cut() -> None:
    speaker = client(ScriptedDoor(site_info(batches=False)), form_variables=50)
    with pytest.raises(ConfigError, match="above the limit of 50"):
        speaker.call("core_cohort_get_cohorts", {"cohortids": list(range(60))}, writes=False)


def test_a_batch_has_a_limit_and_may_be_empty() -> None:
    speaker = client(ScriptedDoor())
    assert speaker.call_many([], writes=False) == []
    with pytest.raises(ValueError, match="at most"):
        speaker.call_many([InnerCall("f", {})] * (MOST_CALLS + 1), writes=False)


@pytest.mark.parametrize("body", [[], {"release": "4.5"}])
def test_an_answer_about_the_site_must_be_one(body: Any) -> None:
    with pytest.raises(ProtocolError, match="about itself"):
        client(ScriptedDoor(Told(body=body))).site  # noqa: B018


@pytest.mark.parametrize(
    ("header", "seconds"), [("5", 5.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None), ("", None)]
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    door = ScriptedDoor(Told(status=429, headers={"Retry-After": header}))
    speaker: MoodleWs = client(door, retry_budget=0)
    with pytest.raises(PlatformUnavailable) as caught:
        speaker.call("core_webservice_get_site_info", writes=False)
    assert caught.value.retry_after == seconds


def test_reading_nothing_asks_nothing() -> None:
    door = ScriptedDoor()
    assert list(client(door).read_each([], start=3)) == []
    assert door.asked == []


def test_counts_are_whole_over_several_connections() -> None:
    def answer(variables: list[tuple[str, str]]) -> Told:
        return good(*[1] * sum(name.endswith("[function]") for name, _value in variables))

    door = ScriptedDoor(site_info(), *[answer] * 200)
    speaker = client(door, connections=4)
    answers = list(speaker.read_each([InnerCall("f", {"n": n}) for n in range(400)], start=2))
    assert [found.value for found in answers] == [1] * 400
    assert speaker.calls.requests == len(door.asked)
    assert dict(speaker.calls.by_function)["f"] == 400
