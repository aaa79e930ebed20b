"""Each tick is run once: by virtual time, over restarts, beside a second service, after errors of each kind."""

from datetime import timedelta

import pytest

from connector.errors import AccessDenied, ConfigError, ConnectorError, Interrupted, PlatformUnavailable
from connector.jobs.service.kinds import Ended, Result
from connector.store.ticks import RETRY, RUNNING
from tests.jobs.service.timetable import Doings, Stage, job
from tests.jobs.world import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def states(stage: Stage) -> list[str]:
    with stage.world.ctx.store.begin() as tx:
        return [tick.state for tick in reversed(tx.ticks.newest(100))]


def test_a_job_runs_at_its_times_and_each_run_is_a_row(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world)
    service = stage.service(stage.faked(doings))
    assert service.run_until(START + HOUR, stage.clock) == 4
    assert doings.at == [START + n * 15 * MINUTE for n in (1, 2, 3, 4)]
    assert states(stage) == ["done"] * 4
    assert stage.clock.now() == START + HOUR
    assert service.look() == 0


def test_two_services_side_by_side_run_each_tick_once(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world)
    one, other = (stage.service(stage.faked(doings)) for _n in range(2))
    for step in range(1, 5):
        stage.clock.go_to(START + step * 15 * MINUTE)
        assert one.look() + other.look() == 1
        one, other = other, one
    assert len(doings.at) == len(set(doings.at)) == 4


def test_after_a_restart_one_tick_is_made_up_for_and_older_ones_are_written_as_missed(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world)
    stage.service(stage.faked(doings)).run_until(START + 15 * MINUTE, stage.clock)
    stage.clock.go_to(START + 5 * HOUR + MINUTE)
    stage.service(stage.faked(doings)).look()
    assert doings.at[1:] == [stage.clock.now()]
    with stage.world.ctx.store.begin() as tx:
        newest = {tick.state: tick for tick in tx.ticks.newest(2)}
    assert newest["done"].due_at == START + 5 * HOUR
    assert newest["done"].counts == {"coalesced": 3}
    assert newest["missed"].due_at == START + 4 * HOUR


def test_without_coalescing_each_missed_tick_is_run(stage: Stage) -> None:
    stage.declare(job(coalesce=False))
    doings = Doings(stage.world)
    service = stage.service(stage.faked(doings))
    stage.clock.go_to(START + HOUR)
    assert service.look() == 4
    assert states(stage) == ["done"] * 4


def test_what_was_due_before_anybody_watched_is_nobodys(stage: Stage) -> None:
    stage.declare(job(trigger={"cron": "0 0 * * *"}, grace="1d"))
    doings = Doings(stage.world)
    assert stage.service(stage.faked(doings)).look() == 0


def test_provinces_are_spread_and_run_once_each(stage: Stage) -> None:
    stage.declare(job(kind="plan", provinces="all", spread="34m", trigger={"cron": "0 9 * * *"}))
    doings = Doings(stage.world)
    stage.service(stage.faked(doings)).run_until(START + 3 * HOUR, stage.clock)
    assert doings.at == [START + HOUR + n * MINUTE for n in range(34)]  # 9:00 there is 2:00 UTC


def test_an_outage_is_retried_more_and_more_slowly_until_the_grace_is_over(stage: Stage) -> None:
    stage.declare(job(trigger={"cron": "0 9 * * *"}, grace="30m"))
    doings = Doings(stage.world, next=[PlatformUnavailable("away") for _n in range(9)])
    stage.service(stage.faked(doings)).run_until(START + 3 * HOUR, stage.clock)
    begun = START + HOUR
    assert [at - begun for at in doings.at] == [n * MINUTE for n in (0, 1, 6, 21)]
    assert states(stage) == ["failed"]
    assert [alert.over for alert in stage.told] == [False]


def test_the_platforms_own_wait_is_kept(stage: Stage) -> None:
    stage.declare(job(trigger={"cron": "0 9 * * *"}))
    doings = Doings(stage.world, next=[PlatformUnavailable("away", retry_after=600)])
    stage.service(stage.faked(doings)).run_until(START + 3 * HOUR, stage.clock)
    assert [at - START for at in doings.at] == [HOUR, HOUR + 10 * MINUTE]
    assert states(stage) == ["done"]


def test_one_alert_for_an_incident_however_often_it_is_met_and_one_when_it_is_over(stage: Stage) -> None:
    stage.declare(job("a"), job("b"))
    doings = Doings(stage.world, asks=True, next=[PlatformUnavailable("away") for _n in range(400)])
    service = stage.service(stage.faked(doings))
    service.run_until(START + 2 * HOUR, stage.clock)
    assert [(alert.key, alert.over) for alert in stage.told] == [("site:sandbox:away", False)]
    doings.next.clear()
    service.run_until(START + 3 * HOUR, stage.clock)
    assert [alert.over for alert in stage.told] == [False, True]


