"""A site that fails again and again is left alone for a while, then tried with one request before the others follow."""

import logging
from collections.abc import Callable
from threading import Lock

from connector.errors import PlatformUnavailable
from connector.language import _

log = logging.getLogger(__name__)

OUTAGES = 5
PAUSE = 30.0


class Circuit:
    """Counts outages in a row over all threads; `outages` of them open it for `pause` seconds, 0 never.

    Any answer of the platform, a refusal too, closes it. After the pause one request may try; while it is on its way
    the others are still held off. `clock` gives seconds that only grow.
    """

    def __init__(self, *, outages: int = OUTAGES, pause: float = PAUSE, clock: Callable[[], float]) -> None:
        self._outages = outages
        self._pause = pause
        self._clock = clock
        self._lock = Lock()
        self._in_a_row = 0
        self._open_until: float | None = None
        self._last = ""

    def enter(self) -> None:
        """Nothing when a request may be sent; raises PlatformUnavailable with the rest of the pause otherwise."""
        with self._lock:
            if self._open_until is None:
                return
            rest = self._open_until - self._clock()
            if rest <= 0:
                self._open_until = self._clock() + self._pause  # this request is the trial; the others go on waiting
                log.info("the platform has been left alone long enough: one request tries it")
                return
        raise self._held_off(rest)

    def _held_off(self, rest: float) -> PlatformUnavailable:
        return PlatformUnavailable(
            _("The platform failed {count} times in a row and is left alone for {seconds} s more: {why}").format(
                count=self._in_a_row, seconds=round(rest), why=self._last
            ),
            hint=_("Try again later."),
            retry_after=rest,
        )

    def answered(self) -> None:
        """Takes note that the platform has answered."""
        with self._lock:
            if self._open_until is not None:
                log.info("the platform answers again")
            self._in_a_row = 0
            self._open_until = None

    def failed(self, why: str) -> None:
        """Takes note that a request got no answer; `why` is told to those who are held off."""
        with self._lock:
            self._in_a_row += 1
            self._last = why
            if self._outages and self._in_a_row >= self._outages:
                self._open_until = self._clock() + self._pause
                log.warning(
                    "%d outages in a row: the platform is left alone for %.0f seconds", self._in_a_row, self._pause
                )
