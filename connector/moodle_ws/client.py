"""The one function that speaks to Moodle: `MoodleWs.call`, and `call_many` for several calls in one request.

Both set the timeouts, retry what is safe, count what was sent, write one log line a request without parameters, and
turn an answer into a value or into an error of connector.errors. The token stands only in the body of the request.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

import requests

from connector.errors import (
    AccessDenied,
    ConfigError,
    ConnectorError,
    ProtocolError,
    RequestRefused,
)
from connector.language import _
from connector.lms import CallCounts
from connector.moodle_ws import batch, lanes, probe
from connector.moodle_ws.answers import value_of
from connector.moodle_ws.batch import InnerAnswer, InnerCall
from connector.moodle_ws.form import pairs
from connector.moodle_ws.manners import AS_USUAL, Manners
from connector.moodle_ws.quoting import encoded_form
from connector.moodle_ws.sizes import GROWTH, Sizes
from connector.wire.caller import SLEEP, Caller
from connector.wire.exchange import Wire, place_of
from connector.wire.lanes import Lanes

log = logging.getLogger(__name__)

CONTROL_VARIABLES = 4
ENDPOINT = "/webservice/rest/server.php"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json, application/xml"}
_SITE_INFO = "core_webservice_get_site_info"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What the site says of itself and of the token's service. `functions` maps a function to its plugin's version."""

    release: str = ""
    username: str = ""
    user_id: str = ""
    url: str = ""
    functions: Mapping[str, str] = field(default_factory=dict)


