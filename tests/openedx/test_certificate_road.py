"""The road of a certificate on Open edX: earned, released by the allowlist, issued, registered, verified, withdrawn."""

from pathlib import Path

import pytest

from connector.certificates.verification import Validity
from connector.errors import ConfigError
from connector.jobs.certificate_acts import reissue_certificate, revoke_certificate
from connector.jobs.certificate_book import verify_certificate
from connector.jobs.certify import PushOutcome, certificates_due, push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import Reach, certificate_key, mirror
from connector.model import CertificateState, national_phone
from connector.sandbox.openedx.certificates import status_of
from tests.jobs.world import PROGRAMME, World, learner
from tests.openedx.pretend import C1, C2, Pretend
from tests.openedx.test_road import world_on

FIRST, SECOND, BEHIND = learner(1), learner(2), learner(3)


def studied(folder: Path) -> tuple[Pretend, World]:
    site = Pretend(name="sandbox")
    world = world_on(site, folder)
    world.register(FIRST, SECOND, BEHIND)
    world.provision()
    for one in (FIRST, SECOND):
        for course in (C1, C2):
            site.answer(course, national_phone(one.phone), "final", 2)
    site.answer(C1, national_phone(BEHIND.phone), "final", 2)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    return site, world


def push(world: World) -> PushOutcome:
    world.pass_time(minutes=5)
    return push_certificates(world.ctx, PROGRAMME)


def test_a_certificate_is_released_issued_registered_and_verified(tmp_path: Path) -> None:
    site, world = studied(tmp_path)
    assert [entry.phone for entry in certificates_due(world.ctx, PROGRAMME)] == [FIRST.phone, SECOND.phone]
    outcome = push(world)
    assert (outcome.decided, outcome.granted, outcome.waiting, outcome.refused) == (2, 2, 0, ())
    assert [entry.register_no for entry in outcome.issued] == ["00001/2025/GCN-BKHCN", "00002/2025/GCN-BKHCN"]
    assert status_of(site.site, site.number(national_phone(BEHIND.phone)), C1) is None

    code = outcome.issued[0].serial or ""
    (verified,) = verify_certificate(world.ctx, code)
    assert verified.validity is Validity.VALID
    assert site.sent(f"/certificates/v0/certificates/{national_phone(FIRST.phone)}/")
    assert certificate_key(world.programme) == f"{C1}/{C1}"

    again = push(world)
    assert (again.decided, again.granted, again.issued, again.unexpected) == (0, 0, (), ())
    world.ctx.store.close()


def test_a_revoked_one_is_taken_off_and_verifies_no_more(tmp_path: Path) -> None:
    site, world = studied(tmp_path)
    outcome = push(world)
    code = outcome.issued[0].serial or ""
    revoke_certificate(world.ctx, PROGRAMME, FIRST.phone, by="an", reason="cấp nhầm")
    assert push(world).withdrawn == 1
    assert status_of(site.site, site.number(national_phone(FIRST.phone)), C1) == "unavailable"
    assert verify_certificate(world.ctx, code)[0].validity is Validity.REVOKED
    world.ctx.store.close()


def test_a_run_asks_for_the_certificates_of_those_who_wait_and_a_whole_one_for_known_ones(tmp_path: Path) -> None:
    site, world = studied(tmp_path)
    push(world)

    def asked(reach: Reach) -> int:
        world.pass_time(hours=1)
        before = len(site.sent("/certificates/v0/"))
        mirror(world.ctx, PROGRAMME, reach=reach)
        return len(site.sent("/certificates/v0/")) - before

    assert asked(Reach.MOVED) == 0  # both have been read back
    assert asked(Reach.FULL) == 2  # nobody else's can be ours
    assert asked(Reach.MOVED) == 0
    world.ctx.store.close()


def test_in_the_mode_audit_nothing_is_issued_and_the_one_who_waits_is_told(tmp_path: Path) -> None:
    site, world = studied(tmp_path)
    site.enrol(C1, national_phone(FIRST.phone), mode="audit")
    outcome = push(world)
    assert (outcome.granted, len(outcome.issued), outcome.waiting) == (2, 1, 1)
    world.pass_time(hours=24 * 30)
    assert [late.entry.phone for late in push_certificates(world.ctx, PROGRAMME).overdue] == [FIRST.phone]
    with world.ctx.store.begin() as tx:
        assert tx.register.of_programme(PROGRAMME)[FIRST.phone].state is CertificateState.GRANTED
    world.ctx.store.close()


def test_a_reissue_is_refused_since_the_code_would_stay_the_same(tmp_path: Path) -> None:
    _site, world = studied(tmp_path)
    push(world)
    with pytest.raises(ConfigError, match="keeps its code"):
        reissue_certificate(world.ctx, PROGRAMME, FIRST.phone, by="an", reason="sai tên")
    world.ctx.store.close()
