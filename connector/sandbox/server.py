"""The sandbox's first door: a loopback HTTP server around a pretend platform, with a control door beside it.

    POST /sandbox/clock {"day": 9}     moves the clock to 08:00 of a day; people study; cron runs
    POST /sandbox/clock {"now": 1764}  the same to an epoch
    POST /sandbox/cron                 runs the scheduled tasks now
    POST /sandbox/stop                 stops the server
    GET  /sandbox/state                counts; `http_requests` are those that came to the site's own door

The control door wants the token of the token file in the header X-Sandbox-Token. One lock is around the site: requests
queue. Bad weather (mishaps.py) and the pace of a real site (pace.py) are for the site's own door only; pauses are made
outside of the lock.
"""

import hmac
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.breaking import Pauses, show
from connector.sandbox.content import day
from connector.sandbox.control import TOKEN_HEADER
from connector.sandbox.mishaps import Delivery, Ending, Weather
from connector.sandbox.pace import Pace

LOOPBACK = "127.0.0.1"
_CONTROL = "/sandbox/"


class Sandbox(Protocol):
    """A pretend platform that can be served. Not for several threads at once: both doors put a lock around it."""

    def handle(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> SandboxAnswer:
        """The answer to one request. May write to the site."""
        ...

    def open_at(self, url: str, *, billed: bool) -> None:
        """Take this address for the site's own; `billed`: count what requests would cost on a real site."""
        ...

    def take_cost(self) -> float:
        """Seconds that a real site would have taken since this was last asked; 0 where nothing is billed."""
        ...

    def move(self, until: int) -> None:
        """Move the clock to an epoch: forward, people study and scheduled tasks run; backward, only the clock moves."""
        ...

    def run_cron(self) -> None:
        """Run the site's scheduled tasks."""
        ...

    def changes(self) -> int:
        """A number that grows with every write to the site."""
        ...

    def counts(self) -> dict[str, Any]:
        """What is on the site now: day, now, users and so on, and `requests` by kind of call."""
        ...

    def close(self) -> None:
        """Close the site's database."""
        ...


AnySandbox = TypeVar("AnySandbox", bound=Sandbox)


class SandboxServer(ThreadingHTTPServer, Generic[AnySandbox]):
    """The server of one sandbox. `cron_seconds` 0 means that cron runs only when it is asked for.

    `weather` brings mishaps, `pace` makes requests take as long as on a real site.
    """

    daemon_threads = True

    def __init__(
        self,
        sandbox: AnySandbox,
        token: str,
        port: int,
        cron_seconds: float,
        *,
        weather: Weather | None = None,
        pace: Pace | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.url = f"http://{LOOPBACK}:{self.server_address[1]}"
        self.token = token
        self.sandbox = sandbox
        self.lock = threading.Lock()
        self.stopping = False
        self.closed = False
        self.http_requests = 0
        self.stopped = threading.Event()
        self.pauses = pauses or Pauses()
        self._weather = weather
        self._pace = pace
        self._cron_seconds = cron_seconds
        sandbox.open_at(self.url, billed=pace is not None)

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until stopped; `ready` is called with the address when the door is open."""
        cron = threading.Thread(target=self._cron, daemon=True)
        if self._cron_seconds:
            cron.start()
        try:
            ready(self.url)
            self.serve_forever(poll_interval=0.1)
        finally:
            self.stopped.set()
            if self._cron_seconds:
                cron.join()
            with self.lock:  # who holds it is still at work; who comes after it finds the door closed
                self.closed = True
            self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong in a request, but not that a caller has broken off: callers do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def _cron(self) -> None:
        changes = -1
        while not self.stopped.wait(self._cron_seconds):
            with self.lock:
                if self.sandbox.changes() != changes:  # nothing new: nothing to do
                    self.sandbox.run_cron()
                    changes = self.sandbox.changes()

    def deliver(self, carry_out: Callable[[], SandboxAnswer]) -> Delivery | None:
        """What is to be shown of one request to the site; None when the door is closed. Takes the pace's time."""
        with self._pace.core() if self._pace else nullcontext():
            began = time.perf_counter()
            with self.lock:
                if self.closed:
                    return None
                self.http_requests += 1
                delivery = Delivery.of(self._weather.next() if self._weather else None, carry_out)
                cost = self.sandbox.take_cost()
            if self._pace:
                self._pace.spend(cost, began, self.stopped)
        return delivery

    def finish_late(self, carry_out: Callable[[], SandboxAnswer]) -> None:
        """Carry out a request whose caller has left."""
        with self.lock:
            if not self.closed:
                carry_out()

    def command(self, method: str, what: str, body: bytes) -> SandboxAnswer:
        """Carry out one command of the control door; the lock is held by the caller."""
        try:
            given = json.loads(body or b"{}")
            self._obey(method, what, given)
        except (ValueError, KeyError, TypeError):
            return _plain(400, {"error": "bad command"})
        return _plain(200, self.counts())

    def _obey(self, method: str, what: str, given: dict[str, Any]) -> None:
        if (method, what) == ("POST", "clock"):
            self.sandbox.move(int(given["now"]) if "now" in given else day(int(given["day"])))
        elif (method, what) == ("POST", "cron"):
            self.sandbox.run_cron()
        elif (method, what) == ("POST", "stop"):
            self.stopping = True
        elif (method, what) != ("GET", "state"):
            raise ValueError(what)

    def counts(self) -> dict[str, Any]:
        """What is on the site now, and the requests and the calls of each kind since the start."""
        return {"http_requests": self.http_requests} | self.sandbox.counts()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as a real site keeps them
    disable_nagle_algorithm = True
    wbufsize = -1  # status line, headers and body leave together
    timeout = 300
    server: SandboxServer[Sandbox]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_args: Any) -> None:
        """Nothing: a request line may hold the token."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if parts.path.startswith(_CONTROL):
            self._obey(parts.path.removeprefix(_CONTROL), body)
            return
        headers = dict(self.headers.items())

        def carry_out() -> SandboxAnswer:
            return self.server.sandbox.handle(self.command, parts.path, parts.query, headers, body)

        delivery = self.server.deliver(carry_out)
        if delivery is None:
            self.close_connection = True
            return
        show(self, delivery, self.server.pauses, self.server.stopped)
        if delivery.later:
            self.server.finish_late(carry_out)

    def _obey(self, what: str, body: bytes) -> None:
        with self.server.lock:
            if self.server.closed:
                self.close_connection = True
                return
            answer = self._control(what, body)
        show(self, Delivery(answer, Ending.WHOLE), self.server.pauses, self.server.stopped)
        if self.server.stopping:
            self.close_connection = True
            self.wfile.flush()  # the answer leaves before the server does
            threading.Thread(target=self.server.shutdown, daemon=True).start()

    def _control(self, what: str, body: bytes) -> SandboxAnswer:
        given = self.headers.get(TOKEN_HEADER) or ""
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            return _plain(403, {"error": "wrong token"})
        return self.server.command(self.command, what, body)


def _plain(status: int, value: dict[str, Any]) -> SandboxAnswer:
    headers = {"Content-Type": "application/json"}
    return SandboxAnswer(status=status, headers=headers, body=json.dumps(value).encode())
