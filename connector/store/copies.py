"""One consistent copy of the database while the service runs, and its way back.

A plain copy of an SQLite file lacks what stands in its write-ahead log, which may be all of the last minutes; here
SQLite's own backup copies both. PostgreSQL is copied by its `pg_dump`, which must be at least as new as the server.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from connector.errors import BrokenData, ConfigError
from connector.language import _


def is_file(address: str) -> bool:
    """True for an SQLite file, False for a server."""
    return make_url(address).get_backend_name() == "sqlite"


def file_of(address: str) -> Path:
    """Where the SQLite file lies."""
    return Path(make_url(address).database or "")


def copy_file(database: Path, target: Path) -> None:
    """Write a consistent copy of an SQLite file that may be in use, as one file. Raises BrokenData where it cannot."""
    try:
        with closing(_reading(database)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BrokenData(
            _("The database {path} cannot be copied: {why}.").format(path=database, why=error),
            hint=_("Look after the disk, and keep the last good backup."),
        ) from None
    check_file(target)


def check_file(database: Path) -> None:
    """Pass where the SQLite file is whole. Raises BrokenData."""
    try:
        with closing(_reading(database)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise BrokenData(
            _("The database {path} is damaged: {why}.").format(path=database.name, why=found),
            hint=_("Use another backup."),
        )


def _reading(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)


def dump(address: str, target: Path) -> None:
    """Write the PostgreSQL database into a file of pg_dump's own format. Raises ConfigError in pg_dump's words."""
    _run(address, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def load(address: str, source: Path) -> None:
    """Put such a file in the place of the PostgreSQL database, wholly or not at all. Raises ConfigError."""
    clean = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run(address, "pg_restore", *clean, f"--dbname={make_url(address).database}", str(source))


def _run(address: str, program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise ConfigError(
            _("The program {name} is not installed here.").format(name=program),
            hint=_("Install PostgreSQL's client programs (Debian: postgresql-client), as new as the server."),
        )
    done = subprocess.run([path, *arguments], env=_surroundings(address), capture_output=True, text=True, check=False)  # noqa: S603 - no shell, our own arguments
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [str(done.returncode)])[-1]
        raise ConfigError(_("{name} failed: {why}").format(name=program, why=why))


def _surroundings(address: str) -> dict[str, str]:
    """Where the server is, as libpq's programs read it: a password stands in no list of processes."""
    url: URL = make_url(address)
    host = url.host or str(url.query.get("host", ""))
    told = {
        "PGHOST": host,
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(url.query.get("sslmode", "")),
    }
    return dict(os.environ) | {name: value for name, value in told.items() if value}
