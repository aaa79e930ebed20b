"""Use case: judge every registered learner by the programme's rule, from the mirror alone."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs import mirror as mirror_job
from connector.jobs.people import People, people_of
from connector.jobs.recorded_run import recorded_run
from connector.language import _
from connector.model import TopicResult, Verdict
from connector.programmes.definition import Programme
from connector.programmes.engine import Person, judge_all
from connector.programmes.facts import NOTHING, result_row
from connector.store.runs import Run

JOB = "evaluate"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateOutcome:
    """How many were judged, how many passed, how many verdicts changed; `snapshot` is the mirror run they rest on."""

    snapshot: Run
    judged: int
    passed: int
    changed: int


def evaluate(ctx: Context, programme_key: str | None = None) -> EvaluateOutcome:
    """Judge all registered learners and store the verdicts that differ. The platform is not asked.

    Raises ConfigError when nothing has been mirrored yet: without facts there is no verdict.
    """
    programme = ctx.programme(programme_key)
    snapshot = latest_snapshot(ctx, programme)
    people = people_of(ctx, programme)
    judged = passed = 0
    changed: list[Verdict] = []
    with recorded_run(ctx, JOB, programme) as run:
        with ctx.store.begin() as tx:
            known = tx.verdicts.fingerprints(programme.key)
            results = tx.mirror.results(programme.site, sorted({ref.course for ref in programme.refs}))
            for verdict in judge_all(programme, _facts(people, results)):
                judged += 1
                passed += verdict.passed
                if known.get(verdict.phone) != (verdict.rule_version, verdict.facts_hash):
                    changed.append(verdict)
        with ctx.store.begin() as tx:
            tx.verdicts.save(changed, snapshot.id, ctx.now())
        run.counts = {"judged": judged, "passed": passed, "changed": len(changed)}
    return EvaluateOutcome(snapshot=snapshot, judged=judged, passed=passed, changed=len(changed))


def latest_snapshot(ctx: Context, programme: Programme) -> Run:
    """The last mirror run that ended well. Raises ConfigError when there is none."""
    with ctx.store.begin() as tx:
        snapshot = tx.runs.latest(mirror_job.JOB, programme.key)
    if snapshot is None:
        raise ConfigError(
            _("Nothing of the programme '{key}' has been mirrored yet.").format(key=programme.key),
            hint=_("Run 'connector mirror' first."),
        )
    return snapshot


def _facts(people: People, results: Iterator[tuple[str, list[TopicResult]]]) -> Iterator[Person]:
    """Each registered learner with his facts; those without any come last."""
    waiting = {
        people.username_of[item.learner.phone]: item.learner.phone for item in people.registrations if item.takes_part
    }
    for username, found in results:
        phone = waiting.pop(username, None)
        if phone is not None:
            yield phone, [result_row(result) for result in found], NOTHING
    for phone in waiting.values():
        yield phone, (), NOTHING
