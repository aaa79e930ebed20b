"""The jobs that tell people something: report, explain, doctor, measure, first passwords."""

from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector.context import open_platform
from connector.errors import AccessDenied, ConfigError, PlatformUnavailable
from connector.jobs.certify import push_certificates
from connector.jobs.doctor import PATIENCE, examine
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.measure import Meter, peak_megabytes
from connector.jobs.mirror import mirror
from connector.jobs.report import progress_report
from connector.lms import Finding, Needs, Severity
from connector.model import RegistrationState, national_phone
from connector.settings import Site
from tests.fakes.lms import FakeLms
from tests.jobs.world import PROGRAMME, World, learner

DONE, STUDYING, ABSENT = learner(1), learner(2), learner(3, province="31")


@pytest.fixture
def judged(world: World) -> World:
    world.register(DONE, STUDYING, ABSENT)
    world.provision()
    world.complete(DONE, topics=10)
    world.complete(STUDYING, topics=3)
    world.fail(STUDYING, world.programme.refs[4])
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    push_certificates(world.ctx, PROGRAMME)
    return world


def test_the_report_counts_each_province(judged: World, tmp_path: Path) -> None:
    outcome = progress_report(judged.ctx, formats=["xlsx", "csv", "html"], folder=tmp_path)
    provinces, learners = outcome.report.tables
    keys = [column.key for column in provinces.columns]
    rows = {row[keys.index("province")]: dict(zip(keys, row, strict=True)) for row in provinces.rows}
    counted = ("registered", "provisioned", "logged_in", "studying", "completed", "certified")
    assert [rows["Nghệ An"][key] for key in counted] == [2, 2, 2, 1, 1, 1]
    assert [rows["Hải Phòng"][key] for key in counted] == [1, 1, 0, 0, 0, 0]
    assert len(rows) == 34
    assert provinces.totals is not None
    assert provinces.totals[keys.index("registered")] == 3
    assert len(learners.rows) == 3
    assert all(path.exists() for path in outcome.files)
    assert load_workbook(outcome.files[0]).sheetnames == [table.name for table in outcome.report.tables]


def test_an_enrolment_that_is_no_longer_active_may_just_be_over(judged: World) -> None:
    for key, one in judged.lms.enrolled.items():
        judged.lms.enrolled[key] = replace(one, active=False)
    seen = judged.lms.seen["0912000001"]
    judged.lms.seen["0912000001"] = replace(seen, account=replace(seen.account, suspended=True))
    judged.pass_time(days=20)
    mirror(judged.ctx, PROGRAMME)
    lines = [line for chapter in person_story(judged.ctx, "0912000001", PROGRAMME).chapters for line in chapter.lines]
    assert any("no longer active (suspended, or its time is over): bkhcn-2025-01" in line for line in lines), lines
    assert any(line.endswith(": suspended: account") for line in lines), lines


def test_the_report_tells_what_each_learner_still_has_to_do(judged: World, tmp_path: Path) -> None:
    outcome = progress_report(judged.ctx, formats=["csv"], folder=tmp_path)
    table = outcome.report.tables[1]
    keys = [column.key for column in table.columns]
    rows = {row[keys.index("mobile_phone")]: dict(zip(keys, row, strict=True)) for row in table.rows}
    missing = str(rows[national_phone(STUDYING.phone)]["missing_topics"])
    assert "cd04, cd05" in missing
    assert "5 more" in missing
    assert rows[national_phone(DONE.phone)]["register_no"] == "00001/2025/GCN-BKHCN"


def test_who_has_left_or_is_in_conflict_is_not_counted(judged: World, tmp_path: Path) -> None:
    judged.register(STUDYING, state=RegistrationState.LEFT)
    judged.register(ABSENT, state=RegistrationState.CONFLICT)
    outcome = progress_report(judged.ctx, formats=["csv"], folder=tmp_path)
    assert len(outcome.report.tables[1].rows) == 1


def test_the_report_is_remembered_with_its_checksum(judged: World, tmp_path: Path) -> None:
    outcome = progress_report(judged.ctx, formats=["csv"], folder=tmp_path)
    again = progress_report(judged.ctx, formats=["csv"], folder=tmp_path)
    with judged.ctx.store.begin() as tx:
        sent = tx.runs.reports(PROGRAMME)
    assert [one.checksum for one in sent] == [outcome.report.meta.checksum, again.report.meta.checksum]
    assert sent[0].checksum == sent[1].checksum


