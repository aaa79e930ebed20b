"""Reads over several connections at once, told in the order in which they were asked. Writes never come here."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from threading import Semaphore, Thread
from typing import TypeVar

from connector.errors import RequestRefused
from connector.moodle_ws.batch import InnerAnswer, InnerCall

Asked = TypeVar("Asked")
Got = TypeVar("Got")
Ask = Callable[[Sequence[InnerCall]], list[InnerAnswer]]

MOST_HELD = 2000  # answers that wait for an earlier one


class Lanes:
    """So many connections; with one, all work is done by the caller's own thread, when it is asked for.

    The threads are daemons: when the process ends, by an error or by Ctrl-C, it does not wait for reads that nobody
    wants any more and that may be repeating themselves before a site that is down.
    """

    def __init__(self, connections: int = 1) -> None:
        self.connections = connections
        self._free = Semaphore(connections)

    def start(self, work: Callable[[], Got]) -> "Future[Got]":
        """The work under way (done already with one connection). It must not start anything here itself."""
        done: Future[Got] = Future()
        if self.connections > 1:
            Thread(target=self._run, args=(work, done), daemon=True, name="moodle").start()
        else:
            self._run(work, done)
        return done

    def _run(self, work: Callable[[], Got], done: "Future[Got]") -> None:
        with self._free:
            if not done.set_running_or_notify_cancel():
                return
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001 - the future hands it on, whatever it is; nobody waits for ever
                done.set_exception(error)

    def each(self, work: Callable[[Asked], Got], things: Iterable[Asked]) -> Iterator[Got]:
        """The result of each thing, in order; the next ones are under way while one is being told."""
        line: deque[Future[Got]] = deque()
        try:
            for thing in things:
                line.append(self.start(partial(work, thing)))
                if len(line) >= self.connections:
                    yield line.popleft().result()
            while line:
                yield line.popleft().result()
        finally:
            for future in line:
                future.cancel()


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
