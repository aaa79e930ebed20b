"""Who alone may write: on both databases, over threads, processes and hosts."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from connector.store.caller import Caller, this_process
from connector.store.heartbeat import kept_alive
from connector.store.leases import BEAT, EXPIRY, MISSED, Lease
from connector.store.store import Store
from connector.store.witness import Witness, holder_is_gone
from tests.store.people import NOW

NAME = "site:sandbox"
ME = replace(this_process(), who="lan")
ELSEWHERE = Caller(who="minh", host="may-chu-2", machine="another boot", pid=os.getpid())


def take(store: Store, caller: Caller, now: datetime = NOW) -> tuple[Lease, bool]:
    with store.begin() as tx:
        return tx.leases.take(NAME, caller, now)


def test_a_lease_is_held_by_one_and_tells_who(store: Store) -> None:
    mine, got = take(store, ME)
    assert (got, mine.who, mine.pid, mine.since, mine.run_id) == (True, "lan", os.getpid(), NOW, None)
    theirs, got = take(store, ELSEWHERE)
    assert (got, theirs) == (False, mine)
    with store.begin() as tx:
        assert tx.leases.beat(NAME, mine.token, NOW + timedelta(seconds=9), run_id=7)
        found = tx.leases.find(NAME)
        assert found is not None
        assert (found.run_id, found.beats_at - NOW) == (7, timedelta(seconds=9))
        tx.leases.release(NAME, "another's token")
        assert tx.leases.find(NAME) is not None
        tx.leases.release(NAME, mine.token)
        assert tx.leases.find(NAME) is None
    assert take(store, ELSEWHERE)[1]


def test_who_has_been_silent_too_long_loses_the_lease_and_is_told(store: Store) -> None:
    old, _ = take(store, ELSEWHERE)  # without a session of its own, as one that died
    assert not take(store, ME, NOW + (MISSED if store.engine.dialect.name == "postgresql" else EXPIRY))[1]
    new, got = take(store, ME, NOW + EXPIRY + timedelta(seconds=1))
    assert (got, new.who) == (True, "lan")
    with store.begin() as tx:
        assert not tx.leases.beat(NAME, old.token, NOW)
        tx.leases.release(NAME, old.token)
        assert tx.leases.find(NAME) == new


def test_a_lease_that_was_taken_in_the_future_holds_nobody(store: Store) -> None:
    """A clock that was set back by a day: the beat of then would stop all writing until tomorrow."""
    take(store, ELSEWHERE, NOW + timedelta(days=1))
    new, got = take(store, ME)
    assert (got, new.who) == (True, "lan")
    assert not take(store, ELSEWHERE, NOW - timedelta(seconds=30))[1]  # clocks that differ a little take nothing


def test_a_process_of_this_machine_that_is_gone_gives_way_at_once(store: Store) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    take(store, replace(ME, pid=int(gone.stdout)))
    assert take(store, ME)[1]


def test_the_same_number_on_another_machine_says_nothing(store: Store) -> None:
    gone = 4_194_305  # no system has a process of this number
    take(store, replace(ELSEWHERE, pid=gone))
    assert not take(store, ME)[1]
    assert not replace(ME, machine="").surely_gone("", gone)
    assert not ME.surely_gone(ME.machine, 1)  # somebody else's, or our own: it is there


def test_of_many_who_claim_at_the_same_moment_one_gets_it(store: Store) -> None:
    ready = threading.Barrier(6)

    def claim(number: int) -> bool:
        ready.wait()
        return take(store, replace(ME, who=str(number)))[1]

    for _round in range(3):
        with ThreadPoolExecutor(6) as pool:
            assert sum(pool.map(claim, range(6))) == 1
        with store.begin() as tx:  # and so when an expired one is taken over
            lease = tx.leases.find(NAME)
            assert lease is not None
            tx.leases.beat(NAME, lease.token, NOW - 2 * EXPIRY)


def test_a_lease_beats_while_the_work_goes_on_and_is_given_back(store: Store) -> None:
    lease, _ = take(store, ME, datetime.now(UTC))
    with kept_alive(store, lease, lambda: datetime.now(UTC), seconds=0.02):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with store.begin() as tx:
                found = tx.leases.find(NAME)
            if found is not None and found.beats_at > lease.beats_at:
                break
    assert found is not None
    assert found.beats_at > lease.beats_at
    with store.begin() as tx:
        assert tx.leases.find(NAME) is None


def ended_sessions(store: Store) -> int:
    """End the sessions that hold an advisory lock, as the death of their process does; how many there were."""
    with store.engine.begin() as connection:
        ended = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return int(connection.execute(ended).scalar_one())


def wait_until(true: Callable[[], bool]) -> None:
    """A session that was ended is gone a moment later."""
    ends = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_on_postgresql_a_holder_whose_session_is_gone_gives_way_after_a_missed_beat(store: Store) -> None:
    lease, _ = take(store, ELSEWHERE)
    missed = NOW + MISSED + timedelta(seconds=1)
    with kept_alive(store, lease, lambda: NOW):
        assert not take(store, ME, missed)[1]  # silent, but its session is there: it may only be slow
        if store.engine.dialect.name != "postgresql":
            return
        assert ended_sessions(store) == 1
        assert not take(store, ME, NOW + BEAT)[1]  # a session alone may be lost by who lives
        wait_until(lambda: take(store, ME, missed)[1])


def is_gone(store: Store) -> bool:
    with store.engine.begin() as connection:
        return holder_is_gone(connection, NAME)


def test_who_lives_and_lost_its_session_holds_the_lock_again_with_its_next_beat(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        return
    witness = Witness(store.engine, NAME)
    for _beat in range(2):
        witness.testify()
        assert not is_gone(store)
        assert ended_sessions(store) == 1
        wait_until(lambda: is_gone(store))
    witness.testify()
    witness.close()
    wait_until(lambda: is_gone(store))


def test_a_lost_lease_is_not_given_back_by_who_lost_it(store: Store) -> None:
    lease, _ = take(store, ME)
    with kept_alive(store, lease, lambda: NOW, seconds=0.01):
        other, got = take(store, ELSEWHERE, NOW + 2 * EXPIRY)
    assert got
    with store.begin() as tx:
        assert tx.leases.find(NAME) == other
