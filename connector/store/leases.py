"""Leases: who alone may do a thing now, over all processes and hosts that share the database.

A holder beats; a lease that has not beaten for `EXPIRY` may be taken over, one of a process of this machine that is
gone at once, and on PostgreSQL one that has missed a beat and whose holder's session is gone
(connector/store/witness.py). Taking is one statement that only one of several claimants can win. The hosts' clocks must
agree to some seconds, as TLS asks anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from connector.store.caller import Caller
from connector.store.tables import leases
from connector.store.witness import holder_is_gone

EXPIRY = timedelta(seconds=60)
BEAT = EXPIRY / 4
MISSED = BEAT + timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease as it stands. `token` is its holder's alone; `run_id` the run that it is held for, once there is one."""

    name: str
    token: str
    who: str
    host: str
    machine: str
    pid: int
    run_id: int | None
    since: datetime
    beats_at: datetime

    @property
    def lapses_at(self) -> datetime:
        """The first moment at which somebody else may take it over, if its holder is not heard of again."""
        return self.beats_at + EXPIRY + timedelta(microseconds=1)


class Leases:
    """The leases, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, name: str, caller: Caller, now: datetime) -> tuple[Lease, bool]:
        """Take the lease if it is free, expired, or its holder is surely gone. Writes.

        Gives the lease as it stands then, and whether it is the caller's.
        """
        values: dict[str, Any] = {
            "name": name,
            "token": uuid4().hex,
            "who": caller.who,
            "host": caller.host,
            "machine": caller.machine,
            "pid": caller.pid,
            "run_id": None,
            "since": now,
            "beats_at": now,
        }
        mine = self._insert(values) or self._take_over(values, caller, now)
        lease = self.find(name)
        return lease or Lease(**values), mine

    def _insert(self, values: Mapping[str, Any]) -> bool:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(leases).values(dict(values)).on_conflict_do_nothing()
        return self._connection.execute(statement.returning(leases.c.name)).first() is not None

    def _take_over(self, values: Mapping[str, Any], caller: Caller, now: datetime) -> bool:
        there = self.find(str(values["name"]))
        if there is None or not self.may_be_taken(there, caller, now):
            return False
        # Only who still finds the holder that he has judged wins.
        return self._change(there.name, there.token, values)

    def may_be_taken(self, lease: Lease, caller: Caller, now: datetime) -> bool:
        """True when its holder has been silent too long, or has surely died. Reads only."""
        silent_for = now - lease.beats_at
        # Of a clock that was set back since: such a beat tells no silence, and would hold the site until that day.
        if silent_for < -EXPIRY:
            return True
        if silent_for > EXPIRY or caller.surely_gone(lease.machine, lease.pid):
            return True
        return silent_for > MISSED and holder_is_gone(self._connection, lease.name)

    def beat(self, name: str, token: str, now: datetime, run_id: int | None = None) -> bool:
        """Write that the holder lives, and for which run it works; False when the lease is no longer its own."""
        values: dict[str, Any] = {"beats_at": now} if run_id is None else {"beats_at": now, "run_id": run_id}
        return self._change(name, token, values)

    def _change(self, name: str, token: str, values: Mapping[str, Any]) -> bool:
        mine = and_(leases.c.name == name, leases.c.token == token)
        return self._connection.execute(update(leases).where(mine).values(dict(values))).rowcount == 1

    def release(self, name: str, token: str) -> None:
        """Give the lease back, if it is still this holder's."""
        self._connection.execute(delete(leases).where(and_(leases.c.name == name, leases.c.token == token)))

    def held(self, caller: Caller, now: datetime) -> list[Lease]:
        """All leases whose holders are not surely gone. Reads only."""
        found = [Lease(**row) for row in self._connection.execute(select(leases).order_by(leases.c.name)).mappings()]
        return [lease for lease in found if not self.may_be_taken(lease, caller, now)]

    def find(self, name: str) -> Lease | None:
        """The lease as it stands. Reads only."""
        row = self._connection.execute(select(leases).where(leases.c.name == name)).mappings().first()
        return None if row is None else Lease(**row)
