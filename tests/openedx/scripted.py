"""A door for one Open edX client under test: each request is kept, and answered by the next entry of a script."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from connector.openedx.client import OpenEdx
from connector.wire.caller import Manners

SECRET = "a-secret-of-the-application"
TOKEN = "eyJhbGciOi.made.up"
CLIENT = "connector"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One HTTP answer. `body` that is no bytes is sent as JSON."""

    body: Any = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def page(status: int = 200) -> Told:
    """A page for people."""
    return Told(body=b"<!DOCTYPE html><html>no</html>", status=status, content_type="text/html; charset=utf-8")


def token(text: str = TOKEN, lasts: int = 3600) -> Told:
    """The answer to a request for a token."""
    return Told(body={"access_token": text, "expires_in": lasts, "token_type": "JWT", "scope": "read write"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it went out."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedDoor(BaseAdapter):
    """Answers requests by a script; when it has run out, the test is wrong and says so."""

    def __init__(self, *script: Told | Exception) -> None:
        super().__init__()
        self.script = list(script)
        self.asked: list[Asked] = []

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = request.body or b""
        self.asked.append(
            Asked(
                request.method or "",
                request.path_url,
                dict(request.headers),
                body if isinstance(body, bytes) else body.encode(),
            )
        )
        assert self.script, f"nobody expected {self.asked[-1]}"
        entry = self.script.pop(0)
        if isinstance(entry, Exception):
            raise entry
        raw = HTTPResponse(
            body=BytesIO(entry.payload),
            headers={"Content-Type": entry.content_type, **entry.headers},
            status=entry.status,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(door: BaseAdapter, clock: Clock | None = None, **manners: Any) -> OpenEdx:
    """A client whose network is this door, with these manners."""
    time = clock or Clock()
    session = requests.Session()
    session.mount("https://", door)
    return OpenEdx(
        session,
        "https://lms.example.vn",
        CLIENT,
        SECRET,
        manners=Manners(**manners),
        sleep=time.sleep,
        clock=time,
    )
