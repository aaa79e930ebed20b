"""Use case: one file that holds the database and the book of numbers as they are together, and its way back.

A backup holds personal data and no secret: the key of first passwords and the tokens are kept elsewhere, and so are
configuration and lists. The book of numbers never goes back: a newer one that lies there stays.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.context import Context
from connector.errors import BrokenData, ConfigError, UnsafePlanError
from connector.jobs.numbering import read_book
from connector.jobs.recover import Missing, find_missing
from connector.language import _
from connector.settings import Settings
from connector.store.caller import this_process
from connector.store.copies import check_file, copy_file, dump, file_of, is_file, load
from connector.store.number_book import open_book
from connector.store.store import Store

_MANIFEST, _FILE, _DUMP, _BOOK = "backup.json", "connector.db", "connector.dump", "number-book.jsonl"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup: the moment of its database, the kind of that ('sqlite' or 'postgresql'), and its size in bytes."""

    path: Path
    at: datetime
    kind: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: the backup, where what was there before lies now (None: there was none, or it is a server's),
    and whether the book of numbers of the backup was put in place, since there was none.
    """

    backup: Backup
    kept: Path | None
    book_restored: bool


def make_backup(ctx: Context, path: Path | None = None) -> Backup:
    """Write a backup (to backups/ in the state folder where no path is given), while the service may run.

    It is readable by its owner only, and there wholly or not at all. Raises ConfigError for a path that is taken.
    """
    now = ctx.now()
    target = path or ctx.settings.state_dir / "backups" / f"connector-{now:%Y%m%d-%H%M%S}.zip"
    if target.exists():
        raise ConfigError(_("There is a file {path} already.").format(path=target))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = ctx.settings.database
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        database = Path(folder) / (_FILE if is_file(address) else _DUMP)
        # The book is read after the database: it may know more than the database then, never less.
        if is_file(address):
            copy_file(file_of(address), database)
        else:
            dump(address, database)
        book = _book_now(ctx)
        draft = Path(folder) / "draft"
        _write(draft, database, book, now)
        draft.replace(target)
    return read_backup(target)


def _book_now(ctx: Context) -> bytes:
    if not ctx.settings.number_book.exists():
        return b""
    with ctx.store.begin() as tx, read_book(ctx, tx):  # held, so that nobody writes half a line meanwhile
        return ctx.settings.number_book.read_bytes()


def _write(path: Path, database: Path, book: bytes, now: datetime) -> None:
    told = {"format": _FORMAT, "at": now.isoformat(), "sha256": _hash_of(database)}
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_MANIFEST, json.dumps(told))
        archive.write(database, database.name)
        archive.writestr(_BOOK, book)
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def read_backup(path: Path) -> Backup:
    """What the backup is. Raises ConfigError for a file that is none, BrokenData for one that is not whole."""
    told, names = _manifest(path)
    if told.get("format") != _FORMAT:
        raise ConfigError(_("The backup {path} was made by a newer connector.").format(path=path))
    return Backup(
        path=path,
        at=datetime.fromisoformat(told["at"]),
        kind="sqlite" if _FILE in names else "postgresql",
        size=path.stat().st_size,
    )


def _manifest(path: Path) -> tuple[dict[str, Any], list[str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            told: dict[str, Any] = json.loads(archive.read(_MANIFEST))
            return told, archive.namelist()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigError(_("The file {path} is no backup: {why}.").format(path=path, why=error)) from None


@contextmanager
def _unpacked(path: Path, beside: Path) -> Iterator[Path]:
    """The backup's files in a folder of their own, whole. Raises BrokenData."""
    told, names = _manifest(path)
    database = _FILE if _FILE in names else _DUMP
    with tempfile.TemporaryDirectory(dir=beside) as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for name in (database, _BOOK):
                    archive.extract(name, folder)
        except (KeyError, zipfile.BadZipFile, OSError) as error:
            raise BrokenData(_("The backup {path} is damaged: {why}.").format(path=path, why=error)) from None
        if _hash_of(Path(folder) / database) != told["sha256"]:
            raise BrokenData(
                _("The backup {path} is damaged: its database is not the one that was written.").format(path=path)
            )
        yield Path(folder)


def check_backup(ctx: Context, path: Path) -> Missing:
    """What the database of this backup would not know of what was done since. Nothing is restored, nothing is written.

    Reads the platforms and the book of numbers. Raises ConfigError for a backup of a server's database: restore it
    into an empty one, name that in database_url, and run `connector recover`.
    """
    if read_backup(path).kind != "sqlite":
        raise ConfigError(
            _("The database of a server cannot be looked into without restoring it."),
            hint=_("Restore it into an empty database, name that in database_url, and run 'connector recover'."),
        )
    with _unpacked(path, ctx.settings.state_dir) as folder:
        check_file(folder / _FILE)
        store = Store(f"sqlite:///{folder / _FILE}")
        try:
            return find_missing(replace(ctx, store=store))
        finally:
            store.close()


def restore_backup(settings: Settings, path: Path, now: datetime) -> Restored:
    """Put the backup's database in the place of the one that is there, which is kept beside it.

    The book of numbers stays as it is where there is one. Raises UnsafePlanError while somebody writes to the database
    that is there, ConfigError where the backup is of another kind of database.
    """
    backup = read_backup(path)
    address = settings.database
    if is_file(address) != (backup.kind == "sqlite"):
        raise ConfigError(
            _("The backup is of a {kind} database, and database_url names another kind.").format(kind=backup.kind)
        )
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = None
    with _unpacked(path, settings.state_dir) as folder:
        if backup.kind == "sqlite":
            check_file(folder / _FILE)
            kept = _exchange(folder / _FILE, file_of(address), now)
        else:
            _refuse_while_used(address, now)
            load(address, folder / _DUMP)
        restored = _book_in_place(folder / _BOOK, settings.number_book)
    return Restored(backup=backup, kept=kept, book_restored=restored)


def _exchange(new: Path, there: Path, now: datetime) -> Path | None:
    kept = None
    if there.exists():
        _refuse_while_used(f"sqlite:///{there}", now)
        kept = there.with_name(f"{there.name}.before-restore-{now:%Y%m%d-%H%M%S}")
        _copy_aside(there, kept)
    there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for ending in ("-wal", "-shm"):  # they belong to the old file, and SQLite would write them into the new one
        there.with_name(there.name + ending).unlink(missing_ok=True)
    new.chmod(0o600)
    new.replace(there)
    return kept


def _copy_aside(there: Path, kept: Path) -> None:
    """Keep the old database, as it is where it can be read no more."""
    try:
        copy_file(there, kept)
    except BrokenData:
        kept.unlink(missing_ok=True)
        kept.write_bytes(there.read_bytes())
    kept.chmod(0o600)


def _refuse_while_used(address: str, now: datetime) -> None:
    """What a process that still runs would write into the old database would be lost."""
    try:
        store = Store(address)
    except (BrokenData, ConfigError):
        return  # damaged, or made by a newer connector: nothing of ours can be writing to it
    try:
        with store.begin() as tx:
            holders = tx.leases.held(this_process(), now)
    finally:
        store.close()
    if holders:
        one = holders[0]
        raise UnsafePlanError(
            _("The database is in use: '{lease}' by {who} on {host}, process {pid}.").format(
                lease=one.name, who=one.who, host=one.host, pid=one.pid
            ),
            hint=_("Stop the service and wait for running commands, then restore."),
        )


def _book_in_place(book: Path, place: Path) -> bool:
    if place.exists() or not book.stat().st_size:
        return False
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_bytes(book.read_bytes())
    place.chmod(0o600)
    with open_book(place):  # whole, or told
        return True


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
