from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import UnsafePlanError
from connector.lms import Capability
from connector.model import Kind, Registration
from connector.settings import Limits
from connector.sync.actual import ShortRead
from connector.sync.change import Action
from connector.sync.desired import Leaving
from connector.sync.guards import (
    check_age,
    check_capable,
    check_unmoved,
    hold_after_failed_reads,
    hold_what_cannot_be_done,
)
from connector.sync.plan import Plan
from tests.sync.world import HANOI, HUE, LOOSE, NOW, STRICT, World, registered, terms, username

LEAVINGS = [leaving for leaving in Leaving if leaving is not Leaving.KEEP]


def world_of(size: int, leaving: Leaving = Leaving.SUSPEND_ENROLMENT, limits: Limits = STRICT) -> World:
    world = World(terms(leaving), limits)
    assert world.sync([*registered(range(size)), *registered(range(1000, 1010), HUE)]).complete
    return world


def roster(size: int, hue: int = 10) -> list[Registration]:
    return [*registered(range(size)), *registered(range(1000, 1000 + hue), HUE)]


def reasons(plan: Plan) -> str:
    return " ".join(sorted({held.reason for held in plan.held}))


@pytest.mark.parametrize("leaving", LEAVINGS)
def test_an_empty_roster_of_a_province_takes_nobody_out(leaving: Leaving) -> None:
    plan = world_of(4, leaving).plan(roster(0))
    assert plan.empty
    assert len(plan.held) == 4
    assert "Province 01: no roster row is left for its 4 people" in reasons(plan)
    assert not any(held.final for held in plan.held)


@pytest.mark.parametrize("leaving", LEAVINGS)
def test_a_roster_cut_to_a_tenth_takes_nobody_out_and_lets_new_people_in(leaving: Leaving) -> None:
    world = world_of(100, leaving)
    plan = world.plan([*roster(10), *registered([500])])
    assert len(plan.held) == 90
    assert "Province 01: 90 of 100 people would lose access" in reasons(plan)
    assert {change.username for change in plan.changes} == {username(500)}
    assert world.apply(plan).complete
    assert len(world.plan([*roster(10), *registered([500])]).held) == 90


@pytest.mark.parametrize(("left", "held"), [(5, 0), (6, 6)])
def test_a_few_may_always_leave(left: int, held: int) -> None:
    plan = world_of(20).plan(roster(20 - left))
    assert (len(plan.held), len(plan.changes)) == (held, left - held)


@pytest.mark.parametrize(("left", "held"), [(10, 0), (11, 11)])
def test_of_many_a_share_may_leave(left: int, held: int) -> None:
    plan = world_of(200).plan(roster(200 - left))
    assert (len(plan.held), len(plan.changes)) == (held, left - held)


def test_the_shrinking_of_one_province_holds_up_no_other() -> None:
    plan = world_of(100).plan(roster(10, hue=9))
    assert [change.username for change in plan.changes] == [username(1009)]
    assert len(plan.held) == 90


def test_those_who_left_before_are_not_counted_as_people_who_are_there() -> None:
    world = world_of(100, limits=LOOSE)
    world.sync(roster(20))
    world.limits = STRICT
    assert len(world.plan(roster(14)).held) == 6


def test_a_roster_of_the_wrong_province_moves_nobody_out() -> None:
    world = world_of(50)
    wrong = [*registered(range(50), HUE), *registered(range(1000, 1010), HUE)]
    plan = world.plan(wrong)
    assert {held.change.key[0] for held in plan.held} == {"VN-01"}
    assert len(plan.held) == 50
    assert not any(change.takes_access for change in plan.changes)


def test_who_means_it_raises_the_limit() -> None:
    world = world_of(50)
    world.limits = Limits(removal_share=1.0)
    assert len(world.plan(roster(0)).changes) == 50


def test_a_blind_platform_neither_loses_nor_doubles_anybody() -> None:
    world = world_of(50)
    world.platform.hidden = set(world.platform.people)
    plan = world.plan([*roster(40), *registered([500])])
    assert {change.username for change in plan.changes if change.kind is not Kind.COHORT} == {username(500)}
    assert "0 of our 60 account were found" in reasons(plan)
    assert "connector doctor" in reasons(plan)


