"""The pretend Open edX over real HTTP, as `connector sandbox --platform openedx` serves it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import requests

from connector.sandbox.control import SandboxControl
from connector.sandbox.openedx.pace import ANY_CALL, COSTS
from connector.sandbox.openedx.platform import open_openedx
from connector.sandbox.openedx.programme import CLIENT, COURSE
from connector.sandbox.serving import serve

ENROL = "/api/enrollment/v1/enrollment"
SIGN_UP = f"/courses/{COURSE}/instructor/api/register_and_enroll_students"


class Served:
    """A served sandbox and a caller with its token."""

    def __init__(self, folder: Path, day: int | None = 1) -> None:
        ready: Queue[str] = Queue()
        token_file = folder / "token"
        options: dict[str, Any] = {"platform": "openedx", "day": day, "seed": 1, "cron_seconds": 0}
        self.thread = threading.Thread(
            target=serve, args=(str(folder / "edx.db"), 0, token_file), kwargs=options | {"ready": ready.put}
        )
        self.thread.start()
        self.url = ready.get(timeout=10)
        self.secret = token_file.read_text(encoding="utf-8").strip()
        self.control = SandboxControl(self.url, self.secret)
        self.session = requests.Session()
        self.renew()

    def renew(self) -> None:
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": self.secret}
        answer = self.session.post(f"{self.url}/oauth2/access_token", data=form | {"token_type": "jwt"}, timeout=10)
        self.session.headers["Authorization"] = f"JWT {answer.json()['access_token']}"

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        answer = self.session.request(method, self.url + path, timeout=10, allow_redirects=False, **more)
        self.session.cookies.clear()
        return answer

    def sign_up(self, count: int) -> None:
        lines = "".join(f"0912{n:06d}@example.com,0912{n:06d},Nguyễn Văn A,VN,,honor\n" for n in range(count))
        assert self("POST", SIGN_UP, files={"students_list": ("s.csv", lines)}).json()["row_errors"] == []

    def stop(self) -> None:
        self.session.close()
        self.control.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.stop()


def test_each_cookie_has_a_header_of_its_own(served: Served) -> None:
    form = {"username": "official_1", "email": "official_1@example.com", "name": "Lê An", "password": "long-enough"}
    answer = served.session.post(
        f"{served.url}/api/user/v1/account/registration/", data=form | {"honor_code": "true"}, timeout=10
    )
    assert answer.status_code == 200
    assert {"sessionid", "csrftoken", "edx-jwt-cookie-signature"} <= set(served.session.cookies.keys())
    spoilt = served.session.get(f"{served.url}/api/user/v1/me", timeout=10)
    assert (spoilt.status_code, spoilt.content) == (401, b"")


def test_put_patch_and_delete_arrive(served: Served) -> None:
    settings = f"/api/cohorts/v1/settings/{COURSE}"
    assert served("PUT", settings, json={"is_cohorted": False}).json()["is_cohorted"] is False
    cohorts = f"/api/cohorts/v1/courses/{COURSE}/cohorts/"
    made = served("POST", cohorts, json={"name": "Lào Cai", "assignment_type": "manual"}).json()
    assert served("PATCH", f"{cohorts}{made['id']}", json={"name": "Yên Bái"}).status_code == 204
    assert [row["name"] for row in served("GET", cohorts).json()] == ["Yên Bái"]
    assert served("DELETE", f"{cohorts}{made['id']}").status_code == 405
    assert served("DELETE", f"/api/course_modes/v1/courses/{COURSE}/honor").status_code == 204


def test_the_next_page_is_at_the_servers_own_address(served: Served) -> None:
    served.sign_up(3)
    page = served("GET", f"{ENROL}s", params={"course_id": COURSE, "page_size": 2}).json()
    assert page["next"].startswith(f"{served.url}{ENROL}s?")
    rest = served("GET", page["next"].removeprefix(served.url)).json()
    assert ([row["user"] for row in rest["results"]], rest["next"]) == (["0912000000"], None)


def test_an_enrolment_that_is_not_there_is_200_without_body_or_type(served: Served) -> None:
    answer = served("GET", f"{ENROL}/nobody,{COURSE}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert "Content-Type" not in answer.headers


def test_a_missing_slash_is_a_redirect(served: Served) -> None:
    answer = served("GET", f"/api/cohorts/v1/courses/{COURSE}/cohorts", params={"page": 1})
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        f"/api/cohorts/v1/courses/{COURSE}/cohorts/?page=1",
    )


def test_the_clock_lets_people_study_and_ends_old_tokens(served: Served) -> None:
    served.sign_up(20)
    before = served.control.state()
    after = served.control.move_to_day(16)
    assert (before["day"], after["day"]) == (1, 16)
    assert (before["completions"], after["enrolments"], after["users"]) == (0, 20, 21)
    assert after["completions"] > 100
    assert after["requests"]["signup.register_and_enrol"] == 1
    assert served("GET", "/api/user/v1/me").json() == {"detail": "Invalid token."}
    served.renew()
    grades = served("GET", f"/api/grades/v1/courses/{COURSE}/").json()["results"]
    assert 0 < sum(row["passed"] for row in grades) < 20


def test_nothing_is_issued_by_itself(served: Served) -> None:
    served.sign_up(20)
    assert served.control.move_to_day(16)["issues"] == 0
    assert served.control.run_cron()["issues"] == 0


def test_the_state_outlives_the_server(tmp_path: Path) -> None:
    first = Served(tmp_path)
    first.sign_up(2)
    first.stop()
    second = Served(tmp_path, day=None)
    assert second.secret == first.secret
    second("POST", SIGN_UP, files={"students_list": ("s.csv", "late@example.com,late,Lê An,VN,,honor\n")})
    rows = second("GET", f"{ENROL}s").json()["results"]
    assert [row["user"] for row in rows] == ["late", "0912000001", "0912000000"]
    assert len({row["created"] for row in rows}) == 3
    second.stop()
    third = Served(tmp_path, day=9)
    assert third.control.state()["day"] == 9
    third.stop()


def test_costs_are_of_views_that_there_are_and_are_billed_by_rows() -> None:
    sandbox, secret = open_openedx(":memory:", None, 1)
    sandbox.open_at("http://127.0.0.1", billed=True)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={secret}&token_type=jwt".encode()
    token = sandbox.handle("POST", "/oauth2/access_token", "", headers, form)
    assert sandbox.take_cost() == COSTS["oauth.access_token"].floor
    assert sandbox.take_cost() == ANY_CALL
    assert token.status == 200
    authorized = {"Authorization": "JWT " + token.body.decode().split('"')[3], "Content-Type": "application/json"}
    cohorts = f"/api/cohorts/v1/courses/{COURSE}/cohorts/"
    sandbox.handle("POST", cohorts, "", authorized, b'{"name": "A", "assignment_type": "manual"}')
    sandbox.take_cost()
    sandbox.handle("POST", f"{cohorts}1/users/", "", authorized, b'{"users": ["a@example.com", "b@example.com"]}')
    assert sandbox.take_cost() == pytest.approx(0.035 + 2 * 0.022)
    sandbox.handle("POST", f"{cohorts}1/users/", "", {}, b"{}")
    assert sandbox.take_cost() == ANY_CALL  # refused: nobody asked
    sandbox.close()
