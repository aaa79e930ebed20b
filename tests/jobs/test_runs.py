"""Runs that were broken off, resumed and taken back; what is told of them."""

from dataclasses import replace

import pytest

from connector.errors import BrokenData, ConfigError, Interrupted, OutcomeUnknown, PlatformUnavailable, UnsafePlanError
from connector.jobs.apply import apply, load_plan, save_plan
from connector.jobs.lease import only_writer
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.remake import remake
from connector.jobs.resume import Rest, resume
from connector.jobs.runs import list_runs, run_changes, run_story
from connector.jobs.undo import make_undo
from connector.model import RegistrationState
from connector.store.caller import Caller
from connector.store.leases import EXPIRY
from connector.sync.outcome import ApplyOutcome
from connector.sync.undoing import AccountPolicy
from tests.jobs.world import COURSE, PROGRAMME, World, learner

ELSEWHERE = Caller(who="minh", host="may-chu-2", machine="another", pid=17)


def broken_off(world: World, *errors: Exception | None) -> ApplyOutcome:
    """An apply for two people whose calls meet these errors, after the reads of the check and the cohort."""
    world.register(learner(1), learner(2))
    plan = make_plan(world.ctx, PROGRAMME)
    reads_and_cohort = 4
    world.lms.outages = [*[None] * reads_and_cohort, *errors]  # type: ignore[list-item]
    return apply(world.ctx, plan)


def test_a_run_that_an_outage_has_stopped_is_resumed(world: World) -> None:
    stopped = broken_off(world, OutcomeUnknown("no answer"))
    (listed,) = list_runs(world.ctx)
    assert (listed.run.outcome, listed.broken_off, listed.run.message) == ("stopped", True, "no answer")
    told: list[Rest] = []
    outcome = resume(world.ctx, begun=told.append)
    assert outcome.complete
    assert (told[0].run_id, told[0].opened, len(told[0].plan.changes)) == (stopped.run_id, 2, 6)
    (listed,) = list_runs(world.ctx)
    assert (listed.run.outcome, listed.broken_off, listed.run.message) == ("done", False, "")
    assert sum(listed.run.counts.values()) == listed.run.counts["done"] + listed.run.counts["already"] == 7
    assert make_plan(world.ctx, PROGRAMME).empty


class Killed(BaseException):
    """A kill: nothing of the connector catches it."""


def killed(world: World, at: int) -> None:
    """An apply for two people that dies at its n-th safe point."""
    points = iter(range(100))

    def die() -> None:
        if next(points) == at:
            raise Killed

    with pytest.raises(Killed):
        apply(replace(world.ctx, safe_point=die), make_plan(world.ctx, PROGRAMME))


@pytest.mark.parametrize("at", range(4))
def test_a_run_that_was_killed_between_two_batches_is_resumed(world: World, at: int) -> None:
    world.register(learner(1), learner(2))
    killed(world, at)
    (listed,) = list_runs(world.ctx)
    assert (listed.run.outcome, listed.run.finished_at, listed.broken_off) == ("running", None, True)
    assert resume(world.ctx).complete
    assert make_plan(world.ctx, PROGRAMME).empty


def test_a_run_that_came_to_its_end_is_not_resumed(world: World) -> None:
    with pytest.raises(ConfigError, match="Nothing has been applied"):
        resume(world.ctx)
    world.register(learner(1))
    run_id = world.provision().run_id
    for number in (None, run_id):
        with pytest.raises(ConfigError, match="came to its end"):
            resume(world.ctx, number)
    with pytest.raises(ConfigError, match="There is no run 77"):
        resume(world.ctx, 77)
    mirror(world.ctx, PROGRAMME)
    with pytest.raises(ConfigError, match="Run 2 is no apply but 'mirror'"):
        resume(world.ctx, 2)


