"""Sign-up, cohorts, allowed e-mails, certificates and completion by their quirks (openedx-facts.md 2 to 6, 9 to 11)."""

import pytest
import requests

from tests.fakes.edx_door import COURSE
from tests.sandbox.openedx.conftest import Caller
from tests.sandbox.openedx.test_quirks import answer_all, certificate, enrol

INSTRUCTOR = f"/courses/{COURSE}/instructor/api"
COHORTS = f"/api/cohorts/v1/courses/{COURSE}/cohorts/"
ALLOWED = "/api/enrollment/v1/enrollment_allowed/"
ACCOUNTS = "/api/user/v1/accounts"


def sign_up(site: Caller, *lines: str, name: str = "s.csv") -> dict[str, list[dict[str, str]]]:
    files = {"students_list": (name, "".join(f"{line}\n" for line in lines))}
    answer = site("POST", f"{INSTRUCTOR}/register_and_enroll_students", files=files)
    told: dict[str, list[dict[str, str]]] = answer.json()
    return told


def cohort(site: Caller, name: str) -> int:
    return int(site("POST", COHORTS, json={"name": name, "assignment_type": "manual"}).json()["id"])


def exceptions(site: Caller, *lines: str) -> requests.Response:
    files = {"students_list": ("a.csv", "".join(f"{line}\n" for line in lines))}
    return site("POST", f"{INSTRUCTOR}/generate_bulk_certificate_exceptions", files=files)


def test_signed_up_people_are_active_and_a_repeat_is_silent(site: Caller) -> None:
    for _ in range(2):
        told = sign_up(site, "a@example.com,a_1,Lê An,VN,,honor")
        assert told == {"row_errors": [], "general_errors": [], "warnings": []}
    (account,) = site("GET", ACCOUNTS, params={"username": "a_1"}).json()
    assert (account["is_active"], account["name"], account["country"]) == (True, "Lê An", "VN")
    assert enrol(site, "a_1")[1]["mode"] == "honor"


def test_what_is_wrong_in_a_row_may_be_told_though_the_account_was_made(site: Caller) -> None:
    cohort(site, "Huế")
    told = sign_up(
        site,
        "a@example.com,a_1,A,VN,Nowhere,honor",
        "b@example.com,b_1,B,VN,Huế,gold",
        "c@example.com,a_1,C,VN",
        "a@example.com,d_1,D,VN",
        "no address,e_1,E,VN",
        "f@example.com,f_1",
    )
    assert [row["username"] for row in told["row_errors"]] == ["a_1", "b_1", "a_1", "e_1"]
    assert [row["username"] for row in told["warnings"]] == ["d_1"]
    assert len(told["general_errors"]) == 1
    found = site("GET", ACCOUNTS, params={"username": "a_1,b_1,d_1,e_1,f_1"}).json()
    assert [row["username"] for row in found] == ["a_1", "b_1"]
    assert enrol(site, "b_1")[1]["mode"] == "audit"  # the mode falls back to the default


def test_a_site_without_the_extra_fields_takes_four_columns_alone(site: Caller) -> None:
    site.site.features.csv_signup_extra = False
    assert "exactly four columns" in sign_up(site, "a@example.com,a_1,A,VN,,honor")["general_errors"][0]["response"]
    assert sign_up(site, "a@example.com,a_1,A,VN")["general_errors"] == []
    assert len(sign_up(site, "x", name="list.txt")["general_errors"]) == 1


def test_people_are_looked_up_by_many_addresses_at_once(site: Caller) -> None:
    sign_up(site, *(f"o{n}@example.com,o_{n},O {n},VN" for n in range(130)))
    emails = [f"O{n}@EXAMPLE.com" for n in range(130)] + ["nobody@example.com"]
    assert len(site("POST", f"{ACCOUNTS}/search_emails", json={"emails": emails}).json()) == 130
    assert site("POST", f"{ACCOUNTS}/search_emails", json={}).status_code == 400
    both = site("GET", ACCOUNTS, params={"email": "o1@example.com,o2@example.com"})
    assert (both.status_code, both.content) == (404, b"")  # one address a call


