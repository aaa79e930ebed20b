"""The rules of the three-way comparison, one world for each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.errors import OutcomeUnknown
from connector.model import Cohort, Enrolment, Kind, Registration, RegistrationState
from connector.sync.desired import Leaving
from connector.sync.diff import ByHand, Foreign, HandEdit
from tests.sync.test_desired import account
from tests.sync.world import HANOI, HUE, World, registered, summary, terms, username

ONE = username(1)
MEMBER = ("VN-01", ONE)
ENROLLED = ("course", ONE)


def settled_world(leaving: Leaving = Leaving.KEEP) -> World:
    world = World(terms(leaving))
    assert world.sync(registered([1])).complete
    return world


def cut_off_world() -> World:
    """Everything is on the platform, but no answer to the accounts' creation came."""
    world = World()
    world.platform.break_after(1, OutcomeUnknown("no answer"), 1.0)
    assert world.sync(registered([1])).stopped_by is not None
    return world


def test_a_new_learner_is_made_from_the_top_down() -> None:
    plan = World().plan(registered([1]))
    assert summary(plan.changes) == [
        ("create", "cohort", ("VN-01",), False),
        ("create", "account", (ONE,), False),
        ("create", "membership", MEMBER, False),
        ("create", "enrolment", ENROLLED, False),
    ]


def test_an_account_that_is_not_ours_is_left_alone_with_all_that_belongs_to_it() -> None:
    world = World()
    world.platform.people[ONE] = account(1)
    plan = world.plan(registered([1, 2]))
    assert plan.foreign == (Foreign(username=ONE, province_code=HANOI),)
    assert all(ONE not in change.key for change in plan.changes)
    assert len(plan.changes) == 4
    world.apply(plan)
    assert world.platform.people[ONE] == account(1)
    assert not world.platform.members & {MEMBER}


def test_a_cohort_an_enrolment_and_a_membership_made_by_others_are_used_and_not_owned() -> None:
    world = settled_world()
    for kind, key in [(Kind.COHORT, ("VN-01",)), (Kind.MEMBERSHIP, MEMBER), (Kind.ENROLMENT, ENROLLED)]:
        del world.journal.rows[kind, key]
    plan = world.plan(registered([1]))
    assert plan.empty
    assert plan.made_by_others == {Kind.COHORT: 1, Kind.MEMBERSHIP: 1, Kind.ENROLMENT: 1}


def test_a_mover_is_added_before_he_is_taken_out() -> None:
    world = settled_world()
    plan = world.plan(registered([1], HUE))
    assert summary(plan.changes) == [
        ("update", "enrolment", ENROLLED, True),
        ("create", "cohort", ("VN-46",), False),
        ("update", "account", (ONE,), False),
        ("create", "membership", ("VN-46", ONE), False),
        ("remove", "membership", MEMBER, False),
    ]
    assert plan.changes[-1].takes_access
    assert "VN-01" in plan.changes[-1].consequence
    assert plan.changes[-1].province_code == HANOI
    world.apply(plan)
    assert {row.province_code for row in world.journal.owned if row.kind is not Kind.COHORT} == {HUE}


@pytest.mark.parametrize(
    ("leaving", "expected"),
    [
        (Leaving.KEEP, []),
        (Leaving.LEAVE_COHORT, [("remove", "membership", MEMBER, False)]),
        (Leaving.SUSPEND_ENROLMENT, [("update", "enrolment", ENROLLED, False)]),
        (Leaving.SUSPEND_ACCOUNT, [("update", "account", (ONE,), False)]),
    ],
)
def test_leaving_and_coming_back(leaving: Leaving, expected: list[tuple[object, ...]]) -> None:
    world = settled_world(leaving)
    before = world.platform.picture()
    world.platform.last_access = datetime(2025, 12, 3, tzinfo=UTC)
    plan = world.plan([])
    assert summary(plan.changes) == expected
    assert all("2025-12-03" in change.consequence for change in plan.changes)
    world.apply(plan)
    assert world.plan([]).empty
    assert world.sync(registered([1])).complete
    assert world.platform.picture() == before


def test_a_changed_roster_row_sends_the_changed_account() -> None:
    world = settled_world()
    (person,) = registered([1])
    changed = replace(person, learner=replace(person.learner, position="Chủ tịch"))
    plan = world.plan([changed])
    assert summary(plan.changes) == [("update", "account", (ONE,), False)]
    assert plan.changes[0].consequence == ""
    assert plan.changes[0].remote_id == "id-" + ONE
    world.apply(plan)
    assert ("position", "Chủ tịch") in world.platform.people[ONE].profile


