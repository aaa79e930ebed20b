"""Lists in pages, filters of the gradebook, and who stands in them (openedx-facts.md sections 4, 6, 7 and 8)."""

from collections.abc import Iterator
from typing import Any

import pytest

from connector.sandbox.openedx.allowed import write_enrolment
from connector.sandbox.openedx.content import answer_problem
from connector.sandbox.openedx.registration import add_user
from tests.fakes.edx_door import COURSE, URL
from tests.sandbox.openedx.conftest import Caller

LIST = "/api/enrollment/v1/enrollments"
GRADES = f"/api/grades/v1/courses/{COURSE}/"
BOOK = f"/api/grades/v1/gradebook/{COURSE}/"
COHORTS = f"/api/cohorts/v1/courses/{COURSE}/cohorts/"


def people(site: Caller, count: int, course: str = COURSE, mode: str = "honor") -> list[int]:
    ids = [add_user(site.site, f"o_{n}", f"o_{n}@example.com", f"Official {n}", is_active=1) for n in range(count)]
    for userid in ids:
        write_enrolment(site.site, userid, course, mode, active=True)
    return ids


def pages(site: Caller, path: str, size: int) -> Iterator[list[dict[str, Any]]]:
    following: str | None = f"{path}{'&' if '?' in path else '?'}page_size={size}"
    while following:
        page = site("GET", following.removeprefix(URL)).json()
        yield page["results"]
        following = page["next"]


def score(site: Caller, userid: int, section: str, points: float) -> None:
    for (block,) in site.site.all(
        "SELECT id FROM blocks WHERE block LIKE ? AND type = 'problem' AND course = ?", (f"{section}%", COURSE)
    ):
        answer_problem(site.site, userid, block, points)


@pytest.mark.parametrize("path", [LIST, GRADES, BOOK])
@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_every_row_is_on_one_page_only(site: Caller, path: str, size: int) -> None:
    people(site, 7)
    found = [row.get("user") or row["username"] for page in pages(site, path, size) for row in page]
    expected = [f"o_{n}" for n in range(7)]
    assert found == (expected[::-1] if path == LIST else expected)


@pytest.mark.parametrize("path", [LIST, GRADES, BOOK])
def test_back_and_forth_gives_the_same_pages(site: Caller, path: str) -> None:
    people(site, 5)
    first = site("GET", f"{path}?page_size=2").json()
    second = site("GET", first["next"].removeprefix(URL)).json()
    again = site("GET", second["previous"].removeprefix(URL)).json()
    assert again["results"] == first["results"]
    assert (first["previous"], again["previous"]) == (None, None)
    assert again["next"] is not None


def test_who_is_enrolled_while_somebody_pages_appears_in_front_only(site: Caller) -> None:
    people(site, 4)
    first = site("GET", f"{LIST}?page_size=2").json()
    late = add_user(site.site, "late", "late@example.com", "Late", is_active=1)
    write_enrolment(site.site, late, COURSE, "honor", active=True)
    second = site("GET", first["next"].removeprefix(URL)).json()
    assert [row["user"] for row in second["results"]] == ["o_1", "o_0"]
    assert site("GET", LIST).json()["results"][0]["user"] == "late"


def test_a_page_of_enrolments_has_at_most_a_hundred_and_grades_have_no_maximum(site: Caller) -> None:
    people(site, 130)
    assert len(site("GET", f"{LIST}?page_size=5000").json()["results"]) == 100
    assert len(site("GET", f"{GRADES}?page_size=5000").json()["results"]) == 130
    assert len(site("GET", GRADES).json()["results"]) == 50


def test_enrolments_hold_the_inactive_ones_and_grades_do_not(site: Caller) -> None:
    ids = people(site, 3)
    write_enrolment(site.site, ids[1], COURSE, "honor", active=False)
    assert {row["user"]: row["is_active"] for row in site("GET", LIST).json()["results"]}["o_1"] is False
    assert [row["username"] for row in site("GET", GRADES).json()["results"]] == ["o_0", "o_2"]


def test_course_ids_are_parts_of_keys_in_any_case(site: Caller) -> None:
    people(site, 1)
    for part, count in (("bkhcn+ai01", 1), ("AI0", 1), ("ai02", 0), ("ai02,ai01", 1)):
        assert len(site("GET", LIST, params={"course_ids": part}).json()["results"]) == count
    assert site("GET", LIST, params={"course_id": "course-v1:NO+NO+NO"}).json()["results"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"course_id": "nonsense"}, "course_id"),
        ({"username": ",".join(f"u{n}" for n in range(101))}, "username"),
        ({"username": "ông"}, "username"),
        ({"course_ids": ",".join("a" * 101)}, "course_ids"),
    ],
)
def test_bad_filters_are_told_by_their_field(site: Caller, query: dict[str, str], field: str) -> None:
    answer = site("GET", LIST, params=query)
    assert answer.status_code == 400
    assert list(answer.json()["field_errors"]) == [field]


@pytest.mark.parametrize("cursor", ["nonsense", "cD1ub25zZW5zZQ=="])
def test_a_cursor_that_is_none_is_a_404(site: Caller, cursor: str) -> None:
    people(site, 3)
    answer = site("GET", GRADES, params={"cursor": cursor})
    assert (answer.status_code, answer.json()) == (404, {"developer_message": "Invalid cursor"})


def test_grades_tell_no_address_and_nothing_of_who_did_nothing(site: Caller) -> None:
    ids = people(site, 2)
    score(site, ids[0], "final", 1.0)
    first, second = site("GET", GRADES).json()["results"]
    assert (first["email"], first["percent"], first["passed"], first["letter_grade"]) == ("", 0.6, True, "Pass")
    assert (second["percent"], second["passed"], second["letter_grade"]) == (0.0, False, None)


