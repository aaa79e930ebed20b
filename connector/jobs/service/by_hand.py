"""Use case: what people do with scheduled jobs: look at them, run one now, pause and resume it."""

from dataclasses import dataclass, replace
from datetime import datetime

from connector.context import Context
from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.lease import only_one
from connector.jobs.service.kinds import GOOD
from connector.jobs.service.service import Service, claim, lease_name
from connector.jobs.service.slots import Slot, slots_named
from connector.language import _
from connector.store.job_states import JobState
from connector.store.ticks import Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLine:
    """A declared job: the first of its next ticks (None: none, or paused), its last good end, its state once watched.

    `slots` are its provinces, or it alone; `opened` those of their ticks that run or wait for another attempt.
    """

    slots: tuple[Slot, ...]
    next_at: datetime | None
    last_good: datetime | None
    state: JobState | None
    opened: tuple[Tick, ...]


def job_lines(ctx: Context) -> list[JobLine]:
    """The declared jobs, those by province as one, in the order of the configuration. Reads only."""
    names = [job.name for job in ctx.settings.jobs]
    with ctx.store.begin() as tx:
        states, last, opened = tx.job_states.by_job(), tx.ticks.last_of(names, GOOD), tx.ticks.opened()
    lines = []
    for job in ctx.settings.jobs:
        slots, state = slots_named(ctx, job.name), states.get(job.name)
        paused = state is not None and state.paused_at is not None
        following = () if paused else (one.next_after(ctx.now()) for one in slots)
        lines.append(
            JobLine(
                slots=slots,
                next_at=min((at for at in following if at is not None), default=None),
                last_good=last.get(job.name),
                state=state,
                opened=tuple(tick for tick in opened if tick.job == job.name),
            )
        )
    return lines


def run_now(ctx: Context, name: str, provinces: tuple[str, ...] = ()) -> list[Tick]:
    """Run the job of this name now (of these provinces), paused or not; how each slot ended.

    Raises ConfigError for an unknown job or province, UnsafePlanError while a service is running the same.
    """
    slots = [one for one in slots_named(ctx, name) if not provinces or one.work.province_code in provinces]
    if not slots:
        raise ConfigError(_("The job '{name}' is not run for these provinces.").format(name=name))
    service = Service(ctx, slots, lambda _alert: False)
    service.ctx = replace(ctx, caller=replace(ctx.caller, trigger="hand"))
    return [_run(service, slot) for slot in slots]


def _run(service: Service, slot: Slot) -> Tick:
    ctx = service.ctx
    with only_one(ctx, lease_name(slot)) as mine:
        if not mine:
            raise UnsafePlanError(_("The service is running '{name}' at this moment.").format(name=slot.name))
        ctx.safe_point()
        now = ctx.now()
        with ctx.store.begin() as tx:
            tick = claim(tx, slot, now, who=ctx.caller.who, now=now, trigger="hand")
        if tick is None:
            raise UnsafePlanError(_("The service is running '{name}' at this moment.").format(name=slot.name))
        service.run(slot, tick)
    with ctx.store.begin() as tx:
        return tx.ticks.find(slot.name, tick.due_at) or tick


def pause_job(ctx: Context, name: str, by: str, reason: str) -> None:
    """Let the service not run this job until it is resumed. Raises ConfigError: unknown job, or no reason."""
    slots_named(ctx, name)
    if not reason.strip():
        raise ConfigError(_("A pause needs a reason."), hint=_("connector jobs pause NAME --reason 'why'"))
    with ctx.store.begin() as tx:
        tx.job_states.pause(name, by.strip() or ctx.caller.who, reason.strip(), ctx.now())


def resume_job(ctx: Context, name: str) -> None:
    """Let the service run this job again; what was due meanwhile is not made up for."""
    slots_named(ctx, name)
    with ctx.store.begin() as tx:
        tx.job_states.resume(name, ctx.now())


def job_history(ctx: Context, name: str | None, last: int) -> list[Tick]:
    """The last so many ticks (of this job), the newest first. Reads only."""
    if name is not None:
        slots_named(ctx, name)
    with ctx.store.begin() as tx:
        return tx.ticks.newest(last, name)
