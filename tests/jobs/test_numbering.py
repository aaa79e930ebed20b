"""A database that was set back gives no number twice and makes no revoked paper valid: the book of numbers knows."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from connector.errors import BrokenData, ConfigError, UnsafePlanError
from connector.jobs.certificate_acts import reissue_certificate, revoke_certificate
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import mirror
from connector.jobs.recover import find_missing, recover
from connector.model import CertificateState
from connector.settings import Certificates
from connector.store.number_book import open_book
from connector.store.store import Store
from tests.jobs.certifying import OWN_PAPER, set_policy
from tests.jobs.world import PROGRAMME, World, learner

PEOPLE = [learner(number) for number in range(1, 6)]
BY = "Lê Văn Duyệt"


@pytest.fixture(autouse=True)
def _people(world: World) -> None:
    world.lms.refuse["mark",] = "nopermissions"  # where the site bears no mark, the book alone knows
    world.register(*PEOPLE)
    world.provision()


@pytest.fixture(params=[False, True], ids=["platform", "own paper"])
def any_paper(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[World]:
    if request.param:
        set_policy(world, tmp_path, Certificates(), **OWN_PAPER)
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
    return path


def restore(world: World, copy: Path) -> None:
    """The database as it was when it was copied; the platform goes on."""
    world.ctx.store.close()
    copyfile(copy, world.ctx.settings.state_dir / "connector.db")
    world.ctx = replace(world.ctx, store=Store(f"sqlite:///{world.ctx.settings.state_dir}/connector.db"))


def numbers(world: World) -> dict[str, tuple[str, str]]:
    with world.ctx.store.begin() as tx:
        return {phone: (one.register_no, one.serial) for phone, one in tx.register.of_programme(PROGRAMME).items()}


def test_a_restored_database_gives_no_number_and_releases_nobody(any_paper: World, tmp_path: Path) -> None:
    a_day(any_paper, 1)
    copy = copied(any_paper, tmp_path / "copy.db")
    a_day(any_paper, 2)
    a_day(any_paper, 3)
    restore(any_paper, copy)
    mirror(any_paper.ctx, PROGRAMME)
    evaluate(any_paper.ctx, PROGRAMME)
    sent = list(any_paper.lms.sent)
    with pytest.raises(UnsafePlanError, match=r"does not know 2 certificates .*00002/2025/GCN-BKHCN, 00003"):
        push_certificates(any_paper.ctx, PROGRAMME)
    assert any_paper.lms.sent == sent
    assert list(numbers(any_paper)) == [PEOPLE[0].phone]


def test_a_batch_that_only_the_book_has_is_given_to_the_same_people_again(any_paper: World, tmp_path: Path) -> None:
    a_day(any_paper, 1)
    if any_paper.programme.certificate.gate is not None:
        for one in PEOPLE[1:3]:
            any_paper.complete(one, topics=12)
        mirror(any_paper.ctx, PROGRAMME)
        evaluate(any_paper.ctx, PROGRAMME)
        push_certificates(any_paper.ctx, PROGRAMME)  # released; the platform issues after the copy
    push_before = numbers(any_paper)
    copy = copied(any_paper, tmp_path / "copy.db")
    if any_paper.programme.certificate.gate is not None:
        any_paper.lms.issue_certificates(any_paper.gate, any_paper.now)
    a_day(any_paper, 2, 3)
    there = numbers(any_paper)
    restore(any_paper, copy)  # as a process leaves it that died before the database had what the book has
    assert numbers(any_paper) == push_before
    a_day(any_paper, 4)
    now = numbers(any_paper)
    assert {phone: now[phone] for phone in there} == there
    assert len({number for number, _serial in now.values()}) == len(now) == 4


def test_a_batch_that_cannot_be_the_same_stops(world: World, tmp_path: Path) -> None:
    copy = copied(world, tmp_path / "copy.db")
    a_day(world, 1)
    restore(world, copy)
    world.lms.issues.clear()
    with pytest.raises(UnsafePlanError, match="does not know 1 certificates"):
        a_day(world, 2)


def test_a_revocation_that_was_forgotten_is_told_and_made_again(any_paper: World, tmp_path: Path) -> None:
    a_day(any_paper, 1)
    copy = copied(any_paper, tmp_path / "copy.db")
    revoke_certificate(any_paper.ctx, None, PEOPLE[0].phone, by=BY, reason="cấp nhầm")
    restore(any_paper, copy)
    with pytest.raises(UnsafePlanError, match="1 certificates were revoked and count as valid"):
        push_certificates(any_paper.ctx, PROGRAMME)
    revoke_certificate(any_paper.ctx, None, PEOPLE[0].phone, by=BY, reason="cấp nhầm")
    push_certificates(any_paper.ctx, PROGRAMME)
    book = any_paper.ctx.settings.number_book.read_text(encoding="utf-8")
    assert book.count('"revoked"') == 1


def test_a_reissue_is_no_difference(any_paper: World) -> None:
    a_day(any_paper, 1)
    reissue_certificate(any_paper.ctx, None, PEOPLE[0].phone, by=BY, reason="sai họ tên")
    a_day(any_paper)
    a_day(any_paper, 2)
    assert len(numbers(any_paper)) == 2


def test_a_database_from_before_the_book_writes_its_numbers_into_it(world: World, tmp_path: Path) -> None:
    a_day(world, 1, 2, 3)
    world.ctx.settings.number_book.unlink()
    with world.ctx.store.begin() as tx:
        tx.fences.keep_book_head("")
    a_day(world, 4)
    with open_book(world.ctx.settings.number_book) as book:
        assert [line.seq for line in book.lines] == [1, 2, 3, 4]
    assert stat.S_IMODE(world.ctx.settings.number_book.stat().st_mode) == 0o600
    assert PEOPLE[0].phone[1:] not in world.ctx.settings.number_book.read_text(encoding="utf-8")


@pytest.mark.parametrize("harm", ["deleted", "shortened", "another"])
def test_a_book_that_is_not_the_one_that_was_written_stops_and_is_written_anew(world: World, harm: str) -> None:
    a_day(world, 1)
    path = world.ctx.settings.number_book
    lines = path.read_bytes().splitlines(keepends=True)
    a_day(world, 2)
    path.unlink()
    if harm == "shortened":
        path.write_bytes(b"".join(lines))
    if harm == "another":
        with open_book(path) as book:
            book.append([replace(line, subject="", seq=9) for line in book.lines])
    with pytest.raises(UnsafePlanError, match="lost, shortened or another one"):
        a_day(world, 3)
    assert not find_missing(world.ctx).whole
    recover(world.ctx, by=BY, reason="mất ổ đĩa")
    a_day(world, 3)
    with open_book(path) as book:
        assert [line.seq for line in book.lines] == [1, 2, 3]


def test_half_a_line_of_a_killed_process_is_written_anew(world: World) -> None:
    a_day(world, 1)
    path = world.ctx.settings.number_book
    path.write_bytes(path.read_bytes() + b'{"act": "giv')
    a_day(world, 2)
    with open_book(path) as book:
        assert [line.seq for line in book.lines] == [1, 2]


@pytest.mark.parametrize(("old", "new"), [("00001/", "00009/"), ("{", "["), ('"hash"', '"hush"'), ('"seq"', '"see"')])
def test_a_book_that_was_changed_is_not_believed(world: World, old: str, new: str) -> None:
    a_day(world, 1)
    path = world.ctx.settings.number_book
    header, line = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{header}\n{line.replace(old, new)}\n", encoding="utf-8")
    with pytest.raises(BrokenData, match="Line 2 of the book of numbers"):
        push_certificates(world.ctx, PROGRAMME)


def test_a_book_that_cannot_be_opened_stops_in_words(world: World, tmp_path: Path) -> None:
    settings = world.ctx.settings.model_copy(update={"number_book_file": tmp_path})
    with pytest.raises(ConfigError, match=r"The book of numbers .* cannot be opened"):
        push_certificates(replace(world.ctx, settings=settings), PROGRAMME)


def test_who_is_revoked_before_a_number_was_given_stands_in_no_book(world: World) -> None:
    world.complete(PEOPLE[0], topics=12)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    push_certificates(world.ctx, PROGRAMME)
    entry = revoke_certificate(world.ctx, None, PEOPLE[0].phone, by=BY, reason="-")
    assert entry.state is CertificateState.REVOKED
    assert world.ctx.settings.number_book.stat().st_size == 0
