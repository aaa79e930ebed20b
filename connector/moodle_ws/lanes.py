"""Calls about many people over several connections: refused ones are taken out, the order stays."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial

from connector.errors import RequestRefused
from connector.moodle_ws.batch import InnerAnswer, InnerCall
from connector.wire.lanes import Lanes

Ask = Callable[[Sequence[InnerCall]], list[InnerAnswer]]

MOST_HELD = 2000  # answers that wait for an earlier one


def read_each(ask: Ask, lanes: Lanes, calls: Sequence[InnerCall], size: Callable[[], int]) -> Iterator[InnerAnswer]:
    """One answer for each reading call, in order: a refused one stops its batch, and what did not run is asked again.

    `ask` sends one batch, of at most `size()` calls. Raises when a call meets anything worse than RequestRefused.
    """
    waiting = deque(range(len(calls)))
    running: dict[Future[list[InnerAnswer]], list[int]] = {}
    found: dict[int, InnerAnswer] = {}
    told = 0
    try:
        while told < len(calls):
            while waiting and len(running) < lanes.connections and (not running or len(found) <= MOST_HELD):
                places = [waiting.popleft() for _count in range(min(size(), len(waiting)))]
                some = [calls[place] for place in places]
                running[lanes.start(partial(ask, some))] = places
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                again = _sort(running.pop(future), future.result(), found)
                if again:
                    waiting = deque(sorted((*again, *waiting)))  # the earliest first, so that few answers are held
            while told in found:
                yield found.pop(told)
                told += 1
    finally:
        for future in running:
            future.cancel()


def _sort(places: Sequence[int], answers: Sequence[InnerAnswer], found: dict[int, InnerAnswer]) -> list[int]:
    """Puts the answers to their places; the places whose call was never run."""
    again = []
    for place, answer in zip(places, answers, strict=True):
        if answer.error is not None and not isinstance(answer.error, RequestRefused):
            raise answer.error
        if answer.ran:
            found[place] = answer
        else:
            again.append(place)
    return again
