"""An Open edX whose answers are a script (tests/wire/scripted.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import BaseAdapter

from connector.openedx.client import OpenEdx
from connector.wire.caller import Manners
from tests.wire.scripted import Clock, ScriptedWire, Told, body_of

__all__ = ["Clock", "Told"]

SECRET = "a-secret-of-the-application"
TOKEN = "eyJhbGciOi.made.up"
CLIENT = "connector"


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


class ScriptedDoor(ScriptedWire[Asked]):
    """Keeps each request as it went out."""

    def read(self, request: requests.PreparedRequest) -> Asked:
        return Asked(str(request.method), request.path_url, dict(request.headers), body_of(request))


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
