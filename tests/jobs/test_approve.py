from typing import Literal

import pytest

from connector.errors import UnsafePlanError
from connector.jobs.apply import apply
from connector.jobs.approve import approve
from connector.jobs.plan import make_plan
from connector.model import RegistrationState
from connector.settings import ApprovalPolicy
from connector.sync.render import conditions
from tests.jobs.test_guards_on_the_road import with_settings
from tests.jobs.world import PROGRAMME, World, learner


def asking(world: World, when: Literal["never", "losses", "always"]) -> World:
    with_settings(world, approval=ApprovalPolicy(when=when))
    return world


def test_a_plan_is_applied_only_after_somebody_else_has_approved_it(world: World) -> None:
    asking(world, "always").register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME, by="Lan")
    assert "A second person must approve the plan, not its author Lan" in conditions(plan)[0]
    with pytest.raises(UnsafePlanError, match=r"needs the approval.*Somebody other than 'Lan'.*connector approve"):
        apply(world.ctx, plan)
    with pytest.raises(UnsafePlanError, match="somebody else must approve"):
        approve(world.ctx, plan, by=" LAN ")
    given = approve(world.ctx, plan, by="Minh")
    assert (given.checksum, given.approver, given.author) == (plan.checksum, "Minh", "Lan")
    with world.ctx.store.begin() as tx:
        assert tx.approvals.of_plan(plan.checksum) == [given]
    assert apply(world.ctx, plan).complete


def test_an_approval_is_for_this_plan_alone(world: World) -> None:
    asking(world, "always").register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME, by="Lan")
    approve(world.ctx, plan, by="Minh")
    world.register(learner(2))
    other = make_plan(world.ctx, PROGRAMME, by="Lan")
    with pytest.raises(UnsafePlanError, match="needs the approval"):
        apply(world.ctx, other)
    world.register(learner(2), state=RegistrationState.LEFT)
    world.pass_time(hours=1)
    again = make_plan(world.ctx, PROGRAMME, by="Lan")
    assert again.checksum == plan.checksum
    with pytest.raises(UnsafePlanError, match="needs the approval"):
        apply(world.ctx, again)  # what was approved was the plan of an hour ago
    swapped = make_plan(world.ctx, PROGRAMME, by="Minh")
    approve(world.ctx, again, by="Minh")
    with pytest.raises(UnsafePlanError, match="needs the approval"):
        apply(world.ctx, swapped)  # Minh made this one
    assert apply(world.ctx, again).complete


def test_only_losses_and_overrides_ask_for_approval_where_the_policy_says_so(world: World) -> None:
    asking(world, "losses").register(*[learner(number) for number in range(1, 11)])
    assert not make_plan(world.ctx, PROGRAMME).needs_approval
    world.provision()
    world.register(learner(1), state=RegistrationState.LEFT)
    plan = make_plan(world.ctx, PROGRAMME)
    assert plan.needs_approval
    with pytest.raises(UnsafePlanError, match="needs the approval"):
        apply(world.ctx, plan)
    assert not make_plan(asking(world, "never").ctx, PROGRAMME).needs_approval


def test_what_is_empty_or_old_is_not_approved(world: World) -> None:
    asking(world, "always")
    empty = make_plan(world.ctx, PROGRAMME, by="Lan")
    assert not empty.needs_approval
    with pytest.raises(UnsafePlanError, match="nothing to approve"):
        approve(world.ctx, empty, by="Minh")
    world.register(learner(1))
    old = make_plan(world.ctx, PROGRAMME, by="Lan")
    world.pass_time(hours=25)
    with pytest.raises(UnsafePlanError, match="25 hours old"):
        approve(world.ctx, old, by="Minh")


def test_without_a_name_it_is_the_user_of_this_computer(world: World) -> None:
    world.register(learner(1))
    plan = make_plan(world.ctx, PROGRAMME)
    assert plan.author == world.ctx.caller.who
    with pytest.raises(UnsafePlanError, match="somebody else must approve"):
        approve(world.ctx, plan)
