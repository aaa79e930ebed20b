"""Alerts reach a real server on the loopback; what does not take them says so."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr

from connector.jobs.service.alarms import Alert
from connector.jobs.service.channels import channels
from connector.settings import Alerts, Smtp

ALERT = Alert(key="job:sync:approval", subject="Cần người xử lý: sync", text="một kế hoạch đang chờ", over=False)

GOT: list[dict[str, object]] = []


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; refuses at /no."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        GOT.append(json.loads(body))
        self.send_response(500 if self.path == "/no" else 204)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    GOT.clear()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_gets_the_alert(hook: HTTPServer) -> None:
    url = f"http://127.0.0.1:{hook.server_address[1]}"
    assert channels(Alerts(webhook=SecretStr(f"{url}/yes?k=1")))(ALERT)
    assert not channels(Alerts(webhook=SecretStr(f"{url}/no")))(ALERT)
    assert [one["subject"] for one in GOT] == [ALERT.subject] * 2


def test_what_cannot_be_reached_says_so() -> None:
    assert not channels(Alerts(webhook=SecretStr("http://example.invalid/x")))(ALERT)
    smtp = Smtp(host="127.0.0.1", port=1, security="none", sender="a@example.invalid", to=("b@example.invalid",))
    assert not channels(Alerts(smtp=smtp))(ALERT)
    assert channels(Alerts())(ALERT)
