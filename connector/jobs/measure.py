"""What a step costs: wall time, own CPU time, requests to the platform, peak memory of this process."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds of wall and CPU time and the number of HTTP requests of one step."""

    name: str
    wall: float
    cpu: float
    requests: int


@dataclass(slots=True)
class Meter:
    """Collects the costs of named steps; `requests` tells how many requests have been made so far."""

    requests: Callable[[], int] = lambda: 0
    costs: list[Cost] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure the block as one step."""
        wall, cpu, requests = time.perf_counter(), time.process_time(), self.requests()
        yield
        self.costs.append(
            Cost(
                name=name,
                wall=time.perf_counter() - wall,
                cpu=time.process_time() - cpu,
                requests=self.requests() - requests,
            )
        )


def peak_megabytes() -> float:
    """The largest resident size of this process so far, in megabytes (Linux counts it in kilobytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
