"""A small caller of the sandbox for tests: parameters in, value out, Moodle's exception as an exception."""

import json
from typing import Any
from urllib.parse import urlencode

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.building import add_token
from connector.sandbox.content import seed_site
from connector.sandbox.moodle import ENDPOINT, MoodleSandbox
from connector.sandbox.site import Site
from tests.sandbox.replay import FORM, flat

TOKEN = "f" * 32
COURSE = "bkhcn-2025-01"
PASSWORD = "Abc@12345"


class Fault(Exception):
    """Moodle's exception, as the caller sees it."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body.get("message"))
        self.exception = body.get("exception", "")
        self.code = body.get("errorcode")
        self.message = body.get("message", "")


class Api:
    """Calls functions of one sandbox by form variables, or inside the batch function."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.sandbox = MoodleSandbox(site)

    def post(self, form: dict[str, str] | list[tuple[str, str]]) -> SandboxAnswer:
        return self.sandbox.handle("POST", ENDPOINT, "", FORM, urlencode(form).encode())

    def call(self, function: str, settings: dict[str, str] | None = None, /, **params: Any) -> Any:
        form = [("wstoken", TOKEN), ("wsfunction", function), ("moodlewsrestformat", "json")]
        answer = self.post([*form, *(settings or {}).items(), *flat(params)])
        value = json.loads(answer.body)
        if isinstance(value, dict) and "exception" in value:
            raise Fault(value)
        return value

    def batch(self, *requests: tuple[str, Any]) -> list[dict[str, Any]]:
        items = [
            {"function": name, "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments)}
            for name, arguments in requests
        ]
        found: list[dict[str, Any]] = self.call("tool_mobile_call_external_functions", requests=items)["responses"]
        return found

    def xml(self, function: str, **params: Any) -> str:
        return self.post([("wstoken", TOKEN), ("wsfunction", function), *flat(params)]).body.decode()

    def users(self, count: int, first: int = 1) -> list[int]:
        """Make so many accounts; their ids."""
        people = [person(number) for number in range(first, first + count)]
        return [user["id"] for user in self.call("core_user_create_users", users=people)]

    def cohort(self, idnumber: str = "VN-31", name: str = "Hải Phòng") -> int:
        cohort = {"categorytype": {"type": "system", "value": ""}, "name": name, "idnumber": idnumber}
        return int(self.call("core_cohort_create_cohorts", cohorts=[cohort])[0]["id"])

    def course(self, idnumber: str = COURSE) -> int:
        found = self.call("core_course_get_courses_by_field", field="idnumber", value=idnumber)
        return int(found["courses"][0]["id"])

    def enrol(self, userids: list[int], course: int | None = None, **more: int) -> None:
        courseid = self.course() if course is None else course
        rows = [{"roleid": 5, "userid": userid, "courseid": courseid, **more} for userid in userids]
        self.call("enrol_manual_enrol_users", enrolments=rows)

    def cmid(self, idnumber: str, course: str = COURSE) -> int:
        row = self.site.one("SELECT id FROM modules WHERE idnumber = ? AND course = ?", (idnumber, self.course(course)))
        assert row is not None
        return int(row[0])

    def states(self, userid: int, course: str = COURSE) -> dict[int, dict[str, Any]]:
        name = "core_completion_get_activities_completion_status"
        statuses = self.call(name, courseid=self.course(course), userid=userid)["statuses"]
        return {status["cmid"]: status for status in statuses}

    def find(self, *usernames: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(
            "core_user_get_users_by_field", field="username", values=list(usernames)
        )
        return found


def person(number: int, **more: Any) -> dict[str, Any]:
    """An invented account as a caller would send it."""
    username = f"09120{number:05d}"
    fixed = {"username": username, "password": PASSWORD, "firstname": "An", "lastname": "Nguyễn Văn"}
    return {**fixed, "email": f"{username}@hocvien.invalid", **more}


def fresh() -> Api:
    """A caller of a fresh programme site in memory, on day 1."""
    site = Site(":memory:")
    seed_site(site, token=TOKEN)
    return Api(site)


def limited(api: Api, token: str, *functions: str) -> None:
    """Give the site another token whose service holds only these functions."""
    add_token(api.site, token, functions=" ".join(functions))
