"""Many rows in one statement, in the words of the database at hand."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Table, Update
from sqlalchemy.dialects import postgresql, sqlite

from connector.store.columns import UtcTime


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, keep: Sequence[str] = ()
) -> None:
    """Write the rows; where the primary key is there already, all other columns but `keep` are overwritten."""
    if rows:
        connection.execute(upserting(connection, table, list(rows[0]), keep), list(rows))


def upserting(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    keep: Sequence[str] = (),
    *,
    count: Mapping[str, ColumnElement[int]] | None = None,
) -> sqlite.Insert | postgresql.Insert:
    """The statement that inserts these columns, or overwrites all but `keep` where the primary key is there.

    `count` names columns that then become this expression of what is stored, not what was to be inserted.
    """
    statement = insert_into(connection, table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in columns if name not in keys and name not in keep}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed | dict(count or {}))


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert in the words of the database at hand, which can say what happens on a conflict."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def execute_many(
    connection: Connection, statement: Insert | Update, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Run the statement for each row of parameter values, handed to the driver as they are.

    SQLAlchemy's own handling of parameters costs several times what the database does with a row; an apply writes
    three rows for each change. So values must be the driver's: text, numbers, and times by `driver_time`.
    """
    if not rows:
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(names))
    if compiled.positiontup is None:
        connection.exec_driver_sql(compiled.string, [dict(zip(names, row, strict=True)) for row in rows])
        return
    order = [names.index(name) for name in compiled.positiontup]
    if order == list(range(len(names))):
        connection.exec_driver_sql(compiled.string, list(rows))
    else:
        connection.exec_driver_sql(compiled.string, [tuple([row[place] for place in order]) for row in rows])


def driver_time(connection: Connection, moment: datetime) -> Any:
    """The moment as the driver takes it for a UtcTime column."""
    return to_driver(connection)(moment)


def to_driver(connection: Connection) -> Callable[[datetime], Any]:
    """How this driver takes moments for a UtcTime column; for many of them, ask once."""
    return UtcTime().dialect_impl(connection.dialect).bind_processor(connection.dialect) or _as_it_is


def _as_it_is(moment: datetime) -> datetime:
    return moment


def moment_of(value: datetime | str | None) -> datetime | None:
    """The moment that the driver gives for a UtcTime column: text in UTC on SQLite, aware in any zone elsewhere."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value and value.astimezone(UTC)
