"""How lists are written: every item its own result, no lost write sent blindly, few calls for one bad item."""

from collections.abc import Sequence
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import AccessDenied, OutcomeUnknown, PlatformUnavailable, RequestRefused
from connector.lms import ItemResult, Outcome
from connector.moodle_ws.halves import by_halves
from connector.wire.settle import in_chunks, spread, surely

DONE, REFUSED, UNKNOWN = Outcome.DONE, Outcome.REFUSED, Outcome.UNKNOWN


def key(item: int) -> tuple[str, ...]:
    return (str(item),)


class Platform:
    """All or nothing: a list with a bad item is refused whole. `losses` lose answers, after the work or before it."""

    def __init__(self, bad: set[int] | None = None, code: str = "invalidparameter") -> None:
        self.bad = bad or set()
        self.code = code
        self.done: list[int] = []
        self.calls = 0
        self.losses: list[str] = []
        self.looks = 0
        self.hidden_for = 0

    def send(self, items: Sequence[int]) -> list[ItemResult]:
        self.calls += 1
        loss = self.losses.pop(0) if self.losses else ""
        if loss == "before":
            raise OutcomeUnknown("lost")
        if self.bad & set(items):
            raise RequestRefused(self.code, "refused")
        self.done += items
        if loss == "after":
            raise OutcomeUnknown("lost")
        return [ItemResult(key=key(item), outcome=DONE) for item in items]

    def read_back(self, items: Sequence[int]) -> dict[tuple[str, ...], ItemResult]:
        self.looks += 1
        if self.looks <= self.hidden_for:
            return {}
        return {key(item): ItemResult(key=key(item), outcome=DONE) for item in items if item in self.done}


@given(st.integers(1, 60), st.sets(st.integers(0, 59)))
def test_halving_finds_exactly_the_bad_items(count: int, bad: set[int]) -> None:
    platform = Platform(bad)
    items = list(range(count))
    results = by_halves(items, key, platform.send)
    assert [result.key for result in results] == [key(item) for item in items]
    assert {item for item, result in zip(items, results, strict=True) if result.outcome is REFUSED} == bad & set(items)
    assert sorted(platform.done) == sorted(set(items) - bad)


@given(st.integers(2, 200), st.data())
def test_one_bad_item_costs_about_log2_more_calls(count: int, data: st.DataObject) -> None:
    platform = Platform({data.draw(st.integers(0, count - 1))})
    by_halves(list(range(count)), key, platform.send)
    assert platform.calls <= 2 * (int(log2(count)) + 1) + 1


def test_a_refusal_of_the_call_is_not_halved() -> None:
    platform = Platform({3}, code="wsnoinstance")
    results = by_halves(list(range(8)), key, platform.send)
    assert [(result.outcome, result.code) for result in results] == [(REFUSED, "wsnoinstance")] * 8
    assert platform.calls == 1


def test_nothing_is_sent_for_nothing() -> None:
    platform = Platform()
    assert by_halves([], key, platform.send) == []
    assert in_chunks([], lambda: 5, platform.send) == []
    assert spread([], key, {}, platform.send) == []
    assert platform.calls == 0


def test_a_lost_answer_is_read_back_and_not_sent_again() -> None:
    platform, slept = Platform(), list[float]()
    platform.losses = ["after"]
    results = surely([1, 2], key, platform.send, read_back=platform.read_back, sleep=slept.append)
    assert [result.outcome for result in results] == [DONE, DONE]
    assert platform.done == [1, 2]
    assert len(slept) == 1


def test_only_what_is_missing_is_sent_once_more() -> None:
    platform = Platform()
    platform.losses = ["before"]
    platform.done = [1]
    results = surely([1, 2], key, platform.send, read_back=platform.read_back, sleep=lambda _seconds: None)
    assert [result.outcome for result in results] == [DONE, DONE]
    assert platform.done == [1, 2]
    assert platform.looks == 3


