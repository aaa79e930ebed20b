"""Tokens, schemes and rights, as openedx-facts.md sections 0 and 1 tell them."""

import base64
import json

import pytest

from tests.fakes.edx_door import CLIENT, COURSE, SECRET
from tests.sandbox.openedx.conftest import Caller

TOKEN = "/oauth2/access_token"
ME = "/api/user/v1/me"
FORM = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}


def opaque(site: Caller) -> str:
    return str(site("POST", TOKEN, data=FORM).json()["access_token"])


def with_right(site: Caller, right: str) -> None:
    """Make the service account something less than it was."""
    site.site.db.execute("UPDATE users SET is_staff = ?, is_superuser = 0", (int(right == "global staff"),))
    if right in ("staff", "instructor"):
        site.site.db.execute("INSERT INTO course_roles (course, userid, role) VALUES (?, 1, ?)", (COURSE, right))


def test_a_token_names_its_kind_and_its_life(site: Caller) -> None:
    jwt = site("POST", TOKEN, data=FORM | {"token_type": "jwt"}).json()
    assert (jwt["token_type"], jwt["expires_in"], jwt["scope"]) == ("JWT", 3600, "read write email profile")
    assert "refresh_token" not in jwt
    other = site("POST", TOKEN, data=FORM).json()
    assert (other["token_type"], other["expires_in"]) == ("Bearer", 36000)


def test_a_token_is_asked_for_by_header_too_and_the_client_may_stand_in_basic(site: Caller) -> None:
    basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "X-Token-Type": "jwt"}
    answer = site("POST", TOKEN, data={"grant_type": "client_credentials"}, headers=headers)
    assert answer.json()["token_type"] == "JWT"


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type"),
        ({"scope": "grades:read"}, 400, "invalid_scope"),
        ({"grant_type": "password", "username": "x", "password": "y"}, 400, "unauthorized_client"),
    ],
)
def test_a_token_is_refused_in_words(site: Caller, change: dict[str, str], status: int, error: str) -> None:
    answer = site("POST", TOKEN, data=FORM | change)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_json_body_asks_for_no_token(site: Caller) -> None:
    answer = site("POST", TOKEN, json=FORM)
    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


def test_the_hundred_and_twenty_first_token_of_a_minute_is_a_page(site: Caller) -> None:
    now = site.site.ticks()
    site.site.ticks = lambda: now
    codes = [site("POST", TOKEN, data=FORM).status_code for _ in range(119)]  # the caller has asked for one before
    assert set(codes) == {200}
    late = site("POST", TOKEN, data=FORM)
    assert (late.status_code, late.headers["Content-Type"][:9]) == (429, "text/html")
    assert "Retry-After" not in late.headers


def test_a_token_under_the_other_scheme_is_refused(site: Caller) -> None:
    jwt = site.authorization.removeprefix("JWT ")
    answer = site("GET", ME, headers={"Authorization": f"Bearer {jwt}"})
    assert (answer.status_code, answer.json()["error_code"]) == (401, "token_nonexistent")
    answer = site("GET", ME, headers={"Authorization": f"JWT {opaque(site)}"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "Invalid token."})
    assert answer.headers["WWW-Authenticate"] == 'JWT realm="api"'


def test_views_on_the_defaults_refuse_an_opaque_token(site: Caller) -> None:
    bearer = {"Authorization": f"Bearer {opaque(site)}"}
    assert site("GET", ME, headers=bearer).status_code == 200
    students = f"/courses/{COURSE}/instructor/api/get_students_features"
    assert site("POST", students, headers=bearer).status_code == 401
    assert site("POST", students).status_code == 200


def test_an_opaque_token_ends_after_ten_hours(site: Caller) -> None:
    bearer = {"Authorization": f"Bearer {opaque(site)}"}
    site.site.set_now(site.site.now() + 36_001)
    assert site("GET", ME, headers=bearer).json()["error_code"] == "token_expired"


