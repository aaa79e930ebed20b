"""The pretend Open edX's second door: an adapter that carries a real requests.Session into it, in-process.

door = open_edx()                           # a stock site in memory with one course, COURSE
session.mount("https://", door)             # any address; the path decides
door.site.features.bulk_enrolment = True    # what an operator would switch on
"""

from collections.abc import Mapping
from io import BytesIO
from threading import Lock
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.building import (
    Part,
    add_content,
    add_course,
    add_policy,
    add_service_account,
    seed_secret,
)
from connector.sandbox.openedx.platform import OpenEdxSandbox
from connector.sandbox.openedx.site import EdxSite, Features

URL = "https://lms.test"
COURSE = "course-v1:BKHCN+AI01+2025"
CLIENT, SECRET = "connector", "sandbox-secret"
EARLY_DECEMBER = 1_764_550_800  # 2025-12-01 08:00 Viet Nam time
_PARTS = (
    Part(name="hw1", kind="Homework", chapter="ch1"),
    Part(name="final", kind="Final Exam", chapter="ch2"),
)


class EdxDoor(BaseAdapter):
    """A requests adapter over a pretend Open edX; keeps every request that came through.

    Cookies stand in the response; a session does not take them into its jar by itself, as no socket was read.
    """

    def __init__(self, sandbox: OpenEdxSandbox) -> None:
        super().__init__()
        self.sandbox = sandbox
        self.requests: list[requests.PreparedRequest] = []
        self._lock = Lock()  # the client reads over several connections; the site does one thing at a time

    @property
    def site(self) -> EdxSite:
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
        with self._lock:
            self.requests.append(request)
            parts = urlsplit(request.url or "")
            sent = request.body or b""
            payload = sent.encode() if isinstance(sent, str) else bytes(sent)
            told = self.sandbox.handle(request.method or "GET", parts.path, parts.query, request.headers, payload)
        answer = self.on_its_way(request, told)
        headers = answer.headers | {"Content-Length": str(len(answer.body))}
        raw = HTTPResponse(body=BytesIO(answer.body), headers=headers, status=answer.status, preload_content=False)
        response = HTTPAdapter().build_response(request, raw)
        for name, value in answer.cookies:
            response.cookies.set(name, value)
        return response

    def on_its_way(self, request: requests.PreparedRequest, answer: SandboxAnswer) -> SandboxAnswer:
        """The answer as it arrives; may raise what requests raises when it never does."""
        del request
        return answer

    def close(self) -> None:
        """Close the site's database."""
        self.site.close()


def open_edx(features: Features | None = None) -> EdxDoor:
    """A door to a fresh site in memory: one course with content, and a service account with an application."""
    site = EdxSite(":memory:", features or Features())
    site.features.host = URL
    site.set_now(EARLY_DECEMBER)
    seed_secret(site)
    add_service_account(site, "connector_worker", CLIENT, SECRET)
    add_course(site, COURSE, "AI for commune officials")
    add_policy(site, COURSE, "Homework", "HW", count=1, weight=0.4)
    add_policy(site, COURSE, "Final Exam", "Final", count=1, weight=0.6)
    add_content(site, COURSE, "AI for commune officials", _PARTS)
    return EdxDoor(OpenEdxSandbox(site))
