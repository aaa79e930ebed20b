"""Certificates by the allowlist."""

import re

import pytest

from connector.errors import ConfigError
from connector.lms import (
    CertificateGate,
)
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
    assert list(site.lms.certificate_issues(GATE, issue.issued_at)) == [issue]
    assert list(site.lms.granted(GATE, ["an1", "audits"])) == ["an1"]
    assert outcomes(site.lms.delete_issues(GATE, [issue.issue_id])) == [DONE]
    assert outcomes(site.lms.delete_issues(GATE, [issue.issue_id])) == [ALREADY]
    assert list(site.lms.certificate_issues(GATE, None)) == []


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
