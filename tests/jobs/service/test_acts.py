"""Each job as the service runs it: what it did, and what a person has to know."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.jobs.service.kinds import Ended, Result, Work, kinds
from connector.jobs.service.slots import slots_of
from connector.lms import Oddity
from connector.model import TopicResult
from connector.settings import Retention
from tests.fakes.lms import FakeLms
from tests.jobs.certifying import set_policy
from tests.jobs.service.timetable import job
from tests.jobs.world import World, learner

ONE, OTHER = learner(1), learner(2)
Act = Callable[..., Result]


@pytest.fixture
def act(world: World) -> Act:
    """One tick of a job of this kind, as the service would run it now."""

    def run(kind: str, **more: object) -> Result:
        work = Work(job=job("j", kind, **more), programme=world.programme)
        return kinds()[kind].act(world.ctx, work)

    return run


def studied(world: World) -> None:
    """Two people of whom one has done everything."""
    world.register(ONE, OTHER)
    world.provision()
    world.complete(ONE, topics=12)
    world.complete(OTHER, topics=3)


def test_before_anything_was_mirrored_nothing_is_judged_and_nobody_is_called(world: World, act: Act) -> None:
    for kind in ("evaluate", "report"):
        result = act(kind)
        assert (result.ended, result.needs) == (Ended.NOTHING, {})
    with world.ctx.store.begin() as tx:
        assert tx.runs.newest(9) == []


@pytest.mark.parametrize("kind", ["mirror", "mirror-rolling", "mirror-full"])
def test_a_copy_is_a_run_with_its_counts(world: World, act: Act, kind: str) -> None:
    studied(world)
    result = act(kind)
    assert (result.ended, result.counts["learners_read"]) == (Ended.DONE, 2)
    with world.ctx.store.begin() as tx:
        (run,) = tx.runs.newest(9, job="mirror")
    assert result.run_id == run.id


class OddLms(FakeLms):
    """A platform of whose results one row cannot be understood."""

    def topic_results(self, *args: Any) -> Iterator[TopicResult]:
        self.oddities.append(Oddity(part="results", place="x", username="0912000001", why="?", raw="{}"))
        return super().topic_results(*args)


def test_rows_that_could_not_be_understood_make_it_partly(world: World, act: Act) -> None:
    studied(world)
    world.lms.__class__ = OddLms
    result = act("mirror")
    assert (result.ended, result.counts["odd"]) == (Ended.PARTLY, 1)


def test_verdicts_certificates_and_report_follow_each_other(world: World, act: Act) -> None:
    studied(world)
    act("mirror")
    judged = act("evaluate")
    assert (judged.ended, judged.counts["judged"], judged.counts["passed"]) == (Ended.DONE, 2, 1)
    assert act("evaluate").ended is Ended.NOTHING
    pushed = act("push")
    assert (pushed.ended, pushed.counts["granted"], pushed.counts["waiting"]) == (Ended.DONE, 1, 1)
    world.lms.issue_certificates(world.gate, world.now)
    assert act("push").counts["issued"] == 1
    again = act("push")
    assert (again.ended, again.needs) == (Ended.NOTHING, {})
    written = act("report", formats=("csv",))
    assert written.ended is Ended.DONE
    assert Path(written.file).is_file()


def test_a_verdict_that_falls_after_the_certificate_calls_a_person(world: World, act: Act) -> None:
    studied(world)
    act("mirror")
    act("evaluate")
    act("push")
    world.lms.issue_certificates(world.gate, world.now)
    act("push")
    for ref in world.programme.refs[:5]:  # more missing at once would be held
        world.fail(ONE, ref)
    world.pass_time(hours=1)
    world.visit(ONE, world.now)
    act("mirror-full")
    assert "1 cases" in act("evaluate").needs["cases"]


def test_certificates_that_need_approval_wait_and_say_so(world: World, act: Act, tmp_path: Path) -> None:
    set_policy(world, tmp_path, approval="required")
    studied(world)
    act("mirror")
    act("evaluate")
    result = act("push")
    assert (result.ended, result.counts["unapproved"]) == (Ended.WAITING, 1)
    assert "wait for approval" in result.needs["approval"]


def test_a_refused_certificate_calls_a_person(world: World, act: Act) -> None:
    studied(world)
    act("mirror")
    act("evaluate")
    world.lms.refuse["0912000001",] = "nopermissions"
    result = act("push")
    assert result.ended is Ended.PARTLY
    assert "refused 1" in result.needs["refused"]


def test_stored_passwords_end_with_their_time(world: World, act: Act) -> None:
    assert act("expire-passwords").ended is Ended.NOTHING
    studied(world)
    world.pass_time(days=world.ctx.settings.passwords.keep_days + 1)
    result = act("expire-passwords")
    assert result.ended is Ended.DONE
    assert sum(result.counts.values()) == 2


def test_retention_deletes_what_the_configuration_says_and_its_own_history(world: World, act: Act) -> None:
    studied(world)
    settings = world.ctx.settings.model_copy(update={"retention": Retention(journal=30, quarantine=None)})
    world.ctx = replace(world.ctx, settings=settings)
    with world.ctx.store.begin() as tx:
        for day in range(2):
            due = world.now + timedelta(days=day)
            tx.ticks.claim(
                "j", due, job="j", province_code="", trigger="schedule", who="x", now=world.now, state="done"
            )
    assert act("retention").ended is Ended.NOTHING
    world.pass_time(days=world.ctx.settings.serve.keep_days + 3)
    result = act("retention")
    assert result.ended is Ended.DONE
    assert result.counts["journal"] > 0
    assert (result.counts["ticks"], result.counts["incidents"]) == (1, 0)


def test_every_kind_of_the_configuration_has_an_act(world: World) -> None:
    jobs = tuple(job(name, name) for name in kinds())
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"jobs": jobs}))
    assert {slot.name for slot in slots_of(world.ctx)} == set(kinds())
