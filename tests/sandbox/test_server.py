"""The loopback server, end to end over real HTTP."""

import json
import socket
import stat
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from queue import Queue

import pytest
import requests

from connector.errors import AccessDenied, PlatformUnavailable, RequestRefused
from connector.sandbox.control import SandboxControl
from connector.sandbox.serving import serve
from tests.sandbox.client import person

ENDPOINT = "/webservice/rest/server.php"


@dataclass
class Running:
    url: str
    token: str
    control: SandboxControl
    thread: threading.Thread

    def call(self, session: requests.Session, function: str, **params: str) -> object:
        form = {"wstoken": self.token, "wsfunction": function, "moodlewsrestformat": "json", **params}
        answer = session.post(self.url + ENDPOINT, data=form, timeout=10)
        assert answer.headers["Content-Type"] == "application/json"
        return answer.json()

    def stop(self) -> None:
        self.control.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()


def start(folder: Path, day: int | None = 1, cron_seconds: float = 0) -> Running:
    ready: Queue[str] = Queue()
    token_file = folder / "var" / "sandbox.token"
    options = {"day": day, "seed": 1, "cron_seconds": cron_seconds, "ready": ready.put}
    thread = threading.Thread(target=serve, args=(str(folder / "state.db"), 0, token_file), kwargs=options, daemon=True)
    thread.start()
    url = ready.get(timeout=10)
    token = token_file.read_text(encoding="utf-8").strip()
    return Running(url, token, SandboxControl(url, token), thread)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = start(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


def create(running: Running, session: requests.Session, count: int) -> None:
    users = json.dumps({"users": [person(number) for number in range(count)]})
    form = {"requests[0][function]": "core_user_create_users", "requests[0][arguments]": users}
    running.call(session, "tool_mobile_call_external_functions", **form)


def test_a_connection_is_kept(running: Running) -> None:
    connection = HTTPConnection(running.url.removeprefix("http://"), timeout=10)
    sockets = []
    for path in ("/", "/nosuch", ENDPOINT):
        connection.request("GET", path)
        connection.getresponse().read()
        sockets.append(connection.sock)
    assert sockets[0] is not None
    assert sockets == [sockets[0]] * 3
    connection.close()


def test_a_call_over_http_tells_the_servers_own_address(running: Running, session: requests.Session) -> None:
    create(running, session, 3)
    info = running.call(session, "core_webservice_get_site_info")
    assert isinstance(info, dict)
    assert info["siteurl"] == running.url


def test_a_browser_sees_a_log_in_page(running: Running, session: requests.Session) -> None:
    answer = session.get(running.url + "/", timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Log in to the site" in answer.text


def test_the_clock_lets_people_study_and_the_counts_show_it(running: Running, session: requests.Session) -> None:
    create(running, session, 20)
    rows = {f"enrolments[{n}][{key}]": str(value) for n in range(20) for key, value in enrolment(n).items()}
    running.call(session, "enrol_manual_enrol_users", **rows)
    before = running.control.state()
    after = running.control.move_to_day(16)
    assert (before["day"], after["day"]) == (1, 16)
    assert (before["completions"], after["enrolments"]) == (0, 20)
    assert after["completions"] > 50
    assert after["users"] == 22
    assert after["requests"]["enrol_manual_enrol_users"] == 1
    assert after["http_requests"] == before["http_requests"] == 2  # the control door's own are not counted


def enrolment(number: int) -> dict[str, int]:
    return {"roleid": 5, "userid": 3 + number, "courseid": 2}


def grant(running: Running, session: requests.Session) -> None:
    create(running, session, 1)
    running.call(
        session, "enrol_manual_enrol_users", **{f"enrolments[0][{k}]": str(v) for k, v in enrolment(0).items()}
    )
    members = {"members[0][groupid]": "1", "members[0][userid]": "3"}
    assert running.call(session, "core_group_add_group_members", **members) is None


def test_cron_on_demand_issues_certificates(running: Running, session: requests.Session) -> None:
    grant(running, session)
    assert running.control.state()["issues"] == 0
    assert running.control.run_cron()["issues"] == 1


def test_cron_runs_by_itself(tmp_path: Path, session: requests.Session) -> None:
    running = start(tmp_path, cron_seconds=0.02)
    grant(running, session)
    waited = threading.Event()
    for _ in range(200):
        if running.control.state()["issues"]:
            break
        waited.wait(0.02)
    assert running.control.state()["issues"] == 1
    running.stop()


def test_the_state_outlives_the_server(tmp_path: Path, session: requests.Session) -> None:
    first = start(tmp_path)
    create(first, session, 2)
    first.control.move_to_day(4)
    first.stop()
    second = start(tmp_path, day=None)
    assert second.token == first.token
    assert (second.control.state()["users"], second.control.state()["day"]) == (4, 4)
    second.stop()
    third = start(tmp_path, day=9)
    assert third.control.state()["day"] == 9
    third.stop()


def test_the_token_file_is_for_its_owner_only(running: Running, tmp_path: Path) -> None:
    mode = (tmp_path / "var" / "sandbox.token").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(running.token) == 32


def test_the_control_door_wants_the_token(running: Running, session: requests.Session) -> None:
    with pytest.raises(AccessDenied) as caught:
        SandboxControl(running.url, "wrong").state()
    assert "token file" in str(caught.value)
    assert session.get(running.url + "/sandbox/state", timeout=10).status_code == 403


@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        ("POST", "clock", b'{"day": "x"}'),
        ("POST", "clock", b"{}"),
        ("POST", "clock", b"not json"),
        ("POST", "clock", b"[1]"),
        ("POST", "nosuch", b"{}"),
        ("GET", "clock", b""),
    ],
)
def test_a_bad_command_changes_nothing(
    running: Running, session: requests.Session, method: str, what: str, body: bytes
) -> None:
    headers = {"X-Sandbox-Token": running.token}
    answer = session.request(method, f"{running.url}/sandbox/{what}", data=body, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert running.control.state()["day"] == 1


def test_a_refused_command_is_told_in_words(running: Running) -> None:
    with pytest.raises(RequestRefused) as caught:
        SandboxControl(running.url + "/sandbox/state?x=", running.token).run_cron()
    assert caught.value.code == "400"


def test_where_no_sandbox_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(PlatformUnavailable) as caught:
        SandboxControl(f"http://127.0.0.1:{port}/", "x").state()
    assert "connector sandbox" in str(caught.value)


def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            serve(":memory:", port, tmp_path / "t", day=1, seed=1, cron_seconds=0, ready=print)


def test_a_kept_connection_is_not_answered_after_the_stop(tmp_path: Path) -> None:
    running = start(tmp_path)
    connection = HTTPConnection(running.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    running.stop()
    connection.request("GET", "/")
    with pytest.raises(RemoteDisconnected):
        connection.getresponse()
    connection.close()


def test_cut_connections_do_not_stop_the_server(running: Running) -> None:
    host, _colon, port = running.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"POST /webservice/rest/server.php HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nwstoken=")
    assert running.control.state()["day"] == 1


def test_callers_who_break_off_are_no_news_and_errors_are(running: Running, capfd: pytest.CaptureFixture[str]) -> None:
    host, _colon, port = running.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
        raw.recv(10)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n")
        assert raw.recv(10) == b""
    told = capfd.readouterr().err
    assert "ConnectionResetError" not in told
    assert "ValueError" in told