def test_a_platform_that_shows_few_people_loses_nobody() -> None:
    world = world_of(100)
    world.platform.hidden = {username(number) for number in range(20)}
    plan = world.plan(roster(97))
    assert not any(change.takes_access or change.makes_again for change in plan.changes)
    assert {held.change.username for held in plan.held} >= {username(97), username(98), username(99), username(3)}
    assert not any(change.username in world.platform.hidden for change in plan.changes)


def test_a_course_page_that_is_missing_enrols_nobody_twice_and_suspends_nobody() -> None:
    world = world_of(100)
    for number in range(50):
        del world.platform.enrolled["course", username(number)]
    plan = world.plan([*roster(97), *registered([500])])
    assert {change.username for change in plan.changes} == {username(500)}
    assert "60 of our 110 enrolment course were found" in reasons(plan)
    assert len(plan.held) == 53


def test_a_short_read_of_one_kind_does_not_keep_another_from_being_mended() -> None:
    world = world_of(100)
    world.platform.enrolled.clear()
    world.platform.members.remove(("VN-01", username(3)))
    plan = world.plan(roster(100))
    assert [change.key for change in plan.changes] == [("VN-01", username(3))]
    assert len(plan.held) == 110


def test_a_cohort_that_could_not_be_read_takes_nobody_out() -> None:
    world = world_of(100, Leaving.LEAVE_COHORT)
    world.platform.members = {key for key in world.platform.members if key[0] != "VN-01" or key[1] < username(60)}
    before = dict(world.journal.rows)
    plan = world.plan(roster(58))
    assert plan.empty
    assert {held.change.username for held in plan.held} >= {username(58), username(59), username(99)}
    world.apply(plan)
    assert world.journal.rows == before


def test_a_few_that_are_gone_are_made_again() -> None:
    world = world_of(100)
    del world.platform.people[username(3)]
    del world.platform.enrolled["course", username(3)]
    world.platform.members.remove(("VN-01", username(3)))
    plan = world.plan(roster(100))
    assert [change.makes_again for change in plan.changes] == [True, True, True]
    assert plan.held == ()


def test_accounts_that_are_not_ours_are_never_in_a_plan() -> None:
    world = world_of(10)
    admin = replace(world.platform.people[username(1)], username="admin")
    world.platform.people["admin"] = admin
    world.platform.members.add(("VN-01", "admin"))
    world.limits = Limits(removal_share=1.0)
    assert all("admin" not in change.key for change in world.plan([]).changes)


def test_a_plan_has_an_age() -> None:
    plan = world_of(1).plan(roster(1))
    limits = Limits(plan_age_minutes=60)
    check_age(plan, NOW + timedelta(minutes=60), limits)
    check_age(plan, NOW - timedelta(minutes=4), limits)
    with pytest.raises(UnsafePlanError, match="3 hours old"):
        check_age(plan, NOW + timedelta(hours=3), limits)
    with pytest.raises(UnsafePlanError, match="future"):
        check_age(plan, NOW - timedelta(minutes=6), limits)


def test_a_plan_is_applied_only_to_the_world_it_was_made_for() -> None:
    world = world_of(3)
    plan = world.plan(roster(5))
    check_unmoved(plan, world.plan(roster(5)))
    with pytest.raises(UnsafePlanError, match="account create: 2 planned, 3 needed now"):
        check_unmoved(plan, world.plan(roster(6)))
    with pytest.raises(UnsafePlanError, match="enrolment update: 0 planned, 1 needed now"):
        check_unmoved(plan, world.plan([*roster(2), *registered([3, 4])]))
    with pytest.raises(UnsafePlanError, match="but 6 with other content"):
        check_unmoved(plan, world.plan([*roster(4), *registered([7])]))
    with pytest.raises(UnsafePlanError, match="programme k1 on site real"):
        check_unmoved(replace(plan, site="real"), plan)