def test_an_unknown_format_is_told_before_anything_is_read(world: World) -> None:
    with pytest.raises(ConfigError, match="docx"):
        progress_report(world.ctx, formats=["docx"])


def test_a_story_goes_from_the_roster_to_the_certificate(judged: World) -> None:
    story = person_story(judged.ctx, "0912 000 001")
    chapters = {chapter.title: "\n".join(chapter.lines) for chapter in story.chapters}
    assert list(chapters) == [
        "Roster",
        "Changes on the platform",
        "What the platform says",
        "Verdict",
        "Certificate",
    ]
    assert DONE.full_name in chapters["Roster"]
    assert "account made: done" in chapters["Changes on the platform"]
    assert chapters["What the platform says"].count("done") == 10
    assert "completed on 08:00 01/12/2025" in chapters["Verdict"]
    assert "00001/2025/GCN-BKHCN" in chapters["Certificate"]


def test_the_story_of_somebody_who_failed_a_topic_says_so(judged: World) -> None:
    story = person_story(judged.ctx, STUDYING.phone)
    text = "\n".join(line for chapter in story.chapters for line in chapter.lines)
    assert "not passed, grade 30 %" in text
    assert "not completed" in text


def test_the_story_of_somebody_new_says_what_is_not_known_yet(world: World) -> None:
    world.register(DONE)
    text = "\n".join(line for chapter in person_story(world.ctx, DONE.phone).chapters for line in chapter.lines)
    for expected in ("nothing has been sent", "no account has been seen", "not judged yet", "none"):
        assert expected in text


def test_a_number_that_nobody_has_is_told(world: World) -> None:
    with pytest.raises(ConfigError, match="Nobody"):
        person_story(world.ctx, "0912 000 009")


def test_the_doctor_asks_for_what_the_programme_needs(world: World) -> None:
    assert [finding.severity for finding in examine(world.ctx)] == [Severity.OK, Severity.OK]
    world.lms.courses.clear()
    assert [finding.severity for finding in examine(world.ctx)] == [Severity.ERROR, Severity.OK]


def test_a_refused_token_is_a_finding(world: World) -> None:
    def refuse(_key: object, _site: object) -> None:
        raise AccessDenied("no", hint="ask the administrator")

    ctx = type(world.ctx)(
        settings=world.ctx.settings,
        store=world.ctx.store,
        open_site=refuse,  # type: ignore[arg-type]
        now=world.ctx.now,
        wait=world.ctx.wait,
    )
    (finding,) = examine(ctx)
    assert (finding.severity, finding.detail, finding.remedy) == (Severity.ERROR, "no", "ask the administrator")


def test_a_wrong_configuration_is_no_finding(world: World) -> None:
    world.ctx.programme(PROGRAMME)
    ctx = replace(world.ctx, open_site=open_platform)
    with pytest.raises(ConfigError, match="token"):
        examine(ctx)


class _Refusing(FakeLms):
    """A platform that nobody reaches, or that asks for a pause."""

    def check(self, needs: Needs) -> list[Finding]:
        raise PlatformUnavailable("gone", retry_after=None if self.name == "silent" else 30.0)


@pytest.mark.parametrize(("name", "opened"), [("silent", [PATIENCE]), ("throttled", [PATIENCE, 120.0])])
def test_the_doctor_has_patience_with_a_site_that_answers_only(world: World, name: str, opened: list[float]) -> None:
    patience: list[float] = []

    def open_site(_key: str, site: Site) -> FakeLms:
        patience.append(site.retry_budget)
        return _Refusing(name=name)

    (finding,) = examine(replace(world.ctx, open_site=open_site, _clients={}))
    assert finding.severity is Severity.ERROR
    assert patience == opened


def test_a_meter_counts_the_requests_of_a_step() -> None:
    made = iter([3, 10])
    meter = Meter(requests=lambda: next(made))
    with meter.step("plan"):
        pass
    assert [(cost.name, cost.requests) for cost in meter.costs] == [("plan", 7)]
    assert peak_megabytes() > 1