def test_a_forged_token_is_no_token(site: Caller) -> None:
    head, body, signature = site.authorization.removeprefix("JWT ").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["preferred_username"] = "admin"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    for token in (f"{head}.{forged}.{signature}", "garbled", f"{head}.{body}.x"):
        assert site("GET", ME, headers={"Authorization": f"JWT {token}"}).status_code == 401


@pytest.mark.parametrize(
    ("right", "path", "status"),
    [
        ("staff", f"/api/grades/v1/courses/{COURSE}/", 403),
        ("staff", f"/api/grades/v1/gradebook/{COURSE}/", 200),
        ("staff", f"/api/cohorts/v1/courses/{COURSE}/cohorts/", 403),
        ("staff", "/api/enrollment/v1/enrollments", 403),
        ("staff", f"/api/course_modes/v1/courses/{COURSE}/", 403),
        ("global staff", f"/api/cohorts/v1/courses/{COURSE}/cohorts/", 200),
        ("global staff", f"/api/grades/v1/courses/{COURSE}/", 200),
    ],
)
def test_course_staff_is_not_global_staff(site: Caller, right: str, path: str, status: int) -> None:
    with_right(site, right)
    assert site("GET", path).status_code == status


@pytest.mark.parametrize("right", ["", "staff"])
def test_enrolling_somebody_else_without_the_right_is_a_404_without_a_word(site: Caller, right: str) -> None:
    site.register("official_1")
    with_right(site, right)
    body = {"user": "official_1", "course_details": {"course_id": COURSE}}
    answer = site("POST", "/api/enrollment/v1/enrollment", json=body)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    ("call", "role", "status"),
    [
        ("get_students_features", "staff", 403),
        ("get_students_features", "data_researcher", 200),
        ("start_certificate_generation", "staff", 403),
        ("start_certificate_generation", "instructor", 200),
    ],
)
def test_the_instructor_api_asks_for_roles(site: Caller, call: str, role: str, status: int) -> None:
    with_right(site, role)
    if role == "data_researcher":
        site.site.db.execute("INSERT INTO course_roles (course, userid, role) VALUES (?, 1, ?)", (COURSE, role))
    assert site("POST", f"/courses/{COURSE}/instructor/api/{call}").status_code == status


def test_a_login_cookie_needs_its_csrf_token(site: Caller) -> None:
    made = site.register("official_1")
    jar = {cookie.name: cookie.value or "" for cookie in made.cookies}
    cookies = "; ".join(f"{name}={value}" for name, value in jar.items())
    own = {"Authorization": "", "Cookie": cookies}
    assert site("GET", ME, headers=own).json() == {"username": "official_1"}
    body = {"course_details": {"course_id": COURSE}}
    refused = site("POST", "/api/enrollment/v1/enrollment", json=body, headers=own)
    assert (refused.status_code, refused.json()["detail"]) == (403, "CSRF Failed: CSRF token missing.")
    own["X-CSRFToken"] = jar["csrftoken"]
    assert site("POST", "/api/enrollment/v1/enrollment", json=body, headers=own).status_code == 200


@pytest.mark.parametrize("path", ["/api/enrollment/v1/enrollment/", "/api/bulk_enroll/v1/bulk_enroll/"])
def test_a_slash_too_much_is_a_404(site: Caller, path: str) -> None:
    assert site("POST", path, json={}).status_code == 404


def test_a_course_key_may_be_encoded(site: Caller) -> None:
    plain = site("GET", f"/api/cohorts/v1/settings/{COURSE}")
    encoded = site("GET", f"/api/cohorts/v1/settings/{COURSE.replace(':', '%3A').replace('+', '%2B')}")
    assert plain.json() == encoded.json()


def test_a_course_key_that_cannot_be_read_is_a_page(site: Caller) -> None:
    answer = site("GET", "/api/grades/v1/courses/not-a-key/")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (404, "text/html")
