from datetime import timedelta

from connector.certificates.astray import EARLY, GONE, NOT_GRANTED, REMADE, Stray, astray
from connector.certificates.entry import RegisterEntry
from connector.model import CertificateIssue, CertificateState
from tests.certificates.samples import AN, BINH, NOW, entry, issue

S = CertificateState
ISSUED = entry(AN, S.ISSUED, serial="A", register_no="00001/2025")
A, B = issue("0900000001", "5", "A", 1), issue("0900000001", "6", "B", 2)


def found(one: RegisterEntry | None, *living: CertificateIssue, phone: str = AN, void: str = "") -> list[Stray]:
    register = {one.phone: one} if one else {}
    told = [(phone, paper) for paper in living]
    return astray(register, told, {"A": NOW}, void={void}, completed={})


def test_a_paper_that_is_shown_is_where_it_should_be() -> None:
    assert found(ISSUED, A) == []


def test_a_gone_paper_is_gone_or_made_anew() -> None:
    assert found(ISSUED) == [Stray(kind=GONE, phone=AN, code="A", since=NOW)]
    assert found(ISSUED, B) == [
        Stray(kind=REMADE, phone=AN, code="A", since=NOW, new_code="B", made_at=B.issued_at),
    ]


def test_only_valid_papers_that_were_seen_can_be_missing() -> None:
    assert found(entry(AN, S.REVOKED, serial="A")) == []
    assert found(entry(AN, S.ISSUED, serial="NEVER-SEEN")) == []


def test_papers_that_we_took_back_and_papers_of_strangers_are_nobodys() -> None:
    assert found(entry(AN, S.REVOKED, serial="B"), B, void="B") == []
    assert found(None, B, phone="") == []


def test_a_paper_without_a_grant_is_doubtful() -> None:
    assert [one.kind for one in found(None, B)] == [NOT_GRANTED]
    assert [one.kind for one in found(entry(AN, S.DUE), B)] == [NOT_GRANTED]
    assert found(entry(AN, S.GRANTED), B) == []


def test_a_paper_is_early_only_before_the_completion() -> None:
    papers = [(AN, B), (BINH, B)]
    register = {phone: entry(phone, S.GRANTED) for phone in (AN, BINH)}
    completed = {AN: B.issued_at + timedelta(seconds=1), BINH: B.issued_at}
    strays = astray(register, papers, {}, void=(), completed=completed)
    assert [(one.kind, one.phone) for one in strays] == [(EARLY, AN)]
