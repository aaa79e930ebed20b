"""What the recordings show one learner at a time, tried with other people, orders and settings."""

import json

from connector.sandbox.openedx.certificates import regrade
from connector.sandbox.openedx.content import answer_problem
from tests.fakes.edx_door import COURSE
from tests.sandbox.openedx.conftest import Caller

ENROL = "/api/enrollment/v1/enrollment"
BULK = "/api/bulk_enroll/v1/bulk_enroll"
COHORTS = f"/api/cohorts/v1/courses/{COURSE}/cohorts/"
CERTIFICATES = "/api/certificates/v0/certificates"


def enrol(site: Caller, username: str, **more: object) -> tuple[int, dict[str, object]]:
    body = {"user": username, "course_details": {"course_id": COURSE}} | more
    answer = site("POST", ENROL, json=body)
    return answer.status_code, answer.json()


def answer_all(site: Caller, username: str, kind: str) -> None:
    row = site.site.one("SELECT id FROM users WHERE username = ?", (username,))
    assert row
    for (block,) in site.site.all("SELECT id FROM blocks WHERE block LIKE ? AND type = 'problem'", (f"{kind}%",)):
        answer_problem(site.site, row[0], block, 1.0)
        regrade(site.site, row[0], COURSE)


def certificate(site: Caller, username: str) -> dict[str, object]:
    answer: dict[str, object] = site("GET", f"{CERTIFICATES}/{username}/courses/{COURSE}/").json()
    return answer


def test_a_cookie_jar_turns_the_next_call_into_a_401_that_was_carried_out(site: Caller) -> None:
    made = site.register("official_1")
    jar = {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in made.cookies)}
    assert "sessionid" in jar["Cookie"]
    spoilt = site("POST", ENROL, json={"user": "official_1", "course_details": {"course_id": COURSE}}, headers=jar)
    assert (spoilt.status_code, spoilt.content) == (401, b"")
    assert site("GET", f"{ENROL}/official_1,{COURSE}").json()["is_active"] is True


def test_unenrolling_twice_without_a_mode_rewrites_the_mode(site: Caller) -> None:
    site.register("official_1")
    enrol(site, "official_1", mode="honor")
    first = enrol(site, "official_1", is_active=False)[1]
    second = enrol(site, "official_1", is_active=False)[1]
    assert [(row["mode"], row["is_active"]) for row in (first, second)] == [("honor", False), ("audit", False)]


def test_the_default_mode_is_honor_where_there_is_no_audit(site: Caller) -> None:
    site.register("official_1")
    assert site("DELETE", f"/api/course_modes/v1/courses/{COURSE}/audit").status_code == 204
    assert enrol(site, "official_1")[1]["mode"] == "honor"


def test_an_unknown_cohort_is_refused_after_the_enrolment_was_made(site: Caller) -> None:
    site.register("official_1")
    assert enrol(site, "official_1", mode="honor", cohort="Nowhere")[0] == 400
    assert site("GET", f"{ENROL}/official_1,{COURSE}").json()["mode"] == "honor"


def test_a_bulk_enrolment_only_allows_accounts_that_are_not_active(site: Caller) -> None:
    site.register("official_1")
    form = {"action": "enroll", "auto_enroll": "true", "courses": COURSE, "identifiers": "official_1"}
    row = site("POST", BULK, data=form).json()["courses"][COURSE]["results"][0]
    assert (row["after"]["enrollment"], row["after"]["allowed"]) == (False, True)
    key = site("GET", "/api/user/v1/accounts/official_1").json()["activation_key"]
    assert site("GET", f"/activate/{key}").status_code == 302
    assert site("GET", f"{ENROL}/official_1,{COURSE}").json()["mode"] == "audit"


def test_an_unknown_course_undoes_the_courses_before_it(site: Caller) -> None:
    form = {"action": "enroll", "courses": f"{COURSE},course-v1:NO+NO+NO", "identifiers": "later@example.com"}
    assert site("POST", BULK, data=form).json() == {"detail": "Not found."}
    assert site.site.all("SELECT email FROM allowed") == []


def test_a_second_cohort_of_the_same_name_breaks_the_platform_and_leaves_one(site: Caller) -> None:
    codes = [site("POST", COHORTS, json={"name": "Lào Cai", "assignment_type": "manual"}).status_code for _ in range(2)]
    assert codes == [200, 500]
    assert [row["name"] for row in site("GET", COHORTS).json()] == ["Lào Cai"]


def test_cohorts_come_ten_to_a_page_that_names_no_other(site: Caller) -> None:
    for number in range(34):
        site("POST", COHORTS, json={"name": f"Province {number}", "assignment_type": "manual"})
    assert [len(site("GET", COHORTS, params={"page": page}).json()) for page in (1, 2, 4)] == [10, 10, 4]
    assert site("GET", COHORTS, params={"page": 5}).status_code == 404
    assert len(site("GET", COHORTS, params={"page_size": 100}).json()) == 34


def test_a_learner_is_in_one_cohort_of_a_course(site: Caller) -> None:
    site.register("official_1")
    ids = [site("POST", COHORTS, json={"name": name, "assignment_type": "manual"}).json()["id"] for name in "AB"]
    for number in ids:
        told = site("POST", f"{COHORTS}{number}/users/", json={"users": ["official_1"]}).json()
    assert told["changed"][0]["previous_cohort"] == "A"
    assert [site("GET", f"{COHORTS}{number}/users/").json()["count"] for number in ids] == [0, 1]


