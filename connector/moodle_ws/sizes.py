"""How much goes into one request of each kind: learned from the time that the last ones took.

A kind begins with the number that is known to be reasonable, is halved when a request took longer than `TARGET`
seconds or got no answer, and doubled when a full one took less than half of that (issue 3; recipes section 0.7).
"""

from threading import Lock

TARGET = 5.0
GROWTH = 4  # times the number to begin with: more gains nothing an item and risks timeouts (facts 0.1)
SMALLEST = 10


class Sizes:
    """The number of items of one request, by kind; shared by all threads of a client."""

    def __init__(self, *, target: float = TARGET) -> None:
        self._target = target
        self._lock = Lock()
        self._now: dict[str, int] = {}

    def of(self, kind: str, start: int, most: int) -> int:
        """So many items may go into one request of this kind now: `start` at first, never above `most`."""
        with self._lock:
            return min(most, self._now.setdefault(kind, start))

    def learn(self, kind: str, items: int, seconds: float, *, answered: bool) -> None:
        """Takes note of one request. Kinds that were never asked for with `of` are not measured."""
        with self._lock:
            now = self._now.get(kind)
            if now is None:
                return
            if seconds > self._target:
                self._now[kind] = min(now, max(SMALLEST, now // 2, items // 2))
            elif answered and items >= now and seconds * 2 <= self._target:
                self._now[kind] = now * 2
