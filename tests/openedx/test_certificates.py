"""Certificates by the allowlist."""

import json
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
import requests

from connector.errors import ConfigError
from connector.lms import (
    CertificateGate,
)
from connector.sandbox.answers import SandboxAnswer
from tests.openedx.pretend import C1, Pretend
from tests.openedx.wanted import ALREADY, DONE, GATE, REFUSED, cohorts_made, outcomes


def test_certificates_are_released_by_the_allowlist_and_read_back() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2", "audits")
    site.enrol(C1, "audits", mode="audit")
    assert list(site.lms.certificate_issues(GATE, None)) == []
    assert not site.sent("/certificates/v0/")  # a course without any costs one request
    results = site.lms.grant_certificates(GATE, ["an1", "audits", "ghost"])
    assert [(one.key, one.outcome) for one in results] == [(("an1",), DONE), (("audits",), DONE), (("ghost",), REFUSED)]
    assert "ghost" not in results[2].message
    assert outcomes(site.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    issue = next(iter(site.lms.certificate_issues(GATE, None)))
    assert (issue.username, issue.issue_id) == ("an1", f"an1:{issue.code}")
    assert re.fullmatch("[0-9a-f]{32}", issue.code)
    assert list(site.lms.certificate_issues(GATE, issue.issued_at + timedelta(days=1), ["an1"])) == [issue]
    asked = len(site.requests)
    assert list(site.lms.certificate_issues(GATE, issue.issued_at)) == []
    assert len(site.requests) == asked  # nobody is awaited
    assert list(site.lms.granted(GATE, ["an1", "audits"])) == ["an1"]
    assert outcomes(site.lms.delete_issues(GATE, [issue.issue_id])) == [REFUSED]  # not while on the allowlist
    assert outcomes(site.lms.withdraw_certificates(GATE, ["an1"])) == [DONE]
    assert outcomes(site.lms.delete_issues(GATE, [issue.issue_id])) == [ALREADY]
    assert list(site.lms.certificate_issues(GATE, None)) == []


def test_only_those_who_wait_are_asked_for() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2", "an3")
    site.lms.grant_certificates(GATE, ["an1", "an2"])
    assert [one.username for one in site.lms.certificate_issues(GATE, None, ["an2"])] == ["an2"]
    assert len(site.sent("/certificates/v0/")) == 1
    asked = len(site.requests)
    assert list(site.lms.certificate_issues(GATE, None, [])) == []
    assert len(site.requests) == asked


def test_the_gate_is_closed_once() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    site.lms.grant_certificates(GATE, ["an1"])
    assert outcomes(site.lms.withdraw_certificates(GATE, ["an1"])) == [DONE]
    assert outcomes(site.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_lost_answers_about_certificates_are_settled() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    site.lose.append(("POST", "generate_bulk"))
    assert outcomes(site.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    site.lose.append(("DELETE", "certificate_exception_view"))
    assert outcomes(site.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_other_gates_are_refused() -> None:
    with pytest.raises(ConfigError, match="allowlist"):
        Pretend().lms.grant_certificates(CertificateGate(course=C1, certificate="c"), ["an1"])


class LaterThanTeak(Pretend):
    """With instructor API v2, as serializers_v2.py of later releases writes it (lms/djangoapps/instructor/views)."""

    def on_its_way(self, request: requests.PreparedRequest, answer: SandboxAnswer) -> SandboxAnswer:
        path = unquote(request.path_url)
        if "/api/instructor/v2/" not in path:
            return super().on_its_way(request, answer)
        rows = self.site.all(
            "SELECT u.username, c.status FROM certificates c JOIN users u ON u.id = c.userid ORDER BY u.username"
        )
        place = int("page=2" in path)
        body = {
            "count": len(rows),
            "next": None if place else f"https://lms.example.vn{request.path_url}&page=2",
            "results": [{"username": name, "certificate_status": status} for name, status in rows[place : place + 1]],
        }
        return SandboxAnswer(status=200, headers={"Content-Type": "application/json"}, body=json.dumps(body).encode())


def test_where_the_site_lists_certificates_only_their_owners_are_asked_for() -> None:
    site = LaterThanTeak()
    cohorts_made(site, "an1", "an2", "an3", "an4")
    site.lms.grant_certificates(GATE, ["an1", "an3"])
    site.lms.withdraw_certificates(GATE, ["an3"])
    assert [issue.username for issue in site.lms.certificate_issues(GATE, None)] == ["an1"]
    assert len(site.sent("/certificates/v0/")) == 1
