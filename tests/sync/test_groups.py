"""Course groups of provinces, and courses that enrol the cohorts themselves: what is wanted, compared and made."""

from collections.abc import Iterable

import pytest

from connector.errors import OutcomeUnknown, UnsafePlanError
from connector.lms import Capability
from connector.model import Account, Enrolment, Group, GroupMembership, Kind, RegistrationState
from connector.sync.change import Action, Change
from connector.sync.desired import Leaving
from connector.sync.state import OwnedItem
from tests.sync.world import HANOI, HUE, STRICT, World, registered, summary, terms, username

ONE, TWO = username(1), username(2)
GROUPS = "VN-{province_code}"
LEFT = RegistrationState.LEFT


def grouped(leaving: Leaving = Leaving.KEEP, *, enrols: bool = True) -> World:
    return World(terms(leaving, groups=GROUPS, enrols=enrols))


def of_groups(changes: Iterable[Change]) -> list[tuple[str, str, tuple[str, ...], bool]]:
    return summary(change for change in changes if change.kind in (Kind.GROUP, Kind.GROUP_MEMBERSHIP))


def enrol_by_cohort(world: World, *people: str) -> None:
    """What the course does when it enrols the members of a cohort."""
    for name in people:
        world.platform.enrolled["course", name] = Enrolment(course="course", username=name)


def test_without_groups_nothing_is_asked_and_nothing_wanted() -> None:
    world = World()
    world.sync(registered([1]))
    assert not [read for read in world.platform.reads if "group" in read]
    assert not world.platform.course_groups


def test_groups_are_made_and_filled_after_the_enrolment() -> None:
    world = grouped()
    plan = world.plan(registered([1, 2]))
    assert [change.kind for change in plan.changes][-3:] == [Kind.GROUP, Kind.GROUP_MEMBERSHIP, Kind.GROUP_MEMBERSHIP]
    assert world.apply(plan).complete
    assert world.platform.course_groups == {
        ("course", "VN-01"): Group(course="course", idnumber="VN-01", name="Hà Nội")
    }
    assert world.platform.grouped == {("course", "VN-01", ONE), ("course", "VN-01", TWO)}
    assert world.plan(registered([1, 2])).empty


def test_a_mover_is_put_into_the_new_group_and_then_taken_out_of_the_old_one() -> None:
    world = grouped()
    world.sync(registered([1, 2]))
    plan = world.plan([*registered([1], HUE), *registered([2])])
    moved = [change for change in plan.changes if change.kind is Kind.GROUP_MEMBERSHIP]
    assert [(change.action, change.key) for change in moved] == [
        (Action.CREATE, ("course", "VN-46", ONE)),
        (Action.REMOVE, ("course", "VN-01", ONE)),
    ]
    assert moved[1].consequence == "Leaves the course group VN-01; enrolment, progress and grades stay."
    assert not any(change.takes_access for change in moved)
    assert world.apply(plan).complete
    assert world.platform.grouped == {("course", "VN-46", ONE), ("course", "VN-01", TWO)}
    assert world.plan([*registered([1], HUE), *registered([2])]).empty


def test_leaving_a_group_is_no_loss_that_a_guard_counts() -> None:
    world = grouped()
    people = registered(range(20))
    world.sync(people)
    world.limits = STRICT
    plan = world.plan(registered(range(20), HUE))
    held = {one.change.kind for one in plan.held}
    assert held == {Kind.MEMBERSHIP}
    assert sum(change.kind is Kind.GROUP_MEMBERSHIP for change in plan.changes) == 40


def test_who_cannot_be_put_into_the_new_group_stays_in_the_old_one() -> None:
    world = grouped()
    world.sync(registered([1]))
    world.platform.refuse["course", "VN-46", ONE] = "no"
    outcome = world.sync(registered([1], HUE))
    assert [(one.kind, one.code) for one in outcome.refusals] == [
        (Kind.GROUP_MEMBERSHIP, "no"),
        (Kind.GROUP_MEMBERSHIP, "group_membership_refused"),
    ]
    assert world.platform.grouped == {("course", "VN-01", ONE)}


