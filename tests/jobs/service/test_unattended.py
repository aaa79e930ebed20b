"""What the service applies by itself, and what waits for a person."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import Interrupted, PlatformUnavailable, RetryableError
from connector.jobs.apply import load_plan
from connector.jobs.approve import approve
from connector.jobs.lease import only_writer
from connector.jobs.plan import make_plan
from connector.jobs.service.kinds import Ended, Work
from connector.jobs.service.unattended import apply, plan, plan_file
from connector.programmes.unattended import Unattended
from connector.settings import ApprovalPolicy, Freeze
from tests.jobs.service.timetable import job
from tests.jobs.world import World, learner

Given = Callable[..., Work]


@pytest.fixture
def given(world: World) -> Given:
    """The work of an apply under these terms, done by the service."""
    world.ctx = replace(world.ctx, caller=replace(world.ctx.caller, trigger="schedule", who="service"))

    def work(**terms: object) -> Work:
        programme = world.programme.model_copy(update={"unattended": Unattended.model_validate(terms)})
        return Work(job=job("a", "apply"), programme=programme)

    return work


def test_within_its_limits_a_plan_is_made_true(world: World, given: Given) -> None:
    world.register(learner(1), learner(2))
    work = given(apply=True)
    assert plan(world.ctx, work).ended is Ended.DONE
    done = apply(world.ctx, work)
    assert (done.ended, done.needs) == (Ended.DONE, {})
    assert done.counts["done"] > 0
    assert done.run_id is not None
    assert apply(world.ctx, work).ended is Ended.NOTHING
    assert plan(world.ctx, work).ended is Ended.NOTHING
    assert not plan_file(world.ctx, work).exists()


@pytest.mark.parametrize(("terms", "why"), [({}, "unattended.apply"), ({"apply": True, "most": 1}, "unattended.most")])
def test_beyond_them_it_waits_and_nothing_is_sent(
    world: World, given: Given, terms: dict[str, object], why: str
) -> None:
    world.register(learner(1))
    for act in (plan, apply):
        waiting = act(world.ctx, given(**terms))
        assert waiting.ended is Ended.WAITING
        assert why in waiting.needs["approval"]
    assert not world.lms.sent


def test_a_loss_of_access_waits(world: World, given: Given) -> None:
    people = [learner(n) for n in range(1, 8)]
    world.register(*people)
    apply(world.ctx, given(apply=True))
    from connector.model import RegistrationState

    world.register(people[0], state=RegistrationState.LEFT)
    waiting = apply(world.ctx, given(apply=True))
    assert (waiting.ended, "unattended.losses" in waiting.needs["approval"]) == (Ended.WAITING, True)
    assert apply(world.ctx, given(apply=True, losses=1)).ended is Ended.DONE


def test_a_waiting_plan_that_a_person_approves_is_applied_by_the_next_tick(world: World, given: Given) -> None:
    world.register(learner(1))
    work = given()
    waiting = apply(world.ctx, work)
    world.pass_time(hours=1)
    approve(world.ctx, load_plan(plan_file(world.ctx, work)), by="lan")
    assert waiting.file == str(plan_file(world.ctx, work))
    assert apply(world.ctx, work).ended is Ended.DONE


def test_an_approval_of_another_plan_lets_nothing_through(world: World, given: Given) -> None:
    world.register(learner(1))
    work = given()
    apply(world.ctx, work)
    approve(world.ctx, load_plan(plan_file(world.ctx, work)), by="lan")
    world.register(learner(2))
    assert apply(world.ctx, work).ended is Ended.WAITING


def test_an_apply_that_an_outage_broke_off_is_gone_on_with(world: World, given: Given) -> None:
    world.register(*(learner(n) for n in range(1, 5)))
    work = given(apply=True)
    reads, reads_and_cohort = 3, 4
    world.lms.outages = [*[None] * (reads + reads_and_cohort), PlatformUnavailable("away")]
    with pytest.raises(PlatformUnavailable):
        apply(world.ctx, work)
    assert apply(world.ctx, work).ended is Ended.DONE
    with world.ctx.store.begin() as tx:
        assert len(tx.runs.newest(9, job="apply")) == 1


def test_after_the_rest_of_an_apply_it_is_still_told_what_guards_hold_back(world: World, given: Given) -> None:
    from connector.model import RegistrationState

    people = [learner(n) for n in range(1, 21)]
    world.register(*people)
    work = given(apply=True)
    apply(world.ctx, work)
    world.register(*people[:12], state=RegistrationState.LEFT)
    world.register(learner(25))
    world.lms.outages = [*[None] * 9, PlatformUnavailable("away")]
    with pytest.raises(PlatformUnavailable):
        apply(world.ctx, work)
    with world.ctx.store.begin() as tx:
        assert tx.runs.newest(1, job="apply")[0].outcome == "stopped"
    result = apply(world.ctx, work)
    assert (result.ended, "Guards hold back 12" in result.needs["held"]) == (Ended.DONE, True)
    assert result.counts["done"] > 0
    with world.ctx.store.begin() as tx:
        assert len(tx.runs.newest(9, job="apply")) == 2


def test_what_the_platform_refuses_calls_a_person(world: World, given: Given) -> None:
    world.register(learner(1), learner(2))
    world.lms.refuse["0912000001",] = "invalidusername"
    result = apply(world.ctx, given(apply=True))
    assert (result.ended, list(result.needs)) == (Ended.PARTLY, ["refused"])


def test_a_plan_that_waited_too_long_gives_way_to_a_new_one(world: World, given: Given) -> None:
    world.register(learner(1))
    work = given()
    apply(world.ctx, work)
    first = load_plan(plan_file(world.ctx, work)).created_at
    world.pass_time(hours=1)
    apply(world.ctx, work)
    assert load_plan(plan_file(world.ctx, work)).created_at == first  # whoever reads it now approves the same
    world.pass_time(days=30)
    apply(world.ctx, work)
    assert load_plan(plan_file(world.ctx, work)).created_at == world.now


def test_the_rest_of_a_plan_that_is_too_old_is_planned_anew(world: World, given: Given) -> None:
    world.register(*(learner(n) for n in range(1, 5)))
    work = given(apply=True)
    world.lms.outages = [*[None] * 7, PlatformUnavailable("away")]
    with pytest.raises(PlatformUnavailable):
        apply(world.ctx, work)
    world.pass_time(days=30)
    assert apply(world.ctx, work).ended is Ended.DONE
    with world.ctx.store.begin() as tx:
        assert [run.outcome for run in tx.runs.newest(9, job="apply")] == ["done", "stopped"]


def test_what_needs_a_second_person_waits_within_the_limits_too(world: World, given: Given) -> None:
    settings = world.ctx.settings.model_copy(update={"approval": ApprovalPolicy(when="always")})
    world.ctx = replace(world.ctx, settings=settings)
    world.register(learner(1))
    waiting = apply(world.ctx, given(apply=True))
    assert (waiting.ended, "second person" in waiting.needs["approval"]) == (Ended.WAITING, True)
    assert plan(world.ctx, given(apply=True)).ended is Ended.WAITING


def test_a_freeze_that_begins_in_its_midst_stops_an_apply_and_calls_nobody(world: World, given: Given) -> None:
    world.register(*(learner(n) for n in range(1, 5)))
    times = {"starts_at": "2025-12-01T08:30", "ends_at": "2025-12-02T00:00", "why": "an audit"}
    settings = world.ctx.settings.model_copy(update={"freezes": (Freeze.model_validate(times),)})
    points: list[int] = []

    def an_hour_passes() -> None:
        points.append(1)
        if len(points) == 3:
            world.pass_time(hours=1)

    result = apply(replace(world.ctx, settings=settings, safe_point=an_hour_passes), given(apply=True))
    assert (result.ended, result.needs) == (Ended.PARTLY, {})


def test_each_province_goes_on_with_its_own_apply(world: World, given: Given) -> None:
    here, there = learner(1), learner(2, province="79")
    world.register(here, there)
    work = given(apply=True)
    works = [replace(work, province_code=one.province_code) for one in (here, there)]
    world.lms.outages = [*[None] * 7, PlatformUnavailable("away")]
    with pytest.raises(PlatformUnavailable):
        apply(world.ctx, works[0])
    done = apply(world.ctx, works[1])
    assert done.ended is Ended.DONE
    apply(world.ctx, works[0])
    with world.ctx.store.begin() as tx:
        outcomes = [(run.terms["provinces"], run.outcome) for run in tx.runs.newest(9, job="apply")]
    assert ([there.province_code], "done") in outcomes
    assert make_plan(world.ctx, work.programme.key).empty


def test_an_approved_apply_that_was_broken_off_is_gone_on_with(world: World, given: Given) -> None:
    world.register(*(learner(n) for n in range(1, 5)))
    work = given()
    apply(world.ctx, work)
    approve(world.ctx, load_plan(plan_file(world.ctx, work)), by="lan")
    world.lms.outages = [*[None] * 7, PlatformUnavailable("away")]
    with pytest.raises(PlatformUnavailable):
        apply(world.ctx, work)
    assert apply(world.ctx, work).ended is Ended.DONE
    with world.ctx.store.begin() as tx:
        assert [run.outcome for run in tx.runs.newest(9, job="apply")] == ["done"]


def test_a_stop_in_its_midst_leaves_an_apply_to_the_next_service(world: World, given: Given) -> None:
    world.register(*(learner(n) for n in range(1, 5)))
    work = given(apply=True)
    points: list[int] = []

    def stopped_at_the_third() -> None:
        points.append(1)
        if len(points) == 3:
            raise Interrupted("stopped", signal=15)

    with pytest.raises(Interrupted):
        apply(replace(world.ctx, safe_point=stopped_at_the_third), work)
    with world.ctx.store.begin() as tx:
        assert [run.outcome for run in tx.runs.newest(9, job="apply")] == ["stopped"]
    assert apply(world.ctx, work).ended is Ended.DONE
    with world.ctx.store.begin() as tx:
        assert [run.outcome for run in tx.runs.newest(9, job="apply")] == ["done"]


def test_while_somebody_else_writes_it_is_tried_later(world: World, given: Given) -> None:
    with only_writer(world.ctx, "sandbox"), pytest.raises(RetryableError, match="Somebody else"):
        apply(world.ctx, given(apply=True))
