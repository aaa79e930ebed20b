from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Interrupted, OutcomeUnknown, PlatformUnavailable, UnsafePlanError
from connector.model import Kind, Registration
from connector.sync.change import Action
from connector.sync.desired import Leaving
from connector.sync.resuming import check_rest
from tests.sync.test_properties import faults, policies, rosters
from tests.sync.world import HUE, World, learner, registered, terms, username

ONE = username(1)
PEOPLE = registered(range(4))


def broken_off(world: World, writes: int = 2, done: float = 0.5) -> int:
    """A run over PEOPLE whose write of this number does so much and gets no answer; batches of two."""
    plan = world.plan(PEOPLE)
    world.platform.break_after(writes, OutcomeUnknown("no answer"), done)
    return world.apply(plan, batch=2).run_id


def test_exactly_the_rest_is_sent_and_nothing_twice() -> None:
    world, calm = World(), World()
    calm.sync(PEOPLE)
    run_id = broken_off(world)
    sent = len(world.platform.writes)
    outcome = world.resume(run_id, PEOPLE, batch=2)
    assert outcome.complete
    assert outcome.run_id == run_id
    # Of the broken-off accounts one had arrived: only the other is sent, then what nobody had tried.
    assert world.platform.writes[sent] == [(username(3),)]
    assert world.platform.picture() == calm.platform.picture()
    assert world.journal.in_state(run_id, "planned", "sent", "refused") == []
    assert world.plan(PEOPLE).changes == ()


def test_what_was_refused_is_tried_again() -> None:
    world = World()
    world.platform.refuse[ONE,] = "busy"
    run_id = broken_off(world, writes=4)
    assert world.journal.in_state(run_id, "refused")[0].key == (ONE,)
    del world.platform.refuse[ONE,]
    assert world.resume(run_id, PEOPLE).complete
    assert world.journal.in_state(run_id, "refused") == []
    assert ONE in world.platform.people


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        (registered(range(5)), "3 changes are needed that it did not plan, 0 of its own"),
        (registered(range(3)), "0 changes are needed that it did not plan, 2 of its own"),
        ([*registered(range(3)), *registered([3], HUE)], "2 changes are needed that it did not plan, 1 of its own"),
    ],
)
def test_a_roster_that_has_changed_meanwhile_is_refused(roster: list[Registration], said: str) -> None:
    world = World()
    run_id = broken_off(world, done=0.0)
    sent = list(world.platform.writes)
    with pytest.raises(UnsafePlanError, match=said):
        world.resume(run_id, roster)
    assert world.platform.writes == sent


def test_other_values_of_a_person_not_yet_made_are_refused() -> None:
    world = World()
    run_id = broken_off(world, writes=1, done=0.0)
    other = [*registered(range(3)), replace(PEOPLE[3], learner=learner(3, full_name="Lê Khác"))]
    with pytest.raises(UnsafePlanError, match="1 have other values"):
        world.resume(run_id, other)


def test_what_somebody_has_taken_away_from_the_done_part_is_refused() -> None:
    world = World()
    run_id = broken_off(world, writes=4)
    del world.platform.people[ONE]
    with pytest.raises(UnsafePlanError, match="changes are needed that it did not plan"):
        world.resume(run_id, PEOPLE)


def test_a_wish_to_stop_leaves_a_run_that_can_be_resumed() -> None:
    world = World()
    plan = world.plan(PEOPLE)
    points = iter([None, None, Interrupted("stopped")])

    def safe_point() -> None:
        error = next(points)
        if error is not None:
            raise error

    outcome = world.apply(plan, batch=2, safe_point=safe_point)
    assert isinstance(outcome.stopped_by, Interrupted)
    assert (outcome.state, outcome.done, outcome.unknown) == ("stopped", 3, 0)
    assert len(world.platform.writes) == 2
    assert world.resume(outcome.run_id, PEOPLE).complete


@given(rosters(), rosters(), policies, faults(), st.lists(faults(), max_size=3), st.integers(1, 4))
def test_broken_off_anywhere_and_resumed_the_state_is_as_planned(
    first: list[Registration],
    second: list[Registration],
    leaving: Leaving,
    blow: tuple[int, float, bool],
    more: list[tuple[int, float, bool]],
    batch: int,
) -> None:
    world, calm = World(terms(leaving)), World(terms(leaving))
    for roster in (first, second):
        calm.sync(roster)
        plan = world.plan(roster)
        run_id = 0
        for writes, done, silent in (blow, *more):
            error = OutcomeUnknown("no answer") if silent else PlatformUnavailable("closed")
            world.platform.break_after(writes, error, done)
            outcome = world.resume(run_id, roster, batch) if run_id else world.apply(plan, batch)
            run_id = outcome.run_id
            world.platform.calm()
            if outcome.stopped_by is None:
                break
        else:
            outcome = world.resume(run_id, roster, batch)
        assert outcome.complete
        assert world.journal.in_state(run_id, "planned", "sent", "refused") == []
        assert world.platform.picture() == calm.platform.picture()
        assert world.plan(roster).changes == ()
    assert {row.kind for row in world.journal.owned} <= set(Kind)


def test_a_mover_who_left_the_old_cohort_by_being_added_to_the_new_one_is_no_surprise() -> None:
    """On Open edX one is in one cohort of a course; anything else that has gone by itself still is a surprise."""
    world = World()
    world.sync(PEOPLE)
    plan = world.plan(registered(range(4), HUE))
    (removal, *_rest) = (change for change in plan.changes if change.action is Action.REMOVE)
    gone = replace(removal, adopted=True, consequence="")
    check_rest([removal], [], [], replace(plan, changes=(gone,)))
    (addition, *_rest) = (change for change in plan.changes if change.kind is Kind.MEMBERSHIP and change.after)
    with pytest.raises(UnsafePlanError):
        check_rest([addition], [], [], replace(plan, changes=(replace(addition, adopted=True),)))