@pytest.mark.parametrize(
    ("refused", "code"),
    [(("course", ONE), "enrolment_refused"), (("course", "VN-01"), "group_refused"), ((ONE,), "account_refused")],
)
def test_what_a_place_in_a_group_needs_comes_first(refused: tuple[str, ...], code: str) -> None:
    world = grouped()
    world.platform.refuse[refused] = "no"
    outcome = world.sync(registered([1]))
    assert outcome.refusals[-1].kind is Kind.GROUP_MEMBERSHIP
    assert outcome.refusals[-1].code == code
    assert not world.platform.grouped


def test_a_refused_enrolment_in_one_course_leaves_the_groups_of_the_other() -> None:
    world = World(terms(courses=("course", "other"), groups=GROUPS))
    world.platform.refuse["course", ONE] = "no"
    world.sync(registered([1]))
    assert world.platform.grouped == {("other", "VN-01", ONE)}


def test_somebody_elses_account_is_not_put_into_a_group() -> None:
    world = grouped()
    world.platform.people[ONE] = Account(username=ONE, firstname="x", lastname="y", email="z", idnumber="")
    enrol_by_cohort(world, ONE)
    plan = world.plan(registered([1]))
    assert of_groups(plan.changes) == [("create", "group", ("course", "VN-01"), False)]


def test_groups_and_places_that_others_made_are_only_counted() -> None:
    world = grouped()
    world.sync(registered([1]))
    world.journal.rows = {place: row for place, row in world.journal.rows.items() if "group" not in place[0]}
    plan = world.plan(registered([1]))
    assert plan.empty
    assert plan.made_by_others == {Kind.GROUP: 1, Kind.GROUP_MEMBERSHIP: 1}


def test_what_teachers_call_a_group_is_theirs() -> None:
    world = grouped()
    world.sync(registered([1]))
    world.platform.course_groups["course", "VN-01"] = Group(course="course", idnumber="VN-01", name="Lớp của cô Hà")
    assert world.plan(registered([1])).empty


def test_who_leaves_the_cohort_leaves_the_group() -> None:
    world = grouped(Leaving.LEAVE_COHORT)
    world.sync(registered([1, 2]))
    plan = world.plan([*registered([1]), *registered([2], state=LEFT)])
    assert of_groups(plan.changes) == [("remove", "group_membership", ("course", "VN-01", TWO), False)]
    world.apply(plan)
    assert world.platform.grouped == {("course", "VN-01", ONE)}


def test_who_is_suspended_stays_in_the_group() -> None:
    world = grouped(Leaving.SUSPEND_ENROLMENT)
    world.sync(registered([1, 2]))
    world.sync([*registered([1]), *registered([2], state=LEFT)])
    assert ("course", "VN-01", TWO) in world.platform.grouped
    assert world.plan([*registered([1]), *registered([2], state=LEFT)]).empty


def test_lost_groups_are_a_short_read_of_their_course() -> None:
    world = grouped()
    people = registered(range(10))
    world.sync(people)
    world.platform.grouped.clear()
    plan = world.plan(people)
    assert [(read.kind, read.place, read.owned, read.found) for read in plan.short_reads] == [
        (Kind.GROUP_MEMBERSHIP, "course VN-01", 10, 0)
    ]
    world.platform.course_groups.clear()
    places = {read.place for read in world.plan(people).short_reads}
    assert places == {"course", "course VN-01"}


def test_a_lost_answer_about_a_place_is_settled_by_the_next_plan() -> None:
    world = grouped()
    world.platform.break_after(5, OutcomeUnknown("lost"), 1.0)
    assert world.sync(registered([1])).stopped_by is not None
    plan = world.plan(registered([1]))
    assert of_groups(plan.changes) == [("create", "group_membership", ("course", "VN-01", ONE), True)]
    world.apply(plan)
    assert world.plan(registered([1])).empty


def test_groups_that_the_programme_no_longer_has_are_left_alone() -> None:
    world = grouped()
    world.sync(registered([1]))
    world.provision = terms()
    assert world.plan(registered([1])).empty


