"""The fault campaign in its short form; `make faults` runs the long one. And proof that its checks can fail."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from connector.context import Context
from connector.sandbox.mishaps import Mishap, Weather
from connector.sandbox.site import Site
from tests.faults import slain
from tests.faults.campaign import Life, Report, provide, read_all, run
from tests.faults.checks import first_passwords, username_of, welcomes_repeated
from tests.faults.grounds import MOODLE, OPENEDX, TOKEN, Ground
from tests.faults.mortal import Fate, Killed
from tests.faults.people import first_roster

FEW = 60
FEWEST = 100  # so few still have leavers, movers, new names and newcomers
BOTH = pytest.mark.parametrize("ground", [MOODLE, OPENEDX], ids=lambda ground: ground.name)


@pytest.mark.parametrize("seed", range(12))
def test_after_faults_and_kills_one_clean_run_mends_everything(seed: int, tmp_path: Path) -> None:
    report = run(seed, tmp_path, FEW)
    assert report.findings == []
    assert report.finished > 0


@pytest.mark.parametrize("seed", [6, 7])
def test_on_open_edx_too(seed: int, tmp_path: Path) -> None:
    report = run(seed, tmp_path, FEWEST, OPENEDX)
    assert report.findings == []
    assert report.finished > 0
    assert report.certificates > 0


@BOTH
def test_a_process_that_is_really_killed(ground: Ground, tmp_path: Path) -> None:
    for seed in range(5, 9):  # a quick machine may end a life before its kill comes
        (tmp_path / str(seed)).mkdir()
        report = slain.run(seed, tmp_path / str(seed), FEW, ground, kills=(1, 1))
        assert report.findings == []
        if report.kills["SIGKILL"]:
            return
    pytest.fail("no life was long enough to be killed")


def test_a_run_meets_faults_and_is_repeatable(tmp_path: Path) -> None:
    reports = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        reports.append(run(3, tmp_path / name, 20))
    assert reports[0] == reports[1]
    assert reports[0].mishaps
    assert reports[0].kills or reports[0].errors


class Ended:
    """A programme that was run to its end in fair weather."""

    def __init__(self, folder: Path, ground: Ground) -> None:
        self.report = Report(seed=1, learners=30)
        self.life = Life(1, folder, self.report, ground)
        self.life.door.weather = None
        self.life.register(first_roster(Random(1), 30))
        self.life.once([provide], Fate())
        self.life.finish()

    def found(self, log: str = "") -> list[str]:
        with self.life.alive(Fate()) as ctx:
            return self.life.ground.checks.findings(ctx, self.life.sandbox.site, self.life.roster, log, [TOKEN])

    def write(self, sql: str) -> None:
        self.life.sandbox.site.db.execute(sql)


@pytest.fixture
def ended(tmp_path: Path) -> Iterator[Ended]:
    yield from end(tmp_path, MOODLE)


@pytest.fixture
def ended_on_edx(tmp_path: Path) -> Iterator[Ended]:
    yield from end(tmp_path, OPENEDX)


def end(folder: Path, ground: Ground) -> Iterator[Ended]:
    made = Ended(folder, ground)
    assert made.found() == []
    yield made
    made.life.sandbox.close()


SOMEBODY = "(SELECT max(userid) FROM issues)"
SPOILED = {
    "accounts: 1 missing": f"UPDATE users SET lastname = 'X' WHERE id = {SOMEBODY}",
    "accounts: the ID number": f"UPDATE users SET idnumber = 'VN-0912000000' WHERE id = {SOMEBODY}",
    "accounts: the site has others": "INSERT INTO users (id, username, auth, firstname, lastname, email, emailkey,"
    " timecreated, heap) VALUES (5000, 'x', 'manual', 'x', 'x', 'x', 'x', 0, 1)",
    "memberships: 1 missing": f"DELETE FROM cohort_members WHERE userid = {SOMEBODY}",
    "memberships: 1 too much": f"INSERT INTO cohort_members VALUES (1, {SOMEBODY}, 0)",
    "cohorts: 1 too much": "INSERT INTO cohorts (id, category, name, idnumber, heap) VALUES (99, 0, 'a', 'VN-31', 1)",
    "enrolments: 1 missing": f"DELETE FROM user_enrolments WHERE userid = {SOMEBODY}",
    "ledger, enrolment": f"DELETE FROM user_enrolments WHERE userid = {SOMEBODY}",
    "mirror, topics: 1": f"UPDATE module_completion SET state = 0 WHERE userid = {SOMEBODY}"
    f" AND cmid = (SELECT max(cmid) FROM module_completion WHERE userid = {SOMEBODY} AND state > 0)",
    "group: 1 missing": f"DELETE FROM group_members WHERE userid = {SOMEBODY}",
    "certificates: 1 too much": "INSERT INTO issues SELECT 9999, customcertid, userid, 'again', 1, timecreated"
    " FROM issues ORDER BY id DESC LIMIT 1",
    "register: 1": "UPDATE issues SET code = 'another' WHERE id = (SELECT max(id) FROM issues)",
    "passwords: the stored one": f"UPDATE users SET password = 'a$b' WHERE id = {SOMEBODY}",
}


@pytest.mark.parametrize("finding", SPOILED)
def test_what_is_spoiled_on_the_platform_is_found(ended: Ended, finding: str) -> None:
    ended.write(SPOILED[finding])
    assert any(found.startswith(finding) for found in ended.found()), ended.found()


ONE = "(SELECT max(userid) FROM certificates)"
SPOILED_ON_EDX = {
    "accounts: 1 missing": f"UPDATE users SET name = 'X' WHERE id = {ONE}",
    "accounts: the site has others": "INSERT INTO users (id, username, email, name, activation_key, date_joined)"
    " VALUES (5000, 'x', 'x', 'x', 'x', 0)",
    "memberships: 1 missing": f"DELETE FROM members WHERE userid = {ONE}",
    "cohorts: 1 too much": "INSERT INTO cohorts (course, name, assignment_type) VALUES ('x', 'Huế (VN-46)', 'manual')",
    "enrolments: 1 missing": f"UPDATE enrolments SET mode = 'audit' WHERE userid = {ONE}",
    "ledger, enrolment": f"DELETE FROM enrolments WHERE userid = {ONE}",
    "mirror, topics: 1 too much": f"DELETE FROM completions WHERE userid = {ONE}"
    f" AND block = (SELECT max(block) FROM completions WHERE userid = {ONE})",
    "allowlist: 1 missing": f"DELETE FROM allowlist WHERE userid = {ONE}",
    "certificates: 1 missing": f"UPDATE certificates SET status = 'unavailable' WHERE userid = {ONE}",
    "register: 1": f"UPDATE certificates SET uuid = 'another' WHERE userid = {ONE}",
}


@pytest.mark.parametrize("finding", SPOILED_ON_EDX)
def test_what_is_spoiled_on_open_edx_is_found(ended_on_edx: Ended, finding: str) -> None:
    ended_on_edx.write(SPOILED_ON_EDX[finding])
    assert any(found.startswith(finding) for found in ended_on_edx.found()), ended_on_edx.found()
    assert any(found.startswith("log: ") for found in ended_on_edx.found(f"DEBUG {TOKEN} ..."))


def test_what_is_left_open_or_active_is_found(ended: Ended) -> None:
    present = ended.life.roster.present
    ended.life.register(replace(ended.life.roster, present=present[1:], left=present[:1]))
    ended.write("DELETE FROM users WHERE username = '0912000005'")
    words = " ".join(ended.found())
    assert "people who left are still active" in words
    assert "accounts: " in words


@pytest.mark.parametrize(
    "of", [lambda _name, _password: TOKEN, lambda name, _p: name, lambda _name, password: password]
)
def test_secrets_in_the_log_are_found(ended: Ended, of: Callable[[str, str], str]) -> None:
    name = username_of(ended.life.roster.present[0].phone)
    with ended.life.alive(Fate()) as ctx:
        password = first_passwords(ctx, [name])[name]
    assert ended.found("all is well") == []
    assert [word for word in ended.found(f"DEBUG {of(name, password)} ...") if word.startswith("log: ")]


def test_repeated_welcomes_are_counted(ended: Ended) -> None:
    site = ended.life.sandbox.site
    assert isinstance(site, Site)
    assert welcomes_repeated(site, ended.life.roster) == 0
    ended.write("INSERT INTO welcomes SELECT userid, course, timecreated FROM welcomes LIMIT 3")
    assert welcomes_repeated(site, ended.life.roster) == 3


def test_an_error_in_fair_weather_and_a_crash_are_findings(ended: Ended) -> None:
    def crash(_ctx: object) -> None:
        raise ZeroDivisionError("half-way")

    ended.life.once([crash], Fate())
    ended.life.door.mishaps = [Mishap.PAGE]
    ended.life.once([read_all], Fate())
    assert [finding.partition(":")[0] for finding in ended.report.findings] == ["crash", "in fair weather"]


@pytest.mark.parametrize("boundaries", range(0, 90, 17))
def test_who_was_killed_writes_and_sends_nothing_more(tmp_path: Path, boundaries: int) -> None:
    life = Life(1, tmp_path, Report(seed=1, learners=30))
    life.door.weather = Weather(1, 0)
    life.connections = 1  # over a second one a request may be on its way already, as at a real kill
    life.register(first_roster(Random(1), 30))
    fate = Fate(boundaries)
    sent = 0

    def dies(ctx: Context) -> None:
        nonlocal sent
        with pytest.raises(Killed):
            provide(ctx)
        sent = len(life.door.requests)
        provide(ctx)

    life.once([dies], fate)
    assert fate.died_at
    assert len(life.door.requests) == sent
    life.sandbox.close()
