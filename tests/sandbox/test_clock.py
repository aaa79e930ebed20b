"""Letting time pass: people study, and the end state does not depend on how the clock was moved."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.sandbox.clock import set_day, set_time
from connector.sandbox.content import DAY_ONE, day, day_of
from connector.sandbox.study import Character, character_of, timetable
from tests.sandbox.client import Api, fresh

PEOPLE = 60
TABLES = ("module_completion", "grades", "course_access", "course_completions", "users")


def crowd(*courses: str) -> tuple[Api, list[int]]:
    api = fresh()
    people = api.users(PEOPLE)
    for course in courses or ("bkhcn-2025-01",):
        api.enrol(people, course=api.course(course))
    return api, people


def snapshot(api: Api) -> dict[str, list[Any]]:
    hide = "id, firstaccess, lastaccess"
    return {
        table: api.site.all(f"SELECT {hide if table == 'users' else '*'} FROM {table} ORDER BY 1, 2")
        for table in TABLES
    }


@given(st.lists(st.integers(1, 20), max_size=4))
@settings(max_examples=12)
def test_the_end_state_is_the_same_however_the_clock_was_moved(stops: list[int]) -> None:
    at_once, _people = crowd()
    set_day(at_once.site, 20)
    in_steps, _people = crowd()
    for stop in [*stops, 20]:
        set_day(in_steps.site, stop)
    same = snapshot(at_once) == snapshot(in_steps)
    at_once.site.close()
    in_steps.site.close()
    assert same


def test_a_day_is_eight_in_the_morning_in_viet_nam() -> None:
    api = fresh()
    set_day(api.site, 9)
    assert datetime.fromtimestamp(api.site.now(), UTC) == datetime(2025, 12, 9, 1, 0, tzinfo=UTC)
    assert day_of(api.site.now()) == 9
    set_time(api.site, DAY_ONE)
    assert (api.site.now(), day_of(day(1) - 1)) == (day(1), 0)


def test_moving_back_takes_nothing_away() -> None:
    api, _people = crowd()
    set_day(api.site, 9)
    before = snapshot(api)
    set_day(api.site, 5)
    assert snapshot(api) == before
    set_day(api.site, 9)
    assert snapshot(api) == before


def test_last_accesses_are_those_of_the_last_events() -> None:
    api, people = crowd()
    set_day(api.site, 16)
    for userid in people:
        username, first, last = (
            api.site.one("SELECT username, firstaccess, lastaccess FROM users WHERE id = ?", (userid,)) or ()
        )
        events = [event for event in timetable(0, username, day(1)) if event.time <= day(16)]
        assert (first, last) == ((events[0].time, events[-1].time) if events else (0, 0))
        seen = api.site.one("SELECT timeaccess FROM course_access WHERE userid = ?", (userid,))
        topics = [event.time for event in events if event.topic]
        assert seen == ((topics[-1],) if topics else None)


def test_both_layouts_show_the_same_work() -> None:
    topics = [f"cd-{number:02d}" for number in range(1, 20)]
    api, _people = crowd("bkhcn-2025-01", *topics)
    set_day(api.site, 16)
    rows = api.site.all(
        "SELECT m.idnumber, c.userid, c.state, c.timemodified, m.course = 2 FROM module_completion c"
        " JOIN modules m ON m.id = c.cmid"
    )
    one_course = {row[:4] for row in rows if row[4]}
    many_courses = {row[:4] for row in rows if not row[4]}
    assert one_course == many_courses != set()
    done = api.site.one("SELECT count(*) FROM course_completions")
    assert done == (len([row for row in many_courses if row[2] in (1, 2)]),)


def test_quizzes_have_grades_and_failed_ones_state_three() -> None:
    api, _people = crowd()
    set_day(api.site, 16)
    rows = api.site.all(
        "SELECT m.modname, c.state, g.raw FROM module_completion c JOIN modules m ON m.id = c.cmid"
        " LEFT JOIN grades g ON g.cmid = c.cmid AND g.userid = c.userid"
    )
    for modname, state, raw in rows:
        if modname == "page":
            assert (state, raw) == (1, None)
        else:
            assert state == (2 if raw >= 5 else 3)
    assert {state for _modname, state, _raw in rows} == {1, 2, 3}


@pytest.fixture
def busy(api: Api) -> int:
    """The id of a learner who reaches the rule, not enrolled yet."""
    number = next(n for n in range(1, 99) if character_of(0, f"09120{n:05d}") is Character.REACHES)
    return api.users(1, first=number)[0]


def work(api: Api) -> int:
    row = api.site.one("SELECT count(*) FROM module_completion")
    assert row is not None
    return int(row[0])


def test_only_active_students_study(api: Api, busy: int) -> None:
    enrol = {"userid": busy, "courseid": 2}
    api.call("enrol_manual_enrol_users", enrolments=[{"roleid": 3, **enrol}])
    set_day(api.site, 3)
    assert work(api) == 0, "a teacher"
    api.enrol([busy], suspend=1)
    set_day(api.site, 5)
    assert work(api) == 0, "a suspended place"
    api.enrol([busy])
    api.call("core_user_update_users", users=[{"id": busy, "suspended": 1}])
    set_day(api.site, 7)
    assert work(api) == 0, "a suspended account"
    api.call("core_user_update_users", users=[{"id": busy, "suspended": 0}])
    set_day(api.site, 16)
    assert work(api) > 0


def test_nobody_studies_outside_of_his_window(api: Api, busy: int) -> None:
    api.enrol([busy], timestart=day(5), timeend=day(8))
    set_day(api.site, 16)
    times = [row[0] for row in api.site.all("SELECT timemodified FROM module_completion")]
    assert times
    assert all(day(5) <= time < day(8) for time in times)


def test_who_comes_late_uses_what_is_left(api: Api, busy: int) -> None:
    set_day(api.site, 9)
    api.enrol([busy])
    set_day(api.site, 16)
    times = [row[0] for row in api.site.all("SELECT timemodified FROM module_completion WHERE state IN (1, 2)")]
    assert len(times) >= 10
    assert min(times) > day(9)


def test_an_overridden_activity_is_not_touched(api: Api, busy: int) -> None:
    api.enrol([busy])
    cmid = api.cmid("cd01")
    api.call("core_completion_override_activity_completion_status", userid=busy, cmid=cmid, newstate=1)
    set_day(api.site, 16)
    assert api.states(busy)[cmid]["overrideby"] == 2


def test_cron_runs_with_the_clock(api: Api, busy: int) -> None:
    api.enrol([busy])
    group = api.call("core_group_get_course_groups", courseid=2)[0]["id"]
    api.call("core_group_add_group_members", members=[{"groupid": group, "userid": busy}])
    set_day(api.site, 2)
    assert api.call("mod_customcert_list_issues")[0]["issue"]["timecreated"] == day(2)
