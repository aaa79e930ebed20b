"""Many rows handed to the driver as they are: whatever order and way of naming the driver has."""

import pytest
from sqlalchemy import bindparam, create_engine, select, update

from connector.store.columns import metadata
from connector.store.mirror_tables import mirror_parts
from connector.store.upsert import driver_time, execute_many, upserting
from tests.store.people import LATER, NOW

COLUMNS = ("site", "programme", "part", "read_at", "seen")


@pytest.mark.parametrize("style", ["qmark", "named"])
def test_rows_are_written_and_overwritten(style: str) -> None:
    engine = create_engine("sqlite://", paramstyle=style)
    with engine.begin() as connection:
        metadata.create_all(connection)
        statement = upserting(connection, mirror_parts, COLUMNS)
        execute_many(connection, statement, COLUMNS, [("a", "p", "x", driver_time(connection, NOW), 1)])
        execute_many(connection, statement, COLUMNS, [("a", "p", "x", driver_time(connection, LATER), 2)])
        execute_many(connection, statement, COLUMNS, [])
        rows = connection.execute(select(mirror_parts)).all()
    assert [(row.site, row.part, row.read_at, row.seen) for row in rows] == [("a", "x", LATER, 2)]
    engine.dispose()


def test_values_may_come_in_another_order_than_the_statement_names_them() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(mirror_parts.insert().values(site="a", programme="p", part="x", read_at=NOW, seen=1))
        statement = update(mirror_parts).where(mirror_parts.c.site == bindparam("of")).values(part=bindparam("to"))
        execute_many(connection, statement, ("of", "to"), [("a", "y")])
        assert connection.execute(select(mirror_parts.c.part)).scalar() == "y"
    engine.dispose()
