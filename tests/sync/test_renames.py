"""A changed phone number: who is paired with whom, and one account before and after."""

from dataclasses import replace

import pytest

from connector.errors import OutcomeUnknown
from connector.model import AccountSeen, Kind, Registration, RegistrationState
from connector.sync.decisions import Decisions
from connector.sync.desired import Leaving
from connector.sync.planning import hold_waiting
from connector.sync.renames import is_same_account, rename_pairs
from tests.sync.test_desired import account, row
from tests.sync.world import HANOI, HUE, World, learner, registered, summary, terms, username

OLD, NEW = username(1), username(2)


def person(
    number: int,
    *,
    left: bool = False,
    name: str = "Trần Văn Bình",
    province: str = HANOI,
    workplace: str = "UBND xã Mẫu",
) -> Registration:
    state = RegistrationState.LEFT if left else RegistrationState.CONFIRMED
    return Registration(
        programme="k1", learner=replace(learner(number, province, full_name=name), workplace=workplace), state=state
    )


def test_the_same_name_place_and_workplace_is_a_sure_pair_however_it_is_written() -> None:
    (pair,) = rename_pairs(
        [person(1, left=True)], [person(2, name="TRẦN  VĂN BÌNH", workplace="ubnd xã mẫu"), person(3, name="Lê An")]
    )
    assert (pair.old.learner.phone, pair.new.learner.phone) == (learner(1).phone, learner(2).phone)
    assert pair.sure
    assert pair.id == rename_pairs([person(1, left=True)], [person(2)])[0].id
    assert learner(1).phone[3:] not in pair.id


@pytest.mark.parametrize("other", [person(2, name="Trần Văn Bính"), person(2, province=HUE)])
def test_another_name_or_province_is_nobody_s_pair(other: Registration) -> None:
    assert rename_pairs([person(1, left=True)], [other]) == []


def test_another_workplace_or_a_namesake_makes_it_doubtful() -> None:
    gone, fresh = [person(1, left=True)], [person(2)]
    assert [pair.doubts for pair in rename_pairs(gone, [person(2, workplace="UBND xã Khác")])] == [
        ("another workplace",)
    ]
    two = rename_pairs(gone, [*fresh, person(3)])
    assert [pair.doubts for pair in two] == [("2 people of this name are new",)] * 2
    assert len({pair.id for pair in two}) == 2
    assert [pair.doubts for pair in rename_pairs([*gone, person(4, left=True)], fresh)] == [
        ("2 people of this name have left",)
    ] * 2


@pytest.mark.parametrize("leaving", Leaving)
def test_until_it_is_decided_neither_number_is_touched(leaving: Leaving) -> None:
    world = World(terms(leaving))
    world.sync([person(1), *registered([5])])
    now = [person(1, left=True), person(2), *registered([5, 6])]
    assert rename_pairs(now[:1], now[1:2])[0].sure
    plan = hold_waiting(world.plan(now), lambda change: "undecided" if change.username in (OLD, NEW) else "")
    assert {change.username for change in plan.changes} == {username(6)}
    assert {held.change.username for held in plan.held} >= {NEW}
    assert all(held.reason == "undecided" and held.final for held in plan.held)
    world.apply(plan)
    assert NEW not in world.platform.people
    assert not world.platform.people[OLD].suspended


def renamed_world(leaving: Leaving = Leaving.SUSPEND_ACCOUNT) -> tuple[World, list[Registration]]:
    """An accepted rename that is still to be made."""
    world = World(terms(leaving))
    assert world.sync([person(1)]).complete
    world.decisions = Decisions(renames={OLD: NEW})
    return world, [person(1, left=True), person(2)]


def check_renamed(world: World, now: list[Registration]) -> None:
    assert world.platform.people.keys() == {NEW}
    assert world.platform.people[NEW].idnumber == f"VN-{NEW}"
    assert world.platform.people[NEW].email == f"{NEW}@hocvien.invalid"
    assert not world.platform.people[NEW].suspended
    assert world.platform.number(NEW) == f"id-{OLD}"
    assert {row.key[-1] for row in world.journal.owned if row.kind is not Kind.COHORT} == {NEW}
    assert {row.remote_id for row in world.journal.owned if row.kind is Kind.ACCOUNT} == {f"id-{OLD}"}
    for decisions in (world.decisions, Decisions()):
        world.decisions = decisions
        assert world.plan(now).empty