def test_a_resume_is_refused_when_the_world_has_moved_otherwise(world: World) -> None:
    run_id = broken_off(world, PlatformUnavailable("down")).run_id
    world.register(learner(3))
    sent = list(world.lms.sent)
    with pytest.raises(UnsafePlanError, match="it did not plan"):
        resume(world.ctx, run_id)
    assert world.lms.sent == sent
    assert world.provision().complete  # a new plan holds all of it
    with pytest.raises(UnsafePlanError, match="are not needed any more"):
        resume(world.ctx, run_id)


def test_a_resume_is_refused_when_its_plan_is_too_old(world: World) -> None:
    broken_off(world, PlatformUnavailable("down"))
    world.pass_time(hours=25)
    with pytest.raises(UnsafePlanError, match="25 hours old"):
        resume(world.ctx)


def test_a_run_of_an_older_connector_kept_no_plan(world: World) -> None:
    with world.ctx.store.begin() as tx:
        tx.runs.start("apply", site="sandbox", programme=PROGRAMME, now=world.now)
    with pytest.raises(ConfigError, match="older connector"):
        resume(world.ctx)


def test_a_resume_of_some_provinces_leaves_the_others_alone(world: World) -> None:
    world.register(learner(1), learner(2, province="31"))
    plan = make_plan(world.ctx, PROGRAMME, ["31"])
    world.lms.outages = [None, None, None, None, PlatformUnavailable("down")]
    apply(world.ctx, plan)
    assert resume(world.ctx).complete
    assert set(world.lms.seen) == {"0912000002"}


def test_while_somebody_writes_nobody_else_applies_or_resumes(world: World) -> None:
    run_id = broken_off(world, PlatformUnavailable("down")).run_id
    with only_writer(replace(world.ctx, caller=ELSEWHERE), "sandbox"):
        with pytest.raises(UnsafePlanError, match="by minh on may-chu-2"):
            resume(world.ctx, run_id)
        world.pass_time(seconds=EXPIRY.total_seconds() + 1)
        assert resume(world.ctx, run_id).complete  # he has been silent for too long


def test_who_has_lost_the_lease_sends_nothing_more(world: World) -> None:
    world.register(learner(1), learner(2))
    plan = make_plan(world.ctx, PROGRAMME)
    points = iter(range(100))

    def lose_it() -> None:
        if next(points) == 2:
            late = world.now + EXPIRY * 2
            with world.ctx.store.begin() as tx:
                assert tx.leases.take("site:sandbox", ELSEWHERE, late)[1]

    outcome = apply(replace(world.ctx, safe_point=lose_it), plan)
    assert isinstance(outcome.stopped_by, UnsafePlanError)
    assert "no longer ours to write to: it is held by minh on may-chu-2" in str(outcome.stopped_by)
    assert [name for name, _count in world.lms.sent] == ["create_cohorts", "create_accounts"]
    with world.ctx.store.begin() as tx:
        assert tx.journal.unsettled("sandbox") == []


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(world: World) -> None:
    world.register(learner(1))
    seen = []

    def look() -> None:
        seen.append(list_runs(world.ctx)[0])
        with pytest.raises(ConfigError, match="still going on"):
            make_undo(world.ctx, 1)

    apply(replace(world.ctx, safe_point=look), make_plan(world.ctx, PROGRAMME))
    assert [(one.alive, one.broken_off) for one in seen] == [(True, False)] * 4


def test_runs_of_jobs_tell_who_and_why(world: World) -> None:
    world.register(learner(1))
    world.provision()
    by_hand = replace(world.ctx, caller=replace(world.ctx.caller, who="Lan", trigger="schedule"))
    mirror(by_hand, PROGRAMME)
    world.lms.outages = [PlatformUnavailable("closed for maintenance")]
    with pytest.raises(PlatformUnavailable):
        mirror(world.ctx, PROGRAMME)

    def stop() -> None:
        raise Interrupted("stopped as asked")

    with pytest.raises(Interrupted):
        mirror(replace(world.ctx, safe_point=stop), PROGRAMME)
    found = [one.run for one in list_runs(world.ctx, job="mirror", programme=PROGRAMME)]
    assert [(run.outcome, run.message) for run in found] == [
        ("stopped", "stopped as asked"),
        ("failed", "closed for maintenance"),
        ("done", ""),
    ]
    assert (found[2].who, found[2].trigger) == ("Lan", "schedule")
    assert len(list_runs(world.ctx, last=2)) == 2
    assert list_runs(world.ctx, programme="another") == []


