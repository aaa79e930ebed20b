"""A site that fails again and again is left alone, then tried once."""

import logging

import pytest

from connector.errors import AccessDenied, OutcomeUnknown, PlatformUnavailable, RequestRefused
from connector.wire.circuit import Circuit
from tests.moodle_ws.scripted import Clock, ScriptedDoor, Told, client, good, refusal, site_info

DOWN = Told(status=502)


def failing(times: int, clock: Clock, outages: int = 3) -> Circuit:
    circuit = Circuit(outages=outages, pause=30, clock=clock)
    for _time in range(times):
        circuit.failed("HTTP 502.")
    return circuit


def test_outages_in_a_row_open_it_and_are_told() -> None:
    clock = Clock()
    failing(2, clock).enter()
    circuit = failing(3, clock)
    clock.now += 10
    with pytest.raises(
        PlatformUnavailable, match=r"3 times in a row and is left alone for 20 s more: HTTP 502"
    ) as told:
        circuit.enter()
    assert told.value.retry_after == 20
    assert told.value.hint


def test_any_answer_ends_the_row() -> None:
    circuit = failing(2, Clock())
    circuit.answered()
    circuit.failed("again")
    circuit.enter()


def test_after_the_pause_one_request_tries_and_the_others_wait() -> None:
    clock = Clock()
    circuit = failing(3, clock)
    clock.now += 30
    circuit.enter()
    with pytest.raises(PlatformUnavailable):
        circuit.enter()
    circuit.answered()
    circuit.enter()


def test_a_trial_that_fails_opens_it_again() -> None:
    clock = Clock()
    circuit = failing(3, clock)
    clock.now += 31
    circuit.enter()
    circuit.failed("still down")
    with pytest.raises(PlatformUnavailable, match=r"4 times .* still down"):
        circuit.enter()


def test_it_can_be_switched_off() -> None:
    failing(50, Clock(), outages=0).enter()


def test_a_client_leaves_the_site_alone_and_comes_back_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock, door = Clock(), ScriptedDoor(*[DOWN] * 3, site_info())
    assert client(door, clock, outages=3, outage_pause=60).site.release.startswith("4.5")
    assert len(door.asked) == 4
    assert sum(clock.slept[-2:]) == pytest.approx(60)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "INFO"]


def test_a_pause_beyond_the_budget_ends_the_call_without_a_request() -> None:
    clock, door = Clock(), ScriptedDoor(*[DOWN] * 3)
    speaker = client(door, clock, outages=3, outage_pause=60, retry_budget=40)
    for _call in range(2):
        with pytest.raises(PlatformUnavailable):
            speaker.site  # noqa: B018
    assert len(door.asked) == 3
    with pytest.raises(PlatformUnavailable, match="left alone"):
        speaker.site  # noqa: B018


def test_lost_writes_count_and_refusals_end_the_row() -> None:
    door = ScriptedDoor(site_info(), DOWN, DOWN, refusal("invaliduser"), DOWN, DOWN, DOWN)
    speaker = client(door, outages=3, retry_budget=0)
    for kind in (OutcomeUnknown, OutcomeUnknown, RequestRefused, OutcomeUnknown, OutcomeUnknown, OutcomeUnknown):
        with pytest.raises(kind):
            speaker.call("core_user_create_users", writes=True)
    with pytest.raises(PlatformUnavailable, match="left alone"):  # and so nothing of it has been done
        speaker.call("core_user_create_users", writes=True)


def test_a_denial_is_an_answer() -> None:
    denied = Told(body={"exception": "x", "errorcode": "invalidtoken", "message": "no"})
    door = ScriptedDoor(DOWN, denied, DOWN, site_info())
    speaker = client(door, outages=2)
    with pytest.raises(AccessDenied):
        speaker.site  # noqa: B018
    assert speaker.site.functions
    assert len(door.asked) == 4


def test_a_read_inside_a_batch_that_met_an_outage_is_repeated() -> None:
    door = ScriptedDoor(site_info(), refusal("dmlreadexception"), refusal("sitemaintenance"), good(5))
    assert client(door).call("core_cohort_get_cohorts", writes=False) == 5