def test_an_accepted_rename_is_one_update_and_everything_follows() -> None:
    world, now = renamed_world()
    plan = world.plan(now)
    assert summary(plan.changes) == [("update", "account", (NEW,), False)]
    (change,) = plan.changes
    assert change.renames == (OLD, NEW)
    assert not change.takes_access
    assert "Logs in as" in change.consequence
    assert NEW not in change.consequence
    assert world.apply(plan).complete
    check_renamed(world, now)


def test_who_moves_and_changes_his_number_is_renamed_first() -> None:
    world, now = renamed_world()
    now[1] = person(2, province=HUE)
    plan = world.plan(now)
    assert summary(plan.changes) == [
        ("create", "cohort", ("VN-46",), False),
        ("update", "account", (NEW,), False),
        ("create", "membership", ("VN-46", NEW), False),
        ("update", "enrolment", ("course", NEW), True),
        ("remove", "membership", ("VN-01", NEW), False),
    ]
    assert world.apply(plan).complete
    check_renamed(world, now)
    assert world.platform.members == {("VN-46", NEW)}


def test_a_refused_rename_changes_nothing_and_stops_what_hangs_on_it() -> None:
    world, now = renamed_world()
    now[1] = person(2, province=HUE)
    world.platform.refuse[NEW,] = "dmlwriteexception"
    people, members = dict(world.platform.people), set(world.platform.members)
    outcome = world.apply(world.plan(now))
    assert outcome.refused == 4
    assert (world.platform.people, world.platform.members) == (people, members)
    assert {row.key[-1] for row in world.journal.owned if row.kind is not Kind.COHORT} == {OLD}
    world.platform.refuse.clear()
    assert world.sync(now).complete
    check_renamed(world, now)


@pytest.mark.parametrize("done", [0.0, 1.0])
def test_a_rename_without_an_answer_is_finished_by_the_next_plan(done: float) -> None:
    world, now = renamed_world()
    world.platform.break_after(0, OutcomeUnknown("no answer"), done)
    assert world.sync(now).stopped_by is not None
    plan = world.plan(now)
    assert [(change.key, change.adopted) for change in plan.changes] == [((NEW,), done == 1.0)]
    assert world.apply(plan).complete
    check_renamed(world, now)


def test_a_new_number_that_somebody_else_has_is_left_alone() -> None:
    world, now = renamed_world()
    world.platform.people[NEW] = account(2)
    plan = world.plan(now)
    assert [one.username for one in plan.foreign] == [NEW]
    assert plan.changes == ()
    assert world.platform.people[NEW] == account(2)


def test_only_the_person_of_the_rename_is_renamed() -> None:
    world = World()
    world.sync([person(1), *registered([5, 6])])
    world.decisions = Decisions(renames={OLD: NEW})
    now = [person(2), *registered([5, 6])]
    assert world.sync(now).complete
    assert world.platform.people.keys() == {NEW, username(5), username(6)}
    assert world.plan(now).empty


@pytest.mark.parametrize(
    ("ours", "there", "name", "same"),
    [
        ("1", "1", "other", True),  # renamed by hand: the number tells
        ("1", "2", "", False),  # deleted, and made anew under the same name
        ("", "2", "", True),  # made before we were told its number
        ("1", "", "", True),
        ("1", "", "other", False),
    ],
)
def test_an_account_is_the_one_of_its_number_and_of_its_name_where_no_number_is_known(
    ours: str, there: str, name: str, *, same: bool
) -> None:
    named = replace(account(), username=name) if name else account()
    seen = AccountSeen(account=named, remote_id=there, last_access=None)
    assert is_same_account(replace(row(account()), remote_id=ours), seen) is same
