"""Several calls in one HTTP request: what goes into tool_mobile_call_external_functions and what comes out.

Lists travel as one JSON text, so PHP's limit on form variables cannot cut them (facts 1.7). Moodle stops at the first
failing call: earlier ones are done, later ones were never run, and the answer is shorter than the question.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.errors import ConnectorError, PlatformUnavailable, ProtocolError
from connector.language import _
from connector.moodle_ws.failures import error_of
from connector.wire.exchange import lost

FUNCTION = "tool_mobile_call_external_functions"
MOST_CALLS = 440  # two form variables each; PHP's smallest usual limit is 1,000 variables


@dataclass(frozen=True, slots=True)
class InnerCall:
    """One call of a batch. `lang` asks for texts in that language, '' for the account's own."""

    function: str
    arguments: Mapping[str, Any]
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerAnswer:
    """One call's answer: a value, or the error that it met, or `ran=False` when an earlier call stopped the batch."""

    value: Any = None
    error: ConnectorError | None = None
    ran: bool = True

    def result(self) -> Any:
        """The value; raises the call's own error, or ProtocolError when it never ran."""
        if self.error is not None:
            raise self.error
        if not self.ran:
            raise ProtocolError(_("The platform stopped before this call was run."))
        return self.value


NOT_RUN = InnerAnswer(ran=False)


def encoded(arguments: Mapping[str, Any]) -> str:
    """The arguments as JSON text, proved by reading it back: Moodle takes broken JSON as *no* arguments (facts 1.7)."""
    text = json.dumps(arguments, allow_nan=False, separators=(",", ":"))
    if json.loads(text) != arguments:
        raise ValueError("arguments change on their way through JSON; use lists, strings and numbers only")
    return text


def question(calls: Sequence[InnerCall]) -> dict[str, Any]:
    """The parameters of the batch function for these calls."""
    return {"requests": [_request(call) for call in calls]}


def _request(call: InnerCall) -> dict[str, str]:
    request = {"function": call.function, "arguments": encoded(call.arguments)}
    if call.lang:
        request["settinglang"] = call.lang
    return request


def answers(value: Any, calls: Sequence[InnerCall], *, writes: bool) -> list[InnerAnswer]:
    """One answer for each call, in order. Raises when the document itself is not what the function returns.

    A read that met an outage inside Moodle is raised too, so that the whole request is repeated.
    """
    responses = value.get("responses") if isinstance(value, dict) else None
    if not isinstance(responses, list) or not responses or len(responses) > len(calls):
        raise lost(_("The platform's answer to a batch is not complete."), writes=writes)
    found = list(_read(responses, writes=writes))
    stopped = found[-1].error is not None
    if isinstance(found[-1].error, PlatformUnavailable) and not writes:
        raise found[-1].error
    if len(found) < len(calls) and not stopped:
        raise lost(_("The platform's answer to a batch is not complete."), writes=writes)
    return found + [NOT_RUN] * (len(calls) - len(found))


def _read(responses: Sequence[Mapping[str, Any]], *, writes: bool) -> Iterator[InnerAnswer]:
    for response in responses:
        if response.get("error"):
            document = _decoded(response.get("exception"), writes=writes)
            yield InnerAnswer(error=error_of(document or {}, writes=writes))
        else:
            yield InnerAnswer(value=_decoded(response.get("data"), writes=writes))


def _decoded(text: Any, *, writes: bool) -> Any:
    """The value in a JSON text; functions that return nothing leave it out."""
    if text is None or text == "":
        return None
    try:
        return json.loads(text)
    except ValueError:
        pass
    raise lost(_("An answer inside a batch arrived incomplete."), writes=writes)
