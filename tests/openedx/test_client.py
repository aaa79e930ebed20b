"""The one function that speaks to Open edX: tokens, limits, pages, and what is never sent twice."""

import logging
from urllib.parse import parse_qsl

import pytest
import requests

from connector.errors import (
    AccessDenied,
    ConnectorError,
    OutcomeUnknown,
    PlatformUnavailable,
    ProtocolError,
    RequestRefused,
)
from connector.openedx import paths
from connector.openedx.client import Content
from connector.openedx.throttle import WINDOW, Scope
from tests.openedx.scripted import CLIENT, SECRET, TOKEN, Clock, ScriptedDoor, Told, client, page, token

COURSE = "course-v1:MoH+CPD101+2026"
ME = Told(body={"username": "svc"})


def test_a_token_is_got_once_and_sent_under_the_scheme_jwt() -> None:
    door = ScriptedDoor(token(), ME, ME)
    site = client(door)
    assert site.get(paths.ME).value == {"username": "svc"}
    site.get(paths.ME)
    first, second, third = door.asked
    assert dict(parse_qsl(first.body.decode())) == {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "token_type": "jwt",
    }
    assert "Authorization" not in first.headers
    assert {second.headers["Authorization"], third.headers["Authorization"]} == {f"JWT {TOKEN}"}
    assert site.calls.by_function == (("access_token", 1), ("me", 2))


def test_a_token_is_renewed_before_its_end() -> None:
    clock = Clock()
    door = ScriptedDoor(token("first"), ME, token("second"), ME)
    site = client(door, clock)
    site.get(paths.ME)
    clock.now += 3600 - 60
    site.get(paths.ME)
    assert door.asked[-1].headers["Authorization"] == "JWT second"


def test_a_refused_token_is_renewed_once_and_the_write_sent_again() -> None:
    """The three kinds of bad tokens all answer the same 401, and nothing was done (facts section 0)."""
    bad = Told(body={"detail": "Invalid token."}, status=401)
    door = ScriptedDoor(token("old"), bad, token("new"), ME)
    assert client(door).ask("POST", paths.ENROLLMENT, Content.json({}), writes=True).ok
    door = ScriptedDoor(token("old"), bad, token("new"), bad)
    with pytest.raises(AccessDenied, match="401"):
        client(door).ask("POST", paths.ENROLLMENT, Content.json({}), writes=True)


def test_a_401_without_a_word_may_have_done_the_work() -> None:
    """Recorded as auth_service_jwt_with_learner_cookies: the enrolment was found made."""
    door = ScriptedDoor(token(), Told(status=401, content_type=""))
    with pytest.raises(OutcomeUnknown):
        client(door).ask("POST", paths.ENROLLMENT, Content.json({}), writes=True)
    assert not door.script


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(body={"error": "invalid_client"}, status=401), AccessDenied),
        (Told(body={"error": "unsupported_grant_type"}, status=400), AccessDenied),
        (Told(body={"token": "?"}), ProtocolError),
        (page(), ProtocolError),
        (page(404), RequestRefused),
    ],
)
def test_no_token_no_work(told: Told, error: type[ConnectorError]) -> None:
    with pytest.raises(error) as caught:
        client(ScriptedDoor(told)).get(paths.ME)
    assert SECRET not in str(caught.value)


def test_a_throttled_token_is_waited_for() -> None:
    clock = Clock()
    door = ScriptedDoor(page(429), token(), ME)
    assert client(door, clock).get(paths.ME).ok
    assert sum(clock.slept) >= 60


def test_429_is_waited_out_also_for_writes() -> None:
    clock = Clock()
    busy = Told(body={"detail": "Request was throttled. Expected available in 7 seconds."}, status=429)
    told = Told(body=busy.body, status=429, headers={"Retry-After": "7"})
    door = ScriptedDoor(token(), told, Told(body={"is_active": True}), busy, Told(body={"is_active": True}))
    site = client(door, clock)
    assert site.ask("POST", paths.ENROLLMENT, Content.json({}), writes=True).ok
    assert 7 <= sum(clock.slept) < 30
    site.ask("POST", paths.ENROLLMENT, Content.json({}), writes=True)
    assert sum(clock.slept) >= 60  # without Retry-After


def test_limits_are_kept_before_they_are_reached() -> None:
    """45 enrolment calls in a minute make the first call of the course list a 429: one history for both."""
    clock = Clock()
    door = ScriptedDoor(token(), *[ME] * 46)
    site = client(door, clock)
    for _turn in range(45):
        site.get(paths.ME, scope=Scope.ENROLLMENT)
    assert clock.slept == []
    site.get(paths.ME, scope=Scope.COURSES)
    assert clock.slept == [WINDOW]