def test_a_short_outage_calls_nobody(stage: Stage) -> None:
    stage.declare(job(trigger={"cron": "0 9 * * *"}))
    doings = Doings(stage.world, asks=True, next=[PlatformUnavailable("away")])
    stage.service(stage.faked(doings)).run_until(START + 5 * HOUR, stage.clock)
    assert len(doings.at) == 2
    assert stage.told == []


def test_what_only_a_person_can_mend_is_told_at_once_and_not_retried_before_the_next_tick(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world, next=[AccessDenied("token"), ConfigError("no"), RuntimeError("Nguyễn Văn A")])
    stage.service(stage.faked(doings)).run_until(START + HOUR, stage.clock)
    assert len(doings.at) == 4
    assert states(stage) == ["failed"] * 3 + ["done"]
    assert [(alert.key.rpartition(":")[2], alert.over) for alert in stage.told] == [
        ("AccessDenied", False),
        ("ConfigError", False),
        ("AccessDenied", True),
        ("RuntimeError", False),
        ("ConfigError", True),
        ("RuntimeError", True),
    ]
    assert not any("Nguyễn" in alert.text for alert in stage.told)


def test_what_waits_for_a_person_is_told_once(stage: Stage) -> None:
    stage.declare(job())
    waiting = Result(ended=Ended.WAITING, needs={"approval": "a plan waits"})
    doings = Doings(stage.world, next=[waiting, waiting, waiting])
    stage.service(stage.faked(doings)).run_until(START + HOUR, stage.clock)
    assert [(alert.text.partition("\n")[0], alert.over) for alert in stage.told][:1] == [("a plan waits", False)]
    assert [alert.over for alert in stage.told] == [False, True]


def test_a_job_that_had_nothing_to_ask_does_not_end_an_outage(stage: Stage) -> None:
    stage.declare(job("a"), job("b"))
    away, idle = Doings(stage.world, next=[PlatformUnavailable("away") for _n in range(400)]), Doings(stage.world)
    slots = (stage.faked(away)[0], stage.faked(idle)[1])
    stage.service(slots).run_until(START + 2 * HOUR, stage.clock)
    assert len(idle.at) == 8
    assert [(alert.key, alert.over) for alert in stage.told] == [("site:sandbox:away", False)]


@pytest.mark.parametrize("error", [PlatformUnavailable("away"), Interrupted("stopped", signal=15)])
def test_an_attempt_that_will_be_made_again_does_not_end_what_waits_for_a_person(
    stage: Stage, error: ConnectorError
) -> None:
    stage.declare(job())
    waiting = Result(ended=Ended.WAITING, needs={"approval": "a plan waits"})
    doings = Doings(stage.world, asks=True, next=[waiting, error, waiting])
    stage.service(stage.faked(doings)).run_until(START + HOUR, stage.clock)
    assert len(doings.at) == 5
    assert [alert.over for alert in stage.told] == [False, True]


def test_a_stop_leaves_the_tick_to_the_next_service(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world)
    service = stage.service(stage.faked(doings))
    stage.clock.go_to(START + 15 * MINUTE)
    doings.next = [Result(ended=Ended.DONE)]
    (slot,) = service.slots
    tick = service._next_tick(slot)
    assert tick is not None
    service.stop()
    assert service.run(slot, tick) == RETRY
    assert service.look() == 0
    assert stage.service(stage.faked(doings)).look() == 1
    assert states(stage) == ["done"]
    assert stage.told == []


def test_a_tick_whose_holder_died_is_run_by_the_other(stage: Stage) -> None:
    stage.declare(job(trigger={"cron": "0 9 * * *"}))
    doings = Doings(stage.world)
    dead, other = stage.service(stage.faked(doings)), stage.service(stage.faked(doings))
    stage.clock.go_to(START + HOUR)
    (slot,) = dead.slots
    assert dead._next_tick(slot) is not None  # and then nothing more is heard of it
    assert states(stage) == [RUNNING]
    assert other.look() == 1
    assert states(stage) == ["done"]
    with stage.world.ctx.store.begin() as tx:
        assert [tick.attempts for tick in tx.ticks.newest(9)] == [2]


def test_a_paused_job_rests_and_what_was_due_meanwhile_is_not_made_up_for(stage: Stage) -> None:
    stage.declare(job())
    doings = Doings(stage.world)
    service = stage.service(stage.faked(doings))
    with stage.world.ctx.store.begin() as tx:
        tx.job_states.pause("m", "lan", "an upgrade", START)
    assert service.run_until(START + HOUR + MINUTE, stage.clock) == 0
    with stage.world.ctx.store.begin() as tx:
        tx.job_states.resume("m", stage.clock.now())
    service.run_until(START + 2 * HOUR, stage.clock)
    assert [at - START for at in doings.at] == [HOUR + n * MINUTE for n in (15, 30, 45, 60)]
