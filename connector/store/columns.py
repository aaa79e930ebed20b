"""What tables are made of. Every column says in `info["pii"]` whose data it holds: none, basic or sensitive.

Basic: names, phone numbers, workplaces. Sensitive: a person's use of an online service and its results
(Nghị định 356/2025 article 4; reference/vietnam-facts.md section 5.2). Times are stored in UTC.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC also by databases that know no time zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To the database: in UTC; a naive time is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def plain(name: str, type_: Any, *args: Any, **kwargs: Any) -> Column[Any]:
    """A column without personal data."""
    return Column(name, type_, *args, info={"pii": "none"}, **kwargs)


def basic(name: str, type_: Any, *args: Any, **kwargs: Any) -> Column[Any]:
    """A column of basic personal data."""
    return Column(name, type_, *args, info={"pii": "basic"}, **kwargs)


def sensitive(name: str, type_: Any, *args: Any, **kwargs: Any) -> Column[Any]:
    """A column of sensitive personal data."""
    return Column(name, type_, *args, info={"pii": "sensitive"}, **kwargs)
