"""What people do on the pretend Open edX is what the same people do on the pretend Moodle."""

from collections.abc import Iterator

import pytest

from connector.sandbox.building import AUTOMATIC
from connector.sandbox.clock import set_day as set_moodle_day
from connector.sandbox.completion_state import course_modules
from connector.sandbox.content import END, day
from connector.sandbox.openedx.allowed import write_enrolment
from connector.sandbox.openedx.programme import COURSE, prepared, seed_programme, topic_course
from connector.sandbox.openedx.registration import add_user
from connector.sandbox.openedx.site import MICRO, EdxSite
from connector.sandbox.openedx.studying import move, set_day
from tests.sandbox.client import Api, person

PEOPLE = 40


def edx(courses: tuple[str, ...] = (COURSE,), *, automatic: bool = False, people: int = PEOPLE) -> EdxSite:
    """A programme's site on day 1 with people who have the Moodle tests' usernames."""
    features = prepared()
    features.automatic_certificates = automatic
    site = EdxSite(":memory:", features)
    seed_programme(site, secret="s", seed=0)
    for number in range(1, people + 1):
        name = person(number)["username"]
        userid = add_user(site, name, f"{name}@example.com", name, is_active=1)
        for course in courses:
            write_enrolment(site, userid, course, "honor", active=True)
    return site


@pytest.fixture
def site() -> Iterator[EdxSite]:
    made = edx()
    yield made
    made.close()


def done_on_moodle(api: Api) -> set[tuple[str, str, int]]:
    """Username, topic, moment of each finished topic of the one course."""
    users = api.users(PEOPLE)
    api.enrol(users, timeend=END)
    set_moodle_day(api.site, 16)
    topics = {item.cmid: item.idnumber for item in course_modules(api.site, 2) if item.completion == AUTOMATIC}
    sql = (
        "SELECT u.username, c.cmid, c.timemodified FROM module_completion c JOIN users u ON u.id = c.userid"
        " WHERE c.state IN (1, 2)"
    )
    return {(name, topics[cmid], when) for name, cmid, when in api.site.all(sql)}


def done_on_edx(site: EdxSite, course: str = COURSE) -> set[tuple[str, str, int]]:
    """The same: texts that were completed, and quizzes whose points reach the cutoff."""
    sql = (
        "SELECT u.username, substr(b.block, 1, 4), c.modified FROM completions c JOIN users u ON u.id = c.userid"
        " JOIN blocks b ON b.id = c.block LEFT JOIN scores s ON s.userid = c.userid AND s.block = c.block"
        " WHERE b.course = ? AND coalesce(s.earned, 10) >= 5"
    )
    return {(name, topic, when // MICRO) for name, topic, when in site.all(sql, (course,))}


def test_the_same_people_finish_the_same_topics_as_on_moodle(api: Api, site: EdxSite) -> None:
    move(site, END - 1)  # an enrolment of Open edX has no end
    moodle, here = done_on_moodle(api), done_on_edx(site)
    assert len(here) > PEOPLE
    assert {row[:2] for row in here} == {row[:2] for row in moodle}
    texts = {row for row in here if int(row[1][2:]) % 2}
    assert texts <= moodle  # at the same moment; a quiz that was tried twice was completed by the first try


def test_moving_the_clock_in_steps_gives_the_same_end(site: EdxSite) -> None:
    for stop in (2, 9, 10, 20):
        set_day(site, stop)
    at_once = edx()
    set_day(at_once, 20)
    for table in ("completions", "scores"):
        sql = f"SELECT userid, block FROM {table} ORDER BY 1, 2"
        assert site.all(sql) == at_once.all(sql)
    at_once.close()


def test_backwards_only_the_clock_moves_and_forwards_nothing_is_done_twice(site: EdxSite) -> None:
    set_day(site, 9)
    before = site.all("SELECT * FROM completions ORDER BY 1, 2")
    assert before
    set_day(site, 5)
    assert site.now() == day(5)
    assert site.all("SELECT * FROM completions ORDER BY 1, 2") == before
    set_day(site, 9)
    assert site.all("SELECT * FROM completions ORDER BY 1, 2") == before


def test_only_active_people_in_active_places_study(site: EdxSite) -> None:
    site.db.execute("UPDATE users SET is_active = 0 WHERE id % 3 = 0")
    site.db.execute("UPDATE enrolments SET is_active = 0 WHERE userid % 3 = 1")
    set_day(site, 16)
    assert {userid % 3 for (userid,) in site.all("SELECT userid FROM completions")} == {2}


def test_who_never_logs_in_has_no_last_login(site: EdxSite) -> None:
    set_day(site, 16)
    logged = {userid for (userid,) in site.all("SELECT id FROM users WHERE last_login IS NOT NULL")}
    busy = {userid for (userid,) in site.all("SELECT userid FROM completions")}
    assert busy < logged
    assert len(logged) < PEOPLE
    assert all(day(1) <= when // MICRO < END for (when,) in site.all("SELECT last_login FROM users WHERE last_login"))


def test_a_topic_is_done_in_the_course_that_holds_it_alone_too() -> None:
    site = edx((COURSE, topic_course(2), topic_course(3)))
    set_day(site, 16)
    whole = done_on_edx(site)
    for number in (2, 3):
        alone = done_on_edx(site, topic_course(number))
        assert alone
        assert {row[:2] for row in alone} == {row[:2] for row in whole if row[1] == f"cd{number:02d}"}
    site.close()


def test_certificates_that_are_issued_by_themselves_are_issued_when_the_grade_first_passes() -> None:
    site = edx(automatic=True)
    set_day(site, 16)
    rows = site.all("SELECT userid, grade, created FROM certificates")
    assert 0 < len(rows) < PEOPLE
    for userid, grade, created in rows:
        assert 0.5 <= float(grade) < 0.62  # nine quizzes: the next one would have brought up to 0.11 more
        moments = site.all("SELECT modified FROM completions WHERE userid = ?", (userid,))
        assert any(0 <= created - modified < MICRO for (modified,) in moments)
    site.close()
