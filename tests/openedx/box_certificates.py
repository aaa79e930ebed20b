"""The certificates of the small Open edX in memory."""

from collections.abc import Mapping
from typing import Any

from tests.openedx.box import Box, Course, route
from tests.openedx.scripted import Told


class CertifyingBox(Box):
    """The small Open edX, whose certificates can be asked for too."""


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/get_issued_certificates/")
def _issued(box: Box, course: Course, _body: Any) -> Told:
    """instr_get_issued_certificates_jwt."""
    return Told(body={"certificates": [{"mode": "honor"}] if course.certificates else []})


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/generate_bulk_certificate_exceptions")
def _allow(box: Box, course: Course, rows: list[list[str]]) -> Told:
    """cert_bulk_exceptions_csv."""
    errors: dict[str, list[str]] = {"user_not_exist": [], "user_already_allowlisted": [], "user_not_enrolled": []}
    for number, (name, _note) in enumerate(rows, start=1):
        kind = "user_not_exist" if name not in box.people else ""
        kind = kind or ("user_already_allowlisted" if name in course.allowed else "")
        kind = kind or ("user_not_enrolled" if name not in course.enrolments else "")
        if kind:
            errors[kind].append(f'user "{name}" in row# {number}')
        else:
            course.allowed.append(name)
    return Told(body={"general_errors": [], "row_errors": errors, "success": []})


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/generate_certificate_exceptions/new")
def _generate(box: Box, course: Course, _body: Any) -> Told:
    """cert_autogen_off_generate_exceptions; an audit learner gets none."""
    for name in course.allowed:
        if course.enrolments[name][0] != "audit":
            course.certificates.setdefault(name, "downloadable")
    return Told(body={"success": True})


@route("DELETE", "/courses/(?P<course>[^/]+)/instructor/api/certificate_exception_view/")
def _disallow(box: Box, course: Course, body: Mapping[str, str]) -> Told:
    """cert_exception_delete_repeat, cert_detail_after_exception_delete."""
    if body["user_name"] not in course.allowed:
        return Told(body={"success": False, "message": "Error occurred"}, status=400)
    course.allowed.remove(body["user_name"])
    if body["user_name"] in course.certificates:
        course.certificates[body["user_name"]] = "unavailable"
    return Told(status=204, content_type="")


@route("POST", "/courses/(?P<course>[^/]+)/instructor/api/certificate_invalidation_view/")
def _invalidate(box: Box, course: Course, body: Mapping[str, str]) -> Told:
    """cert_invalidate."""
    course.certificates[body["user"]] = "unavailable"
    return Told(body={"id": 1})


@route("GET", "/api/certificates/v0/certificates/(?P<user>[^/]+)/courses/(?P<key>[^/]+)/")
def _certificate(box: Box, user: str, key: str, _query: Any) -> Told:
    """cert_autogen_off_after_trigger."""
    status = box.courses[key].certificates.get(user)
    if status is None:
        return Told(body={"error_code": "no_certificate_for_user"}, status=404)
    url = f"/certificates/68f2{user}" if status == "downloadable" else None
    created = "2026-11-22T03:13:07.457483Z"
    return Told(body={"username": user, "status": status, "created_date": created, "download_url": url})
