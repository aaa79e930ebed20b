"""The in-process door: a real requests.Session, with mishaps on the way."""

import pytest
import requests

from tests.fakes.sandbox_door import TOKEN, URL, Mishap, SandboxDoor, open_sandbox

FORM = {"wstoken": TOKEN, "wsfunction": "core_cohort_create_cohorts", "moodlewsrestformat": "json"}
COHORT = {
    "cohorts[0][categorytype][type]": "system",
    "cohorts[0][categorytype][value]": "",
    "cohorts[0][name]": "Huế",
    "cohorts[0][idnumber]": "VN-46",
}


def open_session() -> tuple[SandboxDoor, requests.Session]:
    door, session = open_sandbox(), requests.Session()
    session.mount("http://", door)
    return door, session


def post(session: requests.Session) -> requests.Response:
    return session.post(f"{URL}/webservice/rest/server.php", data=FORM | COHORT, timeout=5)


def cohorts(door: SandboxDoor) -> int:
    return len(door.site.all("SELECT id FROM cohorts"))


def test_a_session_is_answered_and_requests_are_kept() -> None:
    door, session = open_session()
    answer = post(session)
    assert (answer.status_code, answer.json()[0]["idnumber"]) == (200, "VN-46")
    assert answer.headers["Content-Type"] == "application/json"
    assert [request.method for request in door.requests] == ["POST"]
    assert session.get(f"{URL}/login/index.php", timeout=5).text.startswith("<!DOCTYPE html>")
    session.close()


@pytest.mark.parametrize(
    ("mishap", "error", "made"),
    [
        (Mishap.REFUSED, requests.exceptions.ConnectTimeout, 0),
        (Mishap.LOST, requests.exceptions.ReadTimeout, 1),
        (Mishap.RESET, requests.exceptions.ConnectionError, 1),
    ],
)
def test_mishaps_happen_before_or_after_the_work(mishap: Mishap, error: type[Exception], made: int) -> None:
    door, session = open_session()
    door.mishaps += [mishap]
    with pytest.raises(error):
        post(session)
    assert cohorts(door) == made
    session.close()


def test_a_mishap_can_wait_for_a_later_request() -> None:
    door, session = open_session()
    door.mishaps += [None, Mishap.REFUSED]
    assert post(session).status_code == 200
    with pytest.raises(requests.exceptions.ConnectTimeout):
        post(session)
    session.close()