def test_a_platform_without_groups_is_told_before_anything_is_written() -> None:
    world = grouped()
    world.platform.capabilities = ~Capability.GROUPS
    with pytest.raises(UnsafePlanError, match=r"GROUPS|groups"):
        world.sync(registered([1]))
    assert not world.platform.writes


def test_where_the_courses_enrol_nobody_is_enrolled_by_us() -> None:
    world = World(terms(enrols=False))
    plan = world.plan(registered([1]))
    assert not plan.enrols
    assert {change.kind for change in plan.changes} == {Kind.COHORT, Kind.ACCOUNT, Kind.MEMBERSHIP}
    world.apply(plan)
    assert world.plan(registered([1])).empty
    assert not [read for read in world.platform.reads if "enrolments" in read]


def test_enrolments_that_we_made_by_hand_before_are_left_alone() -> None:
    world = World()
    world.sync(registered([1, 2]))
    world.provision = terms(Leaving.LEAVE_COHORT, enrols=False)
    plan = world.plan([*registered([1]), *registered([2], state=LEFT)])
    assert summary(plan.changes) == [("remove", "membership", ("VN-01", TWO), False)]


def test_groups_are_filled_once_the_course_has_enrolled() -> None:
    world = grouped(enrols=False)
    people = registered([1, 2])
    world.sync(people)
    assert list(world.platform.course_groups) == [("course", "VN-01")]
    assert world.plan(people).empty
    enrol_by_cohort(world, ONE)
    assert of_groups(world.plan(people).changes) == [("create", "group_membership", ("course", "VN-01", ONE), False)]
    world.sync(people)
    assert world.platform.grouped == {("course", "VN-01", ONE)}


def test_a_place_that_went_with_the_enrolment_leaves_our_ledger() -> None:
    world = grouped(enrols=False)
    world.sync(registered([1]))
    enrol_by_cohort(world, ONE)
    world.sync(registered([1]))
    world.platform.enrolled.clear()
    world.platform.grouped.clear()
    plan = world.plan(registered([1]))
    assert of_groups(plan.changes) == [("remove", "group_membership", ("course", "VN-01", ONE), True)]
    world.apply(plan)
    assert world.plan(registered([1])).empty


def test_a_place_that_is_gone_already_is_only_forgotten() -> None:
    world = grouped()
    world.sync(registered([1]))
    world.platform.grouped.clear()
    plan = world.plan(registered([1], HUE))
    gone = [change for change in plan.changes if change.key == ("course", "VN-01", ONE)]
    assert [(change.action, change.adopted) for change in gone] == [(Action.REMOVE, True)]
    world.platform.course_groups.clear()
    assert not [one for one in world.plan(registered([1], HUE)).changes if one.key == ("course", "VN-01", ONE)]


def test_groups_belong_to_nobody() -> None:
    group, place = Group(course="c", idnumber="g", name="n"), GroupMembership(course="c", group="g", username=ONE)
    assert [item.kind.is_of_people for item in (group, place)] == [False, True]
    row = OwnedItem(kind=group.kind, key=group.key, remote_id="", item=group, province_code=HANOI)
    change = Change(action=Action.CREATE, kind=row.kind, key=row.key, province_code=HANOI, before=None, after=group)
    assert change.username == ""


def test_an_undo_empties_the_groups_and_leaves_them() -> None:
    world = grouped()
    outcome = world.sync(registered([1, 2]))
    undo = world.undo(outcome.run_id)
    assert world.apply(undo).complete
    assert (list(world.platform.course_groups), world.platform.grouped) == ([("course", "VN-01")], set())
    kept = {one.change.kind: one.reason for one in undo.held}
    assert "never deleted" in kept[Kind.GROUP]


def test_an_undone_move_puts_the_mover_back() -> None:
    world = grouped()
    world.sync(registered([1]))
    outcome = world.sync(registered([1], HUE))
    assert world.apply(world.undo(outcome.run_id)).complete
    assert world.platform.grouped == {("course", "VN-01", ONE)}
