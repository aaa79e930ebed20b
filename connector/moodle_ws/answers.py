"""An HTTP answer of Moodle becomes a value or an error, sorted in the order of recipes section 0.3.

Status; empty body; a page instead of an answer; XML although JSON was asked for (a cut body); JSON or XML as it was
asked for; exception document. No error here holds the body, which may hold personal data, and none is chained to the
decoder's own error.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connector.errors import (
    AccessDenied,
    ConnectorError,
    OutcomeUnknown,
    PlatformUnavailable,
    ProtocolError,
    RequestRefused,
)
from connector.language import _
from connector.moodle_ws import xml_answers
from connector.moodle_ws.failures import NOT_LET_IN, TOO_LARGE, access_denied, error_of
from connector.wire.exchange import Reply, lost
from connector.wire.words import cleaned

OK = 200
_REDIRECTS = range(300, 400)
_SERVER_FAULTS = range(500, 600)
_BROKEN = object()
# What PHP prints before an answer where display_errors is on, as HTML or as text (php.net: html_errors).
_PHP_WORDS = re.compile(rb"\s*(?:<br\s*/?>\s*<b>|PHP )?(Notice|Warning|Deprecated|Strict Standards)(?:</b>)?\s*:", re.I)


def value_of(reply: Reply, *, writes: bool, xml_of: str = "") -> Any:
    """The value that Moodle returned (None for functions without one). Raises by the kinds of connector.errors.

    `xml_of` names the function whose answer was asked for in XML; '' means that JSON was asked for.
    """
    if reply.status != OK:
        raise _status_error(reply, writes=writes)
    body = reply.body.strip()
    if not body:
        raise lost(_("The platform answered with an empty body."), writes=writes)
    if not xml_of and _is_xml(reply.content_type, body):
        raise _cut_request(body)
    if kind := _PHP_WORDS.match(body):
        raise _php_words(kind[1].decode(), writes=writes)
    if _is_page(reply.content_type, body):
        raise not_a_service(_("a page for people came instead of an answer"))
    value, exception = _xml_parts(body, xml_of) if xml_of else _json_parts(body)
    if value is _BROKEN:
        raise lost(_("The platform's answer arrived incomplete."), writes=writes)
    if exception is not None:
        raise error_of(exception, writes=writes)
    return value


def not_a_service(why: str) -> ProtocolError:
    """The error of an address that is no web service: a login page, a portal, another server."""
    return ProtocolError(
        _("This is not the address of a Moodle web service: {why}.").format(why=why),
        hint=_("Check the site's url in the configuration, and that no portal or log-in stands before it."),
    )


def _php_words(kind: str, *, writes: bool) -> ConnectorError:
    """It comes again with every answer, so that asking again is no use. The words themselves may hold paths."""
    message = _("The site prints a message of PHP ({kind}) before its answer.").format(kind=kind)
    hint = _("Ask its administrator to switch off display_errors and Moodle's display of debug messages.")
    return OutcomeUnknown(message, hint=hint) if writes else ProtocolError(message, hint=hint)


def _json_parts(body: bytes) -> tuple[Any, Mapping[str, Any] | None]:
    """The value and the exception document of a JSON answer; one of the two is None."""
    try:
        value = json.loads(body)
    except ValueError:
        return _BROKEN, None
    is_exception = isinstance(value, dict) and "exception" in value
    return (None, value) if is_exception else (value, None)


def _xml_parts(body: bytes, function: str) -> tuple[Any, Mapping[str, Any] | None]:
    """The same of an XML answer."""
    try:
        document = xml_answers.document_of(body)
        exception = xml_answers.exception_of(document)
        return (None if exception else xml_answers.value_of(document, function)), exception
    except xml_answers.Unreadable:
        return _BROKEN, None


def _is_page(content_type: str, body: bytes) -> bool:
    return content_type.startswith("text/html") or body[:9].lower().startswith((b"<!doctype", b"<html"))


def _is_xml(content_type: str, body: bytes) -> bool:
    return body.startswith(b"<?xml") and "html" not in content_type


def _cut_request(body: bytes) -> ConnectorError:
    """XML to a JSON question: the form's end, where `moodlewsrestformat=json` stood, was cut off (facts 1.6)."""
    document = _exception_in(body)
    code = document.get("errorcode", "")
    if code in NOT_LET_IN:
        return access_denied(code, cleaned(document.get("message", "")))
    return ProtocolError(
        _("The platform cut off the end of the request (it answered in XML{code}).").format(
            code=f", {code}" if code else ""
        ),
        hint=_("What arrived may have been done. Lower form_variables in the configuration, then run again."),
    )


def _exception_in(body: bytes) -> Mapping[str, str]:
    try:
        return xml_answers.exception_of(xml_answers.document_of(body)) or {}
    except xml_answers.Unreadable:
        return {}


def _status_error(reply: Reply, *, writes: bool) -> ConnectorError:
    match reply.status:
        case 403:
            return _forbidden(reply)
        case 413:
            return RequestRefused(TOO_LARGE, _("The request was too large for the web server (HTTP 413)."))
        case 429:
            return _busy(reply)
        case 503:
            return _closed(reply, writes=writes)
        case _:
            return _other_status(reply, writes=writes)


def _other_status(reply: Reply, *, writes: bool) -> ConnectorError:
    if reply.status in _REDIRECTS:
        return not_a_service(_("it redirects to {where}").format(where=_host_of(reply.location)))
    if reply.status in _SERVER_FAULTS:
        return lost(_("The platform failed (HTTP {status}).").format(status=reply.status), writes=writes)
    return not_a_service(_("it answers HTTP {status}").format(status=reply.status))


def _forbidden(reply: Reply) -> ConnectorError:
    if reply.body.strip():
        return AccessDenied(
            _("A gateway before the platform forbids the request (HTTP 403)."),
            hint=_("Ask the site's administrator to allow this computer's address."),
        )
    return AccessDenied(
        _("The site's web services are switched off (HTTP 403)."),
        hint=_("An administrator switches on 'Enable web services' and the REST protocol."),
    )


def _closed(reply: Reply, *, writes: bool) -> ConnectorError:
    """503: only a Retry-After proves that the request was turned away at the door.

    Moodle's own maintenance page always has one (facts 0.2). Words prove nothing: Apache speaks of "maintenance
    downtime" when the PHP behind it dies in the middle of a write.
    """
    if writes and reply.retry_after is None:
        return lost(_("The platform failed (HTTP 503)."), writes=True)
    return _busy(reply)


def _busy(reply: Reply) -> ConnectorError:
    return PlatformUnavailable(
        _("The platform is closed or too busy for now (HTTP {status}).").format(status=reply.status),
        hint=_("Try again later."),
        retry_after=reply.retry_after,
    )


def _host_of(location: str) -> str:
    """Scheme and host only: the query of a redirect may hold secrets."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else _("another page")