def by_hand(kind: Kind, key: tuple[str, ...], field: str, ours: str | bool, theirs: str | bool) -> ByHand:
    edit = HandEdit(field=field, ours=ours, theirs=theirs)
    return ByHand(kind=kind, key=key, province_code=HANOI, edits=(edit,))


def test_what_people_have_changed_is_kept_and_told_at_every_plan() -> None:
    world = settled_world()
    world.platform.people[ONE] = replace(world.platform.people[ONE], email="own@example.org")
    world.platform.known_cohorts["VN-01"] = Cohort(idnumber="VN-01", name="by hand")
    world.platform.enrolled[ENROLLED] = replace(world.platform.enrolled[ENROLLED], active=False)
    for _run in range(2):
        plan = world.plan(registered([1]))
        assert plan.empty
        assert plan.by_hand == (
            by_hand(Kind.ACCOUNT, (ONE,), "email", f"{ONE}@hocvien.invalid", "own@example.org"),
            by_hand(Kind.COHORT, ("VN-01",), "name", "Hà Nội", "by hand"),
            by_hand(Kind.ENROLMENT, ENROLLED, "active", ours=True, theirs=False),
        )
        world.apply(plan)


def test_what_somebody_deleted_is_made_again_and_says_so() -> None:
    world = settled_world()
    world.platform.members.clear()
    world.platform.enrolled.clear()
    plan = world.plan(registered([1]))
    assert summary(plan.changes) == [
        ("create", "membership", MEMBER, False),
        ("create", "enrolment", ENROLLED, False),
    ]
    assert all(change.makes_again and change.consequence for change in plan.changes)
    assert world.apply(plan).complete
    assert world.plan(registered([1])).empty


def test_what_somebody_deleted_is_not_made_again_for_those_who_left() -> None:
    world = settled_world(Leaving.SUSPEND_ACCOUNT)
    world.platform.people.clear()
    world.platform.members.clear()
    world.platform.enrolled.clear()
    assert world.plan([]).empty


def test_a_new_window_is_sent_although_the_platform_cannot_tell_its_own() -> None:
    world = settled_world()
    world.provision = replace(world.provision, ends_at=None)
    plan = world.plan(registered([1]))
    assert summary(plan.changes) == [("update", "enrolment", ENROLLED, False)]
    world.apply(plan)
    assert world.platform.enrolled[ENROLLED].ends_at is None
    assert world.plan(registered([1])).empty


def test_a_new_window_waits_while_somebody_has_suspended_the_enrolment() -> None:
    world = settled_world()
    world.platform.enrolled[ENROLLED] = replace(world.platform.enrolled[ENROLLED], active=False)
    world.provision = replace(world.provision, ends_at=None)
    plan = world.plan(registered([1]))
    assert plan.empty
    assert [one.fields for one in plan.by_hand] == [("active",)]


def test_an_enrolment_that_is_suspended_already_is_only_recorded() -> None:
    world = settled_world(Leaving.SUSPEND_ENROLMENT)
    world.platform.enrolled[ENROLLED] = replace(world.platform.enrolled[ENROLLED], active=False)
    plan = world.plan([])
    assert summary(plan.changes) == [("update", "enrolment", ENROLLED, True)]
    assert not plan.changes[0].takes_access
    world.platform.writes.clear()
    assert world.apply(plan).already == 1
    assert world.platform.writes == []
    assert world.plan([]).empty


def test_where_the_platform_cannot_tell_the_ledger_decides() -> None:
    world = settled_world(Leaving.SUSPEND_ENROLMENT)
    world.platform.tells_active = False
    assert world.plan(registered([1])).empty
    assert summary(world.plan([]).changes) == [("update", "enrolment", ENROLLED, False)]


def test_a_membership_that_has_gone_is_only_taken_off_the_ledger() -> None:
    world = settled_world(Leaving.LEAVE_COHORT)
    world.platform.members.clear()
    plan = world.plan([])
    assert summary(plan.changes) == [("remove", "membership", MEMBER, True)]
    world.apply(plan)
    assert (Kind.MEMBERSHIP, MEMBER) not in world.journal.rows
    assert world.plan([]).empty


@pytest.mark.parametrize("gone", ["account", "cohort"])
def test_nothing_is_concluded_about_memberships_that_could_not_be_read(gone: str) -> None:
    world = settled_world(Leaving.LEAVE_COHORT)
    if gone == "account":
        world.platform.hidden = {ONE}
    else:
        world.platform.known_cohorts.clear()
    assert world.plan([]).empty
    assert (Kind.MEMBERSHIP, MEMBER) in world.journal.rows


