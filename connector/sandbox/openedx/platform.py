"""The pretend Open edX: one HTTP request in, one HTTP answer out.

`OpenEdxSandbox.handle` is a function of the request and the site's state; it opens no sockets. The order is the
platform's: address, missing slash, identity, rate limit, right, work - and last the cookies that spoil the answer.

Source: lms/urls.py, openedx/core/djangoapps/safe_sessions; reference/openedx-facts.md section 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from connector.sandbox.openedx.access import identify, session_user
from connector.sandbox.openedx.answers import EdxAnswer, Refusal, error, page, redirect
from connector.sandbox.openedx.asking import Ask
from connector.sandbox.openedx.routes import ROUTES, Route
from connector.sandbox.openedx.site import EdxSite
from connector.sandbox.openedx.throttles import throttle


@dataclass(frozen=True, slots=True)
class OpenEdxSandbox:
    """A pretend Open edX over one site. Not for several threads at once."""

    site: EdxSite

    def handle(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> EdxAnswer:
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

    def _answer(self, route: Route, ask: Ask) -> EdxAnswer:
        try:
            with self.site.transaction():
                answer = self._work(route, ask)
        except Refusal as refusal:
            answer = refusal.answer
        return page(401, "") if _spoilt(ask) else answer

    def _work(self, route: Route, ask: Ask) -> EdxAnswer:
        identify(ask, route.auth, route.stranger)
        if route.limit is not None:
            throttle(ask, route.limit)
        view = route.views.get(ask.method)
        if view is None:
            raise Refusal(error(route.style, 405, f'Method "{ask.method}" not allowed.'))
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


def _spoilt(ask: Ask) -> bool:
    """Whether login cookies of another account came with the token: the work is done, and the answer is 401, empty."""
    owner = session_user(ask)
    sent = ask.headers.get("authorization", "")
    return bool(sent) and owner is not None and ask.caller is not None and owner != ask.caller.id
