"""One HTTP request and the answer's bytes: timeouts, size limit, and what a broken connection means.

requests' own exceptions carry the request with the secrets in it, so none of them is passed on or chained.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as broken

from connector.errors import ConnectorError, OutcomeUnknown, PlatformUnavailable, ProtocolError
from connector.language import _

LARGEST_ANSWER = 64 * 1024 * 1024
_PIECE = 256 * 1024
# What it logs for debugging holds whole addresses, and in Open edX's stand the log-in names, which are phone numbers.
logging.getLogger("urllib3").setLevel(logging.INFO)
_NEVER_SENT = (broken.NewConnectionError, broken.NameResolutionError, broken.ConnectTimeoutError, broken.ProxyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came over the wire. `retry_after` in seconds, `location` only of redirects."""

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait for a connection, and for each piece of an answer; a whole answer may take three times that."""

    connect: float = 10.0
    read: float = 120.0

    @property
    def whole(self) -> float:
        return self.connect + 3 * self.read


def place_of(url: str) -> str:
    """What tells a site from a copy of it: host, port and path; http or https, and the port on a machine's own loopback
    (where it is another one at each start), make no other site.
    """
    parts = urlsplit(url)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return f"{parts.hostname if here else parts.netloc}{parts.path}".rstrip("/").lower()


class Wire:
    """Sends requests to one site over a pooled session. Keeps no cookies, follows no redirects, knows no secrets.

    May be used by several threads: each has a session of its own, over the adapters (and their pools) of the first.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        *,
        timeouts: Timeouts,
        clock: Callable[[], float] = time.monotonic,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self._first = session
        self._own = threading.local()
        self._own.session = _without_cookies(session)
        self.url = url.rstrip("/")
        self._host = urlsplit(url).netloc
        self._timeouts = timeouts
        self._clock = clock
        self._largest = largest_answer

    def send(
        self, method: str, path: str, *, writes: bool, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """The answer to this request, of any status; `path` is exact, with its query.

        Raises PlatformUnavailable, OutcomeUnknown (writes only) or ProtocolError.
        """
        try:
            return self._exchange(method, path, headers, body)
        except requests.RequestException as error:
            failure = self._failure(error, writes=writes)
        except _TooSlow:
            failure = lost(_("The platform's answer did not end in time."), writes=writes)
        except _TooLarge:
            failure = self._too_large(writes=writes)
        raise failure  # outside of `except`, so that the error with the request in it is not chained

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        started = self._clock()
        with self._session().request(
            method,
            self.url + path,
            data=body,
            headers=headers,
            timeout=(self._timeouts.connect, self._timeouts.read),
            allow_redirects=False,
            stream=True,
        ) as response:
            return Reply(
                status=response.status_code,
                content_type=response.headers.get("Content-Type", "").lower(),
                body=self._body(response, started),
                retry_after=_seconds(response.headers.get("Retry-After", "")),
                location=response.headers.get("Location", ""),
            )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = _without_cookies(requests.Session())
            session.adapters = self._first.adapters
        return session

    def _body(self, response: requests.Response, started: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        for piece in _pieces(response):
            pieces.append(piece)
            size += len(piece)
            if size > self._largest:
                raise _TooLarge
            if self._clock() - started > self._timeouts.whole:
                raise _TooSlow
        return b"".join(pieces)

    def _failure(self, error: requests.RequestException, *, writes: bool) -> ConnectorError:
        if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
            return ProtocolError(
                _("The certificate of {host} cannot be trusted.").format(host=self._host),
                hint=_("Check the site's url; if the site has its own authority, set REQUESTS_CA_BUNDLE."),
            )
        if _never_sent(error):
            return PlatformUnavailable(
                _("{host} cannot be reached.").format(host=self._host),
                hint=_("Check the site's url and the network, then try again."),
            )
        if isinstance(error, requests.Timeout):
            return lost(_("{host} did not answer in time.").format(host=self._host), writes=writes)
        return lost(_("The connection to {host} broke.").format(host=self._host), writes=writes)

    def _too_large(self, *, writes: bool) -> ConnectorError:
        message = _("The platform's answer is larger than {size} MB.").format(size=self._largest // (1024 * 1024))
        return OutcomeUnknown(message) if writes else ProtocolError(message)


class _TooLarge(Exception):
    """The answer outgrew the limit."""


class _TooSlow(Exception):
    """The answer dripped in for too long."""


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """The answer as it arrives: `iter_content` waits until a piece is full, and a dripping server keeps it waiting."""
    try:
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece
    except broken.ReadTimeoutError as error:
        raise requests.ReadTimeout(error) from None
    except broken.HTTPError as error:
        raise requests.ConnectionError(error) from None


def _never_sent(error: BaseException) -> bool:
    """True when the connection was never made: requests hides urllib3's reason inside its own error."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, _NEVER_SENT):
            return True
        seen = _inside(seen)
    return False


def _inside(error: BaseException) -> BaseException | None:
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return reason
    first = error.args[0] if error.args else None
    return first if isinstance(first, BaseException) else None


def _seconds(retry_after: str) -> float | None:
    """Seconds out of a Retry-After header, given as a number or as a date; None when there is none."""
    text = retry_after.strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def _without_cookies(session: requests.Session) -> requests.Session:
    """A cookie is somebody's log-in: with that of a learner, Open edX answers 401 to a write that it has done."""
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def lost(message: str, *, writes: bool, retry_after: float | None = None) -> ConnectorError:
    """The error of a call whose answer did not come: a read may be repeated, a write must be read back first."""
    if writes:
        return OutcomeUnknown(message, hint=_("It may be done or not; the next run reads back before it sends."))
    return PlatformUnavailable(message, hint=_("Try again later."), retry_after=retry_after)
