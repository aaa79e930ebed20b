"""Slots: each declared job, or each province of one, with the trigger that says when it is due.

APScheduler's triggers compute the moments; here they are cut to when the job has a meaning: the programme's time, and
outside of freezes. A spread moves each province by its place in the list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.plan import check_provinces
from connector.jobs.service.kinds import Kind, Work, kinds
from connector.language import _
from connector.places import provinces
from connector.settings import HOME, Freeze, ScheduledJob, Settings

# Intervals are counted from here, so that two services, and one after a restart, have the same ticks.
ANCHOR = datetime(2025, 1, 1, tzinfo=HOME)
NAME_LENGTH = 60
INSTANT = timedelta(microseconds=1)


class Trigger(Protocol):
    """What APScheduler's triggers can do."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The first moment that is not before `now`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A line of the timetable: a job, for one province and one site where it is run by these.

    `offset` is its share of the spread; `freezes` are those of its site, if it writes.
    """

    name: str
    work: Work
    kind: Kind
    trigger: Trigger
    grace: timedelta
    offset: timedelta = timedelta(0)
    freezes: tuple[Freeze, ...] = ()

    @property
    def job(self) -> ScheduledJob:
        """The job as it was declared."""
        return self.work.job

    @property
    def lane(self) -> str:
        """Jobs of one lane run one after the other: a platform is asked by one job at a time."""
        return f"site:{self.work.programme.site}" if self.kind.asks_platform else "local"

    def next_after(self, moment: datetime) -> datetime | None:
        """The first tick after this moment at which the job has a meaning; None when there is none any more."""
        first, last = self.kind.span(self.work.programme)
        at = moment + INSTANT
        while True:
            found = self.trigger.get_next_fire_time(None, (max(at, first) if first else at) - self.offset)
            if found is None:
                return None
            tick = found + self.offset
            if last is not None and tick >= last:
                return None
            frozen = max((one.ends_at for one in self.freezes if one.starts_at <= tick < one.ends_at), default=None)
            if frozen is None:
                return tick
            at = frozen

    def between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """The ticks after the first moment and not after the second, in order."""
        tick = self.next_after(after)
        while tick is not None and tick <= until:
            yield tick
            tick = self.next_after(tick)


def slots_of(ctx: Context) -> tuple[Slot, ...]:
    """The timetable of the configuration. Raises ConfigError: unknown programme, site or province, a bad cron line."""
    return tuple(slot for job in ctx.settings.jobs for slot in _slots(ctx, job))


def slots_named(ctx: Context, name: str) -> tuple[Slot, ...]:
    """The slots of the job of this name. Raises ConfigError naming the known ones."""
    for job in ctx.settings.jobs:
        if job.name == name:
            return tuple(_slots(ctx, job))
    known = ", ".join(job.name for job in ctx.settings.jobs) or "-"
    raise ConfigError(
        _("There is no job '{name}' in the configuration.").format(name=name),
        hint=_("Known jobs: {known}.").format(known=known),
    )


def _slots(ctx: Context, job: ScheduledJob) -> Iterator[Slot]:
    programme = ctx.programme(job.programme or None)
    kind, trigger = kinds()[job.job], _trigger(job)
    for here in programme.by_site:
        ctx.settings.site(here.site)
    codes = [one.code for one in provinces()] if job.provinces == "all" else list(job.provinces)
    check_provinces(codes)
    for place, code in enumerate(codes or [""]):
        for here in programme.by_site if kind.asks_platform else (programme,):
            if code and not here.serves(code):
                continue  # what is left of a province that has moved away waits for a person
            work = Work(job=job, programme=here, province_code=code)
            yield Slot(
                name=_name(work),
                work=work,
                kind=kind,
                trigger=trigger,
                grace=kind.grace if job.grace is None else job.grace,
                offset=job.spread * place / len(codes) if codes else timedelta(0),
                freezes=_freezes(ctx.settings, here.site) if kind.writes else (),
            )


def _name(work: Work) -> str:
    """The slot's name: the job's, with its province and site where it has any. Raises ConfigError if it is too long."""
    province = f":{work.province_code}" if work.province_code else ""
    name = work.job.name + province + (f"@{work.site}" if work.site else "")
    if len(name) > NAME_LENGTH:
        raise ConfigError(
            _("jobs: the name '{name}' is too long with its province and site; it may have {most} signs.").format(
                name=name, most=NAME_LENGTH
            )
        )
    return name


def _freezes(settings: Settings, site: str) -> tuple[Freeze, ...]:
    return tuple(one for one in settings.freezes if not one.sites or site in one.sites)


def _trigger(job: ScheduledJob) -> Trigger:
    if not job.trigger.cron:
        made: Trigger = IntervalTrigger(
            seconds=int(job.trigger.every.total_seconds()), start_date=ANCHOR, timezone=HOME
        )
        return made
    try:
        made = CronTrigger.from_crontab(job.trigger.cron, timezone=HOME)
    except ValueError as error:
        raise ConfigError(
            _("jobs: {name}: the cron line '{line}' cannot be read: {why}.").format(
                name=job.name, line=job.trigger.cron, why=error
            )
        ) from None
    return made
