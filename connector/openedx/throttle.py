"""Open edX's own limits on requests, kept before they are reached: a 429 costs up to a minute and helps nobody.

One history for each account holds the calls of several views, each with a limit of its own (facts section 0, "shared
bucket"): 45 enrolment calls in a minute make the first call of the course list a 429.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum
from threading import Lock

WINDOW = 61.0  # seconds; one more than theirs, for clocks that differ


class Scope(Enum):
    """A view's limit on the calls of the last minute, all scopes together; FREE views do not count."""

    FREE = 0
    COURSES = 40
    ENROLLMENT = 120


class Throttle:
    """Holds requests back so that no limit is broken, over all threads of a client."""

    def __init__(self, *, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._sleep = sleep
        self._clock = clock
        self._lock = Lock()
        self._history: deque[float] = deque()

    def wait(self, scope: Scope) -> None:
        """Returns when a call of this scope may be sent, and counts it."""
        if scope is Scope.FREE:
            return
        with self._lock:  # whoever waits holds the others: they would break the same limit
            rest = self._rest(scope.value)
            if rest > 0:
                self._sleep(rest)
            self._history.append(self._clock())

    def _rest(self, limit: int) -> float:
        """Seconds until fewer than `limit` calls lie in the window."""
        moment = self._clock()
        while self._history and self._history[0] <= moment - WINDOW:
            self._history.popleft()
        if len(self._history) < limit:
            return 0.0
        return self._history[-limit] + WINDOW - moment
