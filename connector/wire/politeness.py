"""How many requests a minute a site is sent: a ceiling for all hours, and a lower one while the offices work.

Requests are spread evenly, so that a ceiling of 60 means one a second and never 60 at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from threading import Lock

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no summer time since 1975
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """Requests a minute, 0 for none; `busy` holds from `begins` to `ends` on Mondays to Fridays in Vietnam."""

    always: int = 0
    busy: int = 0
    begins: time = time(7, 30)
    ends: time = time(17, 0)

    def at(self, moment: datetime) -> int:
        """The ceiling at this moment, 0 for none."""
        held = [self.always, self.busy] if self.busy and self._is_office_time(moment) else [self.always]
        return min((ceiling for ceiling in held if ceiling), default=0)

    def _is_office_time(self, moment: datetime) -> bool:
        there = moment.astimezone(VIETNAM)
        return there.weekday() < _SATURDAY and self.begins <= there.time() < self.ends


class Politeness:
    """Holds requests back so that no ceiling is broken, over all threads of a client."""

    def __init__(
        self,
        ceilings: Ceilings,
        *,
        sleep: Callable[[float], None],
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ceilings = ceilings
        self._sleep = sleep
        self._clock = clock
        self._now = now
        self._lock = Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Returns when the next request may be sent, and takes its place in the line."""
        ceiling = self._ceilings.at(self._now())
        if not ceiling:
            return
        with self._lock:
            moment = self._clock()
            mine = max(moment, self._next)
            self._next = mine + 60 / ceiling
        if mine > moment:
            self._sleep(mine - moment)
