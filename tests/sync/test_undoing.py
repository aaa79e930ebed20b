from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from connector.errors import OutcomeUnknown
from connector.model import Enrolment, Kind, Registration
from connector.sync.change import Action
from connector.sync.desired import Leaving
from connector.sync.plan import Plan
from connector.sync.undoing import AccountPolicy
from tests.sync.test_properties import policies, rosters
from tests.sync.world import HUE, World, learner, registered, summary, terms, username

ONE, TWO = username(1), username(2)
ENROLLED = ("course", ONE)


def reasons(plan: Plan) -> list[tuple[str, tuple[str, ...], str]]:
    return [(held.change.kind.value, held.change.key, held.reason) for held in plan.held]


def test_what_a_run_made_is_suspended_and_its_memberships_end() -> None:
    world = World()
    world.sync(registered([1]))
    plan = world.undo(1)
    assert summary(plan.changes) == [
        ("update", "enrolment", ENROLLED, False),
        ("remove", "membership", ("VN-01", ONE), False),
        ("update", "account", (ONE,), False),
    ]
    assert [(kind, key) for kind, key, _why in reasons(plan)] == [("cohort", ("VN-01",))]
    assert world.apply(plan).complete
    assert world.platform.people[ONE].suspended
    assert world.platform.members == set()
    assert world.platform.enrolled[ENROLLED].active is False
    assert world.undo(1).changes == ()


def test_accounts_may_be_left_as_they_are() -> None:
    world = World()
    world.sync(registered([1]))
    plan = world.undo(1, AccountPolicy.KEEP)
    assert [change.kind for change in plan.changes] == [Kind.ENROLMENT, Kind.MEMBERSHIP]
    assert "--accounts keep" in reasons(plan)[1][2]


def test_changed_values_become_what_they_were() -> None:
    world = World()
    world.sync(registered([1]))
    before = world.platform.picture()
    second = world.sync(registered([1], HUE))
    plan = world.undo(second.run_id)
    assert {change.action for change in plan.changes} == {Action.UPDATE, Action.CREATE, Action.REMOVE}
    assert world.apply(plan).complete
    people, groups, members, enrolled, _grouped = world.platform.picture()
    assert (people, members, enrolled) == (before[0], before[2], before[3])
    assert set(groups) == {"VN-01", "VN-46"}  # type: ignore[call-overload]


def test_a_person_who_has_other_things_of_ours_keeps_the_account() -> None:
    world = World(terms(courses=("course",)))
    world.sync(registered([1]))
    other = World(terms(courses=("course", "second")))
    other.platform, other.journal = world.platform, world.journal
    other.platform.courses = ("course", "second")
    other.sync(registered([1]))
    plan = world.undo(1)
    assert (Kind.ACCOUNT, (ONE,)) not in {(change.kind, change.key) for change in plan.changes}
    assert any("has other things of ours" in why for _kind, key, why in reasons(plan) if key == (ONE,))


def test_what_a_later_run_has_changed_is_kept_and_listed() -> None:
    world = World()
    world.sync(registered([1, 2]))
    world.sync(
        [
            *registered([2]),
            Registration(programme="k1", learner=learner(1, full_name="Nguyễn Mới"), state=registered([1])[0].state),
        ]
    )
    plan = world.undo(1)
    assert (ONE,) not in {change.key for change in plan.changes}
    assert ("account", (ONE,), "Changed by a later run since: kept.") in reasons(plan)
    assert (TWO,) in {change.key for change in plan.changes}


def test_what_somebody_has_changed_by_hand_is_kept_field_by_field() -> None:
    world = World()
    world.sync(registered([1]))
    second = world.sync(registered([1], HUE))
    now = world.platform.people[ONE]
    world.platform.people[ONE] = replace(now, fields=tuple((n, "Đà Lạt" if n == "city" else v) for n, v in now.fields))
    plan = world.undo(second.run_id)
    assert [(one.kind, one.fields) for one in plan.by_hand] == [(Kind.ACCOUNT, ("fields.city",))]
    world.apply(plan)
    assert dict(world.platform.people[ONE].fields)["city"] == "Đà Lạt"
    assert dict(world.platform.people[ONE].profile)["province"] == "Hà Nội"


def test_what_has_gone_from_the_platform_is_listed_and_not_made_again() -> None:
    world = World()
    world.sync(registered([1]))
    del world.platform.enrolled[ENROLLED]
    plan = world.undo(1)
    assert ("enrolment", ENROLLED, "No longer on the platform: nothing to take back.") in reasons(plan)
    assert world.apply(plan).complete
    assert world.platform.enrolled == {}


def test_what_is_of_unknown_outcome_is_listed_first() -> None:
    world = World()
    plan = world.plan(registered([1, 2]))
    world.platform.break_after(3, OutcomeUnknown("no answer"), 0.5)
    run_id = world.apply(plan).run_id
    undo = world.undo(run_id)
    assert [(kind, why[:15]) for kind, _key, why in reasons(undo)][:2] == [("enrolment", "It is not known")] * 2


def test_an_undo_that_was_broken_off_is_seen_through_to_its_end() -> None:
    world = World()
    world.sync(registered([1, 2]))
    second = world.sync(registered([1, 2], HUE)).run_id
    expected = World()
    expected.sync(registered([1, 2]))
    for writes in range(4):
        plan = world.undo(second)
        if plan.empty:
            break
        world.platform.break_after(0, OutcomeUnknown("no answer"), 0.5)
        world.apply(plan, batch=2)
        world.platform.calm()
        assert writes < 4
    world.apply(world.undo(second))
    assert world.undo(second).changes == ()
    assert world.journal.unsettled() == []
    assert world.platform.picture()[0] == expected.platform.picture()[0]
    assert world.platform.picture()[2] == expected.platform.picture()[2]


def wanted(plan: Plan) -> dict[tuple[Kind, tuple[str, ...]], Any]:
    """What a plan wants of the platform. A cohort that was made stays: it is not compared."""
    return {
        (change.kind, change.key): change.after
        for change in plan.changes
        if not change.adopted and change.kind is not Kind.COHORT
    }


@given(rosters(), rosters(), policies)
def test_after_an_undo_the_plan_is_what_it_was_before(
    first: list[Registration], second: list[Registration], leaving: Leaving
) -> None:
    world = World(terms(leaving))
    world.sync(first)
    before, picture = world.plan(second), world.platform.picture()
    outcome = world.apply(before)
    undo = world.undo(outcome.run_id)
    assert world.apply(undo).complete
    assert world.undo(outcome.run_id).changes == ()
    assert wanted(world.plan(second)) == wanted(before)
    assert at_rest(world) == at_rest_of(picture)


def at_rest(world: World) -> tuple[object, ...]:
    return at_rest_of(world.platform.picture())


def at_rest_of(picture: tuple[Any, ...]) -> tuple[object, ...]:
    """Who can do what: suspended accounts and enrolments count as absent."""
    people, _groups, members, enrolled, grouped = picture
    return (
        {name: account for name, account in people.items() if not account.suspended},
        members,
        {key: item for key, item in enrolled.items() if isinstance(item, Enrolment) and item.active},
        grouped,
    )


@pytest.mark.parametrize("policy", AccountPolicy)
def test_an_undo_is_drawn_the_same_again(policy: AccountPolicy) -> None:
    world = World()
    world.sync(registered([1, 2]))
    assert world.undo(1, policy).checksum == world.undo(1, policy).checksum
