"""Use case: the progress report of a programme, from verdicts, mirror and register as they stand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from connector.certificates.entry import RegisterEntry
from connector.context import Context
from connector.jobs.acts import record_act
from connector.jobs.evaluate import latest_snapshot
from connector.jobs.freshness import freshness_of
from connector.jobs.over_sites import Accesses, grades_of, members_on
from connector.jobs.people import registrations_of
from connector.jobs.plan import check_provinces
from connector.language import _
from connector.model import Verdict
from connector.places import commune_by_code, province_by_code, provinces
from connector.programmes.definition import Programme
from connector.programmes.describe import describe_missing
from connector.programmes.topics import TopicKind
from connector.reports.definition import find_report
from connector.reports.progress import Snapshot, build_progress
from connector.reports.rows import LearnerRow, Report
from connector.reports.shown import file_stem
from connector.reports.summary import PersonFacts, province_rows
from connector.reports.writing import check_formats, write_report
from connector.store.acts import DataAct
from connector.store.runs import ReportSent, Run

PROGRESS = "progress"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutcome:
    """The report and the files that it was written to."""

    report: Report
    files: tuple[Path, ...]


def progress_report(
    ctx: Context,
    programme_key: str | None = None,
    *,
    formats: Sequence[str],
    folder: Path | None = None,
    chosen: Sequence[str] = (),
    mask: bool = False,
) -> ReportOutcome:
    """Write the progress report (to `folder`, or reports/ in the state folder) and note that it was made.

    Of the provinces `chosen` alone, if any. The cut-off is the end of the last mirror run.
    `mask` hides the middle of phone numbers. Raises ConfigError when
    nothing has been mirrored yet, or for an unknown format.
    """
    check_formats(formats)
    check_provinces(chosen)
    programme = ctx.programme(programme_key)
    definition = find_report(ctx.settings.reports_dir, PROGRESS)
    run = latest_snapshot(ctx, programme)
    facts = _Facts(ctx, programme, chosen)
    snapshot = Snapshot(
        programme_key=programme.key,
        programme=programme.name,
        cutoff=run.finished_at or run.started_at,
        snapshot_id=str(run.id),
        generated_at=ctx.now(),
        freshness=freshness_of(ctx, programme),
        notices=tuple(_notices(ctx, programme)),
        provinces=tuple(sorted(set(chosen))),
    )
    shown = [(one.code, one.name) for one in provinces() if not chosen or one.code in chosen]
    summary = province_rows(facts.people(), shown)
    report = build_progress(definition, summary, facts.learners(), snapshot, mask=mask)
    record_act(ctx, DataAct.EXPORTED, what=file_stem(report))
    files = tuple(write_report(report, folder or ctx.settings.state_dir / "reports", formats))
    _note(ctx, programme, run, report, files)
    return ReportOutcome(report=report, files=files)


def _notices(ctx: Context, programme: Programme) -> Iterator[str]:
    with ctx.store.begin() as tx:
        waiting = tx.cases.count_open(programme.key)
    if waiting:
        yield _(
            "{count} people with a certificate do not meet the rule at present; each awaits a person's decision."
        ).format(count=waiting)


def _note(ctx: Context, programme: Programme, run: Run, report: Report, files: Sequence[Path]) -> None:
    sent = ReportSent(
        programme=programme.key,
        definition=report.meta.key,
        snapshot_id=run.id,
        cutoff=report.meta.cutoff,
        checksum=report.meta.checksum,
        files=tuple(str(file) for file in files),
    )
    with ctx.store.begin() as tx:
        tx.runs.add_report(sent, ctx.now())


class _Facts:
    """All that the report's rows are made of, read in one transaction so that the numbers fit each other."""

    def __init__(self, ctx: Context, programme: Programme, chosen: Sequence[str]) -> None:
        self._titles = programme.part_titles
        self._kinds = {topic.key: topic.kind for topic in programme.topics}
        self._members = members_on(ctx, programme, registrations_of(ctx, programme, chosen))
        with ctx.store.begin() as tx:
            self._verdicts: Mapping[str, Verdict] = {
                verdict.phone: verdict for verdict in tx.verdicts.of_programme(programme.key)
            }
            self._register: Mapping[str, RegisterEntry] = tx.register.of_programme(programme.key)
            self._accesses = Accesses(tx, programme)
            self._grades = {
                phone: _mean(grades.values()) for phone, grades in grades_of(tx, programme, self._members) if grades
            }

    def people(self) -> Iterator[PersonFacts]:
        """What counts of each registered learner."""
        for member in self._members:
            phone = member.learner.phone
            verdict = self._verdicts.get(phone)
            passed = bool(verdict and verdict.passed)
            yield PersonFacts(
                province_code=member.learner.province_code,
                provisioned=self._accesses.has_account(member),
                logged_in=self._accesses.last(member) is not None,
                studying=bool(verdict and verdict.done) and not passed,
                completed=passed,
                certified=bool(self._number(phone)),
            )

    def learners(self) -> Iterator[LearnerRow]:
        """A row for each registered learner."""
        for learner in (member.learner for member in self._members):
            verdict = self._verdicts.get(learner.phone)
            done = verdict.done if verdict else ()
            yield LearnerRow(
                full_name=learner.full_name,
                phone=learner.phone,
                workplace=learner.workplace,
                position=learner.position,
                commune=commune_by_code(learner.commune_code).name if learner.commune_code else "",
                province_code=learner.province_code,
                province=province_by_code(learner.province_code).name,
                mandatory_done=sum(self._kinds.get(key) is TopicKind.MANDATORY for key in done),
                elective_done=sum(self._kinds.get(key) is TopicKind.ELECTIVE for key in done),
                missing=describe_missing(verdict, self._titles) if verdict else _("not judged yet"),
                passed=bool(verdict and verdict.passed),
                grade=self._grades.get(learner.phone),
                completed_at=verdict.completed_at if verdict else None,
                register_no=self._number(learner.phone),
            )

    def _number(self, phone: str) -> str:
        entry = self._register.get(phone)
        return entry.register_no if entry and entry.is_valid else ""


def _mean(grades: Collection[float]) -> float:
    """The mean of the graded topics in per cent."""
    return round(sum(grades) / len(grades), 1)