def test_counting_pages_of_enrolments_gives_page_one_for_ever(site: Caller) -> None:
    for number in range(5):
        site.register(f"official_{number}")
        enrol(site, f"official_{number}")
    lists = [site("GET", f"{ENROL}s", params={"page_size": 2, "page": page}).json() for page in (1, 2)]
    assert lists[0]["results"] == lists[1]["results"]


def test_the_cursor_leads_through_every_enrolment_once_and_back(site: Caller) -> None:
    for number in range(5):
        site.register(f"official_{number}")
        enrol(site, f"official_{number}")
    seen: list[str] = []
    path: str | None = f"{ENROL}s?page_size=2"
    while path:
        page = site("GET", path.removeprefix("https://lms.test")).json()
        seen += [row["user"] for row in page["results"]]
        path = page["next"]
    assert seen == [f"official_{number}" for number in (4, 3, 2, 1, 0)]
    back = site("GET", page["previous"].removeprefix("https://lms.test")).json()
    assert [row["user"] for row in back["results"]] == ["official_2", "official_1"]


def test_a_certificates_grade_is_frozen_at_first_passing(site: Caller) -> None:
    site.register("official_1")
    enrol(site, "official_1", mode="honor")
    answer_all(site, "official_1", "final")
    assert certificate(site, "official_1")["grade"] == "0.6"
    answer_all(site, "official_1", "hw1")
    assert certificate(site, "official_1")["grade"] == "0.6"
    grades = site("GET", f"/api/grades/v1/courses/{COURSE}/").json()["results"]
    assert grades[0]["percent"] == 1.0


def test_an_audit_learner_earns_no_certificate_until_the_mode_is_changed(site: Caller) -> None:
    site.register("official_1")
    enrol(site, "official_1", mode="audit")
    answer_all(site, "official_1", "final")
    assert certificate(site, "official_1") == {"error_code": "no_certificate_for_user"}
    enrol(site, "official_1", mode="honor")
    assert certificate(site, "official_1")["status"] == "downloadable"


def test_a_stock_site_issues_only_when_it_is_told_to(stock: Caller) -> None:
    stock.register("official_1")
    enrol(stock, "official_1", mode="honor")
    answer_all(stock, "official_1", "final")
    assert certificate(stock, "official_1") == {"error_code": "no_certificate_for_user"}
    told = stock("POST", f"/courses/{COURSE}/instructor/api/start_certificate_generation")
    assert told.status_code == 200
    assert certificate(stock, "official_1")["status"] == "downloadable"


def test_a_stock_site_lacks_what_must_be_switched_on(stock: Caller) -> None:
    bulk = stock("POST", BULK, data={"action": "enroll", "courses": COURSE, "identifiers": "a"})
    assert (bulk.status_code, bulk.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    file = {"students_list": ("s.csv", "a@example.com,a_b,A B,VN\n")}
    signup = stock("POST", f"/courses/{COURSE}/instructor/api/register_and_enroll_students", files=file)
    assert (signup.status_code, signup.content) == (403, b"")
    assert stock("GET", f"/api/course_home/progress/{COURSE}/1").json() == {"detail": "Not found."}


def test_a_token_ends_after_an_hour_of_the_sites_time(site: Caller) -> None:
    site.site.set_now(site.site.now() + 3601)
    answer = site("GET", "/api/user/v1/me")
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token."})


def test_the_sixty_first_registration_of_a_week_is_forbidden(site: Caller) -> None:
    site.site.ticks = lambda: 0.0
    codes = [site.register("x").status_code for _ in range(60)]  # failures count too
    assert set(codes) == {400}
    late = site.register("official_1")
    assert (late.status_code, late.json()) == (403, {"error_code": "forbidden-request"})
    site.site.ticks = lambda: 7 * 24 * 3600.0
    assert site.register("official_1").status_code == 200


def test_enrolments_and_courses_share_one_rate_limit(site: Caller) -> None:
    site.site.ticks = lambda: 0.0
    for _ in range(45):
        site("GET", f"{ENROL}?user=nobody")
    first = site("GET", "/api/courses/v1/courses/")
    assert (first.status_code, first.json()) == (429, {"developer_message": "Request was throttled."})
    assert "Retry-After" not in first.headers
    for _ in range(75):
        assert site("GET", f"{ENROL}?user=nobody").status_code == 200
    last = site("GET", f"{ENROL}?user=nobody")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "60")


def test_the_whole_course_is_listed_with_cohorts_in_one_answer(site: Caller) -> None:
    file = {"students_list": ("s.csv", "".join(f"o{n}@example.com,o_{n},Official {n},VN,,honor\n" for n in range(30)))}
    told = site("POST", f"/courses/{COURSE}/instructor/api/register_and_enroll_students", files=file).json()
    assert told == {"row_errors": [], "general_errors": [], "warnings": []}
    listed = site("POST", f"/courses/{COURSE}/instructor/api/get_students_features").json()
    assert listed["students_count"] == 30
    assert {(row["cohort"], row["enrollment_mode"]) for row in listed["students"]} == {("[unassigned]", "honor")}


def test_a_json_body_is_no_registration(site: Caller) -> None:
    answer = site(
        "POST",
        "/api/user/v1/account/registration/",
        data=json.dumps({"username": "official_1"}),
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, sorted(answer.json())[0]) == (400, "email")
