"""The sandbox's second door: an adapter that carries a real requests.Session into the pretend Moodle, in-process.

door = open_sandbox()                       # a fresh programme site in memory
session.mount("http://", door)              # any address; the path decides
door.mishaps.append(Mishap.LOST)            # the next request is carried out, but its answer never arrives
"""

from collections.abc import Mapping
from enum import Enum, auto
from io import BytesIO
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from connector.sandbox.content import seed_site
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.site import Site

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "http://moodle.test"


class Mishap(Enum):
    """What may happen to a request on its way."""

    REFUSED = auto()  # no connection: nothing was done
    LOST = auto()  # carried out, but the answer never arrives
    RESET = auto()  # carried out, then the connection breaks


class SandboxDoor(BaseAdapter):
    """A requests adapter over a MoodleSandbox. `mishaps` are used up one a request; None lets a request through."""

    def __init__(self, sandbox: MoodleSandbox) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.mishaps: list[Mishap | None] = []
        self.requests: list[requests.PreparedRequest] = []

    @property
    def site(self) -> Site:
        """The site behind the door."""
        return self.sandbox.site

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        self.requests.append(request)
        mishap = self.mishaps.pop(0) if self.mishaps else None
        if mishap is Mishap.REFUSED:
            raise requests.exceptions.ConnectTimeout("the sandbox refuses the connection")
        parts = urlsplit(request.url or "")
        body = request.body or b""
        payload = body.encode() if isinstance(body, str) else bytes(body)
        answer = self.sandbox.handle(request.method or "GET", parts.path, parts.query, request.headers, payload)
        if mishap is Mishap.LOST:
            raise requests.exceptions.ReadTimeout("the answer is lost")
        if mishap is Mishap.RESET:
            raise requests.exceptions.ConnectionError("the connection is reset")
        raw = HTTPResponse(
            body=BytesIO(answer.body), headers=answer.headers, status=answer.status, preload_content=False
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Close the site's database."""
        self.sandbox.site.close()


def open_sandbox() -> SandboxDoor:
    """A door to a fresh programme site in memory, on day 1, with the token TOKEN."""
    site = Site(":memory:")
    seed_site(site, token=TOKEN)
    return SandboxDoor(MoodleSandbox(site))
