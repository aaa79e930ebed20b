"""What people do with jobs: a hand's run is a line of the history and never beside the service's."""

import pytest

from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.lease import only_one
from connector.jobs.service.by_hand import job_history, job_lines, pause_job, resume_job, run_now
from connector.jobs.service.service import lease_name
from connector.jobs.service.slots import slots_of
from tests.jobs.service.timetable import Stage, job
from tests.jobs.world import START


def test_a_run_by_hand_is_a_line_and_moves_no_tick(stage: Stage) -> None:
    stage.declare(job("tidy", "retention", trigger={"cron": "0 9 * * *"}))
    before = job_lines(stage.world.ctx)
    (tick,) = run_now(stage.world.ctx, "tidy")
    assert (tick.state, tick.trigger, tick.due_at) == ("nothing", "hand", START)
    (line,) = job_lines(stage.world.ctx)
    assert (line.next_at, line.last_good) == (before[0].next_at, START)
    assert job_history(stage.world.ctx, "tidy", 5) == [tick] == job_history(stage.world.ctx, None, 5)


def test_it_does_not_run_beside_the_service_nor_for_a_province_that_it_has_not(stage: Stage) -> None:
    stage.declare(job("by", "plan", provinces=("01", "79")))
    (slot, _other) = slots_of(stage.world.ctx)
    with only_one(stage.world.ctx, lease_name(slot)), pytest.raises(UnsafePlanError, match="running 'by:01'"):
        run_now(stage.world.ctx, "by")
    with pytest.raises(ConfigError, match="not run for these"):
        run_now(stage.world.ctx, "by", ("04",))
    assert [tick.slot for tick in run_now(stage.world.ctx, "by", ("79",))] == ["by:79"]


def test_a_paused_job_has_no_next_tick_and_can_be_run_by_hand(stage: Stage) -> None:
    stage.declare(job("tidy", "retention"))
    with pytest.raises(ConfigError, match="reason"):
        pause_job(stage.world.ctx, "tidy", "lan", "  ")
    pause_job(stage.world.ctx, "tidy", "lan", "an upgrade")
    (line,) = job_lines(stage.world.ctx)
    assert line.state is not None
    assert (line.next_at, line.state.paused_by) == (None, "lan")
    assert run_now(stage.world.ctx, "tidy")[0].state == "nothing"
    resume_job(stage.world.ctx, "tidy")
    assert job_lines(stage.world.ctx)[0].next_at is not None
