"""Plan and apply over the platforms of the contract suite: what is sent comes back as it was sent."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.model import Registration
from connector.sync.apply import apply_plan
from connector.sync.desired import Leaving
from connector.sync.guards import guarded
from connector.sync.plan import Plan
from connector.sync.planning import compare
from tests.contract.worlds import COURSE, WORLDS, World, world_of
from tests.fakes.journal import InMemoryJournal
from tests.sync.world import HUE, LOOSE, NOW, registered, summary, terms, username

ONE, THREE = username(1), username(3)


class Service:
    """A connector that is started anew for each plan and each apply."""

    def __init__(self, world: World, leaving: Leaving) -> None:
        self.world = world
        self.journal = InMemoryJournal()
        self.provision = terms(leaving, courses=(COURSE, "cd-01"))

    def plan(self, people: Sequence[Registration]) -> Plan:
        journal = self.journal
        lms = self.world.forget()
        plan = compare(self.provision, people, journal.owned, journal.unsettled(), lms, now=NOW)
        return guarded(plan, LOOSE)

    def sync(self, people: Sequence[Registration]) -> Plan:
        plan = self.plan(people)
        lms = self.world.forget()
        outcome = apply_plan(
            plan, lms, self.journal, lambda accounts: {one.username: "Mat-Khau-123!" for one in accounts}
        )
        assert outcome.refusals == ()
        assert outcome.complete
        after = self.plan(people)
        assert (after.changes, after.by_hand, after.foreign, after.held) == ((), (), (), ())
        return plan


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("leaving", Leaving)
def test_joining_changing_moving_leaving_and_coming_back(name: str, leaving: Leaving) -> None:
    service = Service(world_of(name), leaving)
    assert len(service.sync(registered([1, 2, 3])).changes) == 13

    first, *others = registered([1, 2, 3])
    promoted = replace(first, learner=replace(first.learner, full_name="Nguyễn Thị Đổi Tên", position="Chủ tịch"))
    assert summary(service.sync([promoted, *others]).changes) == [("update", "account", (ONE,), False)]

    moved = [promoted, others[0], *registered([3], HUE)]
    assert ("remove", "membership", ("VN-01", THREE), False) in summary(service.sync(moved).changes)

    expected = {Leaving.KEEP: 0, Leaving.SUSPEND_ENROLMENT: 2}.get(leaving, 1)
    assert len(service.sync(moved[1:]).changes) == expected
    assert len(service.sync(moved).changes) == expected


@pytest.mark.parametrize("name", WORLDS)
def test_an_account_that_was_there_before_is_left_alone(name: str) -> None:
    world = world_of(name)
    Service(world, Leaving.KEEP).sync(registered([1]))
    stranger = Service(world, Leaving.KEEP)
    plan = stranger.plan(registered([1, 2]))
    assert [one.username for one in plan.foreign] == [ONE]
    assert not any(ONE in change.key for change in plan.changes)