def test_an_unanswered_creation_is_taken_over_when_it_is_there() -> None:
    world = cut_off_world()
    plan = world.plan(registered([1]))
    assert summary(plan.changes)[0] == ("create", "account", (ONE,), True)
    assert world.apply(plan).complete
    assert world.journal.rows[Kind.ACCOUNT, (ONE,)].remote_id == "id-" + ONE
    assert world.journal.unsettled() == []
    assert world.plan(registered([1])).empty


def test_an_unanswered_creation_proves_nothing_about_another_account() -> None:
    world = cut_off_world()
    world.platform.people[ONE] = account(1)
    plan = world.plan(registered([1]))
    assert plan.empty
    assert [one.username for one in plan.foreign] == [ONE]


@pytest.mark.parametrize(("email", "ours"), [("", True), ("somebody@example.com", False)])
def test_where_there_is_no_id_number_the_address_tells_whose_it_is(email: str, ours: bool) -> None:
    """Open edX keeps no ID number."""
    world = World()
    accounts = world.provision.accounts.model_copy(update={"idnumber": ""})
    world.provision = replace(world.provision, accounts=accounts)
    world.platform.break_after(1, OutcomeUnknown("no answer"), 1.0)
    world.sync(registered([1]))
    there = world.platform.people[ONE]
    world.platform.people[ONE] = replace(there, email=email or there.email.upper())
    plan = world.plan(registered([1]))
    assert ([one.username for one in plan.foreign] == []) is ours
    assert bool(plan.changes) is ours


def test_an_unanswered_creation_that_is_no_longer_wanted_is_forgotten_unless_it_is_there() -> None:
    world = cut_off_world()
    world.provision = replace(world.provision, leaving=Leaving.SUSPEND_ACCOUNT)
    assert summary(world.plan([]).changes) == [("update", "account", (ONE,), False)]
    world.platform.people[ONE] = account(1)
    assert world.plan([]).foreign == ()
    world.platform.people.clear()
    assert summary(world.plan([]).changes) == [("remove", "account", (ONE,), True)]
    assert world.sync([]).complete
    assert world.journal.unsettled() == []
    assert world.plan([]).empty


def test_an_unanswered_membership_of_somebody_who_left_is_taken_back() -> None:
    world = World(terms(Leaving.LEAVE_COHORT))
    world.platform.break_after(2, OutcomeUnknown("no answer"), 1.0)
    world.sync(registered([1]))
    assert summary(world.plan([]).changes) == [("remove", "membership", MEMBER, False)]
    world.platform.members.clear()
    assert summary(world.plan([]).changes) == [("remove", "membership", MEMBER, True)]
    assert world.sync([]).complete
    assert world.journal.unsettled() == []


def named(name: str, province: str = HANOI) -> list[Registration]:
    return [replace(one, learner=replace(one.learner, full_name=name)) for one in registered([1], province)]


@pytest.mark.parametrize("arrived", [0.0, 1.0])
def test_an_unanswered_update_after_an_unanswered_creation_is_no_hand_edit(arrived: float) -> None:
    world = cut_off_world()
    world.platform.break_after(0, OutcomeUnknown("no answer"), arrived)
    world.sync(named("Nguyễn Văn Mới"))
    plan = world.plan(named("Nguyễn Văn Mới"))
    assert plan.by_hand == ()
    assert world.apply(plan).complete
    assert world.platform.people[ONE].lastname == "Nguyễn Văn"
    assert world.journal.unsettled() == []
    assert world.plan(named("Nguyễn Văn Mới")).empty


@pytest.mark.parametrize("first", [0.0, 1.0])
@pytest.mark.parametrize("second", [0.0, 1.0])
@pytest.mark.parametrize("last", ["Nguyễn Văn Ba", "Nguyễn Văn Hai", "Nguyễn Thị Mẫu"])
def test_two_unanswered_updates_in_a_row_are_no_hand_edit(first: float, second: float, last: str) -> None:
    world = settled_world()
    for name, arrived in (("Nguyễn Văn Hai", first), ("Nguyễn Văn Ba", second)):
        world.platform.break_after(0, OutcomeUnknown("no answer"), arrived)
        world.sync(named(name))
    plan = world.plan(named(last))
    assert plan.by_hand == ()
    assert world.apply(plan).complete
    assert world.platform.people[ONE].lastname == last.rpartition(" ")[0]
    assert world.journal.unsettled() == []
    assert world.plan(named(last)).empty


