"""The service and a programme on two sites: what asks a platform has a lane for each, everything else is one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import ConfigError, PlatformUnavailable
from connector.jobs.service.alarms import Alert
from connector.jobs.service.clock import SteppedClock
from connector.jobs.service.endpoints import Numbers
from connector.jobs.service.service import Service
from connector.jobs.service.slots import slots_named, slots_of
from connector.settings import Freeze, ScheduledJob
from tests.jobs.country import IN_SOUTH, NORTH, PEOPLE, SOUTH, Country, both, gate_of
from tests.jobs.service.timetable import job
from tests.jobs.world import START

JOBS = (
    job("sync", "apply", trigger={"cron": "5 * * * *"}),
    job("copy", "mirror", trigger={"cron": "10 * * * *"}),
    job("judge", "evaluate", trigger={"cron": "20 * * * *"}),
    job("certificates", "push", trigger={"cron": "30 * * * *"}),
    job("report", "report", trigger={"cron": "0 9 * * *"}, formats=("csv",)),
)


def serve(made: Country, *jobs: ScheduledJob) -> tuple[Service, SteppedClock, list[Alert]]:
    clock = SteppedClock(made.now)
    told: list[Alert] = []

    def tell(alert: Alert) -> bool:
        told.append(alert)
        return True

    made.ctx = replace(
        made.ctx,
        settings=made.ctx.settings.model_copy(update={"jobs": jobs}),
        now=clock.now,
        wait=clock.wait,
    )
    service = Service(made.ctx, slots_of(made.ctx), tell)
    service.start()
    return service, clock, told


def test_what_asks_a_platform_has_a_lane_for_each_site(country: Country) -> None:
    service, _clock, _told = serve(country, *JOBS)
    assert {slot.name: slot.lane for slot in service.slots} == {
        **{f"{name}@{site}": f"site:{site}" for name in ("sync", "copy", "certificates") for site in (NORTH, SOUTH)},
        "judge": "local",
        "report": "local",
    }


def test_each_province_is_planned_on_the_site_that_serves_it(country: Country) -> None:
    slots = serve(country, job("sync", "apply", provinces=("40", "92")))[0].slots
    assert [slot.name for slot in slots] == [f"sync:40@{NORTH}", f"sync:92@{SOUTH}"]
    everywhere = serve(country, job("sync", "apply", provinces="all"))[0].slots
    assert len(everywhere) == 34


def test_the_whole_road_goes_by_itself_on_both(country: Country) -> None:
    country.define(sites=both(), unattended={"apply": True, "most": 1000, "losses": 0})
    country.register(*PEOPLE)
    service, clock, told = serve(country, *JOBS)
    service.run_until(START + timedelta(minutes=15), clock)
    for one in PEOPLE:
        country.complete(country.home(one), one, 19, at=clock.now())
    service.run_until(START + timedelta(minutes=99), clock)
    for here in country.programme.by_site:
        country.lms[here.site].issue_certificates(gate_of(here), clock.now())
    service.run_until(START + timedelta(hours=3), clock)
    assert {country.entry(one).seq for one in PEOPLE} == set(range(1, 10))
    assert {country.entry(one).site for one in IN_SOUTH} == {SOUTH}
    assert list((country.ctx.settings.state_dir / "reports").glob("*.csv"))
    assert not told
    parts = [sample.labels for metric in Numbers(service).collect() for sample in metric.samples]
    assert {labels["site"] for labels in parts if "part" in labels} == {NORTH, SOUTH}


def test_one_sites_outage_does_not_hold_the_other(country: Country) -> None:
    country.register(*PEOPLE)
    country.lms[NORTH].outages += [PlatformUnavailable("away")] * 20
    service, clock, told = serve(country, JOBS[1])
    service.run_until(START + timedelta(hours=1), clock)
    with country.ctx.store.begin() as tx:
        states = {tick.slot: tick.state for tick in tx.ticks.newest(10)}
    assert (states[f"copy@{SOUTH}"], states[f"copy@{NORTH}"]) == ("done", "retry")
    assert {alert.key for alert in told} <= {f"site:{NORTH}:away"}


def test_one_sites_freeze_does_not_hold_the_other(country: Country) -> None:
    days = {"starts_at": "2025-12-01T00:00", "ends_at": "2025-12-03T00:00"}
    freeze = Freeze.model_validate(days | {"why": "exam", "sites": [NORTH]})
    country.ctx = replace(country.ctx, settings=country.ctx.settings.model_copy(update={"freezes": (freeze,)}))
    due = {slot.work.site: slot.next_after(START) for slot in serve(country, JOBS[0])[0].slots}
    assert due[NORTH] == freeze.ends_at + timedelta(minutes=5)
    assert due[SOUTH] == START + timedelta(minutes=5)


def test_a_name_that_grows_too_long_with_its_site_is_refused(country: Country) -> None:
    country.define(sites=both() | {"s" * 40: {"provinces": ["01"]}})
    settings = country.ctx.settings
    sites = settings.sites | {"s" * 40: settings.sites[NORTH]}
    long = job("n" * 40, "mirror")
    ctx = replace(country.ctx, settings=settings.model_copy(update={"sites": sites, "jobs": (long,)}))
    with pytest.raises(ConfigError, match="too long with its province and site"):
        slots_named(ctx, long.name)
