"""Reads over several connections at once, told in the order in which they were asked. Writes never come here."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from threading import Semaphore, Thread
from typing import TypeVar

Asked = TypeVar("Asked")
Got = TypeVar("Got")


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
            Thread(target=self._run, args=(work, done), daemon=True, name="lane").start()
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
