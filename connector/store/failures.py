"""What a failing database means for the caller: SQLAlchemy's errors become those of connector.errors, by kind.

Only what the machine, the disk or the server did is translated. A statement that is wrong stays what it is: a mistake
of ours. No error made here holds a statement or a value. Codes: sqlite.org/rescode.html, PostgreSQL's appendix A.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connector.errors import BrokenData, ConfigError, ConnectorError, DatabaseUnavailable
from connector.language import _

_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "40001", "40P01")
_AWAY = ("08", "57P", "53300", "57014")
_FULL = ("SQLITE_FULL", "53100")
_READ_ONLY = ("SQLITE_READONLY", "25006", "42501")
_UNREACHABLE = ("SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_PERM", "SQLITE_AUTH")
_BROKEN = ("SQLITE_CORRUPT", "SQLITE_IOERR", "XX001", "XX002", "58030")


@contextmanager
def in_words() -> Iterator[None]:
    """The one place where a failure of the database is put into words.

    Raises DatabaseUnavailable (try again later; the transaction is rolled back), ConfigError (its operator mends it)
    or BrokenData (stop, restore a backup).
    """
    try:
        yield
    except SQLAlchemyError as error:
        failure = failure_of(error)
        if failure is None and isinstance(error, OperationalError) and not _code_of(error):
            failure = _unanswered()  # psycopg gives no code where no connection could be made
        if failure is None:
            raise
        raise failure from None


def failure_of(error: SQLAlchemyError) -> ConnectorError | None:
    """The error for the reader, None where the statement itself was wrong."""
    code = _code_of(error)
    if isinstance(error, PoolTimeout) or code.startswith(_AWAY) or getattr(error, "connection_invalidated", False):
        return _unanswered()
    if code.startswith(_BUSY):
        return DatabaseUnavailable(
            _("The database is locked by another program."),
            hint=_("What was not finished is rolled back; close what holds the database, then run again."),
        )
    return _to_be_mended(code)


def _unanswered() -> ConnectorError:
    return DatabaseUnavailable(
        _("The database does not answer."),
        hint=_("What was not finished is rolled back; run again when the database server is up."),
    )


def _to_be_mended(code: str) -> ConnectorError | None:
    if code.startswith(_FULL):
        return ConfigError(
            _("The disk of the database is full."), hint=_("Make room, then run again; nothing half-written is kept.")
        )
    if code.startswith(_READ_ONLY):
        return ConfigError(
            _("The database is read-only for this user."),
            hint=_("Give this user the right to write to the database and its folder."),
        )
    if code.startswith(_UNREACHABLE):
        return ConfigError(
            _("The database file cannot be opened."),
            hint=_("Check database_url, state_dir and who may write to that folder."),
        )
    if code.startswith(_BROKEN):
        return BrokenData(
            _("The database is damaged ({code}).").format(code=code),
            hint=_("Stop the service and restore the last backup; do not repair the file in place."),
        )
    return None


def _code_of(error: SQLAlchemyError) -> str:
    """SQLite's name of the failure or PostgreSQL's SQLSTATE, '' where there is none."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")
