"""What a failing database is told as: a line in words by kind, without statement and values."""

import sqlite3
from pathlib import Path

import pytest
from psycopg import OperationalError as NoConnection
from psycopg import errors as pg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connector.errors import BrokenData, ConfigError, ConnectorError, DatabaseUnavailable
from connector.store.failures import in_words
from connector.store.store import Store
from tests.store.people import NOW

TABLE = Path("docs/how-to/when-it-fails.md").read_text(encoding="utf-8")

SECRET = "0901234567"


def sqlite_error(name: str) -> OperationalError:
    cause = sqlite3.OperationalError("as sqlite says")
    cause.sqlite_errorname = name
    return OperationalError(f"INSERT {SECRET}", {"phone": SECRET}, cause)


def server_error(cause: Exception) -> DBAPIError:
    return OperationalError(f"INSERT {SECRET}", {"phone": SECRET}, cause)


STATES = [
    (sqlite_error("SQLITE_BUSY"), DatabaseUnavailable, "locked"),
    (sqlite_error("SQLITE_BUSY_SNAPSHOT"), DatabaseUnavailable, "locked"),
    (sqlite_error("SQLITE_FULL"), ConfigError, "full"),
    (sqlite_error("SQLITE_READONLY_DBMOVED"), ConfigError, "read-only"),
    (sqlite_error("SQLITE_CANTOPEN"), ConfigError, "cannot be opened"),
    (sqlite_error("SQLITE_CORRUPT"), BrokenData, "damaged"),
    (sqlite_error("SQLITE_IOERR_WRITE"), BrokenData, "damaged"),
    (server_error(pg.AdminShutdown()), DatabaseUnavailable, "does not answer"),
    (server_error(pg.DeadlockDetected()), DatabaseUnavailable, "locked"),
    (server_error(pg.DiskFull()), ConfigError, "full"),
    (server_error(pg.ReadOnlySqlTransaction()), ConfigError, "read-only"),
    (server_error(pg.DataCorrupted()), BrokenData, "damaged"),
    (server_error(NoConnection("connection refused")), DatabaseUnavailable, "does not answer"),
    (PoolTimeout("QueuePool"), DatabaseUnavailable, "does not answer"),
]


@pytest.mark.parametrize(("failure", "kind", "words"), STATES)
def test_each_state_of_a_database_is_a_line_of_its_kind(
    failure: Exception, kind: type[ConnectorError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught, in_words():
        raise failure
    assert SECRET not in str(caught.value)
    told = caught.value.message.partition(" (")[0]
    row = next(line for line in TABLE.splitlines() if told in line)
    assert f"| {caught.value.exit_code} |" in row
    assert caught.value.hint
    assert caught.value.__suppress_context__


def test_a_mistake_of_ours_stays_one(store: Store) -> None:
    with pytest.raises(DBAPIError), store.begin(), store.engine.begin() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


@pytest.fixture
def on_disk(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/connector.db")


def test_a_database_that_another_program_holds(on_disk: Store, tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "connector.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with on_disk.begin() as tx:  # the pool keeps this connection and gives it out again
        tx.runs._connection.exec_driver_sql("PRAGMA busy_timeout=0")
    with pytest.raises(DatabaseUnavailable, match="locked"), on_disk.begin() as tx:
        tx.runs.start("mirror", site="sandbox", programme="p", now=NOW)
    holder.close()
    on_disk.close()


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_deleted_in_mid_run_ends_the_run(on_disk: Store, tmp_path: Path, *, replaced: bool) -> None:
    with on_disk.begin() as tx:
        tx.runs.start("mirror", site="sandbox", programme="p", now=NOW)
    file = tmp_path / "connector.db"
    file.rename(tmp_path / "moved.db")
    if replaced:
        file.touch()
    with pytest.raises(BrokenData, match="deleted or replaced"), on_disk.begin():
        pass
    on_disk.close()


def test_an_old_process_notices_that_a_newer_one_has_migrated(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BrokenData, match="Another version"), store.begin():
        pass


def test_what_is_written_is_on_the_disk_before_a_request_leaves(on_disk: Store) -> None:
    with on_disk.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
    on_disk.close()
