"""A small Open edX in memory behind the network door: it behaves as the recordings of a Teak site do.

Each route's answer has the shape of the recording named in its docstring (shared/recordings/openedx-teak). `off`
switches features off by name, `lose` holds (method, part of a path): the next such request does its work, and its
answer is lost.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from connector.mappers.openedx import AccountMapper
from connector.openedx.lms import OpenEdxLms
from tests.openedx.scripted import Asked, Clock, ScriptedDoor, Told, client, page, token

C1, C2 = "course-v1:MoH+CPD101+2026", "course-v1:MoH+CPD102+2026"
ME = "svc"
ROUTES: list[tuple[str, str, Callable[..., Told]]] = []


def route(method: str, pattern: str) -> Callable[[Callable[..., Told]], Callable[..., Told]]:
    def note(function: Callable[..., Told]) -> Callable[..., Told]:
        ROUTES.append((method, pattern, function))
        return function

    return note


@dataclass(slots=True)
class Course:
    """One course: enrolments are username -> [mode, active]; cohorts name -> (number, type, members)."""

    modes: list[str] = field(default_factory=lambda: ["honor"])
    enrolments: dict[str, list[Any]] = field(default_factory=dict)
    cohorted: bool = True
    cohorts: dict[str, tuple[int, str, set[str]]] = field(default_factory=dict)
    grades: dict[str, float] = field(default_factory=dict)
    sections: dict[str, dict[str, float]] = field(default_factory=dict)
    complete: set[tuple[str, str]] = field(default_factory=set)
    allowed: list[str] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)
    staff: set[str] = field(default_factory=set)

    def cohort_of(self, username: str) -> str | None:
        return next((name for name, (_n, _t, members) in self.cohorts.items() if username in members), None)


class Box(ScriptedDoor):
    """The site. `people` are rows of the accounts API by username."""

    def __init__(self, *, signs_up: bool = True, name: str = "edx") -> None:
        super().__init__()
        self.people: dict[str, dict[str, Any]] = {}
        self.courses = {C1: Course(), C2: Course()}
        self.off: set[str] = set()
        self.lose: list[tuple[str, str]] = []
        self.clock = Clock()
        mapper = AccountMapper(idnumber="", fields=["country"], profile=[])
        site = client(self, self.clock)
        self.lms = OpenEdxLms(name, site, mapper, courses=[C1, C2], mode="honor", signs_up=signs_up)

    def person(self, username: str, name: str = "Nguyễn Văn An", email: str = "") -> str:
        self.people[username] = {
            "id": len(self.people) + 1,
            "username": username,
            "email": email or f"{username}@hocvien.invalid",
            "name": name,
            "country": "VN",
            "last_login": None,
        }
        return username

    def sent(self, part: str) -> list[Asked]:
        return [asked for asked in self.asked if part in asked.path]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        path = unquote(urlsplit(request.path_url).path)
        self.script = [self._told(str(request.method), path, request)]
        lost = next((one for one in self.lose if one[0] == request.method and one[1] in path), None)
        if lost is not None:
            self.lose.remove(lost)
            self.script = [requests.ReadTimeout("gone")]
        return super().send(request, *args, **kwargs)

    def _told(self, method: str, path: str, request: requests.PreparedRequest) -> Told:
        if path == "/oauth2/access_token":
            return token()
        query = dict(parse_qsl(urlsplit(request.path_url).query))
        for wanted, pattern, function in ROUTES:
            found = re.fullmatch(pattern, path)
            if wanted == method and found:
                course = self.courses.get(found.groupdict().get("course", ""))
                if "course" in found.groupdict() and course is None:
                    return Told(body={"developer_message": "Course not found."}, status=404)
                given = [value for name, value in found.groupdict().items() if name != "course"]
                ends = [course] if course is not None else []
                return function(self, *ends, *given, query or _content(request))
        return page(404)


def _content(request: requests.PreparedRequest) -> Any:
    kind = str(request.headers.get("Content-Type", ""))
    body = request.body or b""
    raw = body if isinstance(body, bytes) else body.encode()
    if kind.startswith("application/json"):
        return json.loads(raw)
    if kind.startswith("multipart"):
        parts = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw).get_payload()
        assert isinstance(parts, list)
        payload = parts[0].get_payload(decode=True)  # type: ignore[union-attr]  # the stub knows strings only
        assert isinstance(payload, bytes)
        return list(csv.reader(io.StringIO(payload.decode())))
    return dict(parse_qsl(raw.decode()))


@route("GET", "/api/user/v1/me")
def _me(box: Box, _query: Any) -> Told:
    return Told(body={"username": ME})


@route("GET", "/api/user/v1/accounts")
def _accounts(box: Box, query: Mapping[str, str]) -> Told:
    """accounts_by_usernames_one_missing; none at all is a 404 without a word."""
    rows = [box.people[name] for name in query["username"].split(",") if name in box.people]
    return Told(body=rows) if rows else Told(status=404, content_type="")


@route("POST", "/api/user/v1/accounts/search_emails")
def _search(box: Box, body: Mapping[str, list[str]]) -> Told:
    """accounts_search_emails_ok, accounts_search_emails_learner."""
    if "staff" in box.off:
        return Told(body={"developer_message": "not_found"}, status=404)
    wanted = {email.lower() for email in body["emails"]}
    rows = [row for row in box.people.values() if row["email"].lower() in wanted]
    return Told(body=[{"email": row["email"], "id": row["id"], "username": row["username"]} for row in rows])


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/get_students_features")
def _students(box: Box, course: Course, _body: Any) -> Told:
    """instr_get_students_features_jwt: values are texts."""
    rows = []
    for name, (mode, active) in course.enrolments.items():
        if active:
            row = {key: str(value) for key, value in box.people[name].items()}
            rows.append({**row, "cohort": str(course.cohort_of(name) or ""), "enrollment_mode": mode})
    return Told(body={"students": rows})


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/list_course_role_members")
def _roles(box: Box, course: Course, body: Mapping[str, str]) -> Told:
    """instr_list_course_role_members."""
    names = course.staff if body["rolename"] == "staff" else set()
    return Told(body={body["rolename"]: [{"username": name} for name in sorted(names)]})


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/register_and_enroll_students")
def _register(box: Box, course: Course, rows: list[list[str]]) -> Told:
    """register_and_enroll_ok_mixed; instr_register_and_enroll_jwt where the feature is off."""
    if "sign_up" in box.off:
        return Told(status=403, content_type="")
    errors, general = [], []
    for row in rows:
        if len(row) != 4 and "columns" in box.off:
            general.append({"username": "", "email": "", "response": "Data in row must have exactly four columns"})
            continue
        email, username, name, country = row[:4]
        if username in box.people:
            errors.append({"username": username, "email": email, "response": f"Username {username} already exists."})
            continue
        box.person(username, name, email)
        box.people[username]["country"] = country
        course.enrolments[username] = [row[5] if len(row) > 5 else course.modes[0], True]
    return Told(body={"row_errors": errors, "general_errors": general, "warnings": []})


@route("GET", "/api/course_modes/v1/courses/(?P<course>[^/]+)/")
def _modes(box: Box, course: Course, _query: Any) -> Told:
    """course_modes_list."""
    return Told(body=[{"mode_slug": mode} for mode in course.modes])


@route("GET", "/api/enrollment/v1/enrollments")
def _enrolments(box: Box, query: Mapping[str, str]) -> Told:
    """enrollments_list_with_inactive; unknown courses are empty."""
    names = query.get("username", "").split(",") if "username" in query else None
    course = box.courses.get(query["course_id"], Course())
    rows = [
        {"mode": mode, "is_active": active, "user": name, "course_id": query["course_id"]}
        for name, (mode, active) in course.enrolments.items()
        if names is None or name in names
    ]
    return Told(body={"next": None, "previous": None, "results": rows})


@route("POST", "/api/enrollment/v1/enrollment")
def _enrol(box: Box, body: Mapping[str, Any]) -> Told:
    """enrollment_*: the wrong mode does not unenrol."""
    course = box.courses[body["course_details"]["course_id"]]
    name = body["user"]
    if name not in box.people:
        return Told(body={"message": f"The user {name} does not exist."}, status=406)
    held = course.enrolments.get(name)
    if not body["is_active"] and held is not None and held[0] != body["mode"]:
        return Told(body={"message": "Enrollment mode mismatch. Won't deactivate."}, status=400)
    course.enrolments[name] = [body["mode"], body["is_active"]]
    return Told(body={"mode": body["mode"], "is_active": body["is_active"], "user": name})


@route("POST", "/api/bulk_enroll/v1/bulk_enroll")
def _bulk(box: Box, body: Mapping[str, str]) -> Told:
    """bulk_enroll_form; unknown names stand in a 200."""
    if "bulk" in box.off:
        return page(404)
    if "identifiers" not in body:
        return Told(body={"identifiers": ["This field is required."]}, status=400)
    course = box.courses[body["courses"]]
    rows: list[dict[str, Any]] = []
    for name in body["identifiers"].split(","):
        if name in box.people:
            course.enrolments[name] = ["audit" if "audit" in course.modes else "honor", True]
            rows.append({"identifier": name, "after": {"user": True, "enrollment": True}})
        else:
            rows.append({"identifier": name, "invalidIdentifier": True})
    return Told(body={"courses": {body["courses"]: {"action": "enroll", "results": rows}}})


@route("GET", "/api/cohorts/v1/settings/(?P<course>[^/]+)")
def _settings(box: Box, course: Course, _query: Any) -> Told:
    """cohorts_settings_get."""
    return Told(body={"id": 1, "is_cohorted": course.cohorted})


@route("GET", "/api/cohorts/v1/courses/(?P<course>[^/]+)/cohorts/")
def _cohorts(box: Box, course: Course, query: Mapping[str, str]) -> Told:
    """cohorts_list_page_size: a bare list."""
    rows = [{"name": name, "id": n, "assignment_type": kind} for name, (n, kind, _m) in course.cohorts.items()]
    start = (int(query["page"]) - 1) * int(query["page_size"])
    return Told(body=rows[start : start + int(query["page_size"])])


@route("POST", "/api/cohorts/v1/courses/(?P<course>[^/]+)/cohorts/")
def _cohort(box: Box, course: Course, body: Mapping[str, str]) -> Told:
    """cohorts_create_ok; cohorts_create_duplicate is a fault."""
    if body["name"] in course.cohorts:
        return page(500)
    number = len(course.cohorts) + 1
    course.cohorts[body["name"]] = (number, body["assignment_type"], set())
    return Told(body={"name": body["name"], "id": number, "assignment_type": body["assignment_type"]})


def _named(course: Course, number: str) -> str:
    return next(name for name, (own, _kind, _members) in course.cohorts.items() if own == int(number))


@route("PATCH", "/api/cohorts/v1/courses/(?P<course>[^/]+)/cohorts/(?P<number>[0-9]+)")
def _rename(box: Box, course: Course, number: str, body: Mapping[str, str]) -> Told:
    """cohorts_patch_rename, cohorts_patch_name_taken."""
    if body["name"] in course.cohorts:
        return Told(body={"developer_message": "same name", "error_code": "cohort-name-exists"}, status=400)
    course.cohorts[body["name"]] = course.cohorts.pop(_named(course, number))
    return Told(status=204, content_type="")


@route("GET", "/api/cohorts/v1/courses/(?P<course>[^/]+)/cohorts/(?P<number>[0-9]+)/users/")
def _members(box: Box, course: Course, number: str, _query: Any) -> Told:
    """cohort_users_list."""
    names = sorted(course.cohorts[_named(course, number)][2])
    return Told(body={"next": None, "results": [{"username": name} for name in names]})


@route("POST", "/api/cohorts/v1/courses/(?P<course>[^/]+)/cohorts/(?P<number>[0-9]+)/users/")
def _add(box: Box, course: Course, number: str, body: Mapping[str, list[str]]) -> Told:
    """cohort_users_add_mixed, cohort_users_move."""
    name = _named(course, number)
    told: dict[str, list[Any]] = {"added": [], "changed": [], "present": [], "unknown": []}
    for user in body["users"]:
        before = course.cohort_of(user)
        if user not in box.people:
            told["unknown"].append(user)
        elif before == name:
            told["present"].append(user)
        else:
            if before is not None:
                course.cohorts[before][2].remove(user)
            course.cohorts[name][2].add(user)
            told["changed" if before else "added"].append({"username": user, "previous_cohort": before})
    return Told(body=told)


@route("DELETE", "/api/cohorts/v1/courses/(?P<course>[^/]+)/cohorts/(?P<number>[0-9]+)/users/(?P<user>[^/]+)")
def _remove(box: Box, course: Course, number: str, user: str, _body: Any) -> Told:
    """cohort_users_delete_ok, cohort_users_delete_repeat."""
    members = course.cohorts[_named(course, number)][2]
    if user not in members:
        return Told(body={"error_code": "user-not-in-cohort"}, status=400)
    members.remove(user)
    return Told(status=204, content_type="")


@route("GET", "/api/courses/v1/courses/(?P<course>[^/]+)/")
def _course(box: Box, course: Course, _query: Any) -> Told:
    return Told(body={"name": "Kỹ năng số"})


@route("GET", "/api/grades/v1/courses/(?P<course>[^/]+)/")
def _grades(box: Box, course: Course, _query: Any) -> Told:
    """grades_course_all."""
    rows = [
        {"username": name, "email": "", "passed": share >= 0.6, "percent": share}
        for name, (_mode, active) in course.enrolments.items()
        for share in (course.grades.get(name, 0.0),)
        if active
    ]
    return Told(body={"next": None, "results": rows})


def _usage(_course: Course, block: str) -> str:
    return f"block-v1:x+type@sequential+block@{block}"


@route("GET", "/api/grades/v1/gradebook/(?P<course>[^/]+)/")
def _gradebook(box: Box, course: Course, _query: Any) -> Told:
    """gradebook_all."""
    rows = [
        {
            "username": name,
            "section_breakdown": [
                {"module_id": _usage(course, block), "attempted": block in mine, "percent": mine.get(block, 0.0)}
                for block in ("hw1", "final")
            ],
        }
        for name in course.enrolments
        for mine in (course.sections.get(name, {}),)
    ]
    return Told(body={"next": None, "results": rows})


@route("GET", "/api/grades/v1/gradebook/(?P<course>[^/]+)/grading-info")
def _info(box: Box, course: Course, _query: Any) -> Told:
    """gradebook_grading_info."""
    rows = [{"module_id": _usage(course, block), "display_name": block, "graded": True} for block in ("hw1", "final")]
    return Told(body={"grade_cutoffs": {"Pass": 0.6}, "subsections": rows})


@route("GET", "/api/courses/v2/blocks/")
def _blocks(box: Box, query: Mapping[str, str]) -> Told:
    """blocks_*: `complete` is true or null."""
    course = box.courses.get(query["course_id"])
    if course is None:
        return Told(body={"developer_message": "no"}, status=404)
    name = query.get("username", "")
    blocks: dict[str, dict[str, Any]] = {
        _usage(course, block): {"display_name": block, "complete": (name, block) in course.complete or None}
        for block in ("hw1", "final", "doc")
    }
    return Told(body={"root": "r", "blocks": blocks})
