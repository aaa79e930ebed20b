"""The database: one `Store`, transactions over it, and the schema brought up to date by alembic.

SQLite file by default, PostgreSQL by its address. `with store.begin() as tx:` commits at the end of the block or
rolls back all of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from connector.errors import BrokenData, ConfigError
from connector.language import _
from connector.store.acts import Acts
from connector.store.approvals import Approvals
from connector.store.cases import Cases
from connector.store.decisions import Decisions
from connector.store.exemptions import Exemptions
from connector.store.facts import Facts
from connector.store.failures import failure_of, in_words
from connector.store.fences import Fences
from connector.store.handouts import Handouts
from connector.store.incidents import Incidents
from connector.store.job_states import JobStates
from connector.store.journal_lines import JournalLines
from connector.store.leases import Leases
from connector.store.ledger import Ledger
from connector.store.mirror import Mirror
from connector.store.mirror_events import MirrorEvents
from connector.store.mirror_holds import MirrorHolds
from connector.store.mirror_marks import MirrorMarks
from connector.store.moving import Moving
from connector.store.outside import Outside
from connector.store.passwords import FirstPasswords
from connector.store.person import PersonData
from connector.store.pickups import Pickups
from connector.store.quarantine import Quarantine
from connector.store.register import Register
from connector.store.registrations import Registrations
from connector.store.retention import Retention
from connector.store.runs import Runs
from connector.store.stakes import StakesOfPeople
from connector.store.ticks import Ticks
from connector.store.verdicts import Verdicts

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION = text("SELECT version_num FROM alembic_version")


class Transaction:
    """All tables, by what they are for, inside one database transaction."""

    def __init__(self, connection: Connection) -> None:
        self.registrations = Registrations(connection)
        self.ledger = Ledger(connection)
        self.journal = JournalLines(connection)
        self.runs = Runs(connection)
        self.leases = Leases(connection)
        self.mirror = Mirror(connection)
        self.marks = MirrorMarks(connection)
        self.holds = MirrorHolds(connection)
        self.events = MirrorEvents(connection)
        self.quarantine = Quarantine(connection)
        self.verdicts = Verdicts(connection)
        self.facts = Facts(connection)
        self.exemptions = Exemptions(connection)
        self.outside = Outside(connection)
        self.person = PersonData(connection)
        self.retention = Retention(connection)
        self.cases = Cases(connection)
        self.register = Register(connection)
        self.passwords = FirstPasswords(connection)
        self.decisions = Decisions(connection)
        self.moving = Moving(connection)
        self.approvals = Approvals(connection)
        self.stakes = StakesOfPeople(connection)
        self.handouts = Handouts(connection)
        self.ticks = Ticks(connection)
        self.job_states = JobStates(connection)
        self.incidents = Incidents(connection)
        self.pickups = Pickups(connection)
        self.acts = Acts(connection)
        self.fences = Fences(connection)


class Store:
    """The connector's database. Making one creates or upgrades the schema."""

    def __init__(self, address: str) -> None:
        """Open `address` (an SQLAlchemy URL). Raises ConfigError when it cannot be opened."""
        try:
            url = make_url(address)
            if url.drivername == "postgresql":
                url = url.set(drivername="postgresql+psycopg")  # the driver that is installed with us
            if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(url, hide_parameters=True, **_manners(url))
        except (ArgumentError, ModuleNotFoundError, OSError) as error:
            raise ConfigError(_("The database address cannot be used: {why}.").format(why=error)) from None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
        _keep_from_others(self.engine)
        try:
            self._schema = _upgrade(self.engine)
        except BaseException:
            self.close()
            raise
        self._file = _file_of(self.engine)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction: committed when the block ends well, rolled back when it raises.

        Raises what connector/store/failures.py makes of a failing database, and BrokenData once the file has been
        deleted or a newer connector has changed the schema: nothing more is written then.
        """
        with in_words(), self.engine.begin() as connection:
            self._refuse_another_database(connection)
            yield Transaction(connection)

    def _refuse_another_database(self, connection: Connection) -> None:
        # SQLite goes on writing into a file that has been deleted: all would seem done, and be lost at the end.
        if _file_of(self.engine) != self._file:
            raise BrokenData(
                _("The database file was deleted or replaced while the connector ran."),
                hint=_("What was written since then is lost. Restore the file, then run 'connector resume'."),
            )
        if connection.scalar(_REVISION) != self._schema:
            raise BrokenData(
                _("Another version of the connector has changed the database."),
                hint=_("Stop this process and start the version that is installed now."),
            )

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _manners(url: URL) -> dict[str, Any]:
    """How connections are kept: a restarted server is noticed before a transaction begins, not in it.

    A pooler in transaction mode gives each transaction another session, which knows no prepared statements.
    """
    if url.get_backend_name() != "postgresql":
        return {}
    return {"pool_pre_ping": True, "connect_args": {"prepare_threshold": None}}


def _file_of(engine: Engine) -> tuple[int, int] | None:
    """What tells an SQLite file from another one under the same name; None without a file."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    with suppress(OSError):
        found = Path(name).stat()
        return found.st_dev, found.st_ino
    return None


def _keep_from_others(engine: Engine) -> None:
    """Take an SQLite file of ours, made by an earlier version under a lax umask, away from everybody but its owner."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name:
        return
    for path in (Path(name), Path(f"{name}-wal"), Path(f"{name}-shm")):
        with suppress(OSError):  # not there yet, or another user's: then doctor and the system's own rights tell
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # WAL lets `connector explain` read while an apply writes; the foreign keys are off by default.
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # What is journaled before a request must be on the disk before it leaves; NORMAL keeps it in the WAL's cache.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()


def alembic_config() -> Config:
    """The configuration of the migrations; for tests and for `alembic` by hand."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _upgrade(engine: Engine) -> str | None:
    """Bring the schema up to date; the revision at which it stands then."""
    try:
        with engine.connect() as connection, _keys_unenforced(connection), connection.begin():
            _upgrade_over(connection)
            return MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        failure = failure_of(error)
        if failure is not None:
            raise failure from None
        reason = str(getattr(error, "orig", None) or error)
        raise ConfigError(_("The database cannot be opened: {why}.").format(why=reason)) from None


def _upgrade_over(connection: Connection) -> None:
    config = alembic_config()
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(config)
    if current == script.get_current_head():
        return
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise BrokenData(
            _("The database was made by a newer connector (schema {revision}).").format(revision=current),
            hint=_("Install that version, or point database_url at another database."),
        )
    if connection.dialect.name == "sqlite":
        # Python's driver begins no transaction for CREATE and ALTER: a failed upgrade would stay half made.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _keys_unenforced(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew: while it drops the old one, rows of other tables point at nothing."""
    if connection.dialect.name != "sqlite":
        yield
        return
    _pragma(connection, "foreign_keys=OFF")  # outside of a transaction, where alone it works
    try:
        yield
    finally:
        _pragma(connection, "foreign_keys=ON")


def _pragma(connection: Connection, setting: str) -> None:
    connection.exec_driver_sql(f"PRAGMA {setting}")
    connection.commit()
