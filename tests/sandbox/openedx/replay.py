"""The recorded calls to a real Open edX Teak sent again, with what its operators did between them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from connector.sandbox.answers import SandboxAnswer
from connector.sandbox.openedx.access import encode_jwt, open_session
from connector.sandbox.openedx.building import (
    Part,
    add_application,
    add_content,
    add_course,
    add_policy,
    seed_secret,
)
from connector.sandbox.openedx.platform import OpenEdxSandbox
from connector.sandbox.openedx.registration import add_user
from connector.sandbox.openedx.site import EdxSite, Features
from tests.sandbox.openedx.between import BETWEEN, BURSTS

RECORDED = Path(__file__).parents[2] / "recorded" / "openedx" / "calls.jsonl"
HOST = "https://lms.example.vn"
ONE, TWO = "course-v1:MoH+CPD101+2026", "course-v1:MoH+CPD102+2026"
PARTS = (
    Part(name="hw1", kind="Homework", chapter="ch1"),
    Part(name="hw2", kind="Homework", chapter="ch2"),
    Part(name="final", kind="Final Exam", chapter="ch2"),
)
NOVEMBER_22 = 1_795_315_504
_WEEK = 8 * 24 * 3600.0
# Calls whose secret or password was not the right one; everything else was redacted after being right.
_WRONG = {"registration_weak_password": "short", "login_bad_password": "not-the-one", "oauth_token_bad_secret": "no"}
_WRONG |= {"oauth_token_password_bad": "not-the-one"}
_HEADERS = ("Content-Type", "Location", "Retry-After", "WWW-Authenticate", "Content-Disposition")
# Values that are this one site's: moments, random keys, its own wording.
_OWN = frozenset({
    "created", "date_joined", "last_login", "modified_date", "modified", "time_stamp", "created_date", "access_token",
    "refresh_token", "password", "activation_key", "uuid", "username_suggestions", "csrfToken", "task_id", "overview",
    "platformName", "studio_url",
})  # fmt: skip
_MASKS = (
    (re.compile(r"/certificates/[0-9a-f]{32}"), "/certificates/UUID"),
    (re.compile(r"cursor=[^&]{24,}"), "cursor=MOMENT"),
    (re.compile(r"/media/grades/[0-9a-f]+"), "/media/grades/FOLDER"),
    (re.compile(r"_2026-11-22-\d{4}"), "_STAMP"),
)


@dataclass(slots=True)
class World:
    """A fresh sandbox as the recorded site began, and what a caller would remember between calls."""

    site: EdxSite
    tick: float = 0.0
    next_page: str = ""
    users: dict[str, int] = field(default_factory=dict)

    @property
    def sandbox(self) -> OpenEdxSandbox:
        return OpenEdxSandbox(self.site)

    def send(self, call: dict[str, Any]) -> SandboxAnswer:
        """Send one recorded call."""
        asked = call["request"]
        headers = self._headers(call)
        form = _redone(asked.get("form"), call["name"])
        body = _redone(asked.get("json"), call["name"])
        files = {name: tuple(parts) for name, parts in (asked.get("files") or {}).items()}
        if files:
            headers.pop("Content-Type", None)
        request = requests.Request(
            asked["method"], HOST + self._path(call), params=asked.get("query"), headers=headers, files=files or None,
            data=asked.get("raw_body") or form, json=body,
        ).prepare()  # fmt: skip
        path, _mark, query = (request.path_url or "").partition("?")
        sent = request.body or b""
        payload = sent.encode() if isinstance(sent, str) else bytes(sent)
        answer = self.sandbox.handle(asked["method"], path, query, request.headers, payload)
        if answer.status == 200 and b'"next":"' in answer.body:
            self.next_page = (json.loads(answer.body).get("next") or "").removeprefix(HOST)
        return answer

    def _path(self, call: dict[str, Any]) -> str:
        if call["name"] == "activate_by_key":
            row = self.site.one("SELECT activation_key FROM users WHERE username = 'dr_noor_06'")
            return f"/activate/{row[0]}" if row else ""
        return self.next_page if call["name"] == "enrollments_list_next" else str(call["request"]["path"])

    def _headers(self, call: dict[str, Any]) -> dict[str, str]:
        headers = dict(call["request"]["headers"])
        scheme, _space, words = headers.get("Authorization", "").partition(" ")
        if scheme:
            headers["Authorization"] = f"{scheme} {self._token(scheme, words, call['name'])}"
        if "Cookie" in headers:
            headers |= self._cookies(call["name"], "X-CSRFToken" in headers)
        return headers

    def _token(self, scheme: str, words: str, name: str) -> str:
        who = re.sub(r"<token of (.*)>", r"\1", words)
        if scheme == "Basic":
            return "aW50ZWdyYXRpb24ta2V5OjxyZWRhY3RlZD4="  # integration-key:<redacted>
        if who == "None":
            expired = self.jwt("svc", self.site.now() - 1)
            right = self.jwt("svc", self.site.now() + 9)
            return {"auth_expired_jwt": expired, "auth_wrong_signature_jwt": right + "x"}.get(name, right[:-5])
        if scheme == "Bearer":
            sql = "INSERT OR REPLACE INTO bearer_tokens (token, userid, expires) VALUES (?, ?, ?)"
            self.site.db.execute(sql, (f"opaque-{who}", self.users[who], 2**60))
            return f"opaque-{who}"
        return self.jwt(who, self.site.now() + 60)

    def jwt(self, who: str, expires: int) -> str:
        row = self.site.one("SELECT username FROM users WHERE id = ?", (self.users[who],))
        return encode_jwt(self.site, {"preferred_username": row[0] if row else "", "exp": expires})

    def _cookies(self, name: str, with_csrf: bool) -> dict[str, str]:
        if name.startswith("login_"):
            return {"Cookie": "csrftoken=c"} | ({"X-CSRFToken": "c"} if with_csrf else {})
        owner = "learner" if name == "auth_service_jwt_with_learner_cookies" else "svc"
        sessionid, csrf = open_session(self.site, self.users[owner])
        return {"Cookie": f"sessionid={sessionid}; csrftoken={csrf}"} | ({"X-CSRFToken": csrf} if with_csrf else {})


def recorded_world() -> World:
    """The recorded site before its first call: six accounts, two courses, two applications."""
    world = World(EdxSite(":memory:", Features.measured()))
    site = world.site
    site.ticks = lambda: world.tick
    site.set_now(NOVEMBER_22)
    seed_secret(site)
    rights = {"admin1": 1, "admin2": 1, "integration_worker": 1, "global_staff": 0, "course_staff": -1}
    for name, right in rights.items():
        more = {"is_active": 1, "is_staff": int(right >= 0), "is_superuser": int(right > 0), "password": "<redacted>"}
        words = name.replace("_", " ").title()
        add_user(site, name, f"{name}@example.com", words, activation_key="", **more)
    add_user(site, "plain_learner", "plain_learner@example.com", "Plain Learner", is_active=1, password="<redacted>")
    world.users |= {"svc": 3, "staff": 4, "cstaff": 5, "learner": 6}
    add_application(site, "integration-key", "<redacted>", 3)
    add_application(site, "pw-client", "", None, "password")
    for key, number, paced in ((ONE, 101, False), (TWO, 102, True)):
        add_course(site, key, f"Primary Care CPD {number}", self_paced=paced)
        add_policy(site, key, "Homework", "HW", count=2, weight=0.4)
        add_policy(site, key, "Final Exam", "Final", count=1, weight=0.6)
        add_content(site, key, f"Primary Care CPD {number}", PARTS)
    site.db.execute("INSERT INTO course_roles (course, userid, role) VALUES (?, 5, 'staff')", (ONE,))
    return world


def replay(world: World) -> Iterator[tuple[str, Any, Any]]:
    """Each recorded call's name, the recorded answer and the sandbox's, both made comparable."""
    with RECORDED.open(encoding="utf-8") as lines:
        for call in map(json.loads, lines):
            name = call["name"]
            if name in BURSTS:
                scope, who, count, ago = BURSTS[name]
                world.site.buckets[(scope, who)] = [world.tick - ago] * count
            else:
                world.tick += _WEEK
            if name in BETWEEN:
                BETWEEN[name](world.site)
            yield name, _recorded(call["response"]), _answered(world.send(call))


def _recorded(response: dict[str, Any]) -> Any:
    headers = {name: response["headers"].get(name) for name in _HEADERS}
    body = response["body"]
    return response["status"], headers, comparable(body, headers["Content-Type"])


def _answered(answer: SandboxAnswer) -> Any:
    headers = {name: answer.headers.get(name) for name in _HEADERS}
    kind = headers["Content-Type"] or ""
    text = answer.body.decode()
    return answer.status, headers, comparable(json.loads(text) if kind == "application/json" and text else text, kind)


def comparable(body: Any, kind: str | None) -> Any:
    """The body without what is only this site's; a page of HTML by its kind."""
    if (kind or "").startswith("text/html"):
        text = body if isinstance(body, str) else json.dumps(body)
        return "PAGE" if text.lstrip().startswith("<") else text
    return masked(body)


def masked(value: Any) -> Any:
    """The value with its site's own moments, keys and wording hidden."""
    if isinstance(value, dict):
        return {key: "OWN" if key in _OWN and item is not None else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        for pattern, text in _MASKS:
            value = pattern.sub(text, value)
    return value


def _redone(sent: Any, name: str) -> Any:
    wrong = _WRONG.get(name)
    if wrong is None or not isinstance(sent, dict):
        return sent
    return {key: wrong if value == "<redacted>" else value for key, value in sent.items()}
