"""Mishaps over both doors: what is done on the site, and what the caller sees."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from connector.sandbox.answers import SandboxAnswer, json_result
from connector.sandbox.breaking import Pauses
from connector.sandbox.mishaps import Delivery, Ending, Mishap, Weather
from connector.sandbox.moodle import MoodleSandbox, open_moodle
from connector.sandbox.server import SandboxServer
from tests.fakes.sandbox_door import SandboxDoor, open_sandbox

# How often the work is done, and what is seen: an error's name, or the status and whether the body is the answer.
EXPECTED: dict[Mishap, tuple[int, str]] = {
    Mishap.REFUSED: (0, "ConnectionError"),
    Mishap.RESET_BEFORE: (0, "ConnectionError"),
    Mishap.RESET: (1, "ConnectionError"),
    Mishap.LOST: (1, "ReadTimeout"),
    Mishap.LATE: (1, "ReadTimeout"),
    Mishap.BAD_GATEWAY: (0, "502"),
    Mishap.BAD_GATEWAY_AFTER: (1, "502"),
    Mishap.CLOSED: (0, "503 Retry-After"),
    Mishap.OVERLOADED: (0, "503"),
    Mishap.OVERLOADED_AFTER: (1, "503"),
    Mishap.GATEWAY_TIMEOUT: (1, "504"),
    Mishap.HALF: (1, "200 cut"),
    Mishap.BROKEN: (1, "ChunkedEncodingError"),
    Mishap.PAGE: (0, "200 page"),
    Mishap.PAGE_AFTER: (1, "200 page"),
    Mishap.EMPTY: (1, "200 empty"),
    Mishap.DRIP: (1, "200 whole"),
    Mishap.TWICE: (2, "200 whole"),
}
ENDPOINT = "/webservice/rest/server.php"
# Every call sends one more message, so the messages on the site count the work.
FUNCTION = "core_message_send_instant_messages"
MESSAGE = {"messages[0][touserid]": "2", "messages[0][text]": "chào"}


class OneMishap(Weather):
    """Weather that brings this and nothing else."""

    def __init__(self, mishap: Mishap | None) -> None:
        super().__init__(0, 0)
        self.mishap = mishap

    def next(self) -> Mishap | None:
        mishap, self.mishap = self.mishap, None
        return mishap


def seen(session: requests.Session, url: str, token: str) -> str:
    """One call, and what its caller sees of it in a word."""
    form = {"wstoken": token, "wsfunction": FUNCTION, "moodlewsrestformat": "json", **MESSAGE}
    try:
        answer = session.post(url + ENDPOINT, data=form, timeout=0.6)
    except requests.ConnectionError as error:
        return "ConnectionError" if isinstance(error, requests.ConnectTimeout) else type(error).__name__
    except requests.RequestException as error:
        return type(error).__name__
    if answer.status_code != 200:
        return f"{answer.status_code} {'Retry-After' if 'Retry-After' in answer.headers else ''}".strip()
    if answer.text.startswith("<"):
        return "200 page"
    try:
        return "200 whole" if json.loads(answer.text or '"empty"') != "empty" else "200 empty"
    except ValueError:
        return "200 cut"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer[MoodleSandbox]]:
    sandbox, token = open_moodle(str(tmp_path / "state.db"), day=1, seed=1)
    made = SandboxServer(sandbox, token, 0, 0, weather=OneMishap(None), pauses=Pauses(silence=5, drop=0.01))
    thread = threading.Thread(target=made.run, args=(lambda _url: None,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    sandbox.close()


def messages(server: SandboxServer[MoodleSandbox]) -> int:
    with server.lock:
        return len(server.sandbox.site.all("SELECT id FROM messages"))


def settled(count: Callable[[], int], wanted: int) -> int:
    """The count, waited for: late work is done after the caller has left."""
    for _ in range(100):
        if count() == wanted:
            break
        time.sleep(0.01)
    return count()


@pytest.mark.parametrize("mishap", Mishap)
def test_over_a_socket(server: SandboxServer[MoodleSandbox], mishap: Mishap) -> None:
    work, sight = EXPECTED[mishap]
    with requests.Session() as session:
        server._weather = OneMishap(mishap)
        assert seen(session, server.url, server.token) == sight
        assert settled(lambda: messages(server), work) == work
        assert seen(session, server.url, server.token) == "200 whole"
    assert messages(server) == work + 1


@pytest.mark.parametrize("mishap", Mishap)
def test_in_process(mishap: Mishap) -> None:
    door, session = open_sandbox(), requests.Session()
    session.mount("http://", door)
    door.mishaps = [mishap]
    work, sight = EXPECTED[mishap]
    assert seen(session, "http://moodle.test", "0123456789abcdef" * 2) == sight
    door.do_late_work()
    assert len(door.site.all("SELECT id FROM messages")) == work
    assert door.met == [mishap]
    session.close()


def test_late_work_is_done_between_later_requests() -> None:
    door, session = open_sandbox(), requests.Session()
    session.mount("http://", door)
    door.mishaps = [Mishap.LATE]
    counts = []
    for _ in range(3):
        seen(session, "http://moodle.test", "0123456789abcdef" * 2)
        counts.append(len(door.site.all("SELECT id FROM messages")))
    assert counts == [0, 1, 3]
    session.close()


def test_a_caller_who_never_leaves_is_let_go(server: SandboxServer[MoodleSandbox]) -> None:
    server._weather = OneMishap(Mishap.LOST)
    server.pauses = Pauses(silence=0.05)
    with requests.Session() as session, pytest.raises(requests.ConnectionError):
        session.get(server.url + "/", timeout=10)


def test_the_control_door_has_fair_weather(server: SandboxServer[MoodleSandbox]) -> None:
    server._weather = OneMishap(Mishap.BAD_GATEWAY)
    headers = {"X-Sandbox-Token": server.token}
    assert requests.get(server.url + "/sandbox/state", headers=headers, timeout=5).status_code == 200
    assert requests.get(server.url + "/", timeout=5).status_code == 502


def drawn(seed: int, rate: float, count: int) -> list[Mishap | None]:
    weather = Weather(seed, rate)
    return [weather.next() for _ in range(count)]


def test_a_seed_brings_the_same_weather_again() -> None:
    assert drawn(7, 0.2, 200) == drawn(7, 0.2, 200)
    assert drawn(7, 0.2, 200) != drawn(8, 0.2, 200)


def test_the_rate_is_the_share_of_new_mishaps() -> None:
    assert drawn(1, 0, 1000) == [None] * 1000
    brought = drawn(1, 0.1, 20_000)
    share = sum(mishap is not None for mishap in brought) / len(brought)
    assert 0.10 < share < 0.16
    assert set(brought) == {None, *Mishap}


def test_outages_come_in_rows() -> None:
    brought = drawn(1, 0.02, 50_000)
    rows = Counter(a for a, b in pairwise(brought) if a is b and a is not None)
    assert sum(rows.values()) > 0.2 * sum(mishap is not None for mishap in brought)


def test_fair_weather_changes_nothing() -> None:
    answer = json_result({"a": 1})
    assert Delivery.of(None, lambda: answer) == Delivery(answer, Ending.WHOLE)


def test_the_second_of_two_deliveries_is_answered() -> None:
    answers: list[SandboxAnswer] = [json_result("second"), json_result("first")]
    assert Delivery.of(Mishap.TWICE, answers.pop).answer == json_result("second")


def test_doors_bring_the_weather_that_they_are_given() -> None:
    door = open_sandbox()
    bad = SandboxDoor(door.sandbox, OneMishap(Mishap.EMPTY))
    with requests.Session() as session:
        session.mount("http://", bad)
        assert session.get("http://moodle.test/", timeout=1).text == ""
        assert "Log in" in session.get("http://moodle.test/", timeout=1).text
