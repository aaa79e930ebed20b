"""Verdicts, entries and issues for the tests of this folder; all people are invented."""

from datetime import UTC, datetime, timedelta

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.model import (
    CertificateIssue,
    CertificateState,
    Learner,
    Origin,
    Reason,
    Verdict,
)

NOW = datetime(2025, 12, 16, 2, tzinfo=UTC)
AN, BINH, CHI = "+84900000001", "+84900000002", "+84900000003"
PHONE_OF = {"0900000001": AN, "0900000002": BINH, "0900000003": CHI}


FACTS = CertificateFacts(full_name="Nguyễn Văn An", workplace="UBND xã Kim Thành")


def facts_of(_verdict: Verdict, of: Learner) -> CertificateFacts:
    return CertificateFacts(full_name=of.full_name, workplace=of.workplace)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def verdict(phone: str, completed: float | None = 0, *, programme: str = "k1") -> Verdict:
    """A pass so many hours before NOW; None: not passed."""
    return Verdict(
        programme=programme,
        phone=phone,
        passed=completed is not None,
        reasons=(Reason(rule="total", met=completed is not None, have=10, need=10),),
        done=(),
        completed_at=None if completed is None else NOW - hours(completed),
        rule_version="r1",
        facts_hash="f1",
    )


def learner(phone: str, full_name: str = "Nguyễn Văn An", province_code: str = "40") -> Learner:
    return Learner(
        phone=phone,
        full_name=full_name,
        province_code=province_code,
        commune_code=None,
        workplace="UBND xã Kim Thành",
        position="Chuyên viên",
        origin=Origin(file="a.xlsx", sheet="Sheet1", row=7),
    )


def entry(
    phone: str,
    state: CertificateState = CertificateState.GRANTED,
    *,
    granted: float | None = 1,
    serial: str = "",
    register_no: str = "",
    province_code: str = "40",
    decided: float = 2,
) -> RegisterEntry:
    """An entry granted so many hours before NOW."""
    return RegisterEntry(
        programme="k1",
        phone=phone,
        province_code=province_code,
        state=state,
        facts=FACTS,
        book="k1",
        seq=int(register_no[:5]) if register_no else None,
        decided_at=NOW - hours(decided),
        granted_at=None if granted is None else NOW - hours(granted),
        serial=serial,
        register_no=register_no,
    )


def issue(username: str, issue_id: str, code: str, ago: float = 0) -> CertificateIssue:
    """An issue made so many hours before NOW."""
    return CertificateIssue(
        issue_id=issue_id, certificate="cert", username=username, code=code, issued_at=NOW - hours(ago)
    )
