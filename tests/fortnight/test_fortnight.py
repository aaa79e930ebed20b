"""The fortnight in its short form; `make fortnight` runs the long one. And proof that its checks can fail."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from connector.jobs.service.alarms import Alert
from tests.fortnight.oracle import Expected, alerts_are_true, ended_well, findings, told_nobody
from tests.fortnight.run import AWAYS, OUTAGE, TOKEN, Fortnight
from tests.fortnight.scenery import at, make_scenery
from tests.fortnight.table import table

FEW, PROVINCES = 150, 6
# The fortnight takes some fifteen seconds; on a machine that does much else at the same time it takes minutes.
pytestmark = pytest.mark.timeout(400)


@dataclass
class Ended:
    """A fortnight that is over."""

    fortnight: Fortnight
    found: list[str]

    def after(self, sql: str) -> list[str]:
        """What is found when this is done to the site; undone again afterwards."""
        site = self.fortnight.site
        site.db.execute("BEGIN")
        site.db.execute(sql)
        try:
            return findings(site, self.fortnight.scenery, self.fortnight.folder / "reports")
        finally:
            site.db.execute("ROLLBACK")


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """One fortnight for all tests of this module: it takes some seconds."""
    folder = tmp_path_factory.mktemp("fortnight")
    with Fortnight(folder, make_scenery(FEW, PROVINCES, seed=1), seed=1, seldom=True) as fortnight:
        fortnight.pass_by()
        yield Ended(fortnight=fortnight, found=fortnight.judged().findings)


def test_a_fortnight_goes_by_and_everything_is_as_it_must_be(ended: Ended) -> None:
    report = ended.fortnight.report
    assert ended.found == []
    assert len(report.alerts) == 2 * 4, "four incidents, each told when it began and when it was over"
    assert min(report.beside[place] for place in range(2)) > 0, "one of the two services did nothing"
    assert sum(day.lists for day in report.days) == len(ended.fortnight.scenery.drops) - 1  # one was set aside
    assert report.days[-1].certificates > FEW / 3
    assert len(table(report.days).splitlines()) == 2 + len(report.days)


def test_an_hour_in_which_nothing_happens_asks_for_the_mirror_alone(ended: Ended) -> None:
    quiet = ended.fortnight.report.quiet
    assert set(quiet.ticks) == {"lists", "sync", "copy", "judge", "certificates"}
    assert quiet.requests == quiet.by_mirror > 0


SOMEBODY = "(SELECT max(userid) FROM issues)"
SPOILED = {
    "cohorts: 1 missing": f"DELETE FROM cohort_members WHERE userid = {SOMEBODY}",
    "cohorts: 1 too much": f"INSERT INTO cohort_members VALUES ((SELECT min(id) FROM cohorts), {SOMEBODY}, 0)",
    "enrolments: 1 missing": f"UPDATE user_enrolments SET status = 1 WHERE userid = {SOMEBODY}",
    "accounts: 1 missing": f"UPDATE users SET lastname = 'X' WHERE id = {SOMEBODY}",
    "certificates: 1 missing": f"DELETE FROM issues WHERE userid = {SOMEBODY}",
    "certificates: 1 too much": "INSERT INTO issues SELECT 9999, customcertid, userid, 'again', 1, timecreated"
    " FROM issues ORDER BY id DESC LIMIT 1",
    "report, learners: 1 missing": f"UPDATE module_completion SET state = 0 WHERE userid = {SOMEBODY}"
    f" AND cmid = (SELECT max(cmid) FROM module_completion WHERE userid = {SOMEBODY} AND state > 0)",
    "report, provinces: 1 missing": "UPDATE users SET lastaccess = 1 WHERE id ="
    " (SELECT min(id) FROM users WHERE lastaccess = 0 AND id > 2)",
}


@pytest.mark.parametrize("finding", SPOILED)
def test_what_is_spoiled_on_the_site_is_found(ended: Ended, finding: str) -> None:
    assert any(one.startswith(finding) for one in ended.after(SPOILED[finding])), ended.after(SPOILED[finding])


HOUR = timedelta(hours=1)
ONE = Expected("job:a:held", at(1, 8), at(1, 12))


def told(hour: int, *, over: bool, key: str = "job:a:held") -> tuple[datetime, Alert]:
    return at(1, hour), Alert(key=key, subject="s", text="t", over=over)


@pytest.mark.parametrize(
    "alerts",
    [
        [],
        [told(9, over=False)],
        [told(9, over=False), told(11, over=True)],  # over, while it lasts
        [told(13, over=False), told(13, over=True)],  # told when it is over already
        [told(9, over=False), told(10, over=False), told(13, over=True)],  # told twice
        [told(9, over=False), told(13, over=True), told(14, over=False, key="job:b:held")],
    ],
)
def test_alerts_that_lack_or_lie_are_found(alerts: list[tuple[datetime, Alert]]) -> None:
    assert list(alerts_are_true(alerts, [ONE]))
    assert not list(alerts_are_true([told(9, over=False), told(13, over=True)], [ONE]))


def test_ticks_that_ended_badly_are_found(ended: Ended) -> None:
    with ended.fortnight.lives[0].store.begin() as tx:
        (tick,) = tx.ticks.newest(1)
    assert list(ended_well([replace(tick, state="running")], AWAYS))
    assert list(ended_well([replace(tick, state="failed")], AWAYS))
    assert not list(ended_well([replace(tick, state="failed", due_at=OUTAGE.begins + HOUR)], AWAYS))


def test_what_must_not_be_in_a_log_is_found() -> None:
    assert not list(told_nobody("ended", TOKEN))
    for line in ("ended 0912000001", "ended +84912000001", f"ended {TOKEN}", ""):
        assert list(told_nobody(line, TOKEN))
