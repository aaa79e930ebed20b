from connector.model import Kind
from connector.sync.change import Action
from tests.sync.world import HANOI, HUE, World, registered


def test_a_plan_is_counted_by_kind_action_and_province() -> None:
    plan = World().plan([*registered([1, 2]), *registered([3], HUE)])
    assert plan.counts[Kind.ACCOUNT, Action.CREATE, HANOI] == 2
    assert plan.counts[Kind.COHORT, Action.CREATE, HUE] == 1
    assert plan.counts.total() == 11
    assert (plan.programme, plan.site, plan.empty) == ("k1", "sandbox", False)


def test_what_is_held_back_is_not_planned() -> None:
    plan = World().plan(registered([1]))
    assert plan.holding_back({}) is plan
    held = plan.holding_back({3: "later", 0: "why"})
    assert [(one.change, one.reason) for one in held.held] == [(plan.changes[0], "why"), (plan.changes[3], "later")]
    assert held.changes == plan.changes[1:3]
    assert held.holding_back({0: "more"}).held[-1].change == plan.changes[1]
    assert held.checksum != plan.checksum
