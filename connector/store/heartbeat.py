"""A lease is kept alive while a block runs, by a small thread: one write to a platform may take minutes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from connector.store.leases import EXPIRY, Lease
from connector.store.store import Store

BEAT_SECONDS = EXPIRY.total_seconds() / 4


@contextmanager
def kept_alive(
    store: Store, lease: Lease, now: Callable[[], datetime], seconds: float = BEAT_SECONDS
) -> Iterator[None]:
    """Beat while the block runs; then give the lease back, if it is still held. Writes."""
    ended = Event()
    thread = Thread(target=_beat, args=(store, lease, now, ended, seconds), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with store.begin() as tx:
            tx.leases.release(lease.name, lease.token)


def _beat(store: Store, lease: Lease, now: Callable[[], datetime], ended: Event, seconds: float) -> None:
    """Until the work has ended or the lease is lost. A database that is away for a moment is asked again."""
    while not ended.wait(seconds):
        try:
            with store.begin() as tx:
                if not tx.leases.beat(lease.name, lease.token, now()):
                    return
        except SQLAlchemyError:
            continue
