"""A door for one client under test: each request is kept, and answered by the next entry of a script.

For what a well-behaved platform never does. Everything else is tested on the simulators (tests/fakes/*_door.py).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Generic, TypeVar

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse


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


Asked = TypeVar("Asked")


class ScriptedWire(BaseAdapter, Generic[Asked]):
    """Answers requests by a script; when it has run out, the test is wrong and says so."""

    def __init__(self, *script: Told | Exception | Callable[[Asked], Told]) -> None:
        super().__init__()
        self.script = list(script)
        self.asked: list[Asked] = []
        self.timeouts: list[Any] = []

    def read(self, request: requests.PreparedRequest) -> Asked:
        """What is kept of a request."""
        raise NotImplementedError

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        asked = self.read(request)
        self.asked.append(asked)
        self.timeouts.append(timeout)
        assert self.script, f"nobody expected {asked}"
        entry = self.script.pop(0)
        if isinstance(entry, requests.RequestException):
            entry.request = request  # as requests itself does: the request holds the token
        if isinstance(entry, Exception):
            raise entry
        told = entry if isinstance(entry, Told) else entry(asked)
        raw = HTTPResponse(
            body=BytesIO(told.payload),
            headers={"Content-Type": told.content_type, **told.headers},
            status=told.status,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""


def body_of(request: requests.PreparedRequest) -> bytes:
    """What the request carries."""
    body = request.body or b""
    return body if isinstance(body, bytes) else body.encode()


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