def test_a_write_whose_answer_is_lost_is_not_sent_again() -> None:
    door = ScriptedDoor(token(), requests.ReadTimeout())
    with pytest.raises(OutcomeUnknown):
        client(door).ask("POST", paths.ENROLLMENT, Content.json({}), writes=True)
    door = ScriptedDoor(token(), page(502), ME)
    assert client(door).get(paths.ME).ok


def test_redirects_are_not_followed() -> None:
    """A missing slash is a 301, which would turn a POST into a GET."""
    door = ScriptedDoor(token(), Told(status=301, headers={"Location": "https://lms.example.vn/else/"}))
    with pytest.raises(ProtocolError):
        client(door).ask("POST", paths.SEARCH_EMAILS, Content.form([("a", "b")]), writes=True)


def test_pages_follow_next_by_path_and_query_alone() -> None:
    inner = "http://lms.internal:8000/api/enrollment/v1/enrollments?course_id=a%2Bb&cursor=c2"
    door = ScriptedDoor(
        token(), Told(body={"next": inner, "results": [1, 2]}), Told(body={"next": None, "results": [3]})
    )
    assert list(client(door).pages(paths.ENROLLMENTS, [("course_id", "a+b")])) == [1, 2, 3]
    assert [asked.path for asked in door.asked[1:]] == [
        "/api/enrollment/v1/enrollments?course_id=a%2Bb",
        "/api/enrollment/v1/enrollments?course_id=a%2Bb&cursor=c2",
    ]


def test_pages_of_the_course_list_are_one_level_down() -> None:
    door = ScriptedDoor(
        token(),
        Told(body={"results": [1], "pagination": {"next": "https://lms.example.vn/api/courses/v1/courses/?page=2"}}),
        Told(body={"results": [2], "pagination": {"next": None}}),
    )
    assert list(client(door).pages(paths.course(COURSE), [])) == [1, 2]


def test_pages_that_go_round_are_noticed() -> None:
    again = Told(body={"next": "https://lms.example.vn/api/enrollment/v1/enrollments?page=2", "results": [1]})
    door = ScriptedDoor(token(), again, again)
    with pytest.raises(ProtocolError, match="circle"):
        list(client(door).pages(paths.ENROLLMENTS, []))
    with pytest.raises(ProtocolError):
        list(client(ScriptedDoor(token(), Told(body=[]))).pages(paths.ENROLLMENTS, []))


def test_numbered_pages_end_with_a_short_or_a_missing_one() -> None:
    full = Told(body=[{"id": number} for number in range(100)])
    missing = Told(body={"developer_message": "Invalid page."}, status=404)
    assert len(list(client(ScriptedDoor(token(), full, missing)).numbered(paths.cohorts(COURSE)))) == 100
    assert len(list(client(ScriptedDoor(token(), Told(body=[{"id": 1}]))).numbered(paths.cohorts(COURSE)))) == 1
    with pytest.raises(RequestRefused):
        list(client(ScriptedDoor(token(), missing)).numbered(paths.cohorts(COURSE)))
    with pytest.raises(ProtocolError):
        list(client(ScriptedDoor(token(), Told(body={}))).numbered(paths.cohorts(COURSE)))


def test_files_travel_as_multipart() -> None:
    door = ScriptedDoor(token(), Told(body={"row_errors": []}))
    action = paths.instructor(COURSE, "register_and_enroll_students")
    client(door).ask("POST", action, Content.file("students_list", "list.csv", "a@b.vn,Đỗ\n"), writes=True)
    asked = door.asked[-1]
    assert asked.path == f"/courses/{COURSE}/instructor/api/register_and_enroll_students"
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert "a@b.vn,Đỗ".encode() in asked.body
    assert b'name="students_list"; filename="list.csv"' in asked.body


def test_a_site_that_is_down_is_told_so() -> None:
    door = ScriptedDoor(*[requests.ConnectionError(OSError("no route"))] * 30)
    with pytest.raises(PlatformUnavailable):
        client(door, retry_budget=5).get(paths.ME)


def test_neither_secret_nor_token_nor_people_are_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    door = ScriptedDoor(token(), Told(body=[]), Told(body={"message": "no"}, status=406))
    site = client(door)
    site.get(paths.ACCOUNTS, [("email", "0912345678@hocvien.invalid")])
    with pytest.raises(RequestRefused):
        site.ask("POST", paths.ENROLLMENT, Content.json({"user": "0912345678"}), writes=True)
    assert "accounts" in caplog.text
    for secret in (SECRET, TOKEN, "0912345678"):
        assert secret not in caplog.text
