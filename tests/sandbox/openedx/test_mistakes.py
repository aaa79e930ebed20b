"""Requests that are wrong: what the platform's own checks answer, and never a dropped connection."""

import itertools
import json
import random
from typing import Any

import pytest

from tests.fakes.edx_door import COURSE
from tests.sandbox.openedx.conftest import Caller

INSTRUCTOR = f"/courses/{COURSE}/instructor/api"
BLOCKS = "/api/courses/v2/blocks/"
COHORT = f"/api/cohorts/v1/courses/{COURSE}/cohorts/"
STRANGE: tuple[Any, ...] = (None, 5, -1, 1e999, "", "x", "\x00", [], [None], [5], [{}], {}, {"a": []}, True, "9" * 400)
BODIES = {
    "/api/enrollment/v1/enrollment": ("user", "course_details", "mode", "is_active", "cohort", "email"),
    "/api/bulk_enroll/v1/bulk_enroll": ("courses", "identifiers", "action", "auto_enroll", "cohorts"),
    "/api/user/v1/accounts/search_emails": ("emails",),
    COHORT: ("name", "assignment_type"),
    f"{COHORT}1/users/": ("users",),
    "/api/completion/v1/completion-batch": ("username", "course_key", "blocks"),
    "/api/enrollment/v1/enrollment_allowed/": ("email", "course_id", "auto_enroll"),
    f"/api/grades/v1/gradebook/{COURSE}/bulk-update": ("user_id", "usage_id", "grade"),
    f"/api/course_modes/v1/courses/{COURSE}/": ("mode_slug", "mode_display_name", "min_price", "currency"),
    f"{INSTRUCTOR}/certificate_exception_view/": ("user_name", "user_email", "notes"),
    f"{INSTRUCTOR}/certificate_invalidation_view/": ("user", "notes"),
    f"{INSTRUCTOR}/list_course_role_members": ("rolename",),
    f"{INSTRUCTOR}/modify_access": ("unique_student_identifier", "rolename", "action"),
    f"{INSTRUCTOR}/get_student_enrollment_status": ("unique_student_identifier",),
    f"{INSTRUCTOR}/start_certificate_regeneration": ("certificate_statuses",),
}


def sane(name: str) -> Any:
    return {"course_details": {"course_id": COURSE}, "username": "an", "user": "an", "course_key": COURSE}.get(
        name, "a"
    )


def sent(site: Caller, path: str, body: Any) -> int:
    headers = {"Content-Type": "application/json"}
    return site("POST", path, data=json.dumps(body), headers=headers).status_code


@pytest.mark.parametrize("path", BODIES)
def test_no_strange_value_breaks_the_connection(site: Caller, path: str) -> None:
    site.register("an")
    site("POST", COHORT, json={"name": "a", "assignment_type": "manual"})
    names = BODIES[path]
    for name, value in itertools.product(names, STRANGE):
        assert sent(site, path, {one: sane(one) for one in names} | {name: value}) < 600
    for whole in STRANGE:
        assert sent(site, path, whole) < 600


def test_no_strange_query_breaks_the_connection(site: Caller) -> None:
    dice = random.Random(14)
    values = ["", "x", "-1", "0", "²", "9" * 30, "\x00", "a,b", "%", "true"]
    names = ["username", "email", "course_id", "page", "page_size", "cursor", "depth", "lms_user_id", "cohort_id"]
    places = [BLOCKS, COHORT, "/api/user/v1/accounts", "/api/enrollment/v1/enrollments", "/api/courses/v1/courses/"]
    places += [f"/api/grades/v1/gradebook/{COURSE}/", f"/api/grades/v1/courses/{COURSE}/"]
    for place in places:
        for _attempt in range(12):
            query = {name: dice.choice(values) for name in dice.sample(names, 3)}
            assert site("GET", place, params=query).status_code < 600


