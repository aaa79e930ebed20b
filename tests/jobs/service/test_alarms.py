"""Who is called, and that nobody is called twice or by mistake."""

from datetime import timedelta

from connector.errors import AccessDenied, PlatformUnavailable
from connector.jobs.service.alarms import Alert, tell_all
from connector.jobs.service.kinds import Ended, Result
from connector.jobs.service.service import Service
from connector.jobs.service.slots import slots_of
from tests.jobs.service.timetable import Doings, Stage, job
from tests.jobs.world import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_an_alert_that_nobody_took_is_told_again_until_somebody_does(stage: Stage) -> None:
    stage.declare(job(trigger={"cron": "0 9 * * *"}))
    offered: list[Alert] = []

    def third_time(alert: Alert) -> bool:
        offered.append(alert)
        return len(offered) == 3

    doings = Doings(stage.world, next=[AccessDenied("token")])
    service = Service(stage.world.ctx, stage.faked(doings), third_time)
    service.start()
    service.run_until(START + HOUR, stage.clock)
    assert len(offered) == 1
    assert [tell_all(stage.world.ctx, third_time) for _look in range(3)] == [0, 1, 0]


def test_an_alert_names_the_province_of_the_job(stage: Stage) -> None:
    stage.declare(job("sync", kind="apply", provinces=("01", "79"), trigger={"cron": "0 9 * * *"}))
    doings = Doings(stage.world, next=[AccessDenied("token")])
    stage.service(stage.faked(doings)).run_until(START + HOUR, stage.clock)
    assert [alert.subject for alert in stage.told] == ["Needs a person: job sync:01"]


def test_incidents_of_what_is_no_longer_declared_are_over_at_the_next_start(stage: Stage) -> None:
    stage.declare(job("old"), job("kept"))
    doings = Doings(stage.world, next=[AccessDenied("token"), AccessDenied("token"), *[PlatformUnavailable("x")] * 99])
    service = stage.service(stage.faked(doings))
    service.run_until(START + 55 * MINUTE, stage.clock)
    told = [(alert.key, alert.over) for alert in stage.told]  # that a site is away does not end a refused token
    assert told == [("job:kept:AccessDenied", False), ("job:old:AccessDenied", False), ("site:sandbox:away", False)]
    stage.declare(job("kept"))
    stage.service(slots_of(stage.world.ctx)).tell()
    assert [alert.key for alert in stage.told if alert.over] == ["job:old:AccessDenied"]


def test_a_second_need_is_told_while_the_first_lasts(stage: Stage) -> None:
    stage.declare(job())
    held, both = {"held": "guards hold 3"}, {"held": "guards hold 3", "approval": "a plan waits"}
    results = [Result(ended=Ended.NOTHING, needs=needs) for needs in (held, both, {"approval": "a plan waits"}, {})]
    stage.service(stage.faked(Doings(stage.world, next=[*results]))).run_until(START + HOUR, stage.clock)
    assert [(alert.key, alert.over) for alert in stage.told] == [
        ("job:m:held", False),
        ("job:m:approval", False),
        ("job:m:held", True),
        ("job:m:approval", True),
    ]
