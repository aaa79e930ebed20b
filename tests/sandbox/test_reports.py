"""The custom reports: pages of text cells."""

from typing import Any

import pytest

from connector.sandbox.building import add_cohort_enrolment
from connector.sandbox.clock import move
from tests.sandbox.client import Api, Fault
from tests.sandbox.test_cohorts import add, member

COMPLETIONS, USERS, COHORTS = 1, 2, 3


def read(api: Api, reportid: int, settings: dict[str, str] | None = None, **page: int) -> tuple[list[list[str]], int]:
    data: dict[str, Any] = api.call("core_reportbuilder_retrieve_report", settings, reportid=reportid, **page)["data"]
    return [row["columns"] for row in data["rows"]], data["totalrowcount"]


def test_the_list_of_reports_has_pages(api: Api) -> None:
    names = [report["name"] for report in api.call("core_reportbuilder_list_reports")["reports"]]
    assert names == ["connector-cohorts", "connector-completions", "connector-users"]
    second = api.call("core_reportbuilder_list_reports", page=1, perpage=2)["reports"]
    assert [report["id"] for report in second] == [USERS]


def test_pages_of_users_without_the_guest_and_suspended_accounts(api: Api) -> None:
    people = api.users(5)
    api.call("core_user_update_users", users=[{"id": people[0], "suspended": 1}])
    rows, total = read(api, USERS, perpage=3)
    assert total == 5
    assert [row[0] for row in rows] == ["admin", "0912000002", "0912000003"]
    assert [row[0] for row in read(api, USERS, perpage=3, page=1)[0]] == ["0912000004", "0912000005"]
    assert read(api, USERS, page=9) == ([], 5)
    assert rows[1][-1] == f'<a href="https://mooc.example.vn/user/profile.php?id={people[1]}">An Nguyễn Văn</a>'


def test_completions_show_active_places_with_dates_as_people_read_them(api: Api) -> None:
    one, two, three = api.users(3)
    course = api.course("cd-01")
    api.enrol([one, two], course=course)
    api.enrol([three], course=course, suspend=1)
    cmid = api.cmid("cd01", "cd-01")
    api.call("core_completion_override_activity_completion_status", userid=one, cmid=cmid, newstate=1)
    api.site.db.execute("INSERT INTO course_access VALUES (?, ?, ?)", (two, course, api.site.now() + 5 * 3600))
    assert read(api, COMPLETIONS)[0] == [
        ["cd-01", "0912000001", "Yes", "Monday, 1 December 2025, 8:00 AM", "Never"],
        ["cd-01", "0912000002", "", "", "Monday, 1 December 2025, 1:00 PM"],
    ]
    utc = read(api, COMPLETIONS, {"moodlewssettingtimezone": "UTC"})[0]
    assert utc[0][3] == "Monday, 1 December 2025, 1:00 AM"


def test_a_person_enrolled_twice_gives_two_rows(api: Api) -> None:
    (one,) = api.users(1)
    course = api.course()
    api.enrol([one])
    cohort = api.cohort()
    add(api, member("VN-31", "0912000001"))
    add_cohort_enrolment(api.site, course, cohort)
    assert read(api, COMPLETIONS)[1] == 2


def test_a_place_that_has_ended_is_not_shown(api: Api) -> None:
    (one,) = api.users(1)
    api.enrol([one], timeend=api.site.now() + 10)
    assert read(api, COMPLETIONS)[1] == 1
    move(api.site, api.site.now() + 10)
    assert read(api, COMPLETIONS)[1] == 0


def test_cohort_members_with_the_time_they_were_added(api: Api) -> None:
    api.cohort()
    api.users(1)
    add(api, member("VN-31", "0912000001"))
    assert read(api, COHORTS)[0] == [["VN-31", "0912000001", "Monday, 1 December 2025, 8:00 AM"]]


def test_an_unknown_report_is_an_error(api: Api) -> None:
    with pytest.raises(Fault) as caught:
        read(api, 99)
    assert caught.value.code == "invalidrecord"
