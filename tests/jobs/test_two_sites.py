"""One programme on two sites: one register, one verdict, one report, the same as on one site."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from connector.certificates.entry import RegisterEntry
from connector.errors import ConfigError
from connector.jobs.apply import apply
from connector.jobs.at_risk import at_risk
from connector.jobs.certify import certificates_due, push_certificates
from connector.jobs.closing import make_closing
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.mirror import mirror
from connector.jobs.person import erase_person, export_person
from connector.jobs.plan import make_plan
from connector.jobs.registered import Stage, registered_people
from connector.jobs.renames import accept_renames, list_renames
from connector.jobs.report import progress_report
from connector.jobs.whatif import what_if
from connector.model import (
    CertificateState,
    Kind,
    Registration,
    RegistrationState,
    TopicResult,
)
from tests.jobs.country import (
    IN_SOUTH,
    NORTH,
    PEOPLE,
    SOUTH,
    Country,
    both,
    gate_of,
    make_country,
    on_south,
    run_the_course,
    username_on,
)
from tests.jobs.world import PROGRAMME, START, learner


@pytest.fixture
def single(tmp_path: Path) -> Iterator[Country]:
    made = make_country(tmp_path / "one")
    yield made
    made.ctx.store.close()


def of_any_site(entry: RegisterEntry) -> RegisterEntry:
    """The entry without what each platform gives by itself."""
    return replace(entry, site="", serial="")


def test_everything_equals_the_same_programme_on_one_site(country: Country, single: Country, tmp_path: Path) -> None:
    for made in (country, single):
        run_the_course(made)
    assert [country.verdict(one).passed for one in PEOPLE].count(True) == 5
    for one in PEOPLE:
        two, alone = country.verdict(one), single.verdict(one)
        assert replace(two, rule_version="") == replace(alone, rule_version="")
        assert (country.find(one) is None) == (single.find(one) is None)
        if country.find(one) is not None:
            assert of_any_site(country.entry(one)) == of_any_site(single.entry(one))
            assert country.entry(one).site == country.home(one)
    reports = [
        progress_report(made.ctx, PROGRAMME, formats=("csv",), folder=tmp_path / made.file.parent.parent.name).report
        for made in (country, single)
    ]
    assert [table.rows for table in reports[0].tables] == [table.rows for table in reports[1].tables]
    late = START + timedelta(days=13)
    risks = [
        at_risk(made.ctx, PROGRAMME, formats=("csv",), folder=tmp_path / "risk", as_of=late)
        for made in (country, single)
    ]
    assert risks[0].at_risk == risks[1].at_risk > 0
    assert [table.rows for table in risks[0].report.tables] == [table.rows for table in risks[1].report.tables]
    asked = [what_if(made.ctx, PROGRAMME, changes=["total=12"]).provinces for made in (country, single)]
    assert asked[0] == asked[1]


def test_each_person_is_enrolled_on_one_site_and_the_second_plans_are_empty(country: Country) -> None:
    country.register(*PEOPLE)
    country.provision()
    for one in PEOPLE:
        home, other = (SOUTH, NORTH) if one in IN_SOUTH else (NORTH, SOUTH)
        assert country.owned(home, one) == {Kind.ACCOUNT, Kind.MEMBERSHIP, Kind.ENROLMENT}
        assert country.owned(other, one) == set()
    assert set(country.lms[SOUTH].cohort_names) == {"VN-92"}
    for here in country.ctx.each_site(PROGRAMME):
        assert make_plan(here, PROGRAMME).empty
        assert make_plan(here, PROGRAMME, shard=1).empty
    stages = {one.registration.learner.phone: one.stage for one in registered_people(country.ctx, PROGRAMME)}
    assert set(stages.values()) == {Stage.PROVISIONED}


def test_a_person_on_both_sites_counts_once_with_the_earliest_completion_and_the_best_grade(country: Country) -> None:
    one = PEOPLE[0]
    country.register(*PEOPLE)
    country.provision()
    country.lms[SOUTH].add_account(
        replace(country.lms[NORTH].seen[username_on(NORTH, one)].account, username=username_on(SOUTH, one))
    )
    early, late = START + timedelta(hours=1), START + timedelta(days=2)
    country.complete(NORTH, one, 7, at=late, grade=50)
    country.complete(SOUTH, one, 10, at=early, grade=90)
    country.complete(NORTH, one, 2, at=late, grade=100)
    country.now = late
    country.judge()
    verdict = country.verdict(one)
    assert verdict.passed
    assert (len(verdict.done), verdict.completed_at) == (10, early)
    country.push(country.ctx.on(NORTH))
    assert country.entry(one).facts.grade == pytest.approx((2 * 100 + 8 * 90) / 10)
    lines = {chapter.title: chapter.lines for chapter in person_story(country.ctx, one.phone, PROGRAMME).chapters}
    assert any("cd01" in line and "100 %" in line for line in lines[f"What the platform says ({NORTH})"])
    assert any("cd10" in line and "90 %" in line for line in lines[f"What the platform says ({SOUTH})"])
    assert any("released on the platform" in line and f"({NORTH})" in line for line in lines["Certificate"])
    alone = {chapter.title for chapter in person_story(country.ctx, PEOPLE[1].phone, PROGRAMME).chapters}
    assert f"What the platform says ({SOUTH})" not in alone


def test_a_new_result_on_either_site_makes_the_verdict_anew_and_nothing_else_does(country: Country) -> None:
    run_the_course(country)
    assert evaluate(country.ctx, PROGRAMME).read == 0
    one = IN_SOUTH[-1]
    country.complete(SOUTH, one, 19)
    country.judge()
    assert country.verdict(one).passed
    assert evaluate(country.ctx, PROGRAMME).read == 0


def test_what_is_no_topic_of_a_site_counts_nowhere(country: Country) -> None:
    one = IN_SOUTH[0]
    country.register(*PEOPLE)
    country.provision()
    country.complete(SOUTH, one, 4)
    name = username_on(SOUTH, one)
    country.judge()
    with country.ctx.store.begin() as tx:  # the place of cd05 in the north means nothing in the south
        refs = [country.programme.refs[4]]
        result = TopicResult(ref=refs[0], username=name, done=True, completed_at=START, grade=None)
        stamp = tx.runs.newest(1)[0]
        from connector.store.mirror_merge import Stamp

        tx.mirror.save_results(SOUTH, refs, [name], [result], Stamp(country.now, stamp.id))
    evaluate(country.ctx, PROGRAMME)
    assert country.verdict(one).done == ("cd01", "cd02", "cd03", "cd04")


def test_a_province_that_moves_leaves_here_joins_there_and_keeps_what_it_has_done(country: Country) -> None:
    run_the_course(country)
    moved = [one for one in PEOPLE if one.province_code == "42"]
    before = {one.phone: country.verdict(one).done for one in moved}
    numbers = {one.phone: entry.register_no for one in PEOPLE if (entry := country.find(one))}
    country.define(sites={NORTH: {}, SOUTH: on_south() | {"provinces": [92, 42]}})
    north, south = country.ctx.each_site(PROGRAMME)
    held = make_plan(north, PROGRAMME)
    assert held.held
    assert not held.changes
    assert apply(south, make_plan(south, PROGRAMME)).complete
    assert apply(north, make_plan(north, PROGRAMME, override="moved to the south")).complete
    for one in moved:
        assert Kind.ENROLMENT in country.owned(SOUTH, one)
        assert not country.lms[NORTH].enrolled[country.programme.enrolment.courses[0], username_on(NORTH, one)].active
    for here in country.ctx.each_site(PROGRAMME):
        assert make_plan(here, PROGRAMME).empty
    certified = [one for one in moved if country.find(one) is not None]
    fresh = next(one for one in moved if one not in certified)
    assert certified
    country.complete(SOUTH, fresh, 19)
    country.judge()
    outcome = country.push()
    assert {one.phone: country.verdict(one).done for one in certified} == {
        one.phone: before[one.phone] for one in certified
    }
    assert {one.phone: country.entry(one).register_no for one in certified} == {
        one.phone: numbers[one.phone] for one in certified
    }
    assert {country.entry(one).site for one in certified} == {NORTH}
    assert country.entry(fresh).site == SOUTH
    assert not outcome.doubles
    assert not outcome.unexpected


def test_certificates_of_one_site_alone_can_be_pushed(country: Country) -> None:
    country.register(*PEOPLE)
    country.provision()
    for one in PEOPLE:
        country.complete(country.home(one), one, 19)
    country.judge()
    assert len(certificates_due(country.ctx, PROGRAMME)) == len(PEOPLE)
    assert {entry.phone for entry in certificates_due(country.ctx.on(SOUTH), PROGRAMME)} == {
        one.phone for one in IN_SOUTH
    }
    outcome = country.push(country.ctx.on(SOUTH))
    assert (outcome.without_learner, outcome.unexpected, outcome.waiting) == ((), (), 0)
    states = {one.phone: entry.state for one in PEOPLE if (entry := country.find(one))}
    assert states == dict.fromkeys([one.phone for one in IN_SOUTH], CertificateState.ISSUED)
    country.push()
    assert {country.entry(one).state for one in PEOPLE} == {CertificateState.ISSUED}
    assert {country.entry(one).seq for one in PEOPLE} == set(range(1, 10))
    assert (
        country.lms[NORTH]
        .courses[country.programme.enrolment.courses[0]]
        .groups["eligible"]
        .isdisjoint({username_on(NORTH, one) for one in IN_SOUTH})
    )


def test_an_issue_on_a_site_that_is_not_the_persons_is_reported_and_registers_nobody(country: Country) -> None:
    one = IN_SOUTH[0]
    country.register(*PEOPLE)
    country.provision()
    country.complete(SOUTH, one, 19)
    account = country.lms[SOUTH].seen[username_on(SOUTH, one)].account
    country.lms[NORTH].add_account(replace(account, username=username_on(NORTH, one)))
    here = country.programme.on(NORTH)
    country.lms[NORTH].courses[here.enrolment.courses[0]].groups["eligible"].add(username_on(NORTH, one))
    country.lms[NORTH].issue_certificates(gate_of(here), START)
    country.judge()
    outcome = country.push()
    assert [issue.username for issue in outcome.unexpected] == [username_on(NORTH, one)]
    assert (country.entry(one).site, country.entry(one).state) == (SOUTH, CertificateState.ISSUED)


def test_a_certificate_of_a_site_that_the_programme_names_no_more_is_refused_in_words(country: Country) -> None:
    run_the_course(country)
    one = next(one for one in IN_SOUTH if country.find(one))
    with country.ctx.store.begin() as tx:
        tx.register.save([replace(country.entry(one), state=CertificateState.REISSUED, site="west")])
    refused = push_certificates(country.ctx, PROGRAMME).refused
    assert [(entry.phone, result.code) for entry, result in refused] == [(one.phone, "no_site")]
    assert "'west', which the programme names no more" in refused[0][1].message


def test_who_is_on_both_sites_has_logged_in_when_he_did_on_either(country: Country) -> None:
    run_the_course(country)
    assert {one.stage for one in registered_people(country.ctx, PROGRAMME)} == {Stage.INFORMED}


def test_what_is_of_one_site_asks_for_it_and_what_is_of_all_waits_for_all(country: Country) -> None:
    country.register(*PEOPLE)
    with pytest.raises(ConfigError, match=r"stands on several sites: north, south[\s\S]*--site"):
        make_plan(country.ctx, PROGRAMME)
    with pytest.raises(ConfigError, match="does not stand on the site 'west'"):
        make_plan(country.ctx.on("west"), PROGRAMME)
    country.provision()
    mirror(country.ctx.on(NORTH), PROGRAMME)
    with pytest.raises(ConfigError, match="has been mirrored from the site 'south' yet"):
        evaluate(country.ctx, PROGRAMME)
    mirror(country.ctx.on(SOUTH), PROGRAMME)
    outcome = evaluate(country.ctx, PROGRAMME)
    assert "Mirror of north: accounts" in outcome.freshness
    assert "Mirror of south: accounts" in outcome.freshness
    with country.ctx.store.begin() as tx:
        runs = {run.id: run.site for run in tx.runs.newest(20)}
    assert runs[outcome.snapshot.id] == NORTH  # the one that was read longest ago


def test_each_site_keeps_its_own_list_of_topics(country: Country) -> None:
    country.register(*PEOPLE)
    country.provision()
    for _again in range(2):
        for here in country.ctx.each_site(PROGRAMME):
            parts = dict(mirror(here, PROGRAMME).parts)
    assert (parts["topics"].seen, parts["topics"].changed) == (19, 0)


def test_a_person_is_given_and_erased_on_all_sites(country: Country, tmp_path: Path) -> None:
    run_the_course(country)
    one = next(one for one in IN_SOUTH if country.find(one) is None)
    country.define(sites=both() | {SOUTH: on_south() | {"provinces": [1]}})  # his province moves to the north
    north = country.ctx.on(NORTH)
    assert apply(north, make_plan(north, PROGRAMME)).complete
    country.judge()
    counts = export_person(country.ctx, one.phone, tmp_path / "person.json")
    assert counts["ledger"] == len(country.owned(NORTH, one)) + len(country.owned(SOUTH, one)) == 6
    assert username_on(SOUTH, one) in (tmp_path / "person.json").read_text(encoding="utf-8")
    country.register(one, state=RegistrationState.LEFT)
    with pytest.raises(ConfigError, match=r"open account on several sites: north, south[\s\S]*--site"):
        make_closing(country.ctx, one.phone)
    for site in (SOUTH, NORTH):
        with pytest.raises(ConfigError, match="is still open on the platform"):
            erase_person(country.ctx, one.phone, really=True)
        assert apply(country.ctx, make_closing(country.ctx, one.phone, site)).complete
        assert country.lms[site].seen[username_on(site, one)].account.suspended
    done = erase_person(country.ctx, one.phone, really=True)
    assert {site for site, *_rest in done.on_platform} == {NORTH, SOUTH}
    assert country.owned(NORTH, one) | country.owned(SOUTH, one) == set()


def test_a_number_that_is_listed_for_the_other_site_is_still_somebodys(country: Country) -> None:
    """Two programmes: who left the one stands in the other, at home elsewhere; his number goes to nobody else."""
    content = yaml.safe_load(country.file.read_text(encoding="utf-8")) | {"key": "k2"}
    country.file.with_name("k2.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    gone, namesake = PEOPLE[0], replace(learner(88, province="40"), full_name=PEOPLE[0].full_name)
    country.register(*PEOPLE)
    country.provision()
    elsewhere = Registration(
        programme="k2", learner=replace(gone, province_code="92"), state=RegistrationState.CONFIRMED
    )
    with country.ctx.store.begin() as tx:
        tx.registrations.save([elsewhere], country.now)
    country.register(gone, state=RegistrationState.LEFT)
    country.register(namesake)
    north = country.ctx.on(NORTH)
    (pair,) = list_renames(north, PROGRAMME).open
    with pytest.raises(ConfigError, match="still stands on the lists of programme 'k2'"):
        accept_renames(north, PROGRAMME, [pair.id])
