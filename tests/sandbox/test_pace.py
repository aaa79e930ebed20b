"""The cost model against the measured figures of reference/moodle-ws-facts.md section 0.1."""

import threading
import time
from typing import Any

import pytest

from connector.sandbox.pace import ANY_CALL, Bill, Pace
from tests.sandbox.client import Api, person

# Single calls and long lists, in seconds, as measured; the model may be 15 % off.
NEAR = 0.15
COMPLETION = "core_completion_get_activities_completion_status"


@pytest.fixture
def billed(api: Api) -> Api:
    api.users(300)
    api.enrol([row["id"] for row in api.find(*(person(number)["username"] for number in range(1, 301)))])
    api.site.bill = Bill()
    return api


def took(api: Api) -> float:
    assert api.site.bill is not None
    return api.site.bill.take()


@pytest.mark.parametrize(
    ("count", "more", "measured"), [(1, {}, 0.088), (300, {}, 300 * 0.013), (300, {"auth": "nologin"}, 300 * 0.007)]
)
def test_making_accounts(billed: Api, count: int, more: dict[str, str], measured: float) -> None:
    billed.call("core_user_create_users", users=[person(1000 + number, **more) for number in range(count)])
    assert took(billed) == pytest.approx(measured, rel=NEAR)


def test_looking_up(billed: Api) -> None:
    billed.find(*(person(number)["username"] for number in range(1, 301)))
    assert took(billed) == pytest.approx(1.1, rel=NEAR)
    billed.find("nobody")
    assert took(billed) == ANY_CALL


def test_updating(billed: Api) -> None:
    billed.call("core_user_update_users", users=[{"id": 3 + number, "city": "Huế"} for number in range(300)])
    assert took(billed) == pytest.approx(300 * 0.0016, rel=NEAR)


def test_filling_a_cohort_and_filling_it_again(billed: Api) -> None:
    billed.cohort()
    took(billed)
    members: list[dict[str, Any]] = [
        {"cohorttype": {"type": "idnumber", "value": "VN-31"}, "usertype": {"type": "id", "value": str(3 + number)}}
        for number in range(300)
    ]
    billed.call("core_cohort_add_cohort_members", members=members)
    assert took(billed) == pytest.approx(300 * 0.002, rel=NEAR)
    billed.call("core_cohort_add_cohort_members", members=members)
    assert took(billed) == pytest.approx(300 * 0.25 / 500, rel=NEAR)


def test_reading_a_course(billed: Api) -> None:
    course = billed.course()
    took(billed)
    options = [{"name": "userfields", "value": "id,username,lastcourseaccess"}]
    billed.call("core_enrol_get_enrolled_users", courseid=course, options=options)
    assert took(billed) - ANY_CALL == pytest.approx(300 * 0.0005, rel=NEAR)
    billed.call("core_enrol_get_enrolled_users", courseid=course)
    assert took(billed) - ANY_CALL == pytest.approx(300 * 0.00425, rel=NEAR)


def test_completion_by_itself_and_in_a_batch(billed: Api) -> None:
    course = billed.course()
    took(billed)
    billed.call(COMPLETION, courseid=course, userid=3)
    assert took(billed) == pytest.approx(0.058, rel=NEAR)
    billed.batch(*[(COMPLETION, {"courseid": course, "userid": 3 + number}) for number in range(50)])
    assert took(billed) == pytest.approx(50 * 0.025, rel=NEAR)


def test_grades_of_all(billed: Api) -> None:
    course = billed.course()
    took(billed)
    billed.call("gradereport_user_get_grade_items", courseid=course)
    assert 300 * 0.0015 < took(billed) < 300 * 0.004


def test_a_report_is_the_cheapest(billed: Api) -> None:
    reports = billed.call("core_reportbuilder_list_reports")["reports"]
    number = next(report["id"] for report in reports if report["name"] == "connector-users")
    took(billed)
    billed.call("core_reportbuilder_retrieve_report", reportid=number, page=0, perpage=1000)
    assert took(billed) == pytest.approx(ANY_CALL + 300 * 0.00007, rel=NEAR)


def test_what_fails_or_is_no_call_costs_a_call(billed: Api) -> None:
    took(billed)
    assert took(billed) == ANY_CALL
    billed.batch(("core_cohort_get_cohorts", {}), ("core_course_get_categories", {}))
    assert ANY_CALL < took(billed) < 2 * ANY_CALL


def test_time_passes_as_on_a_site_of_that_speed() -> None:
    pace = Pace(speed=10)
    began = time.perf_counter()
    with pace.core():
        pace.spend(0.5, began, threading.Event())
        assert time.perf_counter() - began == pytest.approx(0.05, abs=0.03)
        pace.spend(0.1, began, threading.Event())  # the work itself took longer
    assert time.perf_counter() - began < 0.1


def spent_by(connections: int) -> float:
    """How long so many connections take for a request of 0.05 seconds each."""
    pace, stopped = Pace(), threading.Event()
    start = threading.Barrier(connections)

    def work() -> None:
        start.wait()
        with pace.core():
            began = time.perf_counter()
            stopped.wait(0.005)
            pace.spend(0.05, began, stopped)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def test_two_cores_serve_two_callers_nearly_as_quickly_as_one() -> None:
    assert spent_by(2) < 0.09
    assert spent_by(4) > 0.1


def test_a_stopped_site_waits_no_more() -> None:
    pace, stopped = Pace(), threading.Event()
    stopped.set()
    began = time.perf_counter()
    with pace.core():
        pace.spend(5, began, stopped)
    assert time.perf_counter() - began < 1
