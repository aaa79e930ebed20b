"""Batches grow while they are quick and shrink when they are slow, inside the limits of the site."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.errors import PlatformUnavailable
from connector.lms import Outcome
from connector.moodle_ws.lms import MoodleLms
from connector.moodle_ws.sizes import GROWTH, SMALLEST, TARGET, Sizes
from connector.wire.settle import in_chunks
from tests.moodle_ws.conftest import new
from tests.moodle_ws.scripted import Clock, ScriptedDoor, Told, client, good, site_info


def sizes(start: int = 100, most: int = 400) -> tuple[Sizes, Callable[[], int]]:
    found = Sizes()
    return found, lambda: found.of("f", start, most)


def test_it_begins_as_it_is_told() -> None:
    _sizes, now = sizes()
    assert now() == 100


def test_quick_and_full_ones_double_up_to_the_limit() -> None:
    learner, now = sizes()
    for wanted in (200, 400, 400):
        learner.learn("f", now(), 1.0, answered=True)
        assert now() == wanted


def test_neither_small_nor_middling_ones_change_it() -> None:
    learner, now = sizes()
    learner.learn("f", 99, 0.1, answered=True)
    learner.learn("f", 100, TARGET * 0.6, answered=True)
    learner.learn("f", 100, 0.1, answered=False)
    assert now() == 100


def test_slow_ones_halve_and_never_below_the_smallest() -> None:
    learner, now = sizes()
    for wanted in (50, 25, 12, SMALLEST, SMALLEST):
        learner.learn("f", now(), TARGET + 1, answered=False)
        assert now() == wanted


def test_two_slow_ones_that_were_under_way_together_halve_once() -> None:
    learner, now = sizes(400)
    assert now() == 400
    for _connection in range(2):
        learner.learn("f", 400, TARGET * 1.1, answered=True)
    assert now() == 200


def test_kinds_learn_apart_and_unknown_ones_not_at_all() -> None:
    learner, now = sizes()
    learner.of("g", 50, 200)
    learner.learn("g", 50, 0.1, answered=True)
    learner.learn("h", 50, 9.0, answered=True)
    assert (now(), learner.of("g", 50, 200), learner.of("h", 70, 80)) == (100, 100, 70)


@given(st.lists(st.floats(0, 20), max_size=30), st.integers(1, 500), st.integers(1, 2000))
def test_it_is_never_above_the_limit_nor_nothing(times: list[float], start: int, most: int) -> None:
    learner, now = sizes(start, most)
    for seconds in times:
        assert 1 <= now() <= most
        learner.learn("f", now(), seconds, answered=True)


def test_a_client_measures_its_own_requests() -> None:
    """A site that needs 0.02 seconds an item is soon sent as much as fits into the target."""
    clock = Clock()
    door = ScriptedDoor(site_info())
    speaker = client(door, clock)
    sent: list[int] = []

    def slowly(count: int) -> Callable[[Any], Told]:
        def answer(_variables: Any) -> Told:
            clock.now += 0.02 * count
            return good(None)

        return answer

    def send(chunk: Any) -> list[Any]:
        sent.append(len(chunk))
        door.script.append(slowly(len(chunk)))
        speaker.call("f", {"items": list(chunk)}, writes=True, items=len(chunk))
        return list(chunk)

    in_chunks(range(1000), lambda: speaker.room("f", 2, 100), send)
    assert sent == [100, 200, 200, 200, 200, 100]


def test_what_is_slow_for_other_reasons_is_not_measured() -> None:
    """Waits between tries are not the site's work on the request."""
    clock = Clock()
    door = ScriptedDoor(site_info(), Told(status=503, headers={"Retry-After": "60"}), good(None))
    speaker = client(door, clock)
    assert speaker.room("f", 2, 100) == 100
    speaker.call("f", {}, writes=True, items=100)
    assert clock.slept == [60]
    assert speaker.room("f", 2, 100) == 200


def test_a_lost_answer_after_a_long_wait_halves() -> None:
    clock = Clock()

    def hangs(_variables: Any) -> Told:
        clock.now += 120
        return Told(status=504)

    speaker = client(ScriptedDoor(site_info(), hangs), clock, retry_budget=0)
    assert speaker.size("f", 3000, 12000) == 3000
    try:
        speaker.call("f", writes=False, items=None)
    except PlatformUnavailable:
        assert speaker.size("f", 3000, 12000) == 1500


def test_rows_of_an_answer_are_counted_where_nobody_knows_them_before() -> None:
    forms = client(ScriptedDoor(site_info(batches=False), Told(body=[{}] * 50), Told(body={"rows": 1})))
    batches = client(ScriptedDoor(site_info(), good([{}] * 50), good(None)))
    for speaker in (forms, batches):
        assert speaker.size("f", 50, 200) == 50
        speaker.call("f", writes=False, items=None)
        assert speaker.size("f", 50, 200) == 100
        speaker.call("f", writes=False, items=None)
        assert speaker.size("f", 50, 200) == 100


def test_accounts_grow_to_four_times_the_start(lms: MoodleLms) -> None:
    results = lms.create_accounts([new(number) for number in range(700)])
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert lms._ws.room("core_user_create_users", 20, 100) == 100 * GROWTH
