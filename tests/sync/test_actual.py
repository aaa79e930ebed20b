from collections.abc import Iterator, Sequence

import pytest

from connector.errors import PlatformUnavailable
from connector.model import AccountSeen, Cohort, Kind, Membership
from connector.sync.actual import Actual, CourseReadings, ShortRead, read_actual
from connector.sync.desired import desired_state
from connector.sync.state import State, ledger_of
from tests.sync.platform import Platform
from tests.sync.test_desired import account, row
from tests.sync.world import HUE, World, registered, username


def read(world: World, people: range, readings: CourseReadings | None = None) -> Actual:
    owned = world.journal.owned
    desired = desired_state(world.provision, registered(people), owned)
    world.platform.reads.clear()
    return read_actual(world.platform, desired, ledger_of(owned), readings)


def test_only_what_is_in_scope_is_kept() -> None:
    world = World()
    world.sync([*registered([1, 2]), *registered([3], HUE)])
    world.journal.rows.clear()
    world.platform.known_cohorts["hand-made"] = Cohort(idnumber="hand-made", name="x")
    actual = read(world, range(1, 2))
    assert list(actual.accounts) == [username(1)]
    assert list(actual.cohorts) == ["VN-01"]
    assert actual.memberships == {("VN-01", username(1))}
    assert list(actual.enrolments) == [("course", username(1))]
    assert actual.warnings == ()


class Talkative(Platform):
    """Answers more than it was asked, as a mistyped criterion does (reference/moodle-ws-facts.md section 2.3)."""

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        return super().accounts(list(self.people))

    def memberships(self, cohorts: object, usernames: object) -> Iterator[Membership]:
        return super().memberships([*self.known_cohorts], [*self.people])


def test_an_answer_larger_than_the_question_is_cut_to_the_scope() -> None:
    world = World()
    talkative = Talkative()
    world.platform = talkative
    world.sync([*registered([1, 3]), *registered([2], HUE)])
    world.journal.rows.clear()
    actual = read(world, range(1, 2))
    assert list(actual.accounts) == [username(1)]
    assert actual.memberships == {("VN-01", username(1))}


def test_few_requests_whatever_the_number_of_people() -> None:
    world = World()
    world.sync(registered(range(40)))
    read(world, range(40))
    assert world.platform.reads == ["accounts", "cohorts", "memberships", "enrolments course"]


def test_nothing_is_read_for_nothing() -> None:
    world = World()
    nothing = Actual(
        accounts={},
        cohorts={},
        memberships=frozenset(),
        enrolments={},
        groups={},
        group_memberships=frozenset(),
        warnings=(),
    )
    assert read(world, range(0)) == nothing
    assert world.platform.reads == []


def test_a_course_is_read_once_for_all_shards() -> None:
    world = World()
    world.sync(registered(range(2)))
    readings = CourseReadings()
    assert read(world, range(2), readings).enrolments == read(world, range(2), readings).enrolments
    assert world.platform.reads == ["accounts", "cohorts", "memberships"]


def test_what_we_own_and_do_not_find_is_counted() -> None:
    world = World()
    world.sync(registered(range(4)))
    world.platform.hidden = {username(0)}
    world.platform.members.remove(("VN-01", username(1)))
    del world.platform.enrolled["course", username(2)]
    world.platform.known_cohorts.clear()
    assert read(world, range(4)).warnings == (
        ShortRead(kind=Kind.COHORT, place="", owned=1, found=0),
        ShortRead(kind=Kind.ACCOUNT, place="", owned=4, found=3),
        ShortRead(kind=Kind.MEMBERSHIP, place="VN-01", owned=3, found=0),
        ShortRead(kind=Kind.ENROLMENT, place="course", owned=3, found=2),
    )


def test_dropped_memberships_are_read_too() -> None:
    dropped = row(Membership(cohort="VN-01", username=username(1)))
    desired = State(items={kind: {} for kind in Kind}, dropped={dropped.key: dropped}, people={})
    platform = Platform()
    platform.people[username(1)] = account(1)
    platform.known_cohorts["VN-01"] = Cohort(idnumber="VN-01", name="Hà Nội")
    platform.members.add(dropped.key)
    actual = read_actual(platform, desired, ledger_of([dropped]))
    assert actual.memberships == {dropped.key}
    assert actual.warnings == ()


class Closed(Platform):
    def memberships(self, cohorts: object, usernames: object) -> Iterator[Membership]:
        raise PlatformUnavailable("closed")


def test_a_failed_read_is_no_empty_read() -> None:
    world = World()
    world.sync(registered([1]))
    closed = Closed()
    closed.people, closed.known_cohorts = world.platform.people, world.platform.known_cohorts
    world.platform = closed
    with pytest.raises(PlatformUnavailable):
        world.plan([])


def test_neither_what_is_not_sure_to_be_ours_nor_what_is_not_concerned_makes_a_read_short() -> None:
    claim = row(account(1), confirmed=False)
    other = row(Membership(cohort="other", username=username(2)))
    desired = desired_state(World().provision, registered([1, 2]), [claim, other])
    platform = Platform()
    platform.people[username(2)] = account(2)
    assert read_actual(platform, desired, ledger_of([claim, other])).warnings == ()
