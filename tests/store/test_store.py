from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from connector.errors import BrokenData, ConfigError
from connector.store.store import Store, alembic_config
from connector.store.tables import metadata, runs
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


def test_opening_an_existing_database_keeps_what_is_in_it(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/deep/connector.db"
    first = Store(address)
    with first.begin() as tx:
        tx.runs.start("mirror", site="sandbox", programme="p", now=NOW)
    first.close()
    second = Store(address)
    with second.engine.connect() as connection:
        assert len(connection.execute(runs.select()).all()) == 1
    second.close()


def test_a_database_of_a_newer_connector_is_refused(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/connector.db"
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
