"""When a job is due: triggers of APScheduler, cut to the programme's time and to freezes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.triggers.interval import IntervalTrigger
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connector.errors import ConfigError
from connector.jobs.service.kinds import AFTERWARDS
from connector.jobs.service.slots import Slot, slots_named, slots_of
from connector.programmes.window import Writes
from connector.settings import HOME, Freeze
from tests.jobs.service.timetable import Stage, job
from tests.jobs.world import START


def slot_of(stage: Stage, **more: Any) -> Slot:
    stage.declare(job(**more))
    return slots_of(stage.world.ctx)[0]


def test_cron_is_read_in_viet_nams_time(stage: Stage) -> None:
    slot = slot_of(stage, trigger={"cron": "30 2 * * mon"}, kind="expire-passwords")
    assert slot.next_after(START) == datetime(2025, 12, 8, 2, 30, tzinfo=HOME)


def test_intervals_are_the_same_whoever_begins_when(stage: Stage) -> None:
    slot = slot_of(stage, trigger={"every": "40m"})
    found = {slot.next_after(START + timedelta(minutes=n)) for n in range(40)}
    assert len(found) <= 2


@pytest.mark.parametrize(
    ("trigger", "why"),
    [
        ({"cron": "0 2 * * 1"}, "by their names"),
        ({"cron": "0 2 * *"}, "five fields"),
        ({}, "either cron or every"),
        ({"cron": "0 2 * * *", "every": "1h"}, "either cron or every"),
        ({"every": "15"}, "number with its unit"),
    ],
)
def test_what_could_be_misread_is_refused(trigger: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        job(trigger=trigger)


def test_only_what_goes_by_province_may_name_provinces() -> None:
    with pytest.raises(ValidationError, match="can be run by province"):
        job(kind="report", provinces="all")


def test_a_wrong_cron_line_a_province_and_a_programme_are_told(stage: Stage) -> None:
    for wrong in (
        {"trigger": {"cron": "0 99 * * *"}},
        {"kind": "plan", "provinces": ("99",)},
        {"programme": "nothing"},
    ):
        stage.declare(job(**wrong))
        with pytest.raises(ConfigError):
            slots_of(stage.world.ctx)
    with pytest.raises(ConfigError, match="Known jobs: m"):
        slots_named(stage.world.ctx, "other")


def test_a_job_has_no_tick_when_it_has_no_meaning(stage: Stage) -> None:
    window = stage.world.programme.window
    for kind, first, last in (
        ("mirror", window.starts_at, window.ends_at + AFTERWARDS),
        ("push", window.starts_at, window.ends_at + AFTERWARDS),
        ("apply", None, window.ends_at),
        ("pick-up", None, window.ends_at),
        ("retention", None, None),
    ):
        slot = slot_of(stage, kind=kind)
        closed = slot.work.programme.model_copy(update={"writes": Writes()})
        slot = replace(slot, work=replace(slot.work, programme=closed))
        early = window.starts_at - timedelta(days=90)
        assert slot.next_after(early) == (first or early + timedelta(minutes=15))
        late = slot.next_after(last or window.ends_at + timedelta(days=900))
        assert (late is None) is (last is not None)
    assert slot_of(stage).next_after(window.ends_at + timedelta(days=900)) is not None  # writes.ends_at: open


def test_what_writes_rests_in_a_freeze_of_its_site(stage: Stage) -> None:
    def freeze(*sites: str) -> Freeze:
        times = {"starts_at": "2025-12-02T00:00", "ends_at": "2025-12-03T12:10"}
        return Freeze.model_validate({**times, "why": "an audit", "sites": sites})

    moment = datetime(2025, 12, 2, 3, 0, tzinfo=HOME)
    for frozen, kind, expected in (
        (freeze(), "apply", datetime(2025, 12, 3, 12, 15, tzinfo=HOME)),
        (freeze(), "plan", moment + timedelta(minutes=15)),
        (freeze("other"), "apply", moment + timedelta(minutes=15)),
    ):
        stage.declare(job(kind=kind))
        settings = stage.world.ctx.settings.model_copy(update={"freezes": (frozen,)})
        object.__setattr__(stage.world.ctx, "settings", settings)
        assert slots_of(stage.world.ctx)[0].next_after(moment) == expected


EVERY = st.integers(1, 3000)


@given(every=EVERY, minutes=st.integers(0, 20_000), cut=st.integers(0, 20_000))
def test_however_time_is_cut_the_same_ticks_are_found(every: int, minutes: int, cut: int) -> None:
    from connector.jobs.service.slots import ANCHOR

    trigger = IntervalTrigger(seconds=every * 60, start_date=ANCHOR, timezone=HOME)
    start = datetime(2025, 12, 1, tzinfo=UTC)
    middle = start + timedelta(minutes=min(cut, minutes))

    def ticks(after: datetime, until: datetime) -> list[datetime]:
        found: list[datetime] = []
        at = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
        while at <= until and len(found) < 50:
            found.append(at)
            at = trigger.get_next_fire_time(None, at + timedelta(microseconds=1))
        return found

    end = start + timedelta(minutes=minutes)
    assert (ticks(start, middle) + ticks(middle, end))[:50] == ticks(start, end)
