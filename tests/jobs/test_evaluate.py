"""Evaluation: only what has moved is judged anew, and a certificate whose ground is gone becomes a case."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, mirror
from connector.jobs.report import progress_report
from tests.jobs.world import PROGRAMME, World, learner

ONE, TWO = learner(1), learner(2, province="31")
Change = Callable[[dict[str, object]], None]


@pytest.fixture(autouse=True)
def _studied(world: World) -> None:
    world.register(ONE, TWO)
    world.provision()
    world.complete(ONE, topics=10)
    world.complete(TWO, topics=10)
    look(world)
    push_certificates(world.ctx, PROGRAMME)


def look(world: World) -> tuple[int, int, int, int]:
    """Mirror and evaluate an hour later: how many were judged anew, passed, cases opened and open."""
    world.pass_time(hours=1)
    mirror(world.ctx, PROGRAMME, reach=Reach.FULL)
    outcome = evaluate(world.ctx, PROGRAMME)
    assert outcome.judged == 2
    return outcome.read, outcome.passed, outcome.cases, outcome.open_cases


def withdraw(world: World) -> None:
    del world.lms.results["0912000001", world.programme.refs[0]]


def with_rule(world: World, folder: Path, change: Change) -> None:
    """The programme's file with a change, in a folder of its own."""
    path = world.ctx.settings.programmes_dir / f"{PROGRAMME}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    folder.mkdir(exist_ok=True)
    (folder / path.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"programmes_dir": folder}))


def test_what_has_not_moved_is_not_even_read(world: World) -> None:
    assert look(world) == (0, 2, 0, 0)
    world.complete(ONE, topics=11)
    assert look(world) == (1, 2, 0, 0)


def test_a_withdrawn_completion_of_a_certified_person_becomes_one_case(world: World, tmp_path: Path) -> None:
    withdraw(world)
    assert look(world) == (1, 1, 1, 1)
    assert look(world) == (0, 1, 0, 1), "one incident is one case"
    notes = progress_report(world.ctx, PROGRAMME, formats=["csv"], folder=tmp_path).report.tables[0].notes
    assert any("awaits a person's decision" in note for note in notes)
    with world.ctx.store.begin() as tx:
        (case,) = tx.cases.of_programme(PROGRAMME)
        assert (case.phone, case.kind, case.facts["lost"]) == (ONE.phone, "withdrawn", ["cd01"])
        assert case.facts["unmet"] == ["total", "mandatory"]
        assert tx.register.of_programme(PROGRAMME).keys() == {ONE.phone, TWO.phone}, "nothing is taken back by itself"
        tx.cases.settle(case.number, "Lê An", "kept", world.now)
    assert look(world) == (0, 1, 0, 0)
    world.complete(ONE, topics=10)
    assert look(world) == (1, 2, 0, 0)
    withdraw(world)
    assert look(world) == (1, 1, 1, 1), "he met the rule again and lapsed anew"


def test_a_person_without_a_certificate_is_no_case(world: World) -> None:
    world.register(learner(3))
    world.provision()
    world.complete(learner(3), topics=10)
    mirror(world.ctx, PROGRAMME)
    assert evaluate(world.ctx, PROGRAMME).passed == 3
    del world.lms.results["0912000003", world.programme.refs[0]]
    world.pass_time(hours=1)
    mirror(world.ctx, PROGRAMME, reach=Reach.FULL)
    outcome = evaluate(world.ctx, PROGRAMME)
    assert (outcome.passed, outcome.cases) == (2, 0)


def test_a_stricter_rule_judges_everybody_anew_and_opens_cases(world: World, tmp_path: Path) -> None:
    def stricter(content: dict[str, object]) -> None:
        content["rule"] = {"type": "at_least", "name": "total", "count": 11}

    with_rule(world, tmp_path / "programmes", stricter)
    assert look(world) == (2, 0, 2, 2)
    with world.ctx.store.begin() as tx:
        assert {case.kind for case in tx.cases.of_programme(PROGRAMME)} == {"rule_changed"}
        versions = tx.verdicts.versions(PROGRAMME)
    assert len(versions) == 2
    assert "at least 11 of 19" in versions[1][2][1]


def test_a_prerequisite_is_another_programme_s_verdict_or_certificate(world: World, tmp_path: Path) -> None:
    other = "other-programme"
    folder = tmp_path / "programmes"

    def wants_the_other(content: dict[str, object]) -> None:
        content["rule"] = {"type": "prerequisite", "name": "before", "programme": other}

    folder.mkdir()
    (folder / f"{other}.yaml").write_text("", encoding="utf-8")
    with_rule(world, folder, wants_the_other)
    assert look(world)[1] == 0
    with world.ctx.store.begin() as tx:
        (found,) = (verdict for verdict in tx.verdicts.of_programme(PROGRAMME) if verdict.phone == ONE.phone)
        assert found.reasons[0].missing == (other,)
        passed = replace(found, programme=other, passed=True, completed_at=world.now)
        tx.verdicts.save([passed], 1, world.now)
    assert look(world)[:2] == (1, 1)
