"""The log of acts: appended in a chain, blanked for an erased person, and a change afterwards is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, update

from connector.store.acts import ActDone, DataAct, acts
from connector.store.store import Store

START = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)
PHONE = "+84912000001"


def done(minutes: int = 0, *, phone: str = PHONE, who: str = "an") -> ActDone:
    at = START + timedelta(minutes=minutes)
    return ActDone(at=at, act=DataAct.LOOKED_UP, who=who, via="hand", phone=phone, what="", reason="")


def record(store: Store, *several: ActDone) -> None:
    for one in several:
        with store.begin() as tx:
            tx.acts.record(one)


def broken(store: Store) -> int | None:
    with store.begin() as tx:
        return tx.acts.first_broken()


def test_the_newest_come_first_and_can_be_limited(store: Store) -> None:
    record(store, done(0), done(1, phone="+84912000002"), done(2, who="binh"))
    with store.begin() as tx:
        assert [one.number for one in tx.acts.newest(most=10)] == [3, 2, 1]
        assert [one.number for one in tx.acts.newest(most=1)] == [3]
        assert [one.number for one in tx.acts.newest(most=10, phone=PHONE)] == [3, 1]
        assert [one.who for one in tx.acts.newest(most=10, who="binh")] == ["binh"]
        assert [one.number for one in tx.acts.newest(most=10, since=START + timedelta(minutes=1))] == [3, 2]
    assert broken(store) is None


def test_a_row_that_was_changed_or_taken_out_is_found(store: Store) -> None:
    record(store, *(done(minute) for minute in range(4)))
    with store.engine.begin() as connection:
        connection.execute(update(acts).where(acts.c.id == 2).values(who="nobody"))
    assert broken(store) == 2
    with store.engine.begin() as connection:
        connection.execute(delete(acts).where(acts.c.id == 2))
    assert broken(store) == 3


def test_a_number_put_in_the_place_of_another_is_found(store: Store) -> None:
    record(store, done())
    with store.engine.begin() as connection:
        connection.execute(update(acts).values(phone="+84912000009"))
    assert broken(store) == 1


def test_the_oldest_rows_may_go_and_an_erased_person_is_blanked(store: Store) -> None:
    record(store, *(done(minute) for minute in range(3)))
    with store.engine.begin() as connection:
        connection.execute(delete(acts).where(acts.c.id == 1))
    with store.begin() as tx:
        tx.acts.forget([PHONE])
        assert [one.phone for one in tx.acts.newest(most=10)] == ["", ""]
        assert tx.acts.newest(most=10, phone=PHONE) == []
    assert broken(store) is None
    record(store, done(3))
    assert broken(store) is None


def test_acts_at_once_make_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda minute: record(store, done(minute)), range(12)))
    assert broken(store) is None
