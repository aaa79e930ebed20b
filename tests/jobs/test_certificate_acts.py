"""What people do to certificates, and how the platform follows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.certificates.due import EVERYBODY, Selection
from connector.certificates.verification import Validity
from connector.errors import AccessDenied, ConfigError, UnsafePlanError
from connector.jobs.certificate_acts import (
    approve_certificates,
    deliver_certificates,
    reissue_certificate,
    revoke_certificate,
)
from connector.jobs.certificate_book import certificate_status, verify_certificate
from connector.jobs.certify import PushOutcome, certificates_due, push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.explain import person_story
from connector.jobs.mirror import mirror
from connector.model import CertificateState, RegistrationState
from connector.settings import Certificates, Freeze
from tests.jobs.certifying import OWN_PAPER, set_policy
from tests.jobs.world import PROGRAMME, World, learner

AN, BINH = learner(1, name="Nguyễn Văn An"), learner(2, name="Trần Thị Bình", province="31")
BY = "Lê Văn Duyệt"
S = CertificateState


@pytest.fixture(autouse=True)
def _passed(world: World) -> None:
    world.register(AN, BINH)
    world.provision()
    world.complete(AN, topics=10)
    world.complete(BINH, topics=12)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)


def push(world: World) -> PushOutcome:
    """A push, the platform's task, and the push that reads back."""
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    return push_certificates(world.ctx, PROGRAMME)


def states(world: World) -> dict[str, CertificateState]:
    with world.ctx.store.begin() as tx:
        return {phone: entry.state for phone, entry in tx.register.of_programme(PROGRAMME).items()}


def validity(world: World, code: str) -> Validity:
    return verify_certificate(world.ctx, code)[0].validity


def test_without_approval_nothing_is_released_where_it_is_asked_for(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, approval="required")
    first = push(world)
    assert (first.unapproved, first.issued, states(world)) == (2, (), {AN.phone: S.DUE, BINH.phone: S.DUE})
    changed = approve_certificates(world.ctx, None, Selection(provinces=["31"]), by=BY)
    assert [(entry.phone, entry.approved_by) for entry in changed] == [(BINH.phone, BY)]
    assert [entry.phone for entry in push(world).issued] == [BINH.phone]
    assert approve_certificates(world.ctx, None, Selection(provinces=["31"]), by=BY) == []


def test_what_was_earned_since_the_last_push_can_be_approved(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, approval="required")
    assert len(approve_certificates(world.ctx, None, EVERYBODY, by=BY)) == 2


def test_only_an_approver_decides(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, Certificates(approvers=(BY,)), approval="required")
    with pytest.raises(AccessDenied, match="may not decide"):
        approve_certificates(world.ctx, None, EVERYBODY, by="Ai Đó")
    with pytest.raises(AccessDenied):
        revoke_certificate(world.ctx, None, AN.phone, by="Ai Đó", reason="-")
    assert len(approve_certificates(world.ctx, None, EVERYBODY, by=BY)) == 2


def test_an_approval_that_nobody_asks_for_is_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="asks for no approval"):
        approve_certificates(world.ctx, None, EVERYBODY, by=BY)


def test_a_revoked_certificate_is_void_at_once_and_taken_back_by_the_next_push(world: World) -> None:
    code = next(entry.serial for entry in push(world).issued if entry.phone == AN.phone)
    assert validity(world, code) is Validity.VALID
    revoke_certificate(world.ctx, None, AN.phone, by=BY, reason="cấp nhầm")
    assert validity(world, code) is Validity.REVOKED
    assert certificate_status(world.ctx).to_withdraw == 1
    outcome = push(world)
    assert (outcome.withdrawn, outcome.issued, outcome.unexpected) == (0, (), ())  # the first of the two pushes did it
    assert certificate_status(world.ctx).to_withdraw == 0
    assert {issue.username for issue in world.lms.issues} == {"0912000002"}
    assert "0912000001" not in world.lms.courses[world.gate.course].groups["eligible"]
    assert certificates_due(world.ctx) == []


def test_what_the_platform_does_not_take_back_is_tried_again(world: World) -> None:
    push(world)
    revoke_certificate(world.ctx, None, AN.phone, by=BY, reason="cấp nhầm")
    issue = next(issue.issue_id for issue in world.lms.issues if issue.username == "0912000001")
    for key in ("0912000001", issue):
        world.lms.refuse = {(key,): "nopermissions"}
        outcome = push_certificates(world.ctx, PROGRAMME)
        assert [(entry.phone, result.code) for entry, result in outcome.refused] == [(AN.phone, "nopermissions")]
        assert outcome.withdrawn == 0
    world.lms.refuse = {}
    assert push_certificates(world.ctx, PROGRAMME).withdrawn == 1


def test_somebody_revoked_before_his_release_gets_nothing(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, approval="required")
    push_certificates(world.ctx, PROGRAMME)
    revoke_certificate(world.ctx, None, AN.phone, by=BY, reason="gian lận")
    approve_certificates(world.ctx, None, EVERYBODY, by=BY)
    assert [entry.phone for entry in push(world).issued] == [BINH.phone]
    assert states(world)[AN.phone] is S.REVOKED


