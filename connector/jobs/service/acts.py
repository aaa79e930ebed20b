"""The jobs as the service runs them: each calls one use case and tells how it ended."""

from datetime import timedelta

from connector.context import Context
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate as evaluate_job
from connector.jobs.expire_passwords import expire_passwords
from connector.jobs.mirror import JOB as MIRROR
from connector.jobs.mirror import Reach
from connector.jobs.mirror import mirror as mirror_job
from connector.jobs.report import progress_report
from connector.jobs.retention import retention as retention_job
from connector.jobs.service.kinds import Ended, Result, Work
from connector.language import _


def mirror_moved(ctx: Context, work: Work) -> Result:
    """Copy what moved. Writes the mirror."""
    return _mirror(ctx, work, Reach.MOVED)


def mirror_rolling(ctx: Context, work: Work) -> Result:
    """Copy what moved, and a seventh of the others. Writes the mirror."""
    return _mirror(ctx, work, Reach.ROLLING)


def mirror_full(ctx: Context, work: Work) -> Result:
    """Copy everything. Writes the mirror."""
    return _mirror(ctx, work, Reach.FULL)


def _mirror(ctx: Context, work: Work, reach: Reach) -> Result:
    outcome = mirror_job(ctx, work.programme.key, reach=reach)
    counts = {"learners_read": outcome.learners_read, "requests": outcome.requests, "odd": len(outcome.odd)}
    needs = {}
    if outcome.held:
        words = _("{count} parts of the mirror lost too much to be believed and are held ('connector mirror status').")
        needs["shrunk"] = words.format(count=len(outcome.held))
    ended = Ended.PARTLY if outcome.odd or outcome.held else Ended.DONE
    return Result(ended=ended, counts=counts, run_id=outcome.run_id, needs=needs)


def _is_mirrored(ctx: Context, work: Work) -> bool:
    with ctx.store.begin() as tx:
        return tx.runs.latest(MIRROR, work.programme.key) is not None


def _too_early() -> Result:
    """Before the first mirror there is nothing to judge or report; that it fails is the mirror's incident."""
    return Result(ended=Ended.NOTHING, message=_("Nothing of the programme has been mirrored yet."))


def evaluate(ctx: Context, work: Work) -> Result:
    """Judge everybody whose facts moved. Writes verdicts."""
    if not _is_mirrored(ctx, work):
        return _too_early()
    outcome = evaluate_job(ctx, work.programme.key)
    counts = {"judged": outcome.judged, "passed": outcome.passed, "changed": outcome.changed, "cases": outcome.cases}
    needs = {}
    if outcome.open_cases:
        words = _("{count} cases of certificates await a person's decision ('connector cases').")
        needs["cases"] = words.format(count=outcome.open_cases)
    ended = Ended.DONE if outcome.changed else Ended.NOTHING
    return Result(ended=ended, counts=counts, run_id=outcome.run_id, needs=needs)


def push(ctx: Context, work: Work) -> Result:
    """Release and register the certificates that are due. Writes to the platform."""
    outcome = push_certificates(ctx, work.programme.key)
    counts = {
        "decided": outcome.decided,
        "granted": outcome.granted,
        "issued": len(outcome.issued),
        "waiting": outcome.waiting,
        "withdrawn": outcome.withdrawn,
        "refused": len(outcome.refused),
        "unapproved": outcome.unapproved,
    }
    did = outcome.granted or outcome.issued or outcome.withdrawn
    ended = Ended.DONE if did else Ended.NOTHING
    needs = {}
    if outcome.unapproved:
        ended = Ended.WAITING
        words = _("{count} certificates wait for approval ('connector certificates approve').")
        needs["approval"] = words.format(count=outcome.unapproved)
    if outcome.refused:
        ended = Ended.PARTLY
        needs["refused"] = _("The platform refused {count} certificates.").format(count=len(outcome.refused))
    if outcome.doubles:
        words = _("{count} people have a second certificate on the platform ('connector certificates push').")
        needs["doubles"] = words.format(count=len(outcome.doubles))
    if outcome.overdue:
        words = _("{count} certificates have waited too long ('connector certificates status').")
        needs["overdue"] = words.format(count=len(outcome.overdue))
    message = " ".join(needs.values())
    return Result(ended=ended, counts=counts, run_id=outcome.run_id, needs=needs, message=message)


def report(ctx: Context, work: Work) -> Result:
    """Write the progress report into the state folder."""
    if not _is_mirrored(ctx, work):
        return _too_early()
    outcome = progress_report(ctx, work.programme.key, formats=work.job.formats)
    return Result(ended=Ended.DONE, file=str(outcome.files[0]) if outcome.files else "")


def expire(ctx: Context, _work: Work) -> Result:
    """Destroy stored passwords that have done their service."""
    gone = expire_passwords(ctx)
    counts = {"handed_out": gone.handed_out, "logged_in": gone.logged_in, "old": gone.old}
    return Result(ended=Ended.DONE if any(counts.values()) else Ended.NOTHING, counts=counts)


def retention(ctx: Context, _work: Work) -> Result:
    """Delete what is older than `retention` lets it be kept, and the history of jobs older than `serve.keep_days`."""
    deleted = retention_job(ctx, really=True)
    before = ctx.now() - timedelta(days=ctx.settings.serve.keep_days)
    with ctx.store.begin() as tx:
        own = {"ticks": tx.ticks.forget(before), "incidents": tx.incidents.forget(before)}
    counts = {**deleted, **own}
    return Result(ended=Ended.DONE if any(counts.values()) else Ended.NOTHING, counts=counts)