def test_a_fault_of_our_own_is_recorded_without_its_words(world: World) -> None:
    def burst() -> None:
        raise ZeroDivisionError("+84912000001")

    with pytest.raises(ZeroDivisionError):
        mirror(replace(world.ctx, safe_point=burst), PROGRAMME)
    assert list_runs(world.ctx)[0].run.message == "unexpected: ZeroDivisionError"


def test_everything_about_a_run_can_be_told(world: World) -> None:
    world.register(learner(1), learner(2, province="31"))
    world.lms.refuse["0912000001",] = "invalidparameter"
    run_id = world.provision().run_id
    story = run_story(world.ctx, run_id)
    counts = {(one.province_code, one.kind, one.state): one.count for one in story.tally}
    assert counts["40", "account", "refused"] == counts["31", "account", "done"] == 1
    assert (story.refused[0].change.username, story.refused[0].code) == ("0912000001", "invalidparameter")
    assert story.opened == ()
    assert len(run_changes(world.ctx, run_id)) == sum(counts.values()) == 8
    assert story.listed.run.terms["recipe"] == []


def test_a_run_is_taken_back_by_a_plan_that_is_applied_like_any_other(world: World, tmp_path: object) -> None:
    world.register(learner(1), learner(2))
    before = make_plan(world.ctx, PROGRAMME)
    run_id = apply(world.ctx, before).run_id
    path = world.ctx.settings.state_dir / "undo.json"
    save_plan(make_undo(world.ctx, run_id), path)
    undo = load_plan(path)
    assert undo.recipe == ("undo", str(run_id), "suspend")
    assert apply(world.ctx, undo).complete
    assert world.lms.members == set()
    assert not any(item.active for item in world.lms.enrolled.values())
    assert all(seen.account.suspended for seen in world.lms.seen.values())
    again = make_plan(world.ctx, PROGRAMME)
    kinds = ("account", "membership", "enrolment")
    assert {c.key: c.after for c in again.changes} == {c.key: c.after for c in before.changes if c.kind in kinds}
    assert apply(world.ctx, again).complete
    assert make_undo(world.ctx, run_id, AccountPolicy.KEEP).empty is False  # it is as that run left it once more


def test_an_undo_is_refused_when_a_later_run_came_in_between(world: World) -> None:
    world.register(learner(1), learner(2))
    run_id = world.provision().run_id
    undo = make_undo(world.ctx, run_id)
    world.register(learner(1), state=RegistrationState.LEFT)
    world.provision()
    with pytest.raises(UnsafePlanError, match="moved"):
        apply(world.ctx, undo)
    kept = [held for held in make_undo(world.ctx, run_id).held if held.change.key == (COURSE, "0912000001")]
    assert [held.reason for held in kept] == ["Changed by a later run since: kept."]


def test_an_undo_that_was_broken_off_is_resumed(world: World) -> None:
    world.register(learner(1), learner(2))
    run_id = world.provision().run_id
    undo = make_undo(world.ctx, run_id)
    reads = 3
    world.lms.outages = [*[None] * reads, None, OutcomeUnknown("no answer")]
    stopped = apply(world.ctx, undo)
    assert stopped.stopped_by is not None
    assert resume(world.ctx, stopped.run_id).complete
    assert make_undo(world.ctx, run_id).empty


def test_a_plan_of_an_unknown_recipe_is_not_made_anew(world: World) -> None:
    with pytest.raises(BrokenData, match="does not know: magic 7"):
        remake(world.ctx, PROGRAMME, {"recipe": ["magic", "7"]})
