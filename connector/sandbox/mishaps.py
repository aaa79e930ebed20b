"""What may happen to a request between a caller and the pretend site: one table for both doors, and a seeded choice.

A mishap is two facts: what becomes of the work, and what the caller sees. `Delivery.of` carries the work out and says
what to show; the doors (server.py over a socket, tests/fakes/sandbox_door.py in-process) only show it.

Source: the failures of reference/moodle-ws-facts.md sections 0.2, 1.5 and 1.6 and recipes section 0.3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from connector.sandbox.answers import SandboxAnswer, page
from connector.sandbox.pages import FATAL, GATEWAY, PORTAL


class Work(Enum):
    """What becomes of the work: never begun, done once, done twice (a proxy repeats it), done after the caller left."""

    NEVER = auto()
    ONCE = auto()
    TWICE = auto()
    LATE = auto()


class Ending(Enum):
    """What the caller sees of the answer."""

    WHOLE = auto()
    REFUSED = auto()  # no connection
    RESET = auto()  # the connection breaks before an answer
    SILENCE = auto()  # nothing comes: the caller's time-out ends it
    HALF = auto()  # half of the body, and a header that agrees with it
    BROKEN = auto()  # half of the body, then the connection breaks
    DRIP = auto()  # all of it, piece by piece


class Mishap(Enum):
    """What may happen to a request on its way."""

    REFUSED = "refused"
    RESET_BEFORE = "reset before the work"
    RESET = "reset after the work"
    LOST = "time-out after the work"
    LATE = "time-out before the work, which is done all the same"
    BAD_GATEWAY = "502 before the work"
    BAD_GATEWAY_AFTER = "502 after the work"
    CLOSED = "503 with Retry-After"
    OVERLOADED = "503 without Retry-After"
    OVERLOADED_AFTER = "503 without Retry-After, after the work"
    GATEWAY_TIMEOUT = "504 after the work"
    HALF = "cut JSON"
    BROKEN = "cut connection within the answer"
    PAGE = "portal page with 200"
    PAGE_AFTER = "page of a PHP error with 200, after the work"
    EMPTY = "empty 200 after the work"
    DRIP = "slow drip"
    TWICE = "delivered twice"


@dataclass(frozen=True, slots=True)
class _Course:
    work: Work
    ending: Ending = Ending.WHOLE
    instead: SandboxAnswer | None = None


def _gateway(status: int, reason: str, **headers: str) -> SandboxAnswer:
    return page(status, GATEWAY.format(status=status, reason=reason), **headers)


_EMPTY = SandboxAnswer(status=200, headers={"Content-Type": "application/json"})
_OVERLOADED = _gateway(503, "Service Unavailable")
_BAD_GATEWAY = _gateway(502, "Bad Gateway")
_COURSES = {
    Mishap.REFUSED: _Course(Work.NEVER, Ending.REFUSED),
    Mishap.RESET_BEFORE: _Course(Work.NEVER, Ending.RESET),
    Mishap.RESET: _Course(Work.ONCE, Ending.RESET),
    Mishap.LOST: _Course(Work.ONCE, Ending.SILENCE),
    Mishap.LATE: _Course(Work.LATE, Ending.SILENCE),
    Mishap.BAD_GATEWAY: _Course(Work.NEVER, instead=_BAD_GATEWAY),
    Mishap.BAD_GATEWAY_AFTER: _Course(Work.ONCE, instead=_BAD_GATEWAY),
    Mishap.CLOSED: _Course(Work.NEVER, instead=_gateway(503, "Service Unavailable", Retry_After="2")),
    Mishap.OVERLOADED: _Course(Work.NEVER, instead=_OVERLOADED),
    Mishap.OVERLOADED_AFTER: _Course(Work.ONCE, instead=_OVERLOADED),
    Mishap.GATEWAY_TIMEOUT: _Course(Work.ONCE, instead=_gateway(504, "Gateway Time-out")),
    Mishap.HALF: _Course(Work.ONCE, Ending.HALF),
    Mishap.BROKEN: _Course(Work.ONCE, Ending.BROKEN),
    Mishap.PAGE: _Course(Work.NEVER, instead=page(200, PORTAL)),
    Mishap.PAGE_AFTER: _Course(Work.ONCE, instead=page(200, FATAL)),
    Mishap.EMPTY: _Course(Work.ONCE, instead=_EMPTY),
    Mishap.DRIP: _Course(Work.ONCE, Ending.DRIP),
    Mishap.TWICE: _Course(Work.TWICE),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a door has to show: an answer and how it ends; `later` is work that is done when the caller has left."""

    answer: SandboxAnswer
    ending: Ending
    later: bool = False

    @classmethod
    def of(cls, mishap: Mishap | None, carry_out: Callable[[], SandboxAnswer]) -> "Delivery":
        """The delivery of one request; `carry_out` does the work and may write to the site.

        Delivered twice, the caller sees the answer to the second: a proxy that repeats lost the first.
        """
        course = _COURSES[mishap] if mishap is not None else _Course(Work.ONCE)
        answer = _EMPTY
        for _time in range({Work.ONCE: 1, Work.TWICE: 2}.get(course.work, 0)):
            answer = carry_out()
        return cls(course.instead or answer, course.ending, later=course.work is Work.LATE)


class Weather:
    """The mishaps of a run of requests, drawn from a seed. `rate` is the share of requests that meet a new one.

    Outages come in rows: after a mishap the next request meets the same with the chance `LASTING`, whatever the rate.
    """

    LASTING = 0.25

    def __init__(self, seed: int, rate: float = 0.1) -> None:
        self._dice = Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret
        self._rate = rate
        self._last: Mishap | None = None

    def next(self) -> Mishap | None:
        """What happens to the next request; None for most."""
        lasts = self._last is not None and self._dice.random() < self.LASTING
        if not lasts:
            self._last = self._dice.choice(list(Mishap)) if self._dice.random() < self._rate else None
        return self._last
