"""The sandbox's second door: an adapter that carries a real requests.Session into a pretend platform, in-process.

door = open_sandbox()                       # a fresh programme site on Moodle, in memory
session.mount("http://", door)              # any address; the path decides
door.mishaps.append(Mishap.LOST)            # the next request is carried out, but its answer never arrives
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from threading import Lock
from typing import Generic
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.content import seed_site
from connector.sandbox.mishaps import Delivery, Ending, Mishap, Weather
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.server import AnySandbox
from connector.sandbox.site import Site

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "http://moodle.test"


__all__ = ["TOKEN", "URL", "Mishap", "SandboxDoor", "open_sandbox"]

# What a caller sees of a broken exchange, as requests tells it.
_TOLD: dict[Ending, tuple[type[requests.RequestException], str]] = {
    Ending.REFUSED: (requests.exceptions.ConnectTimeout, "the sandbox refuses the connection"),
    Ending.SILENCE: (requests.exceptions.ReadTimeout, "the answer is lost"),
    Ending.RESET: (requests.exceptions.ConnectionError, "the connection is reset"),
}


class Door(BaseAdapter, Generic[AnySandbox]):
    """A requests adapter over a sandbox. `mishaps` are used up one a request; None lets a request through.

    When there are none left, the `weather` decides, if there is one. Work that is done after its caller has left is
    done before the `late_by`-th request after it. Keeps every request that came through. Cookies stand in the
    response; a session does not take them into its jar by itself, as no socket was read.
    """

    def __init__(self, sandbox: AnySandbox, weather: Weather | None = None) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.weather = weather
        self.mishaps: list[Mishap | None] = []
        self.requests: list[requests.PreparedRequest] = []
        self._lock = Lock()  # the client reads over several connections; the site does one thing at a time
        self.met: list[Mishap] = []
        self.late_by = 2
        self._late: list[tuple[int, Callable[[], SandboxAnswer]]] = []

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        with self._lock:
            return self._exchange(request)

    def _exchange(self, request: requests.PreparedRequest) -> requests.Response:
        self.requests.append(request)
        self.do_late_work(before=len(self.requests))
        mishap = self._next()
        parts = urlsplit(request.url or "")
        body = request.body or b""
        payload = body.encode() if isinstance(body, str) else bytes(body)

        def carry_out() -> SandboxAnswer:
            return self.sandbox.handle(request.method or "GET", parts.path, parts.query, request.headers, payload)

        delivery = Delivery.of(mishap, carry_out)
        if delivery.later:
            self._late.append((len(self.requests) + self.late_by, carry_out))
        if delivery.ending in _TOLD:
            error, words = _TOLD[delivery.ending]
            raise error(words, request=request)
        return self._response(request, replace(delivery, answer=self.on_its_way(request, delivery.answer)))

    def on_its_way(self, request: requests.PreparedRequest, answer: SandboxAnswer) -> SandboxAnswer:
        """The answer as it arrives; may raise what requests raises when it never does."""
        del request
        return answer

    def _next(self) -> Mishap | None:
        mishap = self.mishaps.pop(0) if self.mishaps else self.weather.next() if self.weather else None
        if mishap is not None:
            self.met.append(mishap)
        return mishap

    def do_late_work(self, before: int | None = None) -> None:
        """Do the work of callers who have left: what is due before this request, or all of it."""
        due = [work for when, work in self._late if before is None or when <= before]
        self._late = [(when, work) for when, work in self._late if before is not None and when > before]
        for work in due:
            work()

    def _response(self, request: requests.PreparedRequest, delivery: Delivery) -> requests.Response:
        answer = delivery.answer
        body = answer.body
        if delivery.ending in (Ending.HALF, Ending.BROKEN):
            body = body[: (len(body) + 1) // 2]
        # A dripping answer arrives whole: in-process there is no time between the drops.
        announced = len(answer.body) + 1 if delivery.ending is Ending.BROKEN else len(body)
        headers = answer.headers | {"Content-Length": str(announced)}
        raw = HTTPResponse(body=BytesIO(body), headers=headers, status=answer.status, preload_content=False)
        response = HTTPAdapter().build_response(request, raw)
        for name, value in answer.cookies:
            response.cookies.set(name, value)
        return response

    def close(self) -> None:
        """Close the site's database."""
        self.sandbox.close()


class SandboxDoor(Door[MoodleSandbox]):
    """A door to a pretend Moodle."""

    @property
    def site(self) -> Site:
        """The site behind the door."""
        return self.sandbox.site


def open_sandbox() -> SandboxDoor:
    """A door to a fresh programme site in memory, on day 1, with the token TOKEN."""
    site = Site(":memory:")
    seed_site(site, token=TOKEN)
    return SandboxDoor(MoodleSandbox(site))