def test_a_server_that_is_still_at_work_is_waited_for() -> None:
    platform, slept = Platform(), list[float]()
    platform.losses, platform.hidden_for = ["after"], 2
    surely([1], key, platform.send, read_back=platform.read_back, sleep=slept.append)
    assert platform.done == [1]
    assert slept == [2.0, 5.0, 15.0]


@pytest.mark.parametrize(("second", "outcome"), [("before", UNKNOWN), ("after", DONE)])
def test_what_is_lost_twice_is_unknown_unless_it_is_found(second: str, outcome: Outcome) -> None:
    platform = Platform()
    platform.losses = ["before", second]
    results = surely([1], key, platform.send, read_back=platform.read_back, sleep=lambda _seconds: None)
    assert [result.outcome for result in results] == [outcome]
    assert platform.calls == 2


def test_an_outage_while_reading_back_leaves_it_open() -> None:
    platform = Platform()
    platform.losses = ["after"]

    def read_back(_items: Sequence[int]) -> dict[tuple[str, ...], ItemResult]:
        raise PlatformUnavailable("down", hint="later")

    with pytest.raises(OutcomeUnknown, match="down"):
        surely([1], key, platform.send, read_back=read_back, sleep=lambda _seconds: None)


@pytest.mark.parametrize("outage", [PlatformUnavailable("down"), OutcomeUnknown("lost"), AccessDenied("no")])
def test_an_outage_in_the_first_chunk_is_what_it_is(outage: Exception) -> None:
    def send(_items: Sequence[int]) -> list[ItemResult]:
        raise outage

    with pytest.raises(type(outage)) as caught:
        in_chunks([1, 2, 3], lambda: 2, send)
    assert caught.value is outage


def test_an_outage_after_a_chunk_is_never_told_as_nothing_done() -> None:
    platform = Platform()

    def send(items: Sequence[int]) -> list[ItemResult]:
        if platform.done:
            raise PlatformUnavailable("down")
        return platform.send(items)

    with pytest.raises(OutcomeUnknown, match="down"):
        in_chunks([1, 2, 3], lambda: 2, send)
    assert platform.done == [1, 2]


def test_what_is_given_twice_is_sent_once() -> None:
    platform = Platform()
    known = {key(9): ItemResult(key=key(9), outcome=REFUSED)}
    results = spread([1, 9, 1], key, known, platform.send)
    assert [(result.key, result.outcome) for result in results] == [(key(1), DONE), (key(9), REFUSED), (key(1), DONE)]
    assert platform.done == [1]


def test_a_list_over_which_the_database_stumbled_is_tried_once_more_and_then_halved() -> None:
    """A deadlock passes by itself; a value that is too long does not (facts 1.8)."""
    deadlock = Platform()
    stumbles = [RequestRefused("dmltransactionexception", "deadlock")]

    def send(items: Sequence[int]) -> list[ItemResult]:
        if stumbles:
            raise stumbles.pop()
        return deadlock.send(items)

    assert all(result.ok for result in by_halves(list(range(8)), key, send))
    assert deadlock.calls == 1
    too_long = Platform({5}, code="dmlwriteexception")
    results = by_halves(list(range(8)), key, too_long.send)
    assert [result.outcome is REFUSED for result in results] == [number == 5 for number in range(8)]
    assert sorted(too_long.done) == [0, 1, 2, 3, 4, 6, 7]


def test_a_chunk_is_as_long_as_it_may_be_when_it_is_sent() -> None:
    sizes = iter([2, 4, 1, 9])
    sent: list[int] = []

    def send(items: Sequence[int]) -> list[ItemResult]:
        sent.append(len(items))
        return [ItemResult(key=key(item), outcome=DONE) for item in items]

    assert [result.key[0] for result in in_chunks(range(9), lambda: next(sizes), send)] == [str(n) for n in range(9)]
    assert sent == [2, 4, 1, 2]
