"""The scheduled tasks: who gets a certificate, and when courses become complete."""

from typing import Any

import pytest

from connector.sandbox.building import add_cohort_enrolment, restrict
from connector.sandbox.clock import move
from connector.sandbox.cron import _code, run_cron
from tests.sandbox.client import Api, Fault
from tests.sandbox.test_cohorts import add, member


def issues(api: Api, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.call("mod_customcert_list_issues", **filters)
    return found


def holders(api: Api, **filters: int) -> list[int]:
    return [row["user"]["id"] for row in issues(api, **filters)]


@pytest.fixture
def people(api: Api) -> list[int]:
    """Three enrolled people, the first two in the group."""
    made = api.users(3)
    api.enrol(made)
    grant(api, *made[:2])
    return made


def grant(api: Api, *userids: int) -> None:
    group = api.call("core_group_get_course_groups", courseid=2)[0]["id"]
    api.call("core_group_add_group_members", members=[{"groupid": group, "userid": userid} for userid in userids])


def test_the_group_gets_certificates_and_nobody_else(api: Api, people: list[int]) -> None:
    assert holders(api) == [], "nothing is issued before cron has run"
    assert run_cron(api.site) == 2
    assert holders(api) == people[:2]
    assert {row["issue"]["customcertid"] for row in issues(api)} == {1}


def test_a_second_run_issues_nothing_twice(api: Api, people: list[int]) -> None:
    run_cron(api.site)
    assert run_cron(api.site) == 0
    grant(api, people[2])
    assert run_cron(api.site) == 1


def test_codes_are_ten_letters_or_digits_new_with_each_issue_and_follow_the_seed(api: Api, people: list[int]) -> None:
    run_cron(api.site)
    first = [row["issue"]["code"] for row in issues(api)]
    assert all(len(code) == 10 and code.isalnum() for code in first)
    assert len(set(first)) == 2
    for issue in issues(api):
        api.call("mod_customcert_delete_issue", certificateid=1, issueid=issue["issue"]["id"])
    run_cron(api.site)
    again = [row["issue"]["code"] for row in issues(api)]
    assert len({*first, *again}) == 4, "who is issued anew has another code, or the old paper would count again"
    assert first == [_code("0", 1), _code("0", 2)]
    api.site.set_config("seed", "7")
    api.site.db.execute("DELETE FROM issues")
    run_cron(api.site)
    assert [row["issue"]["code"] for row in issues(api)] == [_code("7", 5), _code("7", 6)]


def test_a_suspended_account_gets_none_but_a_place_that_is_over_still_counts(api: Api, people: list[int]) -> None:
    api.call("core_user_update_users", users=[{"id": people[0], "suspended": 1}])
    api.enrol([people[1]], suspend=1)
    assert run_cron(api.site) == 1
    assert holders(api) == [people[1]]


def test_who_was_suspended_with_the_cohort_has_lost_the_role_and_gets_none(api: Api) -> None:
    api.site.switches.cohort_unenrol = False
    add_cohort_enrolment(api.site, 2, api.cohort())
    (one,) = api.users(1)
    add(api, member("VN-31", "0912000001"))
    grant(api, one)
    api.call("core_cohort_delete_cohort_members", members=[{"cohortid": 1, "userid": one}])
    assert run_cron(api.site) == 0


def test_a_teacher_gets_none(api: Api) -> None:
    (one,) = api.users(1)
    api.call("enrol_manual_enrol_users", enrolments=[{"roleid": 3, "userid": one, "courseid": 2}])
    grant(api, one)
    assert run_cron(api.site) == 0


def test_without_mail_to_students_nothing_is_issued(api: Api, people: list[int]) -> None:
    api.site.switches.certificates_by_mail = False
    assert run_cron(api.site) == 0


def test_a_certificates_own_completion_blocks_until_it_is_overridden(api: Api, people: list[int]) -> None:
    cert = api.cmid("cert")
    api.site.db.execute("UPDATE modules SET completion = 2 WHERE id = ?", (cert,))
    api.site.memory.clear()
    assert run_cron(api.site) == 0
    api.call("core_completion_override_activity_completion_status", userid=people[0], cmid=cert, newstate=1)
    assert run_cron(api.site) == 1


def test_an_unrestricted_certificate_goes_to_every_student(api: Api, people: list[int]) -> None:
    api.site.db.execute("UPDATE modules SET groupid = NULL WHERE id = ?", (api.cmid("cert"),))
    api.site.memory.clear()
    assert run_cron(api.site) == 3
    restrict(api.site, api.cmid("cert"), 1)


def test_issues_newest_first_by_pages_and_filters(api: Api, people: list[int]) -> None:
    run_cron(api.site)
    early = api.site.now()
    move(api.site, early + 60)
    grant(api, people[2])
    run_cron(api.site)
    assert holders(api) == [people[2], people[0], people[1]]
    assert holders(api, limit=2) == [people[2], people[0]]
    assert holders(api, limit=2, offset=2) == [people[1]]
    assert holders(api, limit=0) == [people[2]], "the limit is at least one"
    assert holders(api, timecreatedfrom=early + 60) == [people[2]]
    assert holders(api, userid=people[0]) == [people[0]]
    assert holders(api, customcertid=9) == []


def test_a_deleted_persons_issue_is_still_listed(api: Api, people: list[int]) -> None:
    run_cron(api.site)
    api.call("core_user_delete_users", userids=[people[0]])
    assert issues(api)[0]["user"]["username"].startswith("0912000001@hocvien.invalid.")


@pytest.mark.parametrize(("certificate", "issue"), [(9, 1), (1, 99)])
def test_deleting_an_unknown_issue_is_an_error(api: Api, people: list[int], certificate: int, issue: int) -> None:
    run_cron(api.site)
    with pytest.raises(Fault) as caught:
        api.call("mod_customcert_delete_issue", certificateid=certificate, issueid=issue)
    assert caught.value.code == "invalidrecord"
    assert api.call("mod_customcert_delete_issue", certificateid=1, issueid=1) is True
    assert holders(api) == [people[1]]


def test_cron_completes_courses_after_bulk_grading(api: Api) -> None:
    (one,) = api.users(1)
    course = api.course("cd-02")
    api.enrol([one], course=course)
    params: dict[str, Any] = {"source": "x", "courseid": course, "component": "mod_quiz", "itemnumber": 0}
    quiz = api.cmid("cd02", "cd-02")
    api.call("core_grades_update_grades", activityid=quiz, grades=[{"studentid": one, "grade": 9}], **params)
    assert api.site.all("SELECT * FROM course_completions") == []
    graded = api.site.now()
    api.site.set_now(graded + 60)
    run_cron(api.site)
    assert api.site.all("SELECT * FROM course_completions") == [(course, one, graded)]
