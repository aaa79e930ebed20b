"""PostgreSQL as a witness that a lease's holder has died: its session held an advisory lock, and the session is gone.

The row of the lease decides who holds it, on both databases (connector/store/leases.py). The lock only lets a dead
holder's lease be taken over sooner than after its expiry. That is never enough by itself: a live holder may lose its
session (a restart of the server, a pooler between that hands sessions around), so it must have missed a beat as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError


def _number(name: str) -> object:
    """The lock of a lease's name: PostgreSQL locks numbers."""
    return func.hashtextextended(f"connector lease {name}", 0)


def holder_is_gone(connection: Connection, name: str) -> bool:
    """True when no session holds the lock of this lease. Always False without PostgreSQL; asks only."""
    if connection.dialect.name != "postgresql":
        return False
    # Until the end of this transaction it is ours; a holder that comes back meanwhile has it again with its next beat.
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_number(name)))))


class Witness:
    """A session that holds the lock of one lease as long as its process lives. Without PostgreSQL it does nothing."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._session: Connection | None = None
        self._held = False

    def testify(self) -> None:
        """Hold the lock, in a new session if the old one was lost. Where it cannot be had, the expiry alone counts."""
        if self._engine.dialect.name == "postgresql" and not self._testified():
            self._testified()

    def _testified(self) -> bool:
        """True when the lock is held, or somebody else holds it; False when the session was lost."""
        try:
            if self._session is None:
                self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._session.detach()  # no longer one of the pool's, for which others wait
            if self._held:
                self._session.execute(select(1))
            else:
                lock = select(func.pg_try_advisory_lock(_number(self._name)))
                self._held = bool(self._session.scalar(lock))
        except SQLAlchemyError:
            self.close()
            return False
        return True

    def close(self) -> None:
        """End the session; the lock goes with it."""
        session, self._session, self._held = self._session, None, False
        if session is not None:
            with suppress(SQLAlchemyError):
                session.close()


@contextmanager
def witnessed(engine: Engine, name: str) -> Iterator[Witness]:
    """A witness for the time of the block."""
    witness = Witness(engine, name)
    witness.testify()
    try:
        yield witness
    finally:
        witness.close()
