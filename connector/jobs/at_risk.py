"""Use case: the list of people who will miss the window at their present pace, for departments to phone them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.acts import record_act
from connector.jobs.evaluate import latest_snapshot
from connector.jobs.judging import besides_of, facts_of, members_of
from connector.jobs.over_sites import Accesses, Member
from connector.jobs.plan import check_provinces
from connector.jobs.report import PROGRESS
from connector.language import _
from connector.model import Verdict
from connector.places import commune_by_code, province_by_code
from connector.programmes.definition import Programme
from connector.programmes.describe import describe_missing
from connector.programmes.engine import judge_all
from connector.programmes.pace import Pace, Risk, pace
from connector.reports.at_risk import AtRiskRow, Place, at_risk_report
from connector.reports.definition import find_report
from connector.reports.progress import Snapshot
from connector.reports.rows import Report
from connector.reports.shown import file_stem
from connector.reports.writing import check_formats, write_report
from connector.store.acts import DataAct

RISKS = tuple(risk for risk in Risk if risk is not Risk.ON_PACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRiskOutcome:
    """The report, the files that it was written to, and how many are at risk of how many who take part."""

    report: Report
    files: tuple[Path, ...]
    at_risk: int
    people: int


def at_risk(
    ctx: Context,
    programme_key: str | None = None,
    *,
    formats: Sequence[str],
    folder: Path | None = None,
    as_of: datetime | None = None,
    provinces: Sequence[str] = (),
    mask: bool = False,
) -> AtRiskOutcome:
    """Write who will miss the window at the pace of `as_of` (now when None), readable by the owner alone.

    Facts are those of that moment (see `what_if`), accesses those of the last mirror run. Raises ConfigError outside of
    the window: before it nobody has a pace, after it nobody can catch up.
    """
    check_formats(formats)
    check_provinces(provinces)
    programme = ctx.programme(programme_key)
    at = as_of or ctx.now()
    if not programme.window.contains(at):
        raise ConfigError(
            _("{when} lies outside of the window of the programme '{key}'.").format(
                when=f"{at.astimezone(programme.zone):%H:%M %d/%m/%Y}", key=programme.key
            ),
            hint=_("Name a moment inside it with --as-of."),
        )
    definition = find_report(ctx.settings.reports_dir, PROGRESS)
    run = latest_snapshot(ctx, programme)
    found = _Found(ctx, programme, at)
    for members in members_of(ctx, programme):
        if not provinces or members[0].learner.province_code in provinces:
            found.look(members)
    report = at_risk_report(
        found.places(),
        found.rows,
        [risk_words()[risk] for risk in RISKS],
        Snapshot(
            programme_key=programme.key,
            programme=programme.name,
            cutoff=at,
            snapshot_id=str(run.id),
            generated_at=ctx.now(),
            provinces=tuple(sorted(set(provinces))),
        ),
        heads=(definition.superior, definition.unit),
        zone=programme.zone,
        mask=mask,
    )
    record_act(ctx, DataAct.EXPORTED, what=file_stem(report))
    files = write_report(report, folder or ctx.settings.state_dir / "reports", formats, private=True)
    return AtRiskOutcome(report=report, files=tuple(files), at_risk=len(found.rows), people=found.people)


class _Found:
    """People at risk, and the numbers of their places."""

    def __init__(self, ctx: Context, programme: Programme, at: datetime) -> None:
        self._ctx = ctx
        self._programme = programme
        self._at = at
        self._counts: dict[tuple[str, str], dict[Risk, int]] = defaultdict(lambda: dict.fromkeys(Risk, 0))
        self._members: dict[tuple[str, str], int] = defaultdict(int)
        self.rows: list[AtRiskRow] = []
        with ctx.store.begin() as tx:
            self._accesses = Accesses(tx, programme)

    @property
    def people(self) -> int:
        return sum(self._members.values())

    def look(self, members: Sequence[Member]) -> None:
        """Judge these people as of the moment, and note those at risk."""
        by_phone = {member.learner.phone: member for member in members}
        with self._ctx.store.begin() as tx:
            besides = besides_of(tx, self._programme, list(by_phone))
            facts = facts_of(tx, self._programme, members, besides, self._at)
            for verdict in judge_all(self._programme, facts):
                self._note(by_phone[verdict.phone], verdict)

    def _note(self, member: Member, verdict: Verdict) -> None:
        place = member.learner.province_code, _commune(member)
        self._members[place] += 1
        if verdict.passed:
            return
        last = self._accesses.last(member)
        one = pace(self._programme, verdict, self._at, logged_in=last is not None)
        if one.risk is not Risk.ON_PACE:
            self._counts[place][one.risk] += 1
            self.rows.append(self._row(member, verdict, one, last))

    def _row(self, member: Member, verdict: Verdict, one: Pace, last: datetime | None) -> AtRiskRow:
        learner = member.learner
        return AtRiskRow(
            province_code=learner.province_code,
            province=province_by_code(learner.province_code).name,
            commune=_commune(member),
            full_name=learner.full_name,
            phone=learner.phone,
            workplace=learner.workplace,
            position=learner.position,
            rank=RISKS.index(one.risk),
            risk=risk_words()[one.risk],
            done=one.done,
            wanted=one.wanted,
            last_access=last,
            missing=describe_missing(verdict, self._programme.part_titles),
        )

    def places(self) -> list[Place]:
        """The numbers of each province and commune."""
        return [
            Place(
                province_code=code,
                province=province_by_code(code).name,
                commune=commune,
                people=count,
                by_risk=tuple(self._counts[code, commune][risk] for risk in RISKS),
            )
            for (code, commune), count in self._members.items()
        ]


def _commune(member: Member) -> str:
    return commune_by_code(member.learner.commune_code).name if member.learner.commune_code else ""


def risk_words() -> dict[Risk, str]:
    """What people read for each kind of risk."""
    return {
        Risk.OUT_OF_REACH: _("not to be reached by topics alone"),
        Risk.NEVER_LOGGED_IN: _("has never logged in"),
        Risk.NOT_BEGUN: _("no topic done yet"),
        Risk.TOO_SLOW: _("too slow"),
        Risk.ON_PACE: _("on pace"),
    }
