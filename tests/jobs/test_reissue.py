"""A new first password for one person: stored first, sent, and the same one again after a lost answer."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.errors import ConfigError, OutcomeUnknown, PlatformUnavailable, UnsafePlanError
from connector.jobs.expire_passwords import expire_passwords
from connector.jobs.hand_out import Delivery, Form, LeftOut, hand_out
from connector.jobs.mirror import mirror
from connector.jobs.password_status import Count, handouts_made, password_status
from connector.jobs.reissue import reissue
from connector.lms import Capability, Outcome
from connector.model import RegistrationState
from connector.settings import AccountMapping, Freeze, Passwords
from tests.jobs.world import PROGRAMME, World, learner

AN = learner(1)
PHONE, USERNAME = "0912 000 001", "0912000001"
ON_SCREEN = Delivery(form=Form.SCREEN, by="Trần Thị Mai")


@pytest.fixture
def provisioned(world: World) -> World:
    world.register(AN, learner(2))
    world.provision()
    return world


def stored_of(world: World) -> str:
    """What a hand-out would give him now."""
    (file,) = hand_out(world.ctx, Delivery(form=Form.SLIPS, by="x"), PROGRAMME, again=True).files
    assert file.count == 2
    return world.lms.passwords[USERNAME]


def test_the_new_password_is_set_shown_and_journaled(provisioned: World) -> None:
    before = provisioned.lms.passwords[USERNAME]
    provisioned.lms.must_change.clear()
    done = reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert done.result.outcome is Outcome.DONE
    assert done.handout is not None
    (shown,) = done.handout.people
    assert shown.password == provisioned.lms.passwords[USERNAME] != before
    assert provisioned.lms.must_change == {USERNAME}
    assert provisioned.lms.sent[-1] == ("set_passwords", 1)
    (line,) = handouts_made(provisioned.ctx, PROGRAMME, PHONE)
    assert (line.form, line.file, line.count, line.handed_by) == ("screen", "", 1, "Trần Thị Mai")
    assert password_status(provisioned.ctx, PROGRAMME)["40"][Count.REISSUED] == 1
    assert hand_out(provisioned.ctx, replace(ON_SCREEN, form=Form.SLIPS)).left_out == {LeftOut.HANDED_OUT: 1}


def test_in_a_freeze_no_password_is_set(provisioned: World) -> None:
    before, sent = dict(provisioned.lms.passwords), list(provisioned.lms.sent)
    here = provisioned.now.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).replace(tzinfo=None)
    hour = timedelta(hours=1)
    freeze = Freeze(starts_at=here - hour, ends_at=here + hour, why="the platform moves")
    frozen = replace(provisioned.ctx, settings=provisioned.ctx.settings.model_copy(update={"freezes": (freeze,)}))
    with pytest.raises(UnsafePlanError, match="the platform moves"):
        reissue(frozen, PHONE, ON_SCREEN)
    assert (provisioned.lms.passwords, provisioned.lms.sent) == (before, sent)
    provisioned.pass_time(hours=2)
    assert reissue(frozen, PHONE, ON_SCREEN).result.outcome is Outcome.DONE


def test_it_may_go_into_a_locked_file(provisioned: World, tmp_path: Path) -> None:
    delivery = Delivery(form=Form.SLIPS, by="x", folder=tmp_path / "out", opening_password="mo-tep-2025")
    done = reissue(provisioned.ctx, PHONE, delivery)
    assert done.handout is None
    assert done.file is not None
    assert done.file.path.parent == tmp_path / "out"


@pytest.mark.parametrize("outage", [OutcomeUnknown("lost"), PlatformUnavailable("closed")])
def test_after_an_outage_the_same_password_is_sent_again(
    provisioned: World, outage: OutcomeUnknown | PlatformUnavailable
) -> None:
    before = provisioned.lms.passwords[USERNAME]
    provisioned.lms.outages = [outage]
    with pytest.raises(type(outage)):
        reissue(provisioned.ctx, PHONE, ON_SCREEN)
    lost = provisioned.lms.passwords[USERNAME]
    assert (lost == before) is isinstance(outage, PlatformUnavailable)
    assert hand_out(provisioned.ctx, replace(ON_SCREEN, form=Form.SLIPS)).left_out == {LeftOut.REISSUE_OPEN: 1}
    assert password_status(provisioned.ctx, PROGRAMME)["40"][Count.REISSUE_OPEN] == 1
    done = reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert done.result.ok
    after = provisioned.lms.passwords[USERNAME]
    assert after == lost or isinstance(outage, PlatformUnavailable)
    assert done.handout is not None
    assert done.handout.people[0].password == after


def test_a_changed_policy_ends_the_attempts_with_a_weak_password(provisioned: World) -> None:
    provisioned.lms.outages = [OutcomeUnknown("lost")]
    with pytest.raises(OutcomeUnknown):
        reissue(provisioned.ctx, PHONE, ON_SCREEN)
    stronger = provisioned.ctx.settings.model_copy(update={"passwords": Passwords(length=16)})
    provisioned.ctx = replace(provisioned.ctx, settings=stronger)
    reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert len(provisioned.lms.passwords[USERNAME]) == 16


def test_a_refused_password_leaves_the_old_one_stored(provisioned: World) -> None:
    before = provisioned.lms.passwords[USERNAME]
    provisioned.lms.refuse = {(USERNAME,): "passwordpolicy"}
    done = reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert (done.result.outcome, done.handout, done.file) == (Outcome.REFUSED, None, None)
    assert handouts_made(provisioned.ctx, PROGRAMME) == []
    assert stored_of(provisioned) == before


def test_somebody_who_has_logged_in_may_be_handed_his_new_one(provisioned: World) -> None:
    provisioned.pass_time(days=1)
    provisioned.visit(AN, provisioned.now)
    mirror(provisioned.ctx, PROGRAMME)
    expire_passwords(provisioned.ctx)
    provisioned.pass_time(days=1)
    reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert stored_of(provisioned)


def test_an_open_reissue_is_destroyed_with_the_old_passwords(provisioned: World) -> None:
    provisioned.lms.outages = [OutcomeUnknown("lost")]
    with pytest.raises(OutcomeUnknown):
        reissue(provisioned.ctx, PHONE, ON_SCREEN)
    lost = provisioned.lms.passwords[USERNAME]
    provisioned.pass_time(days=121)
    assert expire_passwords(provisioned.ctx).old == 2
    reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert provisioned.lms.passwords[USERNAME] != lost


def test_only_people_with_an_account_of_ours_get_one(provisioned: World) -> None:
    with pytest.raises(ConfigError, match="Nobody"):
        reissue(provisioned.ctx, "0912 000 009", ON_SCREEN)
    provisioned.register(learner(3), state=RegistrationState.CONFIRMED)
    with pytest.raises(ConfigError, match="no account that is ours"):
        reissue(provisioned.ctx, "0912 000 003", ON_SCREEN)
    assert not any(name == "set_passwords" for name, _ in provisioned.lms.sent)


def test_an_account_that_signs_in_elsewhere_gets_none(world: World) -> None:
    site = world.ctx.settings.site("sandbox").model_copy(update={"accounts": AccountMapping(auth="oidc")})
    world.ctx = replace(world.ctx, settings=world.ctx.settings.model_copy(update={"sites": {"sandbox": site}}))
    world.register(AN)
    world.provision()
    with pytest.raises(ConfigError, match="oidc"):
        reissue(world.ctx, PHONE, ON_SCREEN)


def test_a_platform_that_cannot_set_passwords_is_told(provisioned: World) -> None:
    provisioned.lms.capabilities &= ~Capability.PASSWORDS
    with pytest.raises(ConfigError, match="sandbox"):
        reissue(provisioned.ctx, PHONE, ON_SCREEN)


def test_a_missing_text_is_found_out_before_anything_is_changed(provisioned: World, tmp_path: Path) -> None:
    site = provisioned.ctx.settings.site("sandbox").model_copy(update={"handout_dir": tmp_path})
    provisioned.ctx = replace(
        provisioned.ctx, settings=provisioned.ctx.settings.model_copy(update={"sites": {"sandbox": site}})
    )
    with pytest.raises(ConfigError, match="handout_dir"):
        reissue(provisioned.ctx, PHONE, ON_SCREEN)
    assert not any(name == "set_passwords" for name, _ in provisioned.lms.sent)
