"""The pretend Open edX: one HTTP request in, one HTTP answer out.

`OpenEdxSandbox.handle` is a function of the request and the site's state; it opens no sockets. The order is the
platform's: address, missing slash, identity, rate limit, right, work - and last the cookies that spoil the answer.

Source: lms/urls.py, openedx/core/djangoapps/safe_sessions; reference/openedx-facts.md section 0.
"""

import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.content import day_of
from connector.sandbox.openedx.access import identify, session_user
from connector.sandbox.openedx.answers import Refusal, Style, error, page, redirect
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.courses import course_row
from connector.sandbox.openedx.pace import ANY_CALL, cost_of
from connector.sandbox.openedx.programme import CLIENT, is_seeded, prepared, seed_programme
from connector.sandbox.openedx.routes import ROUTES, Route
from connector.sandbox.openedx.site import EdxSite
from connector.sandbox.openedx.studying import move, set_day
from connector.sandbox.openedx.throttles import throttle

_COUNTS = {
    "users": "SELECT count(*) FROM users",
    "members": "SELECT count(*) FROM members",
    "enrolments": "SELECT count(*) FROM enrolments WHERE is_active = 1",
    "completions": "SELECT count(*) FROM completions WHERE value = 1",
    "eligible": "SELECT count(*) FROM allowlist",
    "issues": "SELECT count(*) FROM certificates WHERE status = 'downloadable'",
}
# What a view stumbles over in a request that it does not foresee: the platform's own views do too, and Django makes it
# an HTML page with all writes rolled back.
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, sqlite3.Error)


@dataclass(slots=True)
class OpenEdxSandbox:
    """A pretend Open edX over one site. Not for several threads at once."""

    site: EdxSite
    _billed: bool = field(default=False, init=False)
    _cost: float = field(default=0.0, init=False)

    def handle(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> SandboxAnswer:
        """The answer to one request. `path` without the query, percent-encoded or not. May write to the site."""
        plain = unquote(path)
        found = self._route(plain)
        if found is None:
            slashed = not plain.endswith("/") and self._route(plain + "/")
            return redirect(301, f"{path}/" + (f"?{query}" if query else "")) if slashed else page(404)
        route, arguments = found
        ask = Ask(
            site=self.site, method=method, path=plain, query=dict(parse_qsl(query, keep_blank_values=True)),
            raw_query=query, headers={name.lower(): value for name, value in headers.items()}, body=body,
            style=route.style, arguments=arguments,
        )  # fmt: skip
        return self._answer(route, ask)

    def _answer(self, route: Route, ask: Ask) -> SandboxAnswer:
        try:
            with self.site.transaction():
                answer = self._work(route, ask)
        except Refusal as refusal:
            answer = refusal.answer
        except UNFORESEEN:
            answer = page(HTTPStatus.INTERNAL_SERVER_ERROR)
        if self._billed:
            self._cost += cost_of(_name(route, ask.method), ask, answer)
        return page(401, "") if _spoilt(ask) else answer

    def _work(self, route: Route, ask: Ask) -> SandboxAnswer:
        identify(ask, route.auth, route.stranger)
        if route.of_course and course_row(ask.site, ask.course) is None:
            text = f"Course not found: {ask.course}." if route.style is Style.DEVELOPER else "Not found."
            raise Refusal(error(route.style, 404, text))
        if route.limit is not None:
            throttle(ask, route.limit)
        view = route.views.get(ask.method)
        if view is None:
            raise Refusal(error(route.style, 405, f'Method "{ask.method}" not allowed.'))
        self.site.calls[_name(route, ask.method)] += 1
        answer = view(ask)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Refusal(answer)
        return answer

    def _route(self, path: str) -> tuple[Route, dict[str, str]] | None:
        features = self.site.features
        for route in ROUTES:
            match = route.pattern.fullmatch(path)
            if match and (not route.feature or getattr(features, route.feature)):
                return route, {name: value for name, value in match.groupdict().items() if value is not None}
        return None

    def open_at(self, url: str, *, billed: bool) -> None:
        """Take this address for the site's own; `billed`: count what calls would cost on a real site."""
        self.site.features.host = url
        self._billed = billed

    def take_cost(self) -> float:
        """Seconds that a real site would have taken since this was last asked; 0 where nothing is billed."""
        cost, self._cost = self._cost, 0.0
        return max(cost, ANY_CALL) if self._billed else 0.0

    def move(self, until: int) -> None:
        """Move the clock to an epoch; people study."""
        move(self.site, until)

    def run_cron(self) -> None:
        """Nothing: what the platform does in the background is done here before the answer."""

    def changes(self) -> int:
        """A number that grows with every write to the site."""
        return self.site.db.total_changes

    def counts(self) -> dict[str, Any]:
        """What is on the site now, and the calls of each view since the start."""
        found: dict[str, Any] = {"day": day_of(self.site.now()), "now": self.site.now()}
        found |= {name: self.site.row(sql)[0] for name, sql in _COUNTS.items()}
        return found | {"requests": dict(sorted(self.site.calls.items()))}

    def close(self) -> None:
        """Close the site's database."""
        self.site.close()


def open_openedx(state_path: str, day: int | None, seed: int) -> tuple[OpenEdxSandbox, str]:
    """The prepared Open edX of a state file, with content when it is new, and the secret of its application CLIENT.

    An existing site keeps its seed and its clock; `day` moves the clock on.
    """
    site = EdxSite(state_path, prepared())
    if not is_seeded(site):
        seed_programme(site, secret=secrets.token_hex(16), number=day or 1, seed=seed)
    elif day is not None and day != day_of(site.now()):
        set_day(site, day)
    (secret,) = site.row("SELECT client_secret FROM applications WHERE client_id = ?", (CLIENT,))
    return OpenEdxSandbox(site), str(secret)


def _name(route: Route, method: str) -> str:
    view = route.views.get(method)
    return f"{view.__module__.rpartition('.')[2]}.{view.__name__}" if view else ""


def _spoilt(ask: Ask) -> bool:
    """Whether login cookies of another account came with the token: the work is done, and the answer is 401, empty."""
    owner = session_user(ask)
    sent = ask.headers.get("authorization", "")
    return bool(sent) and owner is not None and ask.caller is not None and owner != ask.caller.id
