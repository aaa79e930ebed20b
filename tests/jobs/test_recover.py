"""A database that was set back learns again what was done since: numbers, revocations, accounts, places."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from connector.certificates.verification import Validity
from connector.errors import ConfigError, UnsafePlanError
from connector.jobs.certificate_acts import reissue_certificate, revoke_certificate
from connector.jobs.certificate_book import verify_certificate
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.fence import check_fence, look_at_fence
from connector.jobs.mirror import mirror
from connector.jobs.plan import make_plan
from connector.jobs.recover import find_missing, recover
from connector.model import CertificateState, Kind
from connector.settings import Certificates
from connector.store.store import Store
from connector.sync.change import Action
from connector.sync.fence import Standing
from tests.jobs.certifying import OWN_PAPER, set_policy
from tests.jobs.world import PROGRAMME, World, learner

PEOPLE = [learner(number) for number in range(1, 8)]
BY, WHY = "Lê Văn Duyệt", "khôi phục bản sao đêm qua"


@pytest.fixture(params=[False, True], ids=["platform", "own paper"])
def any_paper(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[World]:
    if request.param:
        set_policy(world, tmp_path, Certificates(), **OWN_PAPER)
    world.register(*PEOPLE[:4])
    world.provision()
    yield world
    world.ctx.store.close()


def a_day(world: World, *numbers: int) -> None:
    for number in numbers:
        world.complete(PEOPLE[number - 1], topics=12)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    push_certificates(world.ctx, PROGRAMME)
    if world.programme.certificate.gate is not None:
        world.lms.issue_certificates(world.gate, world.now)
        push_certificates(world.ctx, PROGRAMME)


def copied(world: World, path: Path) -> Path:
    world.ctx.store.close()
    copyfile(world.ctx.settings.state_dir / "connector.db", path)
    restore(world, path)
    return path


def restore(world: World, copy: Path) -> None:
    world.ctx.store.close()
    copyfile(copy, world.ctx.settings.state_dir / "connector.db")
    world.ctx = replace(world.ctx, store=Store(f"sqlite:///{world.ctx.settings.state_dir}/connector.db"))


def register(world: World) -> dict[str, tuple[str, str, CertificateState, int]]:
    with world.ctx.store.begin() as tx:
        return {
            phone: (one.register_no, one.serial, one.state, one.edition)
            for phone, one in tx.register.of_programme(PROGRAMME).items()
        }


def ledger(world: World) -> set[tuple[Kind, tuple[str, ...], str]]:
    with world.ctx.store.begin() as tx:
        return {(row.kind, row.key, row.remote_id) for row in tx.ledger.owned(world.programme.site)}


def test_what_was_done_after_the_copy_is_known_again(any_paper: World, tmp_path: Path) -> None:
    world = any_paper
    a_day(world, 1, 2)
    copy = copied(world, tmp_path / "copy.db")
    world.register(*PEOPLE)
    world.provision()
    a_day(world, 3, 5)
    a_day(world, 6)
    revoke_certificate(world.ctx, PROGRAMME, PEOPLE[0].phone, by=BY, reason="gian lận")
    reissue_certificate(world.ctx, PROGRAMME, PEOPLE[1].phone, by=BY, reason="sai tên")
    if world.programme.certificate.gate is not None:
        push_certificates(world.ctx, PROGRAMME)
    a_day(world)
    before, owned = register(world), ledger(world)
    assert len(before) == 5
    restore(world, copy)
    world.register(*PEOPLE)  # the newest lists are imported again
    missing = find_missing(world.ctx)
    assert not missing.whole
    assert [fence.standing for fence in missing.fences] == [Standing.OLDER_DATABASE]
    assert len(missing.accounts[0].accounts) == 3
    sent = list(world.lms.sent)
    recover(world.ctx, by=BY, reason=WHY)
    assert world.lms.sent == sent
    assert register(world) == before
    assert ledger(world) == owned
    assert find_missing(world.ctx).whole
    check_fence(world.ctx, world.programme.site)
    # The window of an enrolment cannot be read back, so it is sent once more; nothing else is.
    assert {(one.kind, one.action) for one in make_plan(world.ctx).changes} <= {(Kind.ENROLMENT, Action.UPDATE)}
    a_day(world, 7)
    numbers = [number for number, _serial, _state, _edition in register(world).values()]
    assert len(set(numbers)) == len(numbers) == 6


def test_people_of_no_list_keep_it_open_until_the_lists_are_there(any_paper: World, tmp_path: Path) -> None:
    world = any_paper
    a_day(world, 1)
    copy = copied(world, tmp_path / "copy.db")
    world.register(*PEOPLE[:5])
    world.provision()
    a_day(world, 5)
    before = register(world)
    restore(world, copy)
    with pytest.raises(UnsafePlanError, match="1 numbers are of people in no list"):
        recover(world.ctx, by=BY, reason=WHY)
    assert look_at_fence(world.ctx, world.programme.site).standing is Standing.OLDER_DATABASE
    with pytest.raises(UnsafePlanError):
        push_certificates(world.ctx, PROGRAMME)
    world.register(*PEOPLE[:5])
    recover(world.ctx, by=BY, reason=WHY)
    assert register(world) == before


def test_numbers_of_people_who_are_lost_for_good_stay_taken(any_paper: World, tmp_path: Path) -> None:
    world = any_paper
    a_day(world, 1)
    copy = copied(world, tmp_path / "copy.db")
    world.register(*PEOPLE[:5])
    world.provision()
    a_day(world, 5)
    taken = register(world)[PEOPLE[4].phone][0]
    restore(world, copy)
    recover(world.ctx, by=BY, reason="danh sách bổ sung đã mất", leave=True)
    assert find_missing(world.ctx).whole
    a_day(world, 2)
    assert taken not in {number for number, *_rest in register(world).values()}


def test_a_revocation_that_the_copy_does_not_know_is_never_told_as_valid(any_paper: World, tmp_path: Path) -> None:
    world = any_paper
    a_day(world, 1)
    copy = copied(world, tmp_path / "copy.db")
    _number, serial, *_rest = register(world)[PEOPLE[0].phone]
    revoke_certificate(world.ctx, PROGRAMME, PEOPLE[0].phone, by=BY, reason="gian lận")
    restore(world, copy)
    # Before anything is recovered.
    assert [one.validity for one in verify_certificate(world.ctx, serial)] == [Validity.REVOKED]
    recover(world.ctx, by=BY, reason=WHY)
    assert [one.validity for one in verify_certificate(world.ctx, serial)] == [Validity.REVOKED]
    assert register(world)[PEOPLE[0].phone][2] is CertificateState.REVOKED


def test_a_reissue_that_the_copy_does_not_know_is_begun_again(any_paper: World, tmp_path: Path) -> None:
    world = any_paper
    a_day(world, 1)
    copy = copied(world, tmp_path / "copy.db")
    number, serial, *_rest = register(world)[PEOPLE[0].phone]
    reissue_certificate(world.ctx, PROGRAMME, PEOPLE[0].phone, by=BY, reason="sai tên")
    restore(world, copy)
    assert [one.validity for one in verify_certificate(world.ctx, serial)] == [Validity.REPLACED]
    recover(world.ctx, by=BY, reason=WHY)
    assert register(world)[PEOPLE[0].phone] == (number, "", CertificateState.REISSUED, 2)


def test_a_code_that_only_the_book_knows_is_told_as_such(any_paper: World, tmp_path: Path) -> None:
    world = any_paper
    copy = copied(world, tmp_path / "copy.db")
    a_day(world, 1)
    _number, serial, *_rest = register(world)[PEOPLE[0].phone]
    restore(world, copy)
    with pytest.raises(UnsafePlanError, match="the book of numbers knows it"):
        verify_certificate(world.ctx, serial)


def test_accounts_that_the_site_has_no_more_keep_it_open(world: World, tmp_path: Path) -> None:
    world.register(*PEOPLE[:2])
    world.provision()
    copy = copied(world, tmp_path / "copy.db")
    world.register(*PEOPLE[:3])
    world.provision()
    gone = next(iter(world.lms.seen))
    del world.lms.seen[gone]
    world.lms.members = {one for one in world.lms.members if one.username != gone}
    world.lms.enrolled = {key: one for key, one in world.lms.enrolled.items() if key[-1] != gone}
    restore(world, copy)
    world.register(*PEOPLE[:3])
    with pytest.raises(UnsafePlanError, match="1 accounts of ours are on their site no more"):
        recover(world.ctx, by=BY, reason=WHY)
    recover(world.ctx, by=BY, reason="đã xóa trên nền tảng", leave=True)
    check_fence(world.ctx, world.programme.site)


def test_a_site_that_was_set_back_is_not_for_recovering(world: World) -> None:
    world.register(*PEOPLE[:1])
    world.provision()
    world.lms.mark = ""
    with pytest.raises(ConfigError, match="connector site accept"):
        recover(world.ctx, by=BY, reason=WHY)


def test_a_database_that_knows_all_is_whole(any_paper: World) -> None:
    a_day(any_paper, 1, 2)
    assert find_missing(any_paper.ctx).whole
    mark = any_paper.lms.mark
    recover(any_paper.ctx, by=BY, reason=WHY)
    assert any_paper.lms.mark == mark
