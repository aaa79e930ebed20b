"""A lease is kept alive while a block runs, by a small thread: one write to a platform may take minutes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from connector.errors import ConnectorError
from connector.store.leases import BEAT, Lease
from connector.store.store import Store
from connector.store.witness import witnessed


@contextmanager
def kept_alive(
    store: Store, lease: Lease, now: Callable[[], datetime], seconds: float = BEAT.total_seconds()
) -> Iterator[None]:
    """Beat while the block runs; then give the lease back, if it is still held. Writes."""
    ended = Event()
    with witnessed(store.engine, lease.name) as witness:

        def beat() -> bool:
            with store.begin() as tx:
                held = tx.leases.beat(lease.name, lease.token, now())
            witness.testify()
            return held

        thread = Thread(target=_again_and_again, args=(beat, ended, seconds), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            with store.begin() as tx:
                tx.leases.release(lease.name, lease.token)


def _again_and_again(beat: Callable[[], bool], ended: Event, seconds: float) -> None:
    """Until the work has ended or the lease is lost. A database that is away for a moment is asked again."""
    while not ended.wait(seconds):
        try:
            if not beat():
                return
        except (ConnectorError, SQLAlchemyError):
            continue
