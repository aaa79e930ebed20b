"""What closes one person's account, and nothing of anybody else's."""

from connector.sync.closing import draw_closing, still_open
from connector.sync.state import OwnedItem
from tests.sync.world import NOW, World, registered, summary, username

ONE, TWO = username(1), username(2)
ENROLLED = ("course", ONE)


def owned_by(world: World, name: str) -> list[OwnedItem]:
    return [row for row in world.journal.owned if row.kind.is_of_people and row.key[-1] == name]


def test_the_account_is_closed_whatever_the_programme_says_of_leavers_and_nobody_elses() -> None:
    world = World()
    world.sync(registered([1, 2]))
    assert len(still_open(owned_by(world, ONE))) == 3
    plan = draw_closing(owned_by(world, ONE), "p", world.platform, NOW)
    assert summary(plan.changes) == [
        ("update", "enrolment", ENROLLED, False),
        ("remove", "membership", ("VN-01", ONE), False),
        ("update", "account", (ONE,), False),
    ]
    assert world.apply(plan).complete
    assert (world.platform.people[ONE].suspended, world.platform.people[TWO].suspended) == (True, False)
    assert world.platform.members == {("VN-01", TWO)}
    assert still_open(owned_by(world, ONE)) == []
    assert draw_closing(owned_by(world, ONE), "p", world.platform, NOW).empty


def test_a_membership_that_has_gone_from_the_platform_is_only_noted() -> None:
    world = World()
    world.sync(registered([1]))
    world.platform.members.clear()
    plan = draw_closing(owned_by(world, ONE), "p", world.platform, NOW)
    assert ("remove", "membership", ("VN-01", ONE), False) not in summary(plan.changes)
    assert world.apply(plan).complete
    assert still_open(owned_by(world, ONE)) == []