def test_an_unforeseen_request_is_a_page_of_500_and_leaves_nothing(site: Caller) -> None:
    site.register("an")
    details: Any
    for details in ("x", [], None):
        answer = site("POST", "/api/enrollment/v1/enrollment", json={"user": "an", "course_details": details})
        assert (answer.status_code, answer.headers["Content-Type"][:9]) == (500, "text/html")
    made = site("POST", COHORT, json={"name": "a", "assignment_type": "manual"}).json()["id"]
    users = f"{COHORT}{made}/users/"
    assert site("POST", users, json={"users": ["an", 5]}).status_code == 500
    assert site("GET", users).json()["count"] == 0  # rolled back
    assert site("POST", users, json={"users": ["an", None]}).json()["added"][0]["username"] == "an"
    assert site("POST", users, json={"users": []}).json()["error_code"] == "missing-users"


def test_cookies_that_are_none_count_as_none(site: Caller) -> None:
    assert site("GET", "/api/user/v1/me", headers={"Cookie": "a b[]=1; sessionid"}).status_code == 200


def test_a_right_in_a_course_that_is_not_there_is_404(site: Caller) -> None:
    nowhere = "/courses/course-v1:a+b+c/instructor/api"
    answer = site("POST", f"{nowhere}/get_students_features")
    assert (answer.status_code, answer.json()) == (404, {"developer_message": "Course not found: course-v1:a+b+c."})
    for call in ("get_issued_certificates/", "list_course_role_members", "register_and_enroll_students"):
        answer = site("POST", f"{nowhere}/{call}")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})


def test_missing_fields_are_told_by_their_names(site: Caller) -> None:
    blank, required = "This field may not be blank.", "This field is required."

    def told(call: str, **body: str) -> tuple[int, Any]:
        answer = site("POST", f"{INSTRUCTOR}/{call}", json=body)
        return answer.status_code, answer.json() if answer.content else ""

    assert told("certificate_exception_view/") == (400, {"success": False, "message": {"user": [blank]}})
    assert told("certificate_invalidation_view/") == (400, {"message": {"user": [required]}})
    assert told("certificate_invalidation_view/", user="") == (400, {"message": {"user": [blank]}})
    assert told("list_course_role_members") == (400, {"rolename": [required]})
    assert told("list_course_role_members", rolename="") == (400, {"rolename": [blank]})
    assert told("list_course_role_members", rolename="king") == (400, {"rolename": ["Invalid role name."]})
    assert told("get_student_enrollment_status") == (400, "")


def test_who_is_on_the_allowlist_is_not_invalidated(site: Caller) -> None:
    site.register("an")
    site("POST", "/api/enrollment/v1/enrollment", json={"user": "an", "course_details": {"course_id": COURSE}})
    site("POST", f"{INSTRUCTOR}/certificate_exception_view/", json={"user_name": "an"})
    answer = site("POST", f"{INSTRUCTOR}/certificate_invalidation_view/", json={"user": "an"})
    assert (answer.status_code, "Certificate Exception list" in answer.json()["message"]) == (400, True)


def test_accounts_come_in_the_order_of_the_table_and_once(site: Caller) -> None:
    for name in ("binh", "an"):
        site.register(name)
    rows = site("GET", "/api/user/v1/accounts", params={"username": "an,binh,AN,nobody"}).json()
    assert [row["username"] for row in rows] == ["binh", "an"]
    assert site("POST", "/api/user/v1/accounts/search_emails", json={"emails": []}).json() == []


def test_blocks_want_a_learner_and_take_depth_and_types(site: Caller) -> None:
    def kinds(**query: str) -> set[str]:
        query |= {"course_id": COURSE, "all_blocks": "true"}
        return {row["type"] for row in site("GET", BLOCKS, params=query).json()["blocks"].values()}

    assert kinds() == {"course"}
    assert kinds(depth="1") == {"course", "chapter"}
    assert kinds(depth="all", block_types_filter="sequential") == {"sequential"}
    assert site("GET", BLOCKS, params={"course_id": COURSE}).status_code == 400
    assert site("GET", BLOCKS).status_code == 400
    assert site("GET", BLOCKS, params={"course_id": COURSE, "all_blocks": "true", "depth": "x"}).status_code == 400
