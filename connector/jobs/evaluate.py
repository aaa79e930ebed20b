"""Use case: judge every registered learner by the programme's rule, from the mirror alone.

A verdict is made anew only where the rule or a fact has moved since; the others are not even read. Who was given a
certificate and does not meet the rule any more becomes a case for a person; nothing is taken back by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs import mirror as mirror_job
from connector.jobs.astray import note_strays
from connector.jobs.freshness import freshness_of
from connector.jobs.judging import besides_of, facts_of, members_of
from connector.jobs.over_sites import Member, marks_of
from connector.jobs.people import people_of
from connector.jobs.recorded_run import recorded_run
from connector.language import _
from connector.model import Verdict
from connector.programmes.cases import incident, to_open
from connector.programmes.compiled import rule_version
from connector.programmes.definition import Programme
from connector.programmes.engine import judge_all
from connector.programmes.facts import NOTHING, besides_hash
from connector.programmes.meaning import rule_in_words
from connector.store.runs import Run
from connector.store.store import Transaction
from connector.store.verdicts import Judged

JOB = "evaluate"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateOutcome:
    """How many there are, how many have passed, how many verdicts changed; `snapshot` is the mirror run they rest on.

    `read` people had moved facts or a moved rule and were judged anew; `cases` were opened now, `open_cases` are open.
    """

    run_id: int
    snapshot: Run
    judged: int
    passed: int
    changed: int
    read: int
    cases: int
    open_cases: int
    freshness: str


def evaluate(ctx: Context, programme_key: str | None = None) -> EvaluateOutcome:
    """Judge all registered learners and store the verdicts that differ. The platform is not asked.

    Raises ConfigError when nothing has been mirrored yet: without facts there is no verdict.
    """
    programme = ctx.programme(programme_key)
    work = _Work(ctx, programme, latest_snapshot(ctx, programme))
    with recorded_run(ctx, JOB, programme) as run:
        with ctx.store.begin() as tx:
            tx.verdicts.note_version(programme.key, work.version, rule_in_words(programme), ctx.now())
        for members in members_of(ctx, programme):
            with ctx.store.begin() as tx:
                work.judge(tx, members)
        with ctx.store.begin() as tx:
            work.open_cases(tx, {})
            for here in programme.by_site:
                work.cases += note_strays(ctx, tx, here, people_of(ctx, here))
            still_open = tx.cases.count_open(programme.key)
        run.counts = {"judged": work.judged, "passed": work.passed, "changed": work.changed, "cases": work.cases}
    return EvaluateOutcome(
        run_id=run.id,
        snapshot=work.snapshot,
        judged=work.judged,
        passed=work.passed,
        changed=work.changed,
        read=work.read,
        cases=work.cases,
        open_cases=still_open,
        freshness=freshness_of(ctx, programme),
    )


def latest_snapshot(ctx: Context, programme: Programme) -> Run:
    """The last mirror run that ended well; of several sites' the oldest: so far is everything known.

    Raises ConfigError when there is none, and when one of several sites has none.
    """
    if programme.site_key is not None:
        with ctx.store.begin() as tx:
            snapshot = tx.runs.latest(mirror_job.JOB, programme.key, site=programme.site if programme.sites else None)
        if snapshot is None:
            raise _never_mirrored(programme)
        return snapshot
    return min((latest_snapshot(ctx, here) for here in programme.by_site), key=lambda run: run.id)


def _never_mirrored(programme: Programme) -> ConfigError:
    words = _("Nothing of the programme '{key}' has been mirrored yet.").format(key=programme.key)
    if programme.sites:
        words = _("Nothing of the programme '{key}' has been mirrored from the site '{site}' yet.").format(
            key=programme.key, site=programme.site
        )
    return ConfigError(words, hint=_("Run 'connector mirror' first."))


class _Work:
    """One evaluation and its counts."""

    def __init__(self, ctx: Context, programme: Programme, snapshot: Run) -> None:
        self.ctx = ctx
        self.programme = programme
        self.snapshot = snapshot
        self.version = rule_version(programme)
        self.judged = self.passed = self.changed = self.read = self.cases = 0

    def judge(self, tx: Transaction, members: Sequence[Member]) -> None:
        """Judge those of these people of whom anything has moved, and write their verdicts."""
        phones = [member.learner.phone for member in members]
        stored = tx.verdicts.judged(self.programme.key, phones)
        besides = besides_of(tx, self.programme, phones)
        now = {
            phone: f"{mark}|{besides_hash(besides.get(phone, NOTHING))}"
            for phone, mark in zip(phones, marks_of(tx, self.programme, members), strict=True)
        }
        moved = [
            member
            for phone, member in zip(phones, members, strict=True)
            if _basis(stored.get(phone)) != (self.version, now[phone])
        ]
        verdicts = list(judge_all(self.programme, facts_of(tx, self.programme, moved, besides)))
        lapsed = {
            verdict.phone: verdict
            for verdict in verdicts
            if not verdict.passed and verdict.phone in stored and stored[verdict.phone].passed
        }
        before = tx.verdicts.of_phones(self.programme.key, sorted(lapsed))
        tx.verdicts.save(verdicts, self.snapshot.id, self.ctx.now(), now)
        self._count(members, verdicts, stored)
        if lapsed:
            self.open_cases(tx, before)

    def _count(self, members: Sequence[Member], verdicts: Sequence[Verdict], stored: Mapping[str, Judged]) -> None:
        anew = {verdict.phone for verdict in verdicts}
        kept = (stored[phone].passed for member in members if (phone := member.learner.phone) not in anew)
        self.judged += len(members)
        self.read += len(verdicts)
        self.passed += sum(verdict.passed for verdict in verdicts) + sum(kept)
        for verdict in verdicts:
            before = stored.get(verdict.phone)
            self.changed += before is None or (before.version, before.facts) != (
                verdict.rule_version,
                verdict.facts_hash,
            )

    def open_cases(self, tx: Transaction, lapsed: Mapping[str, Verdict]) -> None:
        """Open a case for each certified person who fails and has none for it.

        `lapsed` are those who met the rule until now, with the verdict that said so.
        """
        failing = tx.cases.failing(self.programme.key)
        if not failing:
            return
        phones = to_open(failing, lapsed, tx.cases.of_programme(self.programme.key, failing))
        for phone, verdict in tx.verdicts.of_phones(self.programme.key, phones).items():
            kind, facts = incident(verdict, lapsed.get(phone))
            tx.cases.open(self.programme.key, phone, kind, dict(facts), self.ctx.now())
            self.cases += 1


def _basis(stored: Judged | None) -> tuple[str, str] | None:
    return None if stored is None else (stored.version, stored.mark)
