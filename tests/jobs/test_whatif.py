"""What would be under another rule, and who is at risk: read from the mirror alone, nothing of it is written."""

from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.jobs.at_risk import at_risk
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, mirror
from connector.jobs.programme import Target, exempt, exemptions, lift_exemption
from connector.jobs.whatif import ProvinceAnswer, what_if
from tests.jobs.world import PROGRAMME, START, World, learner

DONE, NINE, SLOW, AWAY = learner(1), learner(2, province="31"), learner(3), learner(4)


@pytest.fixture(autouse=True)
def _studied(world: World) -> None:
    world.register(DONE, NINE, SLOW, AWAY)
    world.provision()
    world.complete(DONE, topics=10, at=START + timedelta(days=2))
    world.complete(NINE, topics=9, at=START + timedelta(days=3))
    world.complete(SLOW, topics=2, at=START + timedelta(days=4))
    world.pass_time(days=7)
    mirror(world.ctx, PROGRAMME)


def answer(code: str, people: int, now: int, then: int, gained: int = 0, lost: int = 0) -> ProvinceAnswer:
    return ProvinceAnswer(province_code=code, people=people, now=now, then=then, gained=gained, lost=lost)


def test_another_rule_is_asked_for_by_province(world: World) -> None:
    found = what_if(world.ctx, PROGRAMME, changes=["total=9", "elective=4"])
    assert found.provinces == (answer("31", 1, 0, 1, gained=1), answer("40", 3, 1, 1))
    assert any("9/19" in line or "at least 9 of 19" in line for line in found.words)
    with world.ctx.store.begin() as tx:
        assert list(tx.verdicts.of_programme(PROGRAMME)) == []
        assert tx.verdicts.versions(PROGRAMME) == []


def test_an_earlier_moment_knows_what_was_withdrawn_later(world: World) -> None:
    del world.lms.results["0912000001", world.programme.refs[0]]
    world.pass_time(hours=1)
    mirror(world.ctx, PROGRAMME, reach=Reach.FULL)
    days = {day: what_if(world.ctx, PROGRAMME, as_of=START + timedelta(days=day)) for day in (1, 2)}
    assert days[1].provinces[1] == answer("40", 3, 0, 0)
    assert days[2].provinces[1] == answer("40", 3, 0, 1, gained=1), "it stood then"


def test_who_is_at_risk_is_listed_worst_first(world: World, tmp_path: Path) -> None:
    outcome = at_risk(world.ctx, PROGRAMME, formats=["xlsx", "csv"], folder=tmp_path)
    assert (outcome.people, outcome.at_risk) == (4, 2)
    provinces, _communes, people = outcome.report.tables
    assert [(row[0], row[2], row[3]) for row in provinces.rows] == [("31", 1, 0), ("40", 3, 2)]
    assert provinces.totals is not None
    assert provinces.totals[2:4] == (4, 2)
    assert [row[3] for row in people.rows] == [AWAY.full_name, SLOW.full_name]
    assert [row[4] for row in people.rows] == ["0912000004", "0912000003"]
    assert [row[9] for row in people.rows] == [10, 8]
    for path in outcome.files:
        assert path.stat().st_mode & 0o077 == 0
    masked = at_risk(world.ctx, PROGRAMME, formats=["csv"], folder=tmp_path, provinces=["40"], mask=True)
    assert (masked.people, masked.report.tables[2].rows[0][4]) == (3, "+84*******04")


def test_a_pace_is_asked_for_inside_the_window(world: World, tmp_path: Path) -> None:
    early = at_risk(world.ctx, PROGRAMME, formats=["csv"], folder=tmp_path, as_of=START + timedelta(days=1))
    assert early.at_risk == 4, "nobody had done anything by then"
    world.pass_time(days=30)
    with pytest.raises(ConfigError, match="outside of the window"):
        at_risk(world.ctx, PROGRAMME, formats=["csv"], folder=tmp_path)


def test_an_exemption_counts_from_the_next_evaluation_on(world: World) -> None:
    assert evaluate(world.ctx, PROGRAMME).passed == 1
    (made,) = exempt(world.ctx, [NINE.phone], Target(topic="cd15"), decision="7/QĐ", decided_on=START.date(), by="An")
    assert made.programme == PROGRAMME
    outcome = evaluate(world.ctx, PROGRAMME)
    assert (outcome.passed, outcome.read) == (2, 1)
    with world.ctx.store.begin() as tx:
        verdict = tx.verdicts.of_phone(PROGRAMME, NINE.phone)
    assert verdict is not None
    assert verdict.reasons[0].exempted == (("cd15", "7/QĐ"),)


def test_a_list_of_people_is_exempt_altogether_or_not_at_all(world: World) -> None:
    target, day = Target(topic="cd15"), START.date()
    with pytest.raises(ConfigError, match=r"number \+84\*+01, \+84\*+02\."):
        exempt(world.ctx, [NINE.phone, "0999999901", "0999999902"], target, decision="7/QĐ", decided_on=day, by="An")
    assert exemptions(world.ctx, PROGRAMME) == []
    made = exempt(world.ctx, [NINE.phone, SLOW.phone, NINE.phone], target, decision="7/QĐ", decided_on=day, by="An")
    assert [one.phone for one in made] == [NINE.phone, SLOW.phone]
    with pytest.raises(ConfigError, match=r"No such exemption: \+84\*+01\."):
        lift_exemption(world.ctx, [NINE.phone, DONE.phone], target, by="An")
    assert len(lift_exemption(world.ctx, [NINE.phone, SLOW.phone], target, by="An")) == 2
    assert exemptions(world.ctx, PROGRAMME) == []


@pytest.mark.parametrize(
    ("target", "phone", "day", "told"),
    [
        (Target(topic="cd99"), NINE.phone, 0, "no topic 'cd99'"),
        (Target(part="elektive"), NINE.phone, 0, "Did you mean 'elective'"),
        (Target(), NINE.phone, 0, "either a topic or a part"),
        (Target(topic="cd01", part="total"), NINE.phone, 0, "either a topic or a part"),
        (Target(topic="cd01"), "0912999999", 0, "Nobody of the programme"),
        (Target(topic="cd01"), NINE.phone, 90, "in the future"),
    ],
)
def test_an_exemption_names_what_there_is(world: World, target: Target, phone: str, day: int, told: str) -> None:
    decided_on = (START + timedelta(days=day)).date()
    with pytest.raises(ConfigError, match=told):
        exempt(world.ctx, [phone], target, decision="7/QĐ", decided_on=decided_on, by="An")
