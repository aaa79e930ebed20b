"""The one function that speaks to Open edX: `OpenEdx.ask`.

It sets the timeouts, brings the token, keeps to the site's limits, repeats what is safe, writes one log line a request
without parameters, and turns an answer into a value or an error of connector.errors. The secret stands only in the
request for a token, the token only in the header.
"""

import json
import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from urllib3.filepost import encode_multipart_formdata

from connector.errors import AccessDenied, ConnectorError, PlatformUnavailable, ProtocolError
from connector.language import _
from connector.lms import CallCounts
from connector.openedx import paths
from connector.openedx.answers import UNTOLD_WAIT, Answer, TokenRefused, answer_of
from connector.openedx.paths import Path, Query
from connector.openedx.throttle import Scope, Throttle
from connector.wire.caller import SLEEP, Caller, Manners
from connector.wire.exchange import Wire, place_of
from connector.wire.lanes import Lanes

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
EARLY = 120.0  # seconds before its end at which a token is renewed
NUMBERED_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a request carries, with its content type."""

    kind: str
    body: bytes

    @classmethod
    def json(cls, value: Any) -> "Content":
        """A JSON body."""
        return cls(kind=JSON, body=json.dumps(value).encode())

    @classmethod
    def form(cls, fields: Sequence[tuple[str, str]]) -> "Content":
        """A form."""
        return cls(kind=FORM, body=urlencode(fields).encode())

    @classmethod
    def file(cls, name: str, filename: str, text: str) -> "Content":
        """A form with one CSV file."""
        body, kind = encode_multipart_formdata({name: (filename, text.encode("utf-8"), "text/csv")})
        return cls(kind=kind, body=body)


class OpenEdx:
    """A client of one Open edX site for one OAuth application. Calls are counted in `calls`; may be used by threads."""

    def __init__(
        self,
        session: requests.Session,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        manners: Manners,
        sleep: Callable[[float], None] = SLEEP,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._wire = Wire(session, url, timeouts=manners.timeouts, clock=clock)
        self._caller = Caller(manners, sleep=sleep, clock=clock, now=now)
        self._throttle = Throttle(sleep=sleep, clock=clock)
        self.sleep = sleep
        self.clock = clock
        self._credentials = (client_id, client_secret)
        self._lock = Lock()
        self._token = ""
        self._token_ends = 0.0
        self.lanes = Lanes(manners.connections)

    @property
    def address(self) -> str:
        """Where the site is asked; it says nothing of its own place."""
        return place_of(self._wire.url)

    @property
    def calls(self) -> CallCounts:
        """HTTP requests, by what they asked for, so far."""
        return self._caller.calls

    def get(
        self, path: Path, query: Query = (), *, scope: Scope = Scope.FREE, expected: Collection[int] = ()
    ) -> Answer:
        """What stands there. Reads only. See `ask`."""
        return self.ask("GET", path.asking(query), scope=scope, expected=expected)

    def ask(
        self,
        method: str,
        path: Path,
        content: Content | None = None,
        *,
        writes: bool = False,
        scope: Scope = Scope.FREE,
        expected: Collection[int] = (),
    ) -> Answer:
        """The answer of 2xx or of an `expected` status. With `writes`, sent once unless it was certainly not done.

        Raises the classes of connector.errors: PlatformUnavailable (nothing done), OutcomeUnknown (writes only),
        AccessDenied, ProtocolError, RequestRefused.
        """
        outgoing = _Outgoing(
            method=method, path=path, content=content, writes=writes, scope=scope, expected=tuple(expected)
        )
        try:
            return self._speak(outgoing, self._a_token())
        except TokenRefused:
            return self._speak(outgoing, self._a_token(anew=True))

    def _speak(self, outgoing: "_Outgoing", token: str) -> Answer:
        return self._caller.speak([outgoing.path.name], partial(self._exchange, outgoing, f"JWT {token}"))

    def pages(self, path: Path, query: Query, *, scope: Scope = Scope.FREE) -> Iterator[Any]:
        """The rows of all pages, as `next` leads through them. Reads only.

        Only path and query of `next` are used: its host is what the site's proxy let the application see. Raises
        ProtocolError when a page leads back to an earlier one (`page=2` of a cursor does; facts section 4).
        """
        following: Path | None = path.asking(query)
        seen: set[str] = set()
        while following is not None:
            if following.text in seen:
                raise ProtocolError(_("The platform's pages go round in a circle ({what}).").format(what=path.name))
            seen.add(following.text)
            value = self.ask("GET", following, scope=scope).value
            if not isinstance(value, dict) or not isinstance(value.get("results"), list):
                raise ProtocolError(_("The platform's page of {what} is not one.").format(what=path.name))
            yield from value["results"]
            following = _following(path, value)

    def numbered(self, path: Path, query: Query = ()) -> Iterator[Any]:
        """The rows of a bare list without `next`: page after page until one is short or missing. Reads only."""
        page = 1
        while True:
            wanted = [*query, ("page", page), ("page_size", NUMBERED_PAGE)]
            answer = self.get(path, wanted, expected=(404,) if page > 1 else ())
            rows = answer.value if answer.ok else []
            if not isinstance(rows, list):
                raise ProtocolError(_("The platform's page of {what} is not one.").format(what=path.name))
            yield from rows
            if len(rows) < NUMBERED_PAGE:
                return
            page += 1

    def _a_token(self, *, anew: bool = False) -> str:
        with self._lock:  # one thread gets it, the others wait for the same one
            if anew or self.clock() >= self._token_ends:
                self._caller.speak([paths.TOKEN.name], self._get_token)
            return self._token

    def _get_token(self) -> None:
        client_id, client_secret = self._credentials
        content = Content.form(
            [
                ("grant_type", "client_credentials"),
                ("client_id", client_id),
                ("client_secret", client_secret),
                ("token_type", "jwt"),
            ]
        )
        headers = {"Content-Type": content.kind, "Accept": JSON}
        reply = self._wire.send("POST", paths.TOKEN.text, writes=False, headers=headers, body=content.body)
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:  # a page for people, without Retry-After
            raise PlatformUnavailable(_("The platform gives no token for now (HTTP 429)."), retry_after=UNTOLD_WAIT)
        try:
            answer = answer_of(reply, writes=False, expected=(400,))
        except TokenRefused:
            answer = Answer(status=401)
        if not answer.ok:
            raise AccessDenied(
                _("The platform gives no token: {why}.").format(why=answer.code or "invalid_client"),
                hint=_("Check client_id and client_secret of the site; the application's grant is client-credentials."),
            )
        try:
            self._token = str(answer.value["access_token"])
            self._token_ends = self.clock() + float(answer.value["expires_in"]) - EARLY
        except (KeyError, TypeError, ValueError):
            raise ProtocolError(
                _("The platform's answer to the request for a token is not what Open edX gives.")
            ) from None

    def _exchange(self, outgoing: "_Outgoing", token: str) -> Answer:
        """One request and its answer, measured and logged."""
        self._throttle.wait(outgoing.scope)
        started = self.clock()
        outcome, size = "ok", 0
        headers = {"Authorization": token, "Accept": JSON}
        if outgoing.content:
            headers["Content-Type"] = outgoing.content.kind
        body = outgoing.content.body if outgoing.content else None
        try:
            reply = self._wire.send(
                outgoing.method, outgoing.path.text, writes=outgoing.writes, headers=headers, body=body
            )
            size = len(reply.body)
            return answer_of(reply, writes=outgoing.writes, expected=outgoing.expected)
        except ConnectorError as error:
            outcome = type(error).__name__
            raise
        finally:
            log.debug("%s received=%d ms=%d %s", outgoing, size, (self.clock() - started) * 1000, outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing:
    """One request as it is sent, perhaps several times. In words it says nothing of what it carries or asks for."""

    method: str
    path: Path
    content: Content | None
    writes: bool
    scope: Scope
    expected: tuple[int, ...]
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    def __str__(self) -> str:
        return f"call {self.mark} {self.method} {self.path.name} sent={len(self.content.body) if self.content else 0}"

    __repr__ = __str__


def _following(path: Path, value: dict[str, Any]) -> Path | None:
    # The list of courses keeps its paging one level down.
    place = value.get("next") or (value.get("pagination") or {}).get("next")
    if not place:
        return None
    parts = urlsplit(str(place))
    return Path(path.name, f"{parts.path}?{parts.query}")