def test_an_unanswered_removal_of_an_unanswered_membership_is_taken_up() -> None:
    world = World()
    world.platform.break_after(2, OutcomeUnknown("no answer"), 1.0)
    world.sync(registered([1]))
    world.platform.break_after(3, OutcomeUnknown("no answer"), 0.0)  # the new cohort, its member, his enrolment
    world.sync(registered([1], HUE))
    assert world.platform.members == {MEMBER, ("VN-46", ONE)}
    assert world.sync(registered([1], HUE)).complete
    assert world.platform.members == {("VN-46", ONE)}
    assert world.journal.unsettled() == []


def test_an_unanswered_removal_of_somebody_who_came_back_is_settled() -> None:
    world = settled_world()
    world.platform.break_after(2, OutcomeUnknown("no answer"), 0.0)
    world.sync(registered([1], HUE))
    assert world.sync(registered([1])).complete
    assert MEMBER in world.platform.members
    assert world.journal.unsettled() == []


@pytest.mark.parametrize("arrived", [0.0, 1.0])
def test_an_unanswered_update_of_an_enrolment_is_settled_by_sending_what_is_wanted_now(arrived: float) -> None:
    world = settled_world(Leaving.SUSPEND_ENROLMENT)
    world.platform.break_after(0, OutcomeUnknown("no answer"), arrived)
    assert world.sync([]).unknown == 1
    for people in ([], registered([1])):
        plan = world.plan(people)
        assert summary(plan.changes) == [("update", "enrolment", ENROLLED, False)]
        assert plan.by_hand == ()
    assert world.sync(registered([1])).complete
    assert world.platform.enrolled[ENROLLED].active
    assert world.plan(registered([1])).empty


def test_an_unanswered_enrolment_is_recorded_or_brought_in_order() -> None:
    world = World()
    world.platform.break_after(3, OutcomeUnknown("no answer"), 1.0)
    world.sync(registered([1]))
    assert summary(world.plan(registered([1])).changes) == [("create", "enrolment", ENROLLED, True)]
    world.provision = replace(world.provision, ends_at=None)
    assert summary(world.plan(registered([1])).changes) == [("update", "enrolment", ENROLLED, False)]
    assert world.sync(registered([1])).complete
    assert isinstance(world.journal.rows[Kind.ENROLMENT, ENROLLED].item, Enrolment)


def test_a_conflict_neither_makes_nor_takes() -> None:
    world = settled_world(Leaving.LEAVE_COHORT)
    assert world.plan(registered([1], state=RegistrationState.CONFLICT)).empty


@pytest.mark.parametrize("day", ["2025-11-30T23:59+07:00", "2025-12-16T00:00+07:00", "2026-03-01T00:00+07:00"])
def test_an_enrolment_outside_of_its_window_reads_as_suspended_and_is_not_taken_for_a_hand_edit(day: str) -> None:
    world = settled_world()
    world.platform.enrolled[ENROLLED] = replace(world.platform.enrolled[ENROLLED], active=False)
    world.now = datetime.fromisoformat(day)
    plan = world.plan(registered([1]))
    assert (plan.empty, plan.by_hand) == (True, ())


def test_who_leaves_after_the_window_is_suspended_once() -> None:
    world = settled_world(Leaving.SUSPEND_ENROLMENT)
    world.platform.enrolled[ENROLLED] = replace(world.platform.enrolled[ENROLLED], active=False)
    world.now = datetime.fromisoformat("2026-03-01T00:00+07:00")
    gone = registered([1], state=RegistrationState.LEFT)
    assert [change.takes_access for change in world.plan(gone).changes] == [True]
    world.sync(gone)
    assert world.plan(gone).empty


@pytest.mark.parametrize("leaving", Leaving)
def test_an_account_made_anew_under_our_username_is_somebody_elses(leaving: Leaving) -> None:
    world = World(terms(leaving))
    world.sync(registered([1, 2]))
    world.platform.numbers[username(1)] = "another"
    world.platform.enrolled.pop(("course", username(1)))
    world.platform.members.discard(("VN-01", username(1)))
    plan = world.plan(registered([1, 2]))
    assert [one.username for one in plan.foreign] == [username(1)]
    assert username(1) not in {change.username for change in plan.changes}
    left = world.plan(registered([2]))
    assert username(1) not in {change.username for change in left.changes}, "nothing is taken from them either"
