"""How one site is called: what may be repeated is repeated, a failing site is left alone, ceilings are kept.

Every request of a platform's client goes through `Caller.speak`; it counts them too.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as time_of_day
from threading import Lock
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential_jitter

from connector.errors import ConnectorError, OutcomeUnknown, PlatformUnavailable
from connector.lms import CallCounts
from connector.settings import Site
from connector.wire.circuit import OUTAGES, PAUSE, Circuit
from connector.wire.exchange import Timeouts
from connector.wire.politeness import Ceilings, Politeness

SLEEP = time.sleep  # the only real sleep of the platforms' clients; everything else is handed one
Got = TypeVar("Got")
_GROWING = wait_exponential_jitter(initial=1, max=30, jitter=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a client behaves towards its site; the meanings are those of the site's keys. Times in seconds.

    `retry_budget` may be spent on repeating one safe call.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    retry_budget: float = 120.0
    outages: int = OUTAGES
    outage_pause: float = PAUSE
    connections: int = 1
    ceilings: Ceilings = field(default_factory=Ceilings)


def manners_of(site: Site) -> Manners:
    """The manners that a site's configuration asks for."""
    begins, _dash, ends = site.office_hours.partition("-")
    return Manners(
        timeouts=Timeouts(connect=site.connect_timeout, read=site.read_timeout),
        retry_budget=site.retry_budget,
        outages=site.outages,
        outage_pause=site.outage_pause,
        connections=site.connections,
        ceilings=Ceilings(
            always=site.requests_per_minute,
            busy=site.office_requests_per_minute,
            begins=time_of_day.fromisoformat(begins),
            ends=time_of_day.fromisoformat(ends),
        ),
    )


class Caller:
    """One site's requests, over all threads of a client. `sleep`, `clock` and `now` are how time gets in."""

    def __init__(
        self,
        manners: Manners,
        *,
        sleep: Callable[[float], None] = SLEEP,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._budget = manners.retry_budget
        self._sleep = sleep
        self._clock = clock
        self._circuit = Circuit(outages=manners.outages, pause=manners.outage_pause, clock=clock)
        self._politeness = Politeness(manners.ceilings, sleep=sleep, clock=clock, now=now)
        self._lock = Lock()
        self._requests = 0
        self._by_outcome: Counter[tuple[str, str]] = Counter()

    @property
    def calls(self) -> CallCounts:
        """HTTP requests so far, and the inner calls that have ended."""
        with self._lock:
            ended = tuple((function, outcome, count) for (function, outcome), count in self._by_outcome.items())
            return CallCounts(requests=self._requests, by_outcome=tuple(sorted(ended)))

    def speak(
        self,
        functions: Sequence[str],
        exchange: Callable[[], Got],
        outcomes: Callable[[Got], Sequence[str] | None] = lambda _value: None,
    ) -> Got:
        """What `exchange` gives; tried again while it raises PlatformUnavailable and the budget lasts.

        Only that error says that nothing was done, so a write whose answer was lost is never sent twice from here.
        `functions` are what the one request calls, for the counts; `outcomes` reads from its answer how each of them
        ended (None: all well).
        """
        started = self._clock()
        retrying = Retrying(
            retry=retry_if_exception_type(PlatformUnavailable),
            wait=_wait,
            stop=lambda state: max(self._clock() - started, state.idle_for) + state.upcoming_sleep > self._budget,
            sleep=self._sleep,
            reraise=True,
        )
        got: Got = retrying(self._send, functions, exchange, outcomes)
        return got

    def _send(
        self,
        functions: Sequence[str],
        exchange: Callable[[], Got],
        outcomes: Callable[[Got], Sequence[str] | None],
    ) -> Got:
        self._circuit.enter()
        self._politeness.wait()
        with self._lock:
            self._requests += 1
        try:
            value = exchange()
        except BaseException as error:
            self._count(functions, [type(error).__name__] * len(functions))
            if isinstance(error, PlatformUnavailable | OutcomeUnknown):
                self._circuit.failed(error.message)
            elif isinstance(error, ConnectorError):
                self._circuit.answered()
            raise
        self._count(functions, outcomes(value) or ["ok"] * len(functions))
        self._circuit.answered()
        return value

    def _count(self, functions: Sequence[str], outcomes: Sequence[str]) -> None:
        with self._lock:
            self._by_outcome.update(zip(functions, outcomes, strict=True))


def _wait(state: RetryCallState) -> float:
    """The wait before the next try: growing with chance in it, and never less than the platform asked for."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PlatformUnavailable) else None
    return max(asked or 0.0, float(_GROWING(state)))