def test_one_learners_grade_is_a_bare_list_and_two_404s(site: Caller) -> None:
    people(site, 1)
    assert [row["username"] for row in site("GET", GRADES, params={"username": "o_0"}).json()] == ["o_0"]
    site.register("elsewhere")
    for name, code in (("nobody", "user_does_not_exist"), ("elsewhere", "user_not_enrolled")):
        answer = site("GET", GRADES, params={"username": name})
        assert (answer.status_code, answer.json()["error_code"]) == (404, code)
    unknown = site("GET", "/api/grades/v1/courses/course-v1:NO+NO+NO/")
    assert (unknown.status_code, unknown.json()["error_code"]) == (404, "course_does_not_exist")


def filtered(site: Caller, **query: object) -> tuple[list[str], int, int]:
    body = site("GET", BOOK, params=query).json()
    return [row["username"] for row in body["results"]], body["filtered_users_count"], body["total_users_count"]


def test_the_gradebook_is_filtered_by_text_cohort_and_mode(site: Caller) -> None:
    ids = people(site, 12)
    number = site("POST", COHORTS, json={"name": "Huế", "assignment_type": "manual"}).json()["id"]
    site("POST", f"{COHORTS}{number}/users/", json={"users": ["o_3", "o_11"]})
    write_enrolment(site.site, ids[5], COURSE, "audit", active=True)
    assert filtered(site, cohort_id=number) == (["o_3", "o_11"], 2, 12)
    assert filtered(site, enrollment_mode="audit") == (["o_5"], 1, 12)
    assert filtered(site, username_contains="O_1") == (["o_1", "o_10", "o_11"], 3, 12)
    assert filtered(site, user_contains="o_7@EXAMPLE") == (["o_7"], 1, 12)
    assert filtered(site, user_contains="official 2") == (["o_2"], 1, 12)
    assert filtered(site, cohort_id=number, username_contains="11") == (["o_11"], 1, 12)
    assert filtered(site, cohort_id=number, page_size=1) == (["o_3"], 2, 12)


def test_the_gradebook_is_filtered_by_ranges_of_grades(site: Caller) -> None:
    ids = people(site, 4)
    score(site, ids[1], "hw1", 1.0)  # 40 %
    score(site, ids[2], "final", 1.0)  # 60 %
    score(site, ids[3], "hw1", 1.0)
    score(site, ids[3], "final", 1.0)
    assert filtered(site, course_grade_min=40, course_grade_max=60) == (["o_1", "o_2"], 2, 4)
    assert filtered(site, course_grade_min=61)[0] == ["o_3"]
    assert filtered(site, course_grade_max=10)[0] == ["o_0"]
    final = f"block-v1:{COURSE.split(':')[1]}+type@sequential+block@final"
    assert filtered(site, assignment=final, assignment_grade_min=50)[0] == ["o_2", "o_3"]
    assert filtered(site, assignment=final, assignment_grade_max=50, course_grade_min=40)[0] == ["o_1"]
    assert filtered(site, assignment_grade_min=50)[1] == 4  # of no assignment: no filter


def test_one_learner_of_the_gradebook_is_an_object(site: Caller) -> None:
    ids = people(site, 2)
    score(site, ids[1], "hw1", 1.0)
    row = site("GET", BOOK, params={"username": "o_1"}).json()
    assert (row["user_id"], row["email"], row["percent"]) == (ids[1], "", 0.4)
    marks = {
        mark["label"]: (mark["attempted"], mark["score_earned"], mark["score_possible"])
        for mark in row["section_breakdown"]
    }
    assert marks == {"HW 01": (True, 2.0, 2.0), "Final 01": (False, 0.0, 0.0)}
    assert site("GET", BOOK, params={"username": "nobody"}).status_code == 404


def test_marks_are_written_by_hand_row_by_row(site: Caller) -> None:
    ids = people(site, 1)
    usage = f"block-v1:{COURSE.split(':')[1]}+type@sequential+block@final"
    marks = {"earned_graded_override": 2, "possible_graded_override": 2}
    rows = [
        {"user_id": ids[0], "usage_id": usage, "grade": marks},
        {"user_id": 9999, "usage_id": usage, "grade": marks},
    ]
    told = site("POST", f"{BOOK}bulk-update", json=rows)
    assert told.status_code == 422
    assert [row["success"] for row in told.json()] == [True, False]
    assert site("GET", GRADES).json()["results"][0]["percent"] == 0.6
    assert site("POST", f"{BOOK}bulk-update", json=rows[:1]).status_code == 202


def test_the_list_of_courses_is_public_and_numbered(site: Caller) -> None:
    answer = site("GET", "/api/courses/v1/courses/", headers={"Authorization": ""}).json()
    assert [row["course_id"] for row in answer["results"]] == [COURSE]
    assert answer["pagination"] == {"next": None, "previous": None, "count": 1, "num_pages": 1}
    assert site("GET", "/api/courses/v1/courses/", params={"page": 2}).json() == {"developer_message": "Invalid page."}
    assert site("GET", "/api/courses/v1/course_ids/").status_code == 500
    assert site("GET", "/api/courses/v1/courses/course-v1:NO+NO+NO/").json() == {
        "developer_message": "Course not found."
    }


def test_the_list_of_enrolments_is_cut_before_it_is_read(site: Caller) -> None:
    people(site, 300)
    read: list[str] = []
    site.site.db.set_trace_callback(read.append)
    site("GET", f"{LIST}?page_size=10")
    site.site.db.set_trace_callback(None)
    (asked,) = [sql for sql in read if "FROM enrolments e JOIN users" in sql]
    assert asked.endswith("LIMIT 11")
