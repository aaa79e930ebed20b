"""Real sockets on loopback: what a closed port, a cut answer and a silent server look like through requests."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Thread

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from connector.errors import ConnectorError, OutcomeUnknown, PlatformUnavailable
from connector.wire.exchange import Timeouts, Wire, _pieces

FORM = b"wstoken=secret&wsfunction=x&moodlewsrestformat=json"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Dripping(BytesIO):
    """A connection on which one byte comes at a time."""

    def __init__(self, drops: BytesIO) -> None:
        super().__init__()
        self.drops = drops

    def read1(self, _most: int | None = -1) -> bytes:
        return self.drops.read(1)

    def read(self, _most: int | None = -1) -> bytes:
        return self.drops.read()


@contextmanager
def server(answer: bytes | None) -> Iterator[str]:
    """The address of a server that reads one request, sends these bytes and hangs up; None keeps it silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def serve() -> None:
            connection, _peer = listener.accept()
            held.append(connection)
            connection.recv(65536)
            if answer is not None:
                connection.sendall(answer)
                connection.close()

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mooc"
        thread.join(timeout=5)
        for connection in held:
            connection.close()


def post(url: str, *, writes: bool) -> bytes:
    with requests.Session() as session:
        wire = Wire(session, url, timeouts=Timeouts(connect=2, read=0.3))
        return wire.send("POST", "/answers", writes=writes, headers={}, body=FORM).body


def test_each_drop_is_looked_at_as_it_comes() -> None:
    drops = BytesIO(b"ab")
    raw = HTTPResponse(body=Dripping(drops), status=200, preload_content=False)
    answer = HTTPAdapter().build_response(requests.Request("GET", "http://x").prepare(), raw)
    assert list(_pieces(answer)) == [b"a", b"b"]


def test_an_answer_arrives() -> None:
    with server(HEAD + b"Content-Length: 4\r\n\r\nnull") as url:
        assert post(url, writes=True) == b"null"


@pytest.mark.parametrize("answer", [b"", HEAD + b"Content-Length: 40\r\n\r\nnull", None], ids=["none", "cut", "silent"])
@pytest.mark.parametrize(("writes", "kind"), [(True, OutcomeUnknown), (False, PlatformUnavailable)])
def test_an_answer_that_does_not_arrive(answer: bytes | None, writes: bool, kind: type[ConnectorError]) -> None:
    with server(answer) as url, pytest.raises(kind) as caught:
        post(url, writes=writes)
    assert caught.value.__context__ is None
    assert "secret" not in str(caught.value)


def test_a_closed_port_proves_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(PlatformUnavailable, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        post(url, writes=True)


def test_each_thread_has_a_session_of_its_own_over_one_pool() -> None:
    with requests.Session() as session:
        wire = Wire(session, "http://127.0.0.1:1", timeouts=Timeouts())
        mine = wire._session()
        others: list[requests.Session] = []
        thread = Thread(target=lambda: others.extend([wire._session(), wire._session()]))
        thread.start()
        thread.join()
        assert mine is session
        assert others[0] is others[1]
        assert others[0] is not session
        assert others[0].get_adapter("http://x") is session.get_adapter("http://x")


def test_no_cookie_is_kept_or_sent() -> None:
    """A learner's log-in that came with one answer must not go out with the next request."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _turn in range(2):
                connection, _peer = listener.accept()
                asked.append(connection.recv(65536))
                body = b"Set-Cookie: sessionid=abc; Path=/\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                connection.sendall(HEAD + body)
                connection.close()

        thread = Thread(target=serve)
        thread.start()
        with requests.Session() as session:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            wire = Wire(session, url, timeouts=Timeouts(connect=1, read=1))
            for _turn in range(2):
                wire.send("GET", "/", writes=False, headers={})
        thread.join(timeout=5)
    assert len(asked) == 2
    assert b"Cookie" not in asked[1]


def test_addresses_are_in_no_log_of_any_level(caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        server(HEAD + b"Content-Length: 2\r\n\r\n{}") as url,
        requests.Session() as session,
    ):
        wire = Wire(session, url, timeouts=Timeouts())
        wire.send("GET", "/accounts?username=0912000000", writes=False, headers={})
    assert "0912000000" not in caplog.text