def test_nobody_changes_another_persons_account(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN")
    headers = {"Content-Type": "application/merge-patch+json"}
    refused = site("PATCH", f"{ACCOUNTS}/a_1", data='{"name": "B"}', headers=headers)
    assert (refused.status_code, refused.content) == (403, b"")
    assert site("PATCH", f"{ACCOUNTS}/a_1", json={"name": "B"}).status_code == 415


def test_members_are_sorted_into_what_became_of_them(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN", "b@example.com,b_1,B,VN")
    first, second = cohort(site, "A"), cohort(site, "B")
    site("POST", f"{COHORTS}{first}/users/", json={"users": ["a_1"]})
    told = site(
        "POST", f"{COHORTS}{second}/users/", json={"users": ["a_1", "b@example.com", "new@example.com", "nobody", ""]}
    ).json()
    assert [row["username"] for row in told["changed"]] == ["a_1"]
    assert [row["username"] for row in told["added"]] == ["b_1"]
    assert (told["preassigned"], told["unknown"]) == (["new@example.com"], ["nobody"])
    again = site("POST", f"{COHORTS}{second}/users/", json={"users": ["a_1"]}).json()
    assert (again["present"], again["added"]) == (["a_1"], [])


def test_a_text_in_place_of_a_list_is_taken_letter_by_letter(site: Caller) -> None:
    told = site("POST", f"{COHORTS}{cohort(site, 'A')}/users/", json={"users": "an"}).json()
    assert told["unknown"] == ["a", "n"]


def test_taking_somebody_out_twice_is_told(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN")
    place = f"{COHORTS}{cohort(site, 'A')}/users/a_1"
    assert site("POST", place).status_code == 200
    assert [site("DELETE", place).status_code for _ in range(2)] == [204, 400]
    assert site("DELETE", place).json()["error_code"] == "user-not-in-cohort"
    assert site("DELETE", place.replace("a_1", "nobody")).status_code == 404


@pytest.mark.parametrize(("sent", "status"), [({"is_cohorted": True}, 200), ({}, 400), ({"is_cohorted": "yes"}, 500)])
def test_cohorts_are_switched_on_by_a_real_bool(site: Caller, sent: dict[str, object], status: int) -> None:
    assert site("PUT", f"/api/cohorts/v1/settings/{COURSE}", json=sent).status_code == status


def test_a_taken_name_is_refused_when_renaming(site: Caller) -> None:
    cohort(site, "A")
    answer = site("PATCH", f"{COHORTS}{cohort(site, 'B')}", json={"name": "A"})
    assert (answer.status_code, answer.json()["error_code"]) == (400, "cohort-name-exists")


def test_an_allowed_address_is_enrolled_when_its_account_becomes_active(site: Caller) -> None:
    body = {"email": "official_1@example.com", "course_id": COURSE, "auto_enroll": True}
    assert [site("POST", ALLOWED, json=body).status_code for _ in range(2)] == [201, 409]
    site.register("official_1")
    assert site("GET", f"/api/enrollment/v1/enrollment/official_1,{COURSE}").content == b""
    key = site("GET", f"{ACCOUNTS}/official_1").json()["activation_key"]
    site("GET", f"/activate/{key}")
    assert site("GET", f"/api/enrollment/v1/enrollment/official_1,{COURSE}").json()["mode"] == "audit"
    assert [site("DELETE", ALLOWED, json=body).status_code for _ in range(2)] == [204, 404]


def test_an_allowlist_row_is_told_by_its_kind_of_trouble(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN,,honor", "b@example.com,b_1,B,VN,,honor")
    site.register("elsewhere")
    exceptions(site, "b_1,note")
    errors = exceptions(site, "a_1,note", "b_1,note", "nobody,note", "elsewhere,note").json()["row_errors"]
    told = {kind for kind, rows in errors.items() if rows}
    assert told == {"user_already_allowlisted", "user_not_exist", "user_not_enrolled"}
    assert certificate(site, "a_1")["status"] == "downloadable"  # allowlisting issues at once where that is automatic


def test_on_a_stock_site_the_allowlist_waits_to_be_generated(stock: Caller) -> None:
    stock.site.features.csv_signup = stock.site.features.csv_signup_extra = True
    sign_up(stock, "a@example.com,a_1,A,VN,,honor", "b@example.com,b_1,B,VN,,audit")
    assert exceptions(stock, "a_1,note", "b_1,note").json()["row_errors"]["user_not_enrolled"] == []
    assert "status" not in certificate(stock, "a_1")
    assert stock("POST", f"{INSTRUCTOR}/generate_certificate_exceptions/new", json={}).status_code == 200
    assert certificate(stock, "a_1")["grade"] == "0.0"
    assert "status" not in certificate(stock, "b_1")  # in audit: no certificate follows
    assert stock("POST", f"{INSTRUCTOR}/generate_certificate_exceptions/some", json={}).status_code == 400


def test_off_the_allowlist_the_certificate_is_unavailable_and_a_repeat_is_refused(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN,,honor")
    exceptions(site, "a_1,note")
    view = f"{INSTRUCTOR}/certificate_exception_view/"
    assert [site("DELETE", view, json={"user_name": "a_1"}).status_code for _ in range(2)] == [204, 400]
    assert (certificate(site, "a_1")["status"], certificate(site, "a_1")["grade"]) == ("unavailable", "")
    assert site("GET", "/api/certificates/v0/certificates/a_1/").json() == []


def test_a_lost_pass_takes_the_certificate_back_but_the_detail_still_tells_it(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN,,honor")
    answer_all(site, "a_1", "final")
    assert certificate(site, "a_1")["is_passing"] is True
    usage = f"block-v1:{COURSE.split(':')[1]}+type@sequential+block@final"
    row = site.site.row("SELECT id FROM users WHERE username = 'a_1'")
    marks = {"earned_graded_override": 0, "possible_graded_override": 2}
    rows = [{"user_id": row[0], "usage_id": usage, "grade": marks}]
    site("POST", f"/api/grades/v1/gradebook/{COURSE}/bulk-update", json=rows)
    assert (certificate(site, "a_1")["status"], certificate(site, "a_1")["download_url"]) == ("notpassing", None)
    assert site("GET", "/api/certificates/v0/certificates/a_1/").json() == []


def test_completion_is_written_and_read_in_two_places(site: Caller) -> None:
    sign_up(site, "a@example.com,a_1,A,VN,,honor")
    batch = "/api/completion/v1/completion-batch"
    block = f"block-v1:{COURSE.split(':')[1]}+type@html+block@hw1_h"
    body = {"username": "a_1", "course_key": COURSE, "blocks": {block: 1.0}}
    assert site("GET", batch).status_code == 405
    assert site("POST", batch, json=body).json() == {"detail": "ok"}
    assert site("POST", batch, json=body | {"blocks": {block: 1.5}}).status_code == 400
    assert site("POST", batch, json=body | {"username": "nobody"}).status_code == 404
    query = {"course_id": COURSE, "username": "a_1", "depth": "all", "requested_fields": "completion,complete"}
    blocks = site("GET", "/api/courses/v2/blocks/", params=query).json()["blocks"]
    assert blocks[block]["completion"] == 1.0
    assert sum(row.get("complete", False) for row in blocks.values()) == 2  # the text and its unit
    userid = site.site.row("SELECT id FROM users WHERE username = 'a_1'")[0]
    summary = site("GET", f"/api/course_home/progress/{COURSE}/{userid}").json()["completion_summary"]
    assert summary == {"complete_count": 1, "incomplete_count": 3, "locked_count": 0}
    own = site("GET", f"/api/completion/v1/subsection-completion/a_1/{COURSE}/{block}")
    assert own.status_code == 403  # even for global staff