def test_what_a_platform_cannot_do_is_refused_in_words() -> None:
    world = world_of(3, Leaving.SUSPEND_ACCOUNT)
    leaving = world.plan(roster(2))
    moving = world.plan([*roster(2), *registered([2], HUE)])
    joining = world.plan([*roster(4)])
    everything = ~Capability(0)
    for plan in (leaving, moving, joining):
        check_capable(plan, everything)
    for plan, capability, name in [
        (leaving, Capability.SUSPEND_ACCOUNTS, "suspend_accounts"),
        (moving, Capability.UPDATE_ACCOUNTS, "update_accounts"),
        (joining, Capability.ACCOUNTS | Capability.ENROLMENTS, "accounts, enrolments"),
        (joining, Capability.COHORTS, "cohorts"),
    ]:
        with pytest.raises(UnsafePlanError, match=f"sandbox cannot do what the plan asks: {name}"):
            check_capable(plan, everything & ~capability)


def test_what_is_only_recorded_needs_nothing_of_the_platform() -> None:
    world = world_of(3, Leaving.SUSPEND_ENROLMENT)
    key = ("course", username(2))
    world.platform.enrolled[key] = replace(world.platform.enrolled[key], active=False)
    plan = world.plan(roster(2))
    assert len(plan.changes) == 1
    assert plan.changes[0].province_code == HANOI
    check_capable(plan, Capability(0))


def test_a_course_that_does_not_tell_holds_the_losses_of_the_others_too() -> None:
    plan = world_of(40).plan(roster(39))
    lost = next(change for change in plan.changes if change.takes_access)
    failed = ShortRead(kind=lost.kind, place="another", owned=1, found=0, failure="no right.")
    guarded = hold_after_failed_reads(replace(plan, short_reads=(failed,)))
    assert [held.change for held in guarded.held] == [lost]
    assert guarded.held[0].final


def test_what_the_platform_can_never_do_is_held_and_the_rest_goes_on() -> None:
    world = world_of(3, Leaving.SUSPEND_ENROLMENT)
    everything = ~Capability(0)
    moving = world.plan([*roster(2), *registered([2], HUE)])
    left = hold_what_cannot_be_done(moving, everything & ~Capability.UPDATE_ACCOUNTS)
    assert {held.change.kind for held in left.held} == {Kind.ACCOUNT}
    assert all(held.final and "by hand" in held.reason for held in left.held)
    assert left.changes
    check_capable(left, everything & ~Capability.UPDATE_ACCOUNTS)
    assert left.overridden("an", "because").held == left.held
    assert hold_what_cannot_be_done(moving, everything) == moving


def test_whose_account_cannot_be_made_is_held_altogether() -> None:
    world = world_of(3, Leaving.SUSPEND_ENROLMENT)
    joining = world.plan([*roster(4)])
    left = hold_what_cannot_be_done(joining, ~Capability.ACCOUNTS)
    assert not left.changes
    assert {held.change.kind for held in left.held} == {Kind.ACCOUNT, Kind.MEMBERSHIP, Kind.ENROLMENT}
    assert sum("single sign-on" in held.reason for held in left.held) == 1


def test_what_is_held_though_its_creation_was_never_answered_is_recorded_as_it_is() -> None:
    """Or its line would stay open for ever, and the account nobody's (found by the fault campaign on Open edX)."""
    world = world_of(3, Leaving.SUSPEND_ENROLMENT)
    moving = world.plan([*roster(2), *registered([2], HUE)])
    (change,) = (one for one in moving.changes if one.kind is Kind.ACCOUNT)
    assert change.before is not None
    without = ~Capability.UPDATE_ACCOUNTS
    plan = hold_what_cannot_be_done(moving, without, {(Kind.ACCOUNT, change.key)})
    (record,) = (one for one in plan.changes if one.kind is Kind.ACCOUNT)
    assert (record.action, record.adopted, record.after) == (Action.CREATE, True, change.before)
    assert [held.change for held in plan.held] == [change]
    assert plan.changes[0] == record  # the ledger's own come first
    check_capable(plan, without)
