"""The sandbox's first door: a loopback HTTP server around the pretend Moodle, with a control door beside it.

    POST /sandbox/clock {"day": 9}     moves the clock; people study; cron runs
    POST /sandbox/cron                 runs the scheduled tasks now
    POST /sandbox/stop                 stops the server
    GET  /sandbox/state                counts; `http_requests` are those that came to the site's own door

The control door wants the service token in the header X-Sandbox-Token. One lock is around the site: requests queue.
Bad weather (mishaps.py) and the pace of a real site (pace.py) are for the web service only; pauses are made outside of
the lock.
"""

import hmac
import json
import secrets
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.breaking import Pauses, show
from connector.sandbox.clock import day_of, set_day
from connector.sandbox.content import is_seeded, seed_site
from connector.sandbox.control import TOKEN_HEADER
from connector.sandbox.cron import run_cron
from connector.sandbox.mishaps import Delivery, Ending, Weather
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.pace import Bill, Pace
from connector.sandbox.site import Site

LOOPBACK = "127.0.0.1"
_CONTROL = "/sandbox/"
_COUNTS = {
    "users": "SELECT count(*) FROM users WHERE deleted = 0",
    "members": "SELECT count(*) FROM cohort_members",
    "enrolments": "SELECT count(*) FROM user_enrolments",
    "completions": "SELECT count(*) FROM module_completion WHERE state IN (1, 2)",
    "eligible": "SELECT count(*) FROM group_members",
    "issues": "SELECT count(*) FROM issues",
}


class SandboxServer(ThreadingHTTPServer):
    """The server of one site. `cron_seconds` 0 means that cron runs only when it is asked for.

    `weather` brings mishaps, `pace` makes requests take as long as on a real site.
    """

    daemon_threads = True

    def __init__(
        self,
        site: Site,
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
        site.switches.wwwroot = self.url
        self.site = site
        self.token = token
        self.sandbox = MoodleSandbox(site)
        self.lock = threading.Lock()
        self.stopping = False
        self.closed = False
        self.http_requests = 0
        self.stopped = threading.Event()
        self.pauses = pauses or Pauses()
        self._weather = weather
        self._pace = pace
        self._cron_seconds = cron_seconds
        site.bill = Bill() if pace else None

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
                if self.site.db.total_changes != changes:  # nothing new: nothing to do
                    run_cron(self.site)
                    changes = self.site.db.total_changes

    def deliver(self, carry_out: Callable[[], SandboxAnswer]) -> Delivery | None:
        """What is to be shown of one request to the site; None when the door is closed. Takes the pace's time."""
        with self._pace.core() if self._pace else nullcontext():
            began = time.perf_counter()
            with self.lock:
                if self.closed:
                    return None
                self.http_requests += 1
                delivery = Delivery.of(self._weather.next() if self._weather else None, carry_out)
                cost = self.site.bill.take() if self.site.bill else 0.0
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
            set_day(self.site, int(given["day"]))
        elif (method, what) == ("POST", "cron"):
            run_cron(self.site)
        elif (method, what) == ("POST", "stop"):
            self.stopping = True
        elif (method, what) != ("GET", "state"):
            raise ValueError(what)

    def counts(self) -> dict[str, Any]:
        """What is on the site now, and the requests and the calls of each function since the start."""
        found: dict[str, Any] = {"day": day_of(self.site.now()), "now": self.site.now()}
        found["http_requests"] = self.http_requests
        for name, sql in _COUNTS.items():
            row = self.site.one(sql)
            found[name] = row[0] if row else 0
        return found | {"requests": dict(sorted(self.site.calls.items()))}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as a real site keeps them
    disable_nagle_algorithm = True
    wbufsize = -1  # status line, headers and body leave together
    timeout = 300
    server: SandboxServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
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


def open_site(state_path: str, token_file: Path, *, day: int | None, seed: int) -> tuple[Site, str]:
    """The site of a state file, with content when it is new, and its token, which is written to `token_file`.

    An existing site keeps its seed and its clock; `day` moves the clock on.
    """
    site = Site(state_path)
    if not is_seeded(site):
        seed_site(site, token=secrets.token_hex(16), number=day or 1, seed=seed)
    elif day is not None and day != day_of(site.now()):
        set_day(site, day)
    row = site.one("SELECT token FROM tokens WHERE functions = '' LIMIT 1")
    token = str(row[0]) if row else ""
    token_file.parent.mkdir(parents=True, exist_ok=True)
    token_file.touch(mode=0o600)
    token_file.write_text(token + "\n", encoding="utf-8")
    return site, token


def serve(
    state_path: str,
    port: int,
    token_file: Path,
    *,
    day: int | None,
    seed: int,
    cron_seconds: float,
    ready: Callable[[str], None],
    weather: Weather | None = None,
    pace: Pace | None = None,
) -> None:
    """Serve the pretend Moodle on 127.0.0.1 until it is stopped; writes the state file and the token file.

    `state_path` is a file, or ':memory:'. `port` 0 takes any free one. `ready` is called with the address.
    `weather` brings mishaps, `pace` makes requests take as long as on a real site.
    Raises OSError when the port is taken.
    """
    site, token = open_site(state_path, token_file, day=day, seed=seed)
    try:
        SandboxServer(site, token, port, cron_seconds, weather=weather, pace=pace).run(ready)
    finally:
        site.close()
