"""What commands print of outcomes that the whole road does not meet."""

from datetime import timedelta

import pytest

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.certificates.overdue import Overdue
from connector.certificates.settle import Double
from connector.cli.certificates import print_push
from connector.cli.session import Exit
from connector.cli.sync import exit_code_of, print_apply
from connector.errors import ConnectorError, PlatformUnavailable
from connector.jobs.certify import PushOutcome
from connector.lms import ItemResult, Outcome
from connector.model import (
    CertificateIssue,
    CertificateState,
    Kind,
)
from connector.sync.change import Action
from connector.sync.outcome import ApplyOutcome, Refusal
from tests.store.people import NOW

PHONE = "+84912000001"
ENTRY = RegisterEntry(
    programme="k1",
    phone=PHONE,
    province_code="40",
    facts=CertificateFacts(full_name="Nguyễn Văn An", workplace=""),
    book="k1",
    state=CertificateState.GRANTED,
    decided_at=NOW,
    granted_at=NOW,
)
ISSUE = CertificateIssue(issue_id="9", certificate="cert", username="0912000001", code="X9", issued_at=NOW)
REFUSAL = Refusal(
    kind=Kind.ACCOUNT,
    action=Action.CREATE,
    subject="09*******01",
    province_code="40",
    code="invalidparameter",
    message="",
)


def applied(refusals: int = 0, stopped_by: ConnectorError | None = None) -> ApplyOutcome:
    return ApplyOutcome(
        run_id=1,
        done=5,
        already=0,
        refused=refusals,
        unknown=0,
        left=0,
        refusals=(REFUSAL,) * refusals,
        stopped_by=stopped_by,
    )


def test_refusals_are_listed_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    print_apply(applied(refusals=25))
    out = capsys.readouterr().out
    assert out.count("account (create) 09*******01: invalidparameter") == 20
    assert "... and 5 more" in out


def test_an_outage_says_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    print_apply(applied(stopped_by=PlatformUnavailable("The site is closed.")))
    err = capsys.readouterr().err
    assert "Stopped: The site is closed." in err
    assert "connector resume" in err


def test_the_exit_code_tells_how_an_apply_ended() -> None:
    assert exit_code_of(applied()) == Exit.DONE
    assert exit_code_of(applied(refusals=1)) == Exit.PARTLY_REFUSED
    assert exit_code_of(applied(stopped_by=PlatformUnavailable("closed"))) == Exit.FAILED


def test_what_a_person_should_look_at_is_told_masked(capsys: pytest.CaptureFixture[str]) -> None:
    refused = ItemResult(key=("0912000001",), outcome=Outcome.REFUSED, code="no_account", message="no account")
    print_push(
        PushOutcome(
            run_id=1,
            decided=1,
            granted=0,
            issued=(),
            waiting=1,
            withdrawn=2,
            unapproved=3,
            refused=((ENTRY, refused),),
            doubles=(Double(phone=PHONE, registered="X1", others=(ISSUE,)),),
            unexpected=(ISSUE,),
            overdue=(Overdue(entry=ENTRY, waited=timedelta(hours=30)),),
            without_learner=(PHONE,),
        )
    )
    out = capsys.readouterr().out
    for expected in (
        "2 revoked",
        "3 wait",
        "no account",
        "X9",
        "30 hours",
        "Usual causes",
        "on no roster any more",
        "nothing was granted",
    ):
        assert expected in out
    assert PHONE not in out
    assert "Nguyễn" not in out
