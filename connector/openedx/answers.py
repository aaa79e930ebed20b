"""An HTTP answer of Open edX becomes a value or an error, by its status and its content type.

There are four JSON shapes of errors, pages for people, and empty bodies (reference/openedx-facts.md section 0). No
error here holds the body, which may hold personal data.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from connector.errors import AccessDenied, ConnectorError, PlatformUnavailable, ProtocolError, RequestRefused
from connector.language import _
from connector.wire.exchange import Reply, lost
from connector.wire.words import cleaned

UNTOLD_WAIT = 60.0  # seconds to wait after a 429 without Retry-After: all its windows are minutes
_REDIRECTS = range(300, 400)
_SERVER_FAULTS = range(500, 600)
_GOOD = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What Open edX answered: a status that the caller can use, and the JSON value (None for an empty body or a page).

    `is_page` says that a page for people came: there is no such address on this site, or a feature is off.
    """

    status: int
    value: Any = None
    is_page: bool = False

    @property
    def ok(self) -> bool:
        """True for 2xx."""
        return self.status in _GOOD

    @property
    def code(self) -> str:
        """The platform's own error code, '' when it gave none."""
        return code_of(self.value)

    @property
    def words(self) -> str:
        """The platform's words about what is wrong, without addresses and long numbers; '' when it gave none."""
        return words_of(self.value)


class TokenRefused(AccessDenied):
    """401: the token is no longer good, or never was; the client gets a new one and asks once more."""


def answer_of(reply: Reply, *, writes: bool, expected: Collection[int] = ()) -> Answer:
    """The answer, of 2xx or of a status that the caller expects. Raises by the kinds of connector.errors.

    Raises TokenRefused for a 401 that says nothing was done. A 401 with an empty body is different: Open edX sends it
    after having done the work, when a learner's cookies came along (facts section 0), so a write is then unknown.
    """
    if reply.status == HTTPStatus.UNAUTHORIZED:
        if reply.body.strip() or not writes:
            raise TokenRefused(
                _("The platform refuses the token (HTTP 401)."),
                hint=_("Is the account of the OAuth application still active and global staff?"),
            )
        raise lost(_("The platform answered 401 without a word."), writes=True)
    if reply.status not in _GOOD and reply.status not in expected:
        raise _status_error(reply, writes=writes)
    return _parsed(reply, writes=writes)


def code_of(value: Any) -> str:
    """The error code in one of the four shapes, '' when there is none."""
    if not isinstance(value, Mapping):
        return ""
    code = value.get("error_code") or value.get("error") or ""
    return code if isinstance(code, str) else ""


def words_of(value: Any) -> str:
    """What an error body says, in one line, at most 200 characters."""
    return cleaned("; ".join(dict.fromkeys(_texts(value))))


_NO_WORDS = ("error_code", "error", "username_suggestions", "success", "course_details")


def _texts(value: Any) -> Iterator[str]:
    """The words in an error body, whatever its shape: they stand at the leaves."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _NO_WORDS:
                yield from _texts(item)


def _parsed(reply: Reply, *, writes: bool) -> Answer:
    body = reply.body.strip()
    if not body and reply.status == HTTPStatus.OK:  # what has nothing to say is 204; no call of ours gets an empty 200
        raise lost(_("The platform's answer arrived incomplete."), writes=writes)
    if not body:
        return Answer(status=reply.status)
    if "json" not in reply.content_type:
        if reply.status in _GOOD:
            raise not_a_service(_("a page for people came instead of an answer"))
        return Answer(status=reply.status, is_page=True)
    try:
        return Answer(status=reply.status, value=json.loads(body))
    except ValueError:
        raise lost(_("The platform's answer arrived incomplete."), writes=writes) from None


def not_a_service(why: str) -> ProtocolError:
    """The error of an address that is no Open edX API: a portal, another server, a wrong path."""
    return ProtocolError(
        _("This is not the address of an Open edX API: {why}.").format(why=why),
        hint=_(
            "Check the site's url in the configuration (the LMS, not the studio), and that no portal stands before it."
        ),
    )


def _status_error(reply: Reply, *, writes: bool) -> ConnectorError:
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = reply.retry_after if reply.retry_after is not None else UNTOLD_WAIT
        return PlatformUnavailable(_("The platform asks us to slow down (HTTP 429)."), retry_after=wait)
    if reply.status in _REDIRECTS:
        return not_a_service(_("it redirects to another page"))
    if reply.status == HTTPStatus.SERVICE_UNAVAILABLE and (not writes or reply.retry_after is not None):
        return PlatformUnavailable(
            _("The platform is closed or too busy for now (HTTP {status}).").format(status=503),
            hint=_("Try again later."),
            retry_after=reply.retry_after,
        )
    if reply.status in _SERVER_FAULTS:
        return lost(_("The platform failed (HTTP {status}).").format(status=reply.status), writes=writes)
    return _refusal(reply)


def _refusal(reply: Reply) -> ConnectorError:
    try:
        answer = _parsed(reply, writes=False)
    except ConnectorError:
        answer = Answer(status=reply.status)
    words = answer.words or _("no reason given")
    if reply.status == HTTPStatus.FORBIDDEN:
        return AccessDenied(
            _("The platform does not let us in: {why} ({code}).").format(why=words.rstrip("."), code="HTTP 403"),
            hint=_("The account of the OAuth application must be global staff; 'connector doctor' names each right."),
        )
    code = answer.code or f"http{reply.status}"
    return RequestRefused(code, _("The platform refused: {why} ({code}).").format(why=words.rstrip("."), code=code))
