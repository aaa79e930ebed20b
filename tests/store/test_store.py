from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, create_engine, inspect, text

from connector.errors import BrokenData, ConfigError
from connector.store.columns import metadata
from connector.store.store import Store, alembic_config
from connector.store.tables import runs
from tests.store.people import NOW


def test_the_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert differences == []


def test_the_schema_can_be_taken_down_and_put_up_again(store: Store) -> None:
    config = alembic_config()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        command.upgrade(config, "head")
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_opening_an_existing_database_keeps_what_is_in_it(empty_address: str) -> None:
    address = empty_address.replace("/connector.db", "/deep/connector.db")
    first = Store(address)
    with first.begin() as tx:
        tx.runs.start("mirror", site="sandbox", programme="p", now=NOW)
    first.close()
    second = Store(address)
    with second.engine.connect() as connection:
        assert len(connection.execute(runs.select()).all()) == 1
    second.close()


@pytest.fixture
def first_schema(empty_address: str) -> str:
    """The address of a database as the first connector made it, with one row in each table."""
    address = empty_address
    engine, config, tables = create_engine(address), alembic_config(), MetaData()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(table.insert().values({column.name: _filler(column) for column in table.columns}))
    engine.dispose()
    return address


def _filler(column: Column[Any]) -> object:
    """Any value that the column takes; the same for every key, so that rows point at each other."""
    values = {int: 1, bool: True, float: 1.0, bytes: b"x", datetime: NOW, dict: {}}
    return values.get(column.type.python_type, "registered"[: getattr(column.type, "length", None)])


def test_a_database_with_people_in_it_is_brought_up_to_date(first_schema: str) -> None:
    store = Store(first_schema)
    with store.engine.connect() as connection:
        rows = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in metadata.tables}
        assert rows["registrations"] == rows["roster_files"] == rows["roster_rows"] == 1
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    store.close()


def _schema(connection: Connection) -> dict[str, list[tuple[str, str, bool]]]:
    """Name, type and whether it may be empty, of each column of each table."""
    seen = inspect(connection)
    return {
        name: [(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(name)]
        for name in sorted(seen.get_table_names())
    }


def test_an_upgrade_that_fails_changes_nothing(first_schema: str) -> None:
    engine = create_engine(first_schema)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE registrations ADD COLUMN intake VARCHAR(20)"))  # in the way of 0002
        before = _schema(connection)
    with pytest.raises(ConfigError, match="intake"):
        Store(first_schema)
    with engine.connect() as connection:
        assert _schema(connection) == before
    engine.dispose()


def test_a_database_of_a_newer_connector_is_refused(address: str) -> None:
    store = Store(address)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(BrokenData, match="newer connector"):
        Store(address)


@pytest.mark.parametrize("address", ["nonsense", "sqlite:////proc/none/connector.db", "nosuchdb://x/y"])
def test_an_address_that_cannot_be_opened_is_a_configuration_error(address: str) -> None:
    with pytest.raises(ConfigError):
        Store(address)


def test_a_file_that_is_no_database_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "connector.db").write_bytes(b"this is not a database at all, whatever its name says" * 30)
    with pytest.raises(ConfigError, match="cannot be opened"):
        Store(f"sqlite:///{tmp_path}/connector.db")


def test_a_transaction_that_raises_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        tx.runs.start("mirror", site="sandbox", programme="p", now=NOW) // 0
    with store.begin() as tx:
        assert tx.runs.latest("mirror", "p", outcome="running") is None


def test_a_time_without_a_zone_is_never_stored(store: Store) -> None:
    with pytest.raises(Exception, match="without a zone"), store.begin() as tx:
        tx.runs.start("mirror", site="sandbox", programme="p", now=NOW.replace(tzinfo=None))
