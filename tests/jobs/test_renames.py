"""Changed phone numbers from the roster to the platform, over the real store."""

from dataclasses import replace

import pytest

from connector.certificates.entry import CertificateFacts, RegisterEntry
from connector.errors import ConfigError
from connector.jobs.apply import apply
from connector.jobs.plan import make_plan
from connector.jobs.renames import accept_renames, list_renames, refuse_renames, reopen_renames
from connector.jobs.undo import make_undo
from connector.model import CertificateState, Learner, RegistrationState
from connector.store.decisions import RenameState
from tests.jobs.world import COURSE, PROGRAMME, World, learner

OLD, NEW = learner(1), replace(learner(2), full_name=learner(1).full_name)
OLD_NAME, NEW_NAME = "0912000001", "0912000002"


def changed_number(world: World, *others: Learner) -> str:
    """One person is provisioned, and then stands on the lists under another number; the pair's id."""
    world.register(OLD, *others)
    assert world.provision().complete
    world.register(OLD, state=RegistrationState.LEFT)
    world.register(NEW)
    (pair,) = list_renames(world.ctx, PROGRAMME).open
    return pair.id


def test_nothing_is_done_for_either_number_until_somebody_decides(world: World) -> None:
    changed_number(world)
    plan = make_plan(world.ctx, PROGRAMME)
    assert plan.empty
    assert {held.change.username for held in plan.held} == {OLD_NAME, NEW_NAME}
    assert apply(world.ctx, plan).complete
    assert world.lms.seen.keys() == {OLD_NAME}
    assert world.lms.enrolled[COURSE, OLD_NAME].active


def test_an_accepted_pair_is_renamed_with_all_its_records(world: World) -> None:
    pair = changed_number(world)
    entry = RegisterEntry(
        programme=PROGRAMME,
        phone=OLD.phone,
        facts=CertificateFacts(full_name=OLD.full_name, workplace=OLD.workplace),
        province_code="40",
        state=CertificateState.DUE,
        decided_at=world.now,
        book=PROGRAMME,
    )
    with world.ctx.store.begin() as tx:
        tx.register.save([entry])
    number = world.lms.seen[OLD_NAME].remote_id
    accept_renames(world.ctx, PROGRAMME, [pair], by="An", reason="asked by phone")
    assert list_renames(world.ctx, PROGRAMME).open == ()
    plan = make_plan(world.ctx, PROGRAMME)
    assert [change.renames for change in plan.changes] == [(OLD_NAME, NEW_NAME)]
    outcome = apply(world.ctx, plan)
    assert outcome.complete
    assert {name: seen.remote_id for name, seen in world.lms.seen.items()} == {NEW_NAME: number}
    with world.ctx.store.begin() as tx:
        assert set(tx.register.of_programme(PROGRAMME)) == {NEW.phone}
        assert tx.ledger.of_username("sandbox", OLD_NAME) == []
        assert len(tx.ledger.of_username("sandbox", NEW_NAME)) == 3
        assert tx.passwords.sealed("sandbox", [OLD_NAME, NEW_NAME]).keys() == {NEW_NAME}
    assert make_plan(world.ctx, PROGRAMME).empty
    (decided,) = list_renames(world.ctx, PROGRAMME).decided
    assert (decided.state, decided.by, decided.reason) == (RenameState.DONE, "An", "asked by phone")

    back = make_undo(world.ctx, outcome.run_id)
    assert apply(world.ctx, back).complete
    assert world.lms.seen.keys() == {OLD_NAME}
    with world.ctx.store.begin() as tx:
        assert set(tx.register.of_programme(PROGRAMME)) == {OLD.phone}
    assert [one.id for one in list_renames(world.ctx, PROGRAMME).open] == [pair]


def test_refused_pairs_are_two_people(world: World) -> None:
    pair = changed_number(world)
    refuse_renames(world.ctx, PROGRAMME, [pair], by="An", reason="two people")
    assert world.provision().complete
    assert world.lms.seen.keys() == {OLD_NAME, NEW_NAME}
    assert not world.lms.enrolled[COURSE, OLD_NAME].active
    assert make_plan(world.ctx, PROGRAMME).empty


def test_a_decision_can_be_taken_back_before_it_is_carried_out(world: World) -> None:
    pair = changed_number(world)
    accept_renames(world.ctx, PROGRAMME, [pair])
    reopen_renames(world.ctx, PROGRAMME, [pair])
    assert [one.id for one in list_renames(world.ctx, PROGRAMME).open] == [pair]
    assert make_plan(world.ctx, PROGRAMME).empty
    with pytest.raises(ConfigError, match="no such pair"):
        reopen_renames(world.ctx, PROGRAMME, ["00000000"])


def test_a_platform_that_refuses_the_new_name_changes_nothing_here_either(world: World) -> None:
    accept_renames(world.ctx, PROGRAMME, [changed_number(world)])
    world.lms.refuse[NEW_NAME,] = "dmlwriteexception"
    assert world.provision().refused == 1
    with world.ctx.store.begin() as tx:
        assert len(tx.ledger.of_username("sandbox", OLD_NAME)) == 3
    assert [one.state for one in list_renames(world.ctx, PROGRAMME).decided] == [RenameState.ACCEPTED]
    world.lms.refuse.clear()
    assert world.provision().complete
    assert world.lms.seen.keys() == {NEW_NAME}


def test_sure_pairs_are_accepted_at_once_and_doubtful_ones_one_by_one(world: World) -> None:
    others = [replace(learner(number), full_name=f"Lê Thị {number}") for number in (11, 12)]
    changed_number(world, *others)
    world.register(*others, state=RegistrationState.LEFT)
    new = [replace(one, phone=learner(number).phone) for one, number in zip(others, (21, 22), strict=True)]
    world.register(new[0], replace(new[1], workplace="UBND xã Khác"))
    accepted = accept_renames(world.ctx, PROGRAMME, [], sure=True)
    assert len(accepted) == 2
    (doubtful,) = list_renames(world.ctx, PROGRAMME).open
    assert doubtful.doubts == ("another workplace",)
    assert world.provision().complete
    assert world.lms.seen.keys() == {NEW_NAME, "0912000021", "0912000012"}


def test_one_number_cannot_be_in_two_accepted_pairs(world: World) -> None:
    changed_number(world)
    world.register(replace(learner(3), full_name=OLD.full_name))
    pairs = list_renames(world.ctx, PROGRAMME).open
    assert [len(pair.doubts) for pair in pairs] == [1, 1]
    with pytest.raises(ConfigError, match="two of these pairs"):
        accept_renames(world.ctx, PROGRAMME, [pair.id for pair in pairs])
    accept_renames(world.ctx, PROGRAMME, [pairs[0].id])
    assert list_renames(world.ctx, PROGRAMME).open == ()


def test_by_province_the_old_account_is_left_alone_by_the_others(world: World) -> None:
    pair = changed_number(world, learner(30, province="31"))
    accept_renames(world.ctx, PROGRAMME, [pair])
    assert make_plan(world.ctx, PROGRAMME, ["31"]).empty
    assert make_plan(world.ctx, PROGRAMME, ["40"]).changes[0].renames == (OLD_NAME, NEW_NAME)
    assert make_plan(world.ctx, PROGRAMME, shard=1).changes[0].renames == (OLD_NAME, NEW_NAME)
