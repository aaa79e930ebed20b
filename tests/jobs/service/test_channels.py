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
from tests.fakes.mail import MailServer

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
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
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


def mail_settings(port: int, security: str = "none") -> Smtp:
    to = ("it@example.invalid", "lan@example.invalid")
    return Smtp.model_validate(
        {"host": "127.0.0.1", "port": port, "security": security, "sender": "connector@example.invalid", "to": to}
    )


def test_a_mail_reaches_everybody_with_its_vietnamese_text() -> None:
    with MailServer() as server:
        assert channels(Alerts(smtp=mail_settings(server.port)))(ALERT)
    (mail,) = server.got
    assert (mail["Subject"], mail["To"]) == (ALERT.subject, "it@example.invalid, lan@example.invalid")
    assert mail.get_content().strip() == ALERT.text


def test_a_mail_that_the_server_refuses_is_not_sent() -> None:
    with MailServer(refuses=True) as server:
        assert not channels(Alerts(smtp=mail_settings(server.port)))(ALERT)
    assert server.got == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_nothing_goes_in_the_clear_to_a_server_without_encryption(security: str) -> None:
    with MailServer() as server:
        assert not channels(Alerts(smtp=mail_settings(server.port, security)))(ALERT)
    assert server.got == []


def test_all_channels_are_tried_even_when_one_fails(hook: HTTPServer) -> None:
    url = f"http://127.0.0.1:{hook.server_address[1]}/yes"
    assert not channels(Alerts(smtp=mail_settings(1), webhook=SecretStr(url)))(ALERT)
    assert len(GOT) == 1


def test_what_cannot_be_reached_says_so() -> None:
    assert not channels(Alerts(webhook=SecretStr("http://example.invalid/x")))(ALERT)
    smtp = Smtp(host="127.0.0.1", port=1, security="none", sender="a@example.invalid", to=("b@example.invalid",))
    assert not channels(Alerts(smtp=smtp))(ALERT)
    assert channels(Alerts())(ALERT)