class MoodleWs:
    """A client of one Moodle site for one token. Calls are counted in `calls`; may be used by several threads.

    What it learns of the site it keeps: what the site says of itself, how long requests take, how many form variables
    arrive whole. `sleep`, `clock` (seconds that only grow) and `now` are the ways in which time gets in.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        token: str,
        *,
        manners: Manners = AS_USUAL,
        sleep: Callable[[float], None] = SLEEP,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._wire = Wire(session, url, timeouts=manners.timeouts, clock=clock)
        self._token = token
        self._manners = manners
        self._clock = clock
        self.sleep = sleep
        self.lanes = Lanes(manners.connections)
        self._sizes = Sizes()
        self._caller = Caller(manners, sleep=sleep, clock=clock, now=now)

    @property
    def calls(self) -> CallCounts:
        """HTTP requests and inner calls by function, so far."""
        return self._caller.calls

    @cached_property
    def site(self) -> SiteInfo:
        """The site's release, the token's account and the functions of its service; read once.

        Calls `core_webservice_get_site_info`. Raises AccessDenied for a bad token or when that function itself is not
        in the service.
        """
        info = self._speak(_Outgoing(form=self._form(_SITE_INFO, {}), inner=(_SITE_INFO,), writes=False))
        if not isinstance(info, dict) or not isinstance(info.get("functions"), list):
            raise ProtocolError(_("The platform's answer about itself is not what Moodle gives."))
        return SiteInfo(
            release=str(info.get("release", "")),
            username=str(info.get("username", "")),
            user_id=str(info.get("userid", "")),
            url=str(info.get("siteurl", "")),
            functions={str(row["name"]): str(row.get("version", "")) for row in info["functions"]},
        )

    @property
    def address(self) -> str:
        """Where the site says that it stands; where it is asked, if the service lacks the function that tells."""
        try:
            return place_of(self.site.url or self._wire.url)
        except AccessDenied:
            return place_of(self._wire.url)

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

    def room(self, function: str, variables: int, start: int) -> int:
        """How many items of so many form variables each may go into one call of this function now.

        `start` at first; then by the time that the last calls took, at most four times `start`, and never more than
        fit into a plain form where the site has no batch function.
        """
        return self._sizes.of(function, start, self.fit(variables, start, GROWTH * start))

    def fit(self, variables: int, wanted: int, most: int) -> int:
        """How many items of so many form variables fit into one call, at most `most`; `wanted` is worth a probe."""
        if self.batches:
            return most
        return max(1, min(most, (self._variables(variables * wanted) - CONTROL_VARIABLES) // variables))

    def _variables(self, wanted: int) -> int:
        """The most variables that a form may have; asked of the site at most once, when `wanted` are too many."""
        if self._manners.probe and wanted + CONTROL_VARIABLES > self._manners.form_variables:
            return self._probed
        return self._form_variables

    @property
    def _form_variables(self) -> int:
        found: int = self.__dict__.get("_probed", self._manners.form_variables)
        return found

    @cached_property
    def _probed(self) -> int:
        try:
            found = probe.largest(self._manners.form_variables, self._arrives)
        except AccessDenied as denied:
            log.warning("the limit on form variables cannot be probed: %s", denied)
            return self._manners.form_variables
        log.info("forms of %d variables arrive whole", found)
        return found

    def _arrives(self, variables: int) -> bool:
        """True when a form of so many variables arrives whole; changes nothing on the site."""
        control = [("wstoken", self._token), ("wsfunction", probe.FUNCTION)]
        form = encoded_form([*control, ("moodlewsrestformat", self._manners.answers), *probe.parameters(variables)])
        try:
            self._speak(_Outgoing(form=form, inner=(probe.FUNCTION,), writes=False))
        except RequestRefused as refusal:
            return refusal.code == "invalidparameter"
        return False

    def size(self, function: str, start: int, most: int) -> int:
        """How many items may be read in one request of this function now, by the time that the last ones took."""
        return self._sizes.of(function, start, most)

    def call(
        self,
        function: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        writes: bool,
        lang: str = "",
        items: int | None = 0,
    ) -> Any:
        """What the function returns; None for those without a return. A write is sent once unless it never arrived.

        `items` says how many things it is about, for the size of the next ones (None: as many as the answer has rows).
        Raises the classes of connector.errors: PlatformUnavailable (nothing done), OutcomeUnknown (writes only),
        AccessDenied, ProtocolError, RequestRefused.
        """
        only = InnerCall(function, parameters or {}, lang)
        return self.call_many([only], writes=writes, items=items)[0].result()

    def call_many(self, calls: Sequence[InnerCall], *, writes: bool, items: int | None = 0) -> list[InnerAnswer]:
        """One answer for each call, in order; after the first failing one the rest is `ran=False`.

        One HTTP request where the site has the batch function, else one for each. At most `batch.MOST_CALLS` calls.
        Raises what concerns the request as a whole; the refusal of one call is in its answer.
        """
        if len(calls) > batch.MOST_CALLS:
            raise ValueError(f"{len(calls)} calls in one request; at most {batch.MOST_CALLS}")
        if not calls:
            return []
        if not self.batches:
            return list(self._one_by_one(calls, writes=writes, items=items and items // len(calls)))
        outgoing = _Outgoing(
            form=self._form(batch.FUNCTION, batch.question(calls)),
            inner=[call.function for call in calls],
            writes=writes,
            items=items,
            outer=batch.FUNCTION,
            read=partial(batch.answers, calls=calls, writes=writes),
        )
        found: list[InnerAnswer] = self._speak(outgoing)
        return found

    def read_each(self, calls: Sequence[InnerCall], *, start: int) -> Iterator[InnerAnswer]:
        """One answer for each reading call, in order: refused ones are taken out and the others go on.

        `start` calls go into one request at first, fewer when the last ones took long, and never more: answers about
        single people are large, and several are under way. Raises when a call meets anything worse than RequestRefused.
        """
        if not calls:
            return iter(())
        most = start if self.batches else 1  # looked up once, here, and not by each of the threads

        def size() -> int:
            return self.size(calls[0].function, start, most)

        def ask(some: Sequence[InnerCall]) -> list[InnerAnswer]:
            return self.call_many(some, writes=False, items=len(some))

        return lanes.read_each(ask, self.lanes, calls, size)

    def _one_by_one(self, calls: Sequence[InnerCall], *, writes: bool, items: int | None) -> Iterator[InnerAnswer]:
        failed = False
        for call in calls:
            if failed:
                yield batch.NOT_RUN
                continue
            try:
                parameters = dict(call.arguments)
                if call.lang:
                    parameters["moodlewssettinglang"] = call.lang
                form = self._form(call.function, parameters)
                value = self._speak(_Outgoing(form=form, inner=(call.function,), writes=writes, items=items))
            except RequestRefused as refusal:
                failed = True
                yield InnerAnswer(error=refusal)
            else:
                yield InnerAnswer(value=value)

    def _speak(self, outgoing: "_Outgoing") -> Any:
        return self._caller.speak(outgoing.inner, partial(self._exchange, outgoing), _outcomes)

    def _form(self, function: str, parameters: Mapping[str, Any]) -> bytes:
        """The form with the tell-tale of a cut body last (facts 1.6).

        JSON: token and function first, the format last, for a cut body then answers in XML. Over XML a cut would leave
        no sign, so there the token stands last: a cut body is refused as a whole.
        """
        token, name = ("wstoken", self._token), ("wsfunction", function)
        if self._manners.answers == "xml":
            variables = [("moodlewsrestformat", "xml"), name, *pairs(parameters), token]
        else:
            variables = [token, name, *pairs(parameters), ("moodlewsrestformat", "json")]
        if function != batch.FUNCTION and len(variables) > self._form_variables:
            raise ConfigError(
                _("A request of {count} form variables is above the limit of {limit}.").format(
                    count=len(variables), limit=self._form_variables
                ),
                hint=_("Raise form_variables, or have {function} added to the service.").format(
                    function=batch.FUNCTION
                ),
            )
        return encoded_form(variables)

    def _exchange(self, outgoing: "_Outgoing") -> Any:
        """One request and its answer, measured and logged."""
        started = self._clock()
        outcome, size, items = "ok", 0, outgoing.items or 0
        try:
            reply = self._wire.send("POST", ENDPOINT, writes=outgoing.writes, headers=HEADERS, body=outgoing.form)
            size = len(reply.body)
            xml_of = (outgoing.outer or outgoing.inner[0]) if self._manners.answers == "xml" else ""
            value = outgoing.read(value_of(reply, writes=outgoing.writes, xml_of=xml_of))
            items = _rows_in(value) if outgoing.items is None else outgoing.items
        except ConnectorError as error:
            outcome = type(error).__name__
            raise
        else:
            return value
        finally:
            seconds = self._clock() - started
            self._sizes.learn(outgoing.inner[0], items, seconds, answered=outcome == "ok")
            log.debug("%s received=%d ms=%d %s", outgoing, size, seconds * 1000, outcome)


def _rows_in(value: Any) -> int:
    """How many rows came, in a batch of one call or in a plain answer."""
    if isinstance(value, list) and value and isinstance(value[0], InnerAnswer):
        value = value[0].value
    return len(value) if isinstance(value, list) else 0


def _outcomes(value: Any) -> list[str] | None:
    """How each call of a batch ended; None for anything else, which ended well."""
    if not (isinstance(value, list) and value and isinstance(value[0], InnerAnswer)):
        return None
    return [type(one.error).__name__ if one.error else "ok" if one.ran else "not run" for one in value]


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outgoing:
    """One request as it is sent, perhaps several times. In words it says nothing of what is in the form.

    `outer` is the function that is called when that is not `inner[0]` itself; `read` turns its value into answers.
    """

    form: bytes
    inner: Sequence[str]
    writes: bool
    items: int | None = 0
    outer: str = ""
    read: Callable[[Any], Any] = _as_it_is
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    def __str__(self) -> str:
        return f"call {self.mark} {self.inner[0]} inner={len(self.inner)} sent={len(self.form)}"

    __repr__ = __str__
