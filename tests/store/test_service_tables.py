"""What the service remembers, on both databases: ticks, states of jobs, incidents, files that were dropped."""

from dataclasses import replace
from datetime import datetime, timedelta

from connector.store.incidents import Incident
from connector.store.pickups import ANSWER, Pickup
from connector.store.store import Store, Transaction
from connector.store.ticks import RETRY, RUNNING, Tick
from tests.store.people import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def claim(tx: Transaction, slot: str, due_at: datetime, state: str = RUNNING) -> Tick | None:
    return tx.ticks.claim(
        slot, due_at, job=slot.partition(":")[0], province_code="", trigger="schedule", who="x", now=NOW, state=state
    )


def claimed(tx: Transaction, slot: str, due_at: datetime, state: str = RUNNING) -> Tick:
    tick = claim(tx, slot, due_at, state)
    assert tick is not None
    return tick


def test_a_tick_has_one_owner_and_lives_through_its_attempts(store: Store) -> None:
    with store.begin() as tx:
        tick = claimed(tx, "copy", NOW)
        assert claim(tx, "copy", NOW) is None
        tx.ticks.put_off(tick, NOW + HOUR, "away")
    with store.begin() as tx:
        (opened,) = tx.ticks.opened()
        assert (opened.state, opened.retry_at, opened.message) == (RETRY, NOW + HOUR, "away")
        again = tx.ticks.again(opened, "y")
        assert (again.state, again.attempts, again.who, again.retry_at) == (RUNNING, 2, "y", None)
        tx.ticks.finish(again, "done", NOW + DAY, counts={"judged": 3}, run_id=7, file="plan.json")
    with store.begin() as tx:
        assert tx.ticks.opened() == []
        (ended,) = tx.ticks.newest(5, "copy")
        assert (ended.state, ended.counts, ended.run_id, ended.file) == ("done", {"judged": 3}, 7, "plan.json")
        assert tx.ticks.last_due(["copy", "other"]) == {"copy": NOW}
        assert tx.ticks.last_of(["copy", "other"], ("done",)) == {"copy": NOW + DAY}


def test_old_ticks_are_forgotten_but_for_open_ones_and_the_last_of_each_slot(store: Store) -> None:
    with store.begin() as tx:
        for day in range(4):
            claimed(tx, "copy", NOW + day * DAY, "done")
        claimed(tx, "sync:01", NOW + HOUR, "failed")
        claimed(tx, "sync:04", NOW + HOUR / 2)
        claimed(tx, "sync:04", NOW + 3 * DAY, "done")
        assert tx.ticks.forget(NOW + 9 * DAY) == 3
        left = {(tick.slot, tick.due_at - NOW) for tick in tx.ticks.newest(99)}
    assert left == {("copy", 3 * DAY), ("sync:01", HOUR), ("sync:04", HOUR / 2), ("sync:04", 3 * DAY)}


def test_an_incident_is_one_while_it_lasts_and_told_by_one(store: Store) -> None:
    def tell(tx: Transaction, found: list[Incident]) -> list[bool]:
        return [tx.incidents.told(one, NOW) for one in found]

    with store.begin() as tx:
        for hour in range(3):
            tx.incidents.meet("job:copy:person", f"message {hour}", NOW + hour * HOUR, NOW + hour * HOUR)
        (one,) = tx.incidents.opened()
        assert (one.count, one.opened_at, one.last_at, one.message) == (3, NOW, NOW + 2 * HOUR, "message 2")
        assert tx.incidents.to_tell(NOW - HOUR) == []
        found = tx.incidents.to_tell(NOW)
        assert tell(tx, found) == [True]
        assert tell(tx, found) == [False]  # another service was first
        tx.incidents.untold(one)
        assert tell(tx, tx.incidents.to_tell(NOW)) == [True]
        assert tx.incidents.open_under("job:copy:") == ["job:copy:person"]
        assert tx.incidents.open_under("job:c_py:") == []
        tx.incidents.close(("job:copy:person",), NOW + DAY)
        assert tx.incidents.opened() == []
        over = tx.incidents.over_to_tell()
        assert tell(tx, over) == [True]
        assert tell(tx, over) == [False]
        tx.incidents.untold(over[0])
        assert tell(tx, tx.incidents.over_to_tell()) == [True]
        tx.incidents.meet("job:copy:person", "anew", NOW + 2 * DAY, NOW + 2 * DAY)
        assert [anew.count for anew in tx.incidents.opened()] == [1]
        assert tx.incidents.forget(NOW + 9 * DAY) == 1
        assert [one.message for one in tx.incidents.opened()] == ["anew"]


def test_an_incident_that_nobody_was_told_of_ends_in_silence(store: Store) -> None:
    with store.begin() as tx:
        tx.incidents.meet("site:mooc:away", "away", NOW, NOW + HOUR)
        tx.incidents.close(("site:mooc:away",), NOW + HOUR / 2)
        assert (tx.incidents.to_tell(NOW + DAY), tx.incidents.over_to_tell()) == ([], [])


def test_a_job_is_watched_from_its_first_start_and_anew_after_a_pause(store: Store) -> None:
    with store.begin() as tx:
        tx.job_states.watch([], NOW)
        tx.job_states.watch(["copy"], NOW)
        tx.job_states.watch(["copy", "sync"], NOW + HOUR)
        assert {name: one.watched_since - NOW for name, one in tx.job_states.by_job().items()} == {
            "copy": timedelta(0),
            "sync": HOUR,
        }
        tx.job_states.pause("copy", "lan", "an upgrade", NOW + HOUR)
        paused = tx.job_states.by_job()["copy"]
        assert (paused.paused_at, paused.paused_by, paused.reason) == (NOW + HOUR, "lan", "an upgrade")
        tx.job_states.resume("copy", NOW + DAY)
        resumed = tx.job_states.by_job()["copy"]
        assert (resumed.paused_at, resumed.watched_since) == (None, NOW + DAY)


def test_a_dropped_file_is_known_by_place_name_and_content(store: Store) -> None:
    file = Pickup(programme="p", place="01", name="a.xlsx", sha256="1" * 64, state="taken", archived="/x/a.xlsx")
    with store.begin() as tx:
        tx.pickups.note(file, NOW)
        assert tx.pickups.state_of("p", "01", "a.xlsx", "1" * 64) == "taken"
        tx.pickups.note(replace(file, state=ANSWER), NOW)
        assert tx.pickups.state_of("p", "01", "a.xlsx", "1" * 64) == ANSWER
        assert tx.pickups.state_of("p", "all", "a.xlsx", "1" * 64) is None
