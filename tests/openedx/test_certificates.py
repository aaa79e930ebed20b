"""Certificates by the allowlist."""

import pytest

from connector.errors import ConfigError
from connector.lms import (
    CertificateGate,
)
from tests.openedx.box import C1
from tests.openedx.box_certificates import CertifyingBox as Box
from tests.openedx.wanted import ALREADY, DONE, GATE, REFUSED, cohorts_made, outcomes


def test_certificates_are_released_by_the_allowlist_and_read_back() -> None:
    box = Box()
    cohorts_made(box, "an1", "an2", "audits")
    box.courses[C1].enrolments["audits"][0] = "audit"
    assert list(box.lms.certificate_issues(GATE, None)) == []
    assert not box.sent("/certificates/v0/")  # a course without any costs one request
    results = box.lms.grant_certificates(GATE, ["an1", "audits", "ghost"])
    assert [(one.key, one.outcome) for one in results] == [(("an1",), DONE), (("audits",), DONE), (("ghost",), REFUSED)]
    assert "ghost" not in results[2].message
    assert outcomes(box.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    issue = next(iter(box.lms.certificate_issues(GATE, None)))
    assert (issue.username, issue.code, issue.issue_id) == ("an1", "68f2an1", "an1:68f2an1")
    assert list(box.lms.certificate_issues(GATE, issue.issued_at)) == [issue]
    assert list(box.lms.granted(GATE, ["an1", "audits"])) == ["an1"]
    assert outcomes(box.lms.delete_issues(GATE, [issue.issue_id])) == [DONE]
    assert outcomes(box.lms.delete_issues(GATE, [issue.issue_id])) == [ALREADY]
    assert list(box.lms.certificate_issues(GATE, None)) == []


def test_the_gate_is_closed_once() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.lms.grant_certificates(GATE, ["an1"])
    assert outcomes(box.lms.withdraw_certificates(GATE, ["an1"])) == [DONE]
    assert outcomes(box.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_lost_answers_about_certificates_are_settled() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.lose.append(("POST", "generate_bulk"))
    assert outcomes(box.lms.grant_certificates(GATE, ["an1"])) == [ALREADY]
    box.lose.append(("DELETE", "certificate_exception_view"))
    assert outcomes(box.lms.withdraw_certificates(GATE, ["an1"])) == [ALREADY]


def test_other_gates_are_refused() -> None:
    with pytest.raises(ConfigError, match="allowlist"):
        Box().lms.grant_certificates(CertificateGate(course=C1, certificate="c"), ["an1"])
