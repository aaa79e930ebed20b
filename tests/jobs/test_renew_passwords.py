"""New first passwords for those whose first one was lost with a database and who never logged in."""

from dataclasses import replace

import pytest

from connector.errors import ConfigError, OutcomeUnknown
from connector.jobs.hand_out import Delivery, Form, hand_out
from connector.jobs.mirror import mirror
from connector.jobs.renew_passwords import renew_passwords, without_password
from connector.lms import Capability
from connector.model import national_phone
from tests.jobs.world import PROGRAMME, World, learner

PEOPLE = [learner(number) for number in range(1, 4)]
NAMES = [national_phone(one.phone) for one in PEOPLE]
BY = "Trần Thị Mai"


@pytest.fixture
def lost(world: World) -> World:
    """Of three people two have lost their stored password; one of them has logged in."""
    world.register(*PEOPLE)
    world.provision()
    world.visit(PEOPLE[1], world.now)
    mirror(world.ctx, PROGRAMME)
    with world.ctx.store.begin() as tx:
        tx.passwords.drop("sandbox", NAMES[:2])
    return world


def test_who_never_logged_in_gets_a_new_one_that_is_handed_out(lost: World) -> None:
    assert without_password(lost.ctx, PROGRAMME) == NAMES[:1]
    before = dict(lost.lms.passwords)
    done = renew_passwords(lost.ctx, PROGRAMME, by=BY)
    assert (done.done, done.refused, done.unknown) == (1, (), 0)
    changed = {name for name in NAMES if lost.lms.passwords[name] != before[name]}
    assert changed == {NAMES[0]}
    (file,) = hand_out(lost.ctx, Delivery(form=Form.SLIPS, by=BY), PROGRAMME).files
    assert file.count == 2
    assert without_password(lost.ctx, PROGRAMME) == []
    sent = list(lost.lms.sent)
    assert renew_passwords(lost.ctx, PROGRAMME, by=BY).done == 0
    assert lost.lms.sent == sent


def test_after_a_lost_answer_the_same_password_is_sent_again(lost: World) -> None:
    lost.lms.outages = [OutcomeUnknown("lost")]
    with pytest.raises(OutcomeUnknown):
        renew_passwords(lost.ctx, PROGRAMME, by=BY)
    password = lost.lms.passwords[NAMES[0]]
    assert renew_passwords(lost.ctx, PROGRAMME, by=BY).done == 1
    assert lost.lms.passwords[NAMES[0]] == password


def test_a_refusal_is_told_and_asked_again(lost: World) -> None:
    lost.lms.refuse[NAMES[0],] = "policy"
    done = renew_passwords(lost.ctx, PROGRAMME, by=BY)
    assert (done.done, [result.code for result in done.refused]) == (0, ["policy"])
    del lost.lms.refuse[NAMES[0],]
    assert renew_passwords(lost.ctx, PROGRAMME, by=BY).done == 1


def test_a_platform_that_sets_no_passwords_says_so(lost: World) -> None:
    lost.lms.capabilities &= ~Capability.PASSWORDS
    with pytest.raises(ConfigError, match="lets nobody set passwords"):
        renew_passwords(replace(lost.ctx), PROGRAMME, by=BY)
