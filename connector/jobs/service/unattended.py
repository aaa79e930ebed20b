"""Plans and applies without a person: inside the programme's limits they are made true, all others wait for approval.

A person approves a waiting plan with `connector approve` on its file; the next tick of the apply then makes it.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from connector.context import Context
from connector.errors import RetryableError, UnsafePlanError
from connector.jobs.apply import apply as apply_job
from connector.jobs.apply import load_plan, save_plan
from connector.jobs.lease import writer
from connector.jobs.plan import make_plan
from connector.jobs.resume import BROKEN_OFF
from connector.jobs.resume import resume as resume_job
from connector.jobs.service.kinds import Ended, Result, Work
from connector.language import _
from connector.store.journal import JOB
from connector.store.runs import Run
from connector.sync.guards import check_age
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan

# Applies among which the last one of a province is looked for: each province may have had some since.
LOOKED_BACK = 200


def plan(ctx: Context, work: Work) -> Result:
    """Make the plan and keep it as a file. Nothing is written to the platform."""
    made = _plan(ctx, work)
    if made.empty:
        return Result(ended=Ended.NOTHING, counts=_counts(made), needs=_held(made))
    waits_for = why_to_wait(work, made)
    if waits_for:
        return _waiting(ctx, work, made, waits_for)
    return Result(ended=Ended.DONE, counts=_counts(made), file=str(plan_file(ctx, work)), needs=_held(made))


def apply(ctx: Context, work: Work) -> Result:
    """Go on with an apply that was broken off, then make what is needed now, if that may be done unattended.

    Writes to the platform. Raises what an apply raises; an outage in its midst is raised as well, to be tried again.
    """
    if writer(ctx, work.programme.site) is not None:
        raise RetryableError(_("Somebody else writes to the site '{site}' now.").format(site=work.programme.site))
    rest = _rest(ctx, work)
    if rest is not None and ctx.settings.freeze(work.programme.site, ctx.now()) is not None:
        return rest
    made = _now(ctx, work)
    if rest is None:
        return made
    counts = {name: rest.counts.get(name, 0) + made.counts.get(name, 0) for name in {**rest.counts, **made.counts}}
    ended = rest.ended if made.ended is Ended.NOTHING else made.ended
    return replace(made, ended=ended, counts=counts, run_id=made.run_id or rest.run_id)


def _rest(ctx: Context, work: Work) -> Result | None:
    """Make the rest of an apply that was broken off; None when there is none."""
    broken = _broken_off(ctx, work)
    if broken is None:
        return None
    try:
        return _told(ctx, work, resume_job(ctx, broken.id))
    except UnsafePlanError:
        return None  # the world has moved since, or the plan is too old: what is left of it is in a plan made now


def _now(ctx: Context, work: Work) -> Result:
    """Make what is needed now, if that may be done unattended."""
    made = _plan(ctx, work)
    if made.empty:
        return Result(ended=Ended.NOTHING, counts=_counts(made), needs=_held(made))
    waits_for = why_to_wait(work, made)
    if waits_for and not _approved(ctx, made.checksum, made.author, made.created_at):
        return _waiting(ctx, work, made, waits_for)
    return _told(ctx, work, apply_job(ctx, made), made)


def why_to_wait(work: Work, made: Plan) -> str:
    """Why the plan may not be applied without a person, in words; '' when it may."""
    terms = work.programme.unattended
    if not terms.apply:
        return _("the programme lets nothing be applied unattended (unattended.apply)")
    if made.needs_approval:
        return _("it needs the approval of a second person (approval.when)")
    if len(made.changes) > terms.most:
        return _("it has {count} changes, and {most} may be applied unattended (unattended.most)").format(
            count=len(made.changes), most=terms.most
        )
    losing = len({change.username for change in made.changes if change.takes_access})
    if losing > terms.losses:
        return _("{count} people would lose access, and {most} may unattended (unattended.losses)").format(
            count=losing, most=terms.losses
        )
    return ""


def plan_file(ctx: Context, work: Work) -> Path:
    """Where the plan of this programme (and province) waits."""
    name = "-".join(filter(None, (work.programme.key, work.site, *work.provinces)))
    return ctx.settings.state_dir / "plans" / f"{name}.json"


def _plan(ctx: Context, work: Work) -> Plan:
    """What is needed now; the plan that waits already, where it says the same and is not too old."""
    made, path = make_plan(ctx, work.programme.key, work.provinces), plan_file(ctx, work)
    if path.exists():
        waiting = load_plan(path)
        try:
            check_age(waiting, ctx.now(), ctx.settings.limits)
        except UnsafePlanError:
            pass  # nobody came in time: the new one takes its place
        else:
            if waiting.checksum == made.checksum:
                return waiting
    if made.empty:
        path.unlink(missing_ok=True)
    else:
        save_plan(made, path)
    return made


def _approved(ctx: Context, checksum: str, author: str, created_at: datetime) -> bool:
    """True when somebody else than its author has approved this very plan since it was made."""
    with ctx.store.begin() as tx:
        given = tx.approvals.of_plan(checksum)
    name = author.strip().casefold()
    return any(one.approved_at >= created_at and one.approver.strip().casefold() != name for one in given)


def _waiting(ctx: Context, work: Work, made: Plan, waits_for: str) -> Result:
    path = plan_file(ctx, work)
    words = _("A plan of {count} changes waits for approval: {why}. Look at it and type: connector approve {path}")
    told = words.format(count=len(made.changes), why=waits_for, path=path)
    needs = {"approval": told, **_held(made)}
    return Result(ended=Ended.WAITING, message=told, counts=_counts(made), file=str(path), needs=needs)


def _held(made: Plan) -> dict[str, str]:
    if not made.held:
        return {}
    return {"held": _("Guards hold back {count} changes; see 'connector plan'.").format(count=len(made.held))}


def _counts(made: Plan) -> dict[str, int]:
    return {"changes": len(made.changes), "held": len(made.held)}


def _broken_off(ctx: Context, work: Work) -> Run | None:
    """The last apply of the programme for these provinces, when the service began it and it did not come to its end.

    What a person began and stopped is not gone on with: he may have had a reason. Nor is what may no longer be done
    unattended, unless it had been approved.
    """
    with ctx.store.begin() as tx:
        newest = tx.runs.newest(LOOKED_BACK, job=JOB, programme=work.programme.key, site=work.site or None)
    run = next((one for one in newest if one.terms.get("provinces", []) == list(work.provinces)), None)
    if run is None or run.outcome not in BROKEN_OFF or run.trigger != "schedule" or "created_at" not in run.terms:
        return None
    created_at = datetime.fromisoformat(run.terms["created_at"])
    may = work.programme.unattended.apply or _approved(ctx, run.checksum, run.terms.get("author", ""), created_at)
    return run if may else None


def _told(ctx: Context, work: Work, outcome: ApplyOutcome, made: Plan | None = None) -> Result:
    if outcome.stopped_by is not None and ctx.settings.freeze(work.programme.site, ctx.now()) is not None:
        message = str(outcome.stopped_by)
        return Result(ended=Ended.PARTLY, message=message, counts=outcome.counts, run_id=outcome.run_id)
    if outcome.stopped_by is not None:
        raise outcome.stopped_by
    needs = _held(made) if made else {}
    if outcome.refused:
        words = _("The platform refused {count} changes; see 'connector runs show {run}'.")
        needs = {"refused": words.format(count=outcome.refused, run=outcome.run_id), **needs}
    ended = Ended.DONE if outcome.complete else Ended.PARTLY
    message = " ".join(needs.values())
    return Result(ended=ended, counts=outcome.counts, run_id=outcome.run_id, needs=needs, message=message)
