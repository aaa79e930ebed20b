"""What one service has done since it began: ticks by job and end, and the seconds they took. For /metrics."""

from collections import Counter
from threading import Lock


class Tally:
    """Counts over all threads of a service."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._seconds: dict[str, float] = {}

    def add(self, job: str, state: str, seconds: float) -> None:
        """One more attempt of this job that ended so."""
        with self._lock:
            self._ended[job, state] += 1
            self._seconds[job] = self._seconds.get(job, 0.0) + seconds

    def ended(self) -> dict[tuple[str, str], int]:
        """Attempts by job and how they ended."""
        with self._lock:
            return dict(self._ended)

    def durations(self) -> dict[str, tuple[int, float]]:
        """By job: how many attempts, and how many seconds they took together."""
        with self._lock:
            counts: Counter[str] = Counter()
            for (job, _state), count in self._ended.items():
                counts[job] += count
            return {job: (count, self._seconds[job]) for job, count in counts.items()}
