"""An apply rests while nothing can have changed, and looks again when anything has, or after a day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.jobs.apply import apply
from connector.jobs.service.kinds import Ended, Work, kinds
from connector.jobs.undo import make_undo
from connector.programmes.unattended import Unattended
from tests.jobs.service.timetable import job
from tests.jobs.world import World, learner

Looks = Callable[[], bool]


@pytest.fixture
def looks(world: World) -> Looks:
    """An hour later, the next tick of an apply that found nothing to do before: whether it asks the platform."""
    world.ctx = replace(world.ctx, caller=replace(world.ctx.caller, trigger="schedule", who="service"))
    programme = world.programme.model_copy(update={"unattended": Unattended(apply=True)})
    work, act = Work(job=job("a", "apply"), programme=programme), kinds()["apply"].act
    world.register(learner(1), learner(2))

    def tick() -> bool:
        world.pass_time(hours=1)
        before = world.ctx.requests("sandbox")
        act(world.ctx, work)
        return world.ctx.requests("sandbox") > before

    assert [tick(), tick()] == [True, True]  # the first writes, the second finds that all is well
    return tick


def test_while_nothing_has_changed_the_platform_is_not_asked(world: World, looks: Looks) -> None:
    assert not any(looks() for _n in range(20))


def test_a_day_later_it_is_looked_at_all_the_same(world: World, looks: Looks) -> None:
    world.pass_time(hours=24)
    assert [looks(), looks()] == [True, False]


def test_whoever_is_new_is_seen_at_once(world: World, looks: Looks) -> None:
    world.register(learner(3))
    assert [looks(), looks(), looks()] == [True, True, False]


def test_what_a_person_has_applied_is_looked_at(world: World, looks: Looks) -> None:
    with world.ctx.store.begin() as tx:
        (last,) = tx.runs.newest(1, job="apply")
    apply(world.ctx, make_undo(world.ctx, last.id))
    assert looks()


def test_another_definition_is_looked_at(world: World, looks: Looks) -> None:
    folder = world.ctx.settings.state_dir / "programmes"
    folder.mkdir()
    source = world.ctx.settings.programmes_dir / f"{world.programme.key}.yaml"
    text = source.read_text(encoding="utf-8").replace('name: "{province}"', 'name: "Tỉnh {province}"')
    (folder / source.name).write_text(text, encoding="utf-8")
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"programmes_dir": folder}))
    assert looks()


def test_what_waits_for_a_person_is_looked_at_each_time(world: World) -> None:
    work, act = Work(job=job("a", "apply"), programme=world.programme), kinds()["apply"].act
    world.register(learner(1))
    for _n in range(3):
        before = world.ctx.requests("sandbox")
        assert act(world.ctx, work).ended is Ended.WAITING
        assert world.ctx.requests("sandbox") > before


def test_how_long_it_rests_can_be_said(world: World, looks: Looks) -> None:
    work = Work(job=job("a", "apply", rests="0s"), programme=world.programme)
    assert work.job.rests == timedelta(0)
    act = kinds()["apply"].act
    for _n in range(2):
        before = world.ctx.requests("sandbox")
        act(world.ctx, work)
        assert world.ctx.requests("sandbox") > before
