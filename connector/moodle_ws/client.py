"""The one function that speaks to Moodle: `MoodleWs.call`, and `call_many` for several calls in one request.

Both set the timeouts, retry what is safe, count what was sent, write one log line a request without parameters, and
turn an answer into a value or into an error of connector.errors. The token stands only in the body of the request.
"""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from connector.errors import (
    AccessDenied,
    ConfigError,
    ConnectorError,
    PlatformUnavailable,
    ProtocolError,
    RequestRefused,
)
from connector.language import _
from connector.lms import CallCounts
from connector.moodle_ws import batch
from connector.moodle_ws.answers import value_of
from connector.moodle_ws.batch import InnerAnswer, InnerCall
from connector.moodle_ws.form import pairs
from connector.moodle_ws.quoting import quoted
from connector.moodle_ws.wire import Timeouts, Wire

log = logging.getLogger(__name__)

PAUSE = time.sleep  # the only real sleep of the adapter; everything else is handed one
CONTROL_VARIABLES = 4
_SITE_INFO = "core_webservice_get_site_info"
_GROWING = wait_exponential_jitter(initial=1, max=30, jitter=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What the site says of itself and of the token's service. `functions` maps a function to its plugin's version."""

    release: str = ""
    username: str = ""
    user_id: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)


class MoodleWs:
    """A client of one Moodle site for one token. Calls are counted in `calls`; nothing is kept between calls but that.

    `retry_budget` seconds may be spent on repeating one safe call; `form_variables` is the most that a plain form may
    hold where the batch function is missing; `sleep` and `clock` are the two ways in which time gets in.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        token: str,
        *,
        timeouts: Timeouts | None = None,
        retry_budget: float = 120.0,
        form_variables: int = 900,
        sleep: Callable[[float], None] = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = Wire(session, url, timeouts=timeouts or Timeouts(), clock=clock)
        self._token = token
        self._budget = retry_budget
        self._form_variables = form_variables
        self._clock = clock
        self.sleep = sleep
        self._requests = 0
        self._by_function: Counter[str] = Counter()

    @property
    def calls(self) -> CallCounts:
        """HTTP requests and inner calls by function, so far."""
        return CallCounts(requests=self._requests, by_function=tuple(sorted(self._by_function.items())))

    @cached_property
    def site(self) -> SiteInfo:
        """The site's release, the token's account and the functions of its service; read once.

        Calls `core_webservice_get_site_info`. Raises AccessDenied for a bad token or when that function itself is not
        in the service.
        """
        info = self._speak(_SITE_INFO, {}, inner=(_SITE_INFO,), writes=False)
        if not isinstance(info, dict) or not isinstance(info.get("functions"), list):
            raise ProtocolError(_("The platform's answer about itself is not what Moodle gives."))
        return SiteInfo(
            release=str(info.get("release", "")),
            username=str(info.get("username", "")),
            user_id=str(info.get("userid", "")),
            functions={str(row["name"]): str(row.get("version", "")) for row in info["functions"]},
        )

    def offers(self, function: str) -> bool:
        """True when the token's service holds this function."""
        return function in self.site.functions

    @cached_property
    def batches(self) -> bool:
        """True when lists can travel as JSON. Without it plain forms are used, and that is said in the log."""
        try:
            offered = self.offers(batch.FUNCTION)
        except AccessDenied as denied:
            # The service may hold all but the function about itself; a bad token is refused again at the next call.
            log.warning("site info refused, so plain forms are used: %s", denied)
            return False
        if not offered:
            log.warning("%s is not in the token's service: plain forms are used, which is slower", batch.FUNCTION)
        return offered

    def room(self, variables: int, ceiling: int) -> int:
        """How many items of so many form variables each may go into one call, at most `ceiling`."""
        if self.batches:
            return ceiling
        return max(1, min(ceiling, (self._form_variables - CONTROL_VARIABLES) // variables))

    def call(self, function: str, parameters: Mapping[str, Any] | None = None, *, writes: bool, lang: str = "") -> Any:
        """What the function returns; None for those without a return. A write is sent once unless it never arrived.

        Raises the classes of connector.errors: PlatformUnavailable (nothing done), OutcomeUnknown (writes only),
        AccessDenied, ProtocolError, RequestRefused.
        """
        only = InnerCall(function, parameters or {}, lang)
        return self.call_many([only], writes=writes)[0].result()

    def call_many(self, calls: Sequence[InnerCall], *, writes: bool) -> list[InnerAnswer]:
        """One answer for each call, in order; after the first failing one the rest is `ran=False`.

        One HTTP request where the site has the batch function, else one for each. At most `batch.MOST_CALLS` calls.
        Raises what concerns the request as a whole; the refusal of one call is in its answer.
        """
        if len(calls) > batch.MOST_CALLS:
            raise ValueError(f"{len(calls)} calls in one request; at most {batch.MOST_CALLS}")
        if not calls:
            return []
        if not self.batches:
            return list(self._one_by_one(calls, writes=writes))
        names = [call.function for call in calls]
        value = self._speak(batch.FUNCTION, batch.question(calls), inner=names, writes=writes)
        return batch.answers(value, calls, writes=writes)

    def read_each(self, calls: Sequence[InnerCall], *, per_request: int) -> Iterator[InnerAnswer]:
        """One answer for each reading call, in order: refused ones are taken out and the others go on.

        Raises when a call meets anything worse than RequestRefused.
        """
        done = 0
        while done < len(calls):
            for answer in self.call_many(calls[done : done + per_request], writes=False):
                if not answer.ran:
                    break
                if answer.error is not None and not isinstance(answer.error, RequestRefused):
                    raise answer.error
                done += 1
                yield answer

    def _one_by_one(self, calls: Sequence[InnerCall], *, writes: bool) -> Iterator[InnerAnswer]:
        failed = False
        for call in calls:
            if failed:
                yield batch.NOT_RUN
                continue
            try:
                parameters = dict(call.arguments)
                if call.lang:
                    parameters["moodlewssettinglang"] = call.lang
                value = self._speak(call.function, parameters, inner=(call.function,), writes=writes)
            except RequestRefused as refusal:
                failed = True
                yield InnerAnswer(error=refusal)
            else:
                yield InnerAnswer(value=value)

    def _speak(self, function: str, parameters: Mapping[str, Any], *, inner: Sequence[str], writes: bool) -> Any:
        outgoing = _Outgoing(form=self._form(function, parameters), inner=inner, writes=writes)
        started = self._clock()
        retrying = Retrying(
            retry=retry_if_exception_type(PlatformUnavailable),
            wait=_wait,
            stop=lambda state: max(self._clock() - started, state.idle_for) + state.upcoming_sleep > self._budget,
            sleep=self.sleep,
            reraise=True,
        )
        return retrying(self._send, outgoing)

    def _form(self, function: str, parameters: Mapping[str, Any]) -> bytes:
        """Token and function first, the format last: a cut body then answers in XML (facts 1.6)."""
        variables = [("wstoken", self._token), ("wsfunction", function), *pairs(parameters)]
        if function != batch.FUNCTION and len(variables) >= self._form_variables:
            raise ConfigError(
                _("A request of {count} form variables is above the limit of {limit}.").format(
                    count=len(variables) + 1, limit=self._form_variables
                ),
                hint=_("Raise form_variables, or have {function} added to the service.").format(
                    function=batch.FUNCTION
                ),
            )
        variables.append(("moodlewsrestformat", "json"))
        return "&".join(f"{quoted(name)}={quoted(str(value))}" for name, value in variables).encode("ascii")

    def _send(self, outgoing: "_Outgoing") -> Any:
        self._requests += 1
        self._by_function.update(outgoing.inner)
        started = self._clock()
        outcome, size = "ok", 0
        try:
            reply = self._wire.post(outgoing.form, writes=outgoing.writes)
            size = len(reply.body)
            return value_of(reply, writes=outgoing.writes)
        except ConnectorError as error:
            outcome = type(error).__name__
            raise
        finally:
            seconds = self._clock() - started
            log.debug("%s received=%d ms=%d %s", outgoing, size, seconds * 1000, outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing:
    """One request as it is sent, perhaps several times. In words it says nothing of what is in the form."""

    form: bytes
    inner: Sequence[str]
    writes: bool
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    def __str__(self) -> str:
        return f"call {self.mark} {self.inner[0]} inner={len(self.inner)} sent={len(self.form)}"

    __repr__ = __str__


def _wait(state: RetryCallState) -> float:
    """The wait before the next try: growing with chance in it, and never less than the platform asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PlatformUnavailable) else None
    return max(asked or 0.0, float(_GROWING(state)))
