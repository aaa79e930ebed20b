"""Many rows handed to the driver as they are: whatever order and way of naming the driver has."""

import pytest
from sqlalchemy import bindparam, create_engine, select, update

from connector.store.columns import metadata
from connector.store.mirror_tables import bookmarks
from connector.store.upsert import driver_time, execute_many, upserting
from tests.store.people import LATER, NOW

COLUMNS = ("site", "part", "at")


@pytest.mark.parametrize("style", ["qmark", "named"])
def test_rows_are_written_and_overwritten(style: str) -> None:
    engine = create_engine("sqlite://", paramstyle=style)
    with engine.begin() as connection:
        metadata.create_all(connection)
        statement = upserting(connection, bookmarks, COLUMNS)
        execute_many(connection, statement, COLUMNS, [("a", "x", driver_time(connection, NOW))])
        execute_many(connection, statement, COLUMNS, [("a", "x", driver_time(connection, LATER))])
        execute_many(connection, statement, COLUMNS, [])
        rows = connection.execute(select(bookmarks)).all()
    assert [(row.site, row.part, row.at) for row in rows] == [("a", "x", LATER)]
    engine.dispose()


def test_values_may_come_in_another_order_than_the_statement_names_them() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(bookmarks.insert().values(site="a", part="x", at=NOW))
        statement = update(bookmarks).where(bookmarks.c.site == bindparam("of")).values(part=bindparam("to"))
        execute_many(connection, statement, ("of", "to"), [("a", "y")])
        assert connection.execute(select(bookmarks.c.part)).scalar() == "y"
    engine.dispose()
