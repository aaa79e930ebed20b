"""Ctrl-C, SIGTERM, SIGHUP: the first asks the job to stop where nothing is in flight, the second stops at once."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from connector.errors import Interrupted
from connector.language import _

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_signals() -> list[signal.Signals]:
    """The signals that ask to stop; a SIGHUP that whoever started us had ignored (nohup) is none of them."""
    return [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


@contextmanager
def stop_requests() -> Iterator[Callable[[], None]]:
    """A safe point for a job: calling it raises Interrupted once a signal has come. Handlers are put back afterwards.

    The first signal only notes the wish and puts the former handlers back, so the second does what signals always do.
    Outside of the main thread, where the system delivers none, no signal is listened to.
    """
    asked: list[int] = []
    former: dict[signal.Signals, Any] = {}

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        put_back()
        told = _("Stopping as soon as nothing is in flight; once more stops at once.")
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"\n{told}\n".encode())  # print may be half-way

    def put_back() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    def safe_point() -> None:
        if asked:
            raise Interrupted(_("Stopped as asked; nothing is in flight."), signal=asked[0])

    if threading.current_thread() is threading.main_thread():
        former.update({number: signal.signal(number, ask) for number in stop_signals()})
    try:
        yield safe_point
    finally:
        put_back()