def test_a_reissue_has_the_new_name_the_old_number_and_a_new_code(world: World) -> None:
    old = next(entry for entry in push(world).issued if entry.phone == AN.phone)
    world.register(learner(1, name="Nguyễn Văn Ân"))
    reissue_certificate(world.ctx, None, AN.phone, by=BY, reason="sai tên")
    assert validity(world, old.serial) is Validity.REPLACED
    new = next(entry for entry in push(world).issued if entry.phone == AN.phone)
    assert (new.facts.full_name, new.register_no, new.edition) == ("Nguyễn Văn Ân", old.register_no, 2)
    assert new.serial != old.serial
    assert (validity(world, new.serial), validity(world, old.serial)) == (Validity.VALID, Validity.REPLACED)
    assert len([issue for issue in world.lms.issues if issue.username == "0912000001"]) == 1
    assert any("sai tên" in line for line in person_story(world.ctx, AN.phone).chapters[-1].lines)


def test_a_revocation_that_was_the_error_is_put_right_by_a_reissue(world: World) -> None:
    push(world)
    revoke_certificate(world.ctx, None, AN.phone, by=BY, reason="cấp nhầm")
    push(world)
    reissue_certificate(world.ctx, None, AN.phone, by=BY, reason="thu hồi nhầm")
    assert [(entry.phone, entry.edition) for entry in push(world).issued] == [(AN.phone, 2)]


def test_who_has_left_is_not_given_a_new_paper(world: World) -> None:
    push(world)
    world.register(AN, state=RegistrationState.LEFT)
    with pytest.raises(ConfigError, match="takes no part"):
        reissue_certificate(world.ctx, None, AN.phone, by=BY, reason="sai tên")


def test_what_is_not_there_cannot_be_revoked(world: World) -> None:
    with pytest.raises(ConfigError, match="has no certificate"):
        revoke_certificate(world.ctx, None, AN.phone, by=BY, reason="-")
    with pytest.raises(ConfigError, match="No certificate has the code"):
        verify_certificate(world.ctx, "nothing")


def test_papers_that_were_handed_over_are_noted(world: World) -> None:
    push(world)
    assert len(deliver_certificates(world.ctx, None, Selection(phones=[AN.phone]), by=BY)) == 1
    assert states(world) == {AN.phone: S.DELIVERED, BINH.phone: S.ISSUED}
    assert deliver_certificates(world.ctx, None, Selection(phones=[AN.phone]), by=BY) == []


def test_status_counts_each_province_and_names_who_waits_too_long(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, late_after_hours=2)
    push_certificates(world.ctx, PROGRAMME, Selection(phones=[AN.phone]))
    world.pass_time(hours=3)
    found = certificate_status(world.ctx)
    assert [(one.province_code, one.count(S.GRANTED), one.count(S.DUE)) for one in found.provinces] == [
        ("31", 0, 1),
        ("40", 1, 0),
    ]
    assert [late.entry.phone for late in found.overdue] == [AN.phone]
    assert states(world) == {AN.phone: S.GRANTED}
    assert certificate_status(world.ctx, chosen=Selection(provinces=["31"])).overdue == ()


def test_nothing_is_released_in_a_freeze(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path)
    begin = datetime(2025, 11, 1, tzinfo=UTC).replace(tzinfo=None)
    freeze = Freeze(starts_at=begin, ends_at=begin + timedelta(days=60), why="exams")
    frozen = world.ctx.settings.model_copy(update={"freezes": (freeze,)})
    world.ctx = replace(world.ctx, settings=frozen)
    with pytest.raises(UnsafePlanError, match="exams"):
        push_certificates(world.ctx, PROGRAMME)


def test_papers_of_our_own_are_issued_at_once_and_ask_no_platform(world: World, tmp_path: Path) -> None:
    set_policy(world, tmp_path, **OWN_PAPER)
    before = world.lms.calls.requests
    outcome = push_certificates(world.ctx, PROGRAMME)
    assert [entry.register_no for entry in outcome.issued] == ["00001/2025/GCN-BKHCN", "00002/2025/GCN-BKHCN"]
    assert len({entry.serial for entry in outcome.issued}) == 2
    assert (outcome.doubles, outcome.waiting, push_certificates(world.ctx, PROGRAMME).doubles) == ((), 0, ())
    reissue_certificate(world.ctx, None, AN.phone, by=BY, reason="sai tên")
    again = push_certificates(world.ctx, PROGRAMME)
    assert [(entry.phone, entry.edition, entry.register_no) for entry in again.issued] == [
        (AN.phone, 2, "00001/2025/GCN-BKHCN")
    ]
    assert world.lms.calls.requests == before
    assert dict(mirror(world.ctx, PROGRAMME).parts)["issues"].seen == 0
