"""Decisions about hand edits: kept values are wanted, restored ones are sent again, each only for what was decided."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.model import Cohort, Kind, Registration
from connector.sync.decisions import Choice, Decisions, HandDecision, Value, by_item
from tests.sync.world import NOW, World, learner, registered, username

ONE = username(1)
ENROLLED = ("course", ONE)
ITEMS = {
    "account": (Kind.ACCOUNT, (ONE,)),
    "cohort": (Kind.COHORT, ("VN-01",)),
    "enrolment": (Kind.ENROLMENT, ENROLLED),
}


def edit_account(world: World, value: Value) -> None:
    world.platform.people[ONE] = replace(world.platform.people[ONE], email=str(value))


def edit_cohort(world: World, value: Value) -> None:
    world.platform.known_cohorts["VN-01"] = Cohort(idnumber="VN-01", name=str(value))


def edit_enrolment(world: World, value: Value) -> None:
    world.platform.enrolled[ENROLLED] = replace(world.platform.enrolled[ENROLLED], active=bool(value))


def value_of(world: World, what: str) -> Value:
    values: dict[str, Value] = {
        "account": world.platform.people[ONE].email,
        "cohort": world.platform.known_cohorts["VN-01"].name,
        "enrolment": world.platform.enrolled[ENROLLED].active,
    }
    return values[what]


EDITS: list[tuple[str, str, Callable[[World, Value], None], Value]] = [
    ("account", "email", edit_account, "own@example.org"),
    ("cohort", "name", edit_cohort, "by hand"),
    ("enrolment", "active", edit_enrolment, False),
]


def decide(world: World, what: str, field: str, choice: Choice, value: Value) -> None:
    kind, key = ITEMS[what]
    one = HandDecision(
        kind=kind, key=key, field=field, choice=choice, value=value, by="An", reason="asked by phone", decided_at=NOW
    )
    world.decisions = Decisions(by_hand=by_item([one]))


def settled_world() -> World:
    world = World()
    assert world.sync(registered([1])).complete
    return world


@pytest.mark.parametrize(("what", "field", "edit", "value"), EDITS)
def test_a_kept_value_is_wanted_and_listed_no_more(
    what: str, field: str, edit: Callable[[World, Value], None], value: Value
) -> None:
    world = settled_world()
    edit(world, value)
    decide(world, what, field, Choice.KEEP, value)
    plan = world.plan(registered([1]))
    assert plan.by_hand == ()
    assert [(change.kind.value, change.adopted) for change in plan.changes] == [(what, True)]
    world.apply(plan)
    assert value_of(world, what) == value
    assert world.plan(registered([1])).empty


@pytest.mark.parametrize(("what", "field", "edit", "value"), EDITS)
def test_a_restored_value_is_sent_once_and_says_who_decided(
    what: str, field: str, edit: Callable[[World, Value], None], value: Value
) -> None:
    world = settled_world()
    ours = value_of(world, what)
    edit(world, value)
    decide(world, what, field, Choice.RESTORE, value)
    plan = world.plan(registered([1]))
    assert plan.by_hand == ()
    (change,) = plan.changes
    assert (change.kind.value, change.adopted) == (what, False)
    assert "An" in change.consequence
    assert "asked by phone" in change.consequence
    world.apply(plan)
    assert value_of(world, what) == ours
    assert world.plan(registered([1])).empty


def test_a_later_edit_to_something_else_is_listed_anew() -> None:
    world = settled_world()
    for choice in Choice:
        edit_account(world, "own@example.org")
        decide(world, "account", "email", choice, "own@example.org")
        world.sync(registered([1]))
        edit_account(world, "third@example.org")
        plan = world.plan(registered([1]))
        assert plan.changes == ()
        (item,) = plan.by_hand
        assert item.edits[0].theirs == "third@example.org"


def test_a_kept_value_stays_when_the_roster_says_something_new_and_ends_when_revoked() -> None:
    world = settled_world()
    world.platform.people[ONE] = replace(world.platform.people[ONE], firstname="Mẫu Mới")
    decide(world, "account", "firstname", Choice.KEEP, "Mẫu Mới")
    world.sync(registered([1]))
    moved = [
        Registration(programme="k1", learner=replace(learner(1), full_name="Nguyễn Thị Khác"), state=one.state)
        for one in registered([1])
    ]
    assert world.plan(moved).empty
    world.decisions = Decisions()
    (change,) = world.plan(moved).changes
    assert not change.adopted
    world.apply(world.plan(moved))
    assert world.platform.people[ONE].firstname == "Khác"


def test_a_name_that_only_we_have_changed_is_sent() -> None:
    world = settled_world()
    world.provision = replace(world.provision, cohort_name="Tỉnh {province}")
    (change,) = world.plan(registered([1])).changes
    assert (change.before, change.after) == (
        Cohort(idnumber="VN-01", name="Hà Nội"),
        Cohort(idnumber="VN-01", name="Tỉnh Hà Nội"),
    )
    world.apply(world.plan(registered([1])))
    assert world.platform.known_cohorts["VN-01"].name == "Tỉnh Hà Nội"
    assert world.plan(registered([1])).empty
