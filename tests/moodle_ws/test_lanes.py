"""Reads over several connections: all under way at once, told in the order in which they were asked."""

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import wait
from functools import partial
from threading import Barrier, Event, Lock, current_thread, main_thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import AccessDenied, RequestRefused
from connector.moodle_ws.batch import NOT_RUN, InnerAnswer, InnerCall
from connector.moodle_ws.lanes import MOST_HELD, read_each
from connector.wire.lanes import Lanes

LANES = {count: Lanes(count) for count in (1, 2, 3)}


class Platform:
    """Answers a batch as Moodle does: it stops at the first refused call. `bad` are the numbers that it refuses."""

    def __init__(self, bad: set[int] | None = None) -> None:
        self.bad = bad or set()
        self.asked: list[list[int]] = []
        self._lock = Lock()

    def ask(self, calls: Sequence[InnerCall]) -> list[InnerAnswer]:
        numbers = [int(call.arguments["n"]) for call in calls]
        with self._lock:
            self.asked.append(numbers)
        answers: list[InnerAnswer] = []
        for number in numbers:
            if number in self.bad:
                answers.append(InnerAnswer(error=RequestRefused("invaliduser", "no")))
                break
            answers.append(InnerAnswer(value=number))
        return answers + [NOT_RUN] * (len(calls) - len(answers))


def calls(count: int) -> list[InnerCall]:
    return [InnerCall("f", {"n": number}) for number in range(count)]


@given(st.integers(0, 40), st.sets(st.integers(0, 39)), st.integers(1, 9), st.sampled_from([1, 2, 3]))
@settings(deadline=None)
def test_every_call_has_its_own_answer_in_order(count: int, bad: set[int], size: int, connections: int) -> None:
    platform = Platform(bad)
    answers = list(read_each(platform.ask, LANES[connections], calls(count), lambda: size))
    assert [answer.value for answer in answers] == [None if n in bad else n for n in range(count)]
    assert [answer.error is not None for answer in answers] == [n in bad for n in range(count)]
    told = [number for numbers in platform.asked for number in numbers]
    assert set(told) == set(range(count))
    assert all(len(numbers) <= size for numbers in platform.asked)


@pytest.mark.parametrize("connections", [1, 2])
def test_without_refusals_no_request_is_added(connections: int) -> None:
    platform = Platform()
    list(read_each(platform.ask, LANES[connections], calls(1000), lambda: 300))
    assert sorted(map(len, platform.asked)) == [100, 300, 300, 300]


def test_two_connections_are_really_used_at_once() -> None:
    together = Barrier(2, timeout=5)

    def ask(some: Sequence[InnerCall]) -> list[InnerAnswer]:
        together.wait()  # breaks unless a second request is under way
        return [InnerAnswer(value=1) for _call in some]

    assert len(list(read_each(ask, LANES[2], calls(8), lambda: 2))) == 8
    assert list(LANES[2].each(lambda thing: (together.wait(), thing)[1], range(6))) == list(range(6))


def test_one_connection_needs_no_thread_and_works_only_when_asked() -> None:
    done: list[int] = []

    def work(thing: int) -> int:
        assert current_thread() is main_thread()
        done.append(thing)
        return thing

    results = Lanes(1).each(work, range(3))
    assert done == []
    assert next(results) == 0
    assert done == [0]
    results.close()  # type: ignore[attr-defined] # a generator behind the iterator that is promised
    assert done == [0]


@pytest.mark.parametrize("connections", [1, 2])
def test_an_error_comes_at_its_place(connections: int) -> None:
    def work(thing: int) -> int:
        if thing == 2:
            raise AccessDenied("no")
        return thing

    results = LANES[connections].each(work, range(9))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(AccessDenied):
        next(results)


@pytest.mark.parametrize("connections", [1, 2])
def test_anything_worse_than_a_refusal_stops_the_reading(connections: int) -> None:
    def ask(some: Sequence[InnerCall]) -> list[InnerAnswer]:
        return [InnerAnswer(error=AccessDenied("no")), *[NOT_RUN] * (len(some) - 1)]

    with pytest.raises(AccessDenied):
        list(read_each(ask, LANES[connections], calls(9), lambda: 3))


def test_answers_that_wait_for_a_slow_one_are_bounded() -> None:
    """While the first request hangs, the other connection does not read everybody into memory."""
    hanging, read = Event(), []

    def ask(some: Sequence[InnerCall]) -> list[InnerAnswer]:
        if some[0].arguments["n"] == 0:
            assert hanging.wait(5)
        read.append(len(some))
        if sum(read) > MOST_HELD:
            hanging.set()
        return [InnerAnswer(value=1) for _call in some]

    answers = read_each(ask, LANES[2], calls(3 * MOST_HELD), lambda: MOST_HELD // 4)
    next(answers)
    assert sum(read) <= MOST_HELD + 3 * (MOST_HELD // 4)
    assert sum(1 for _answer in answers) == 3 * MOST_HELD - 1


def test_leaving_early_starts_nothing_more() -> None:
    platform = Platform()
    answers = read_each(platform.ask, Lanes(1), calls(9), lambda: 3)
    next(answers)
    answers.close()  # type: ignore[attr-defined] # a generator behind the iterator that is promised
    assert platform.asked == [[0, 1, 2]]


def test_what_is_given_up_before_its_turn_is_never_begun() -> None:
    both, go_on, begun = Barrier(3, timeout=5), Event(), []
    lanes = Lanes(2)

    def work(thing: int) -> None:
        begun.append(thing)
        both.wait()
        assert go_on.wait(5)

    held = [lanes.start(partial(work, thing)) for thing in range(2)]
    both.wait()
    third = lanes.start(partial(work, 2))
    assert third.cancel()
    go_on.set()
    assert wait([*held, third], timeout=5).not_done == set()
    assert sorted(begun) == [0, 1]


def test_a_process_that_ends_does_not_wait_for_its_reads() -> None:
    """A run that fails while another connection repeats its read before a site that is down."""
    lines = (
        "import sys, time",
        "from connector.wire.lanes import Lanes",
        "Lanes(2).start(lambda: time.sleep(90))",
    )
    assert (
        subprocess.run([sys.executable, "-c", "\n".join([*lines, "sys.exit(3)"])], timeout=45, check=False).returncode
        == 3
    )
