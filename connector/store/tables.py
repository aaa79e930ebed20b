"""All tables. Every column says in `info["pii"]` whose data it holds: none, basic or sensitive personal data.

Basic: names, phone numbers, workplaces. Sensitive: a person's use of an online service and its results
(Nghị định 356/2025 article 4; reference/vietnam-facts.md section 5.2). Times are stored in UTC.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
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


roster_files = Table(
    "roster_files",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("programme", String(80), nullable=False),
    plain("name", String(255), nullable=False),
    plain("sha256", String(64), nullable=False),
    plain("imported_at", UtcTime, nullable=False),
    plain("accepted", Integer, nullable=False),
    plain("refused", Integer, nullable=False),
    plain("skipped", Integer, nullable=False),
    plain("live", Boolean, nullable=False),
    plain("intake", String(20), nullable=False),
    Index(None, "programme", "name"),
)

roster_rows = Table(
    "roster_rows",
    metadata,
    plain("file_id", Integer, ForeignKey("roster_files.id"), primary_key=True),
    plain("sheet", String(120), primary_key=True),
    plain("source_row", Integer, primary_key=True),
    basic("phone", String(20), nullable=False),
    basic("full_name", String(255), nullable=False),
    basic("workplace", Text, nullable=False),
    basic("position", Text, nullable=False),
    plain("province_code", String(2), nullable=False),
    plain("commune_code", String(5)),
    plain("notices", JSON, nullable=False),
    plain("live", Boolean, nullable=False),
    plain("self_registered_at", UtcTime),
    Index(None, "phone"),
)

roster_refusals = Table(
    "roster_refusals",
    metadata,
    plain("file_id", Integer, ForeignKey("roster_files.id"), primary_key=True),
    plain("sheet", String(120), primary_key=True),
    plain("source_row", Integer, primary_key=True),
    plain("code", String(40), nullable=False),
    plain("column", String(40), nullable=False),
)

registrations = Table(
    "registrations",
    metadata,
    plain("programme", String(80), primary_key=True),
    basic("phone", String(20), primary_key=True),
    basic("full_name", String(255), nullable=False),
    basic("workplace", Text, nullable=False),
    basic("position", Text, nullable=False),
    plain("province_code", String(2), nullable=False),
    plain("commune_code", String(5)),
    plain("notices", JSON, nullable=False),
    plain("state", String(20), nullable=False),
    plain("file", String(255), nullable=False),
    plain("sheet", String(120), nullable=False),
    plain("source_row", Integer, nullable=False),
    plain("registered_at", UtcTime, nullable=False),
    plain("changed_at", UtcTime, nullable=False),
    plain("intake", String(20), nullable=False),
    plain("sources", JSON, nullable=False),
    plain("self_registered_at", UtcTime),
    plain("informed_at", UtcTime),
    Index(None, "programme", "province_code"),
)

ledger = Table(
    "ledger",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("kind", String(20), primary_key=True),
    plain("container", String(255), primary_key=True, default=""),
    basic("username", String(100), primary_key=True, default=""),
    plain("province_code", String(2), nullable=False),
    plain("remote_id", String(40), nullable=False),
    basic("item", Text, nullable=False),
    plain("run_id", Integer, nullable=False),
    plain("changed_at", UtcTime, nullable=False),
    Index(None, "site", "username"),
)

runs = Table(
    "runs",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("job", String(40), nullable=False),
    plain("site", String(40), nullable=False),
    plain("programme", String(80), nullable=False),
    plain("checksum", String(64), nullable=False),
    plain("started_at", UtcTime, nullable=False),
    plain("finished_at", UtcTime),
    plain("outcome", String(20), nullable=False),
    plain("counts", JSON, nullable=False),
    Index(None, "programme", "job"),
)

journal = Table(
    "journal",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    plain("action", String(10), nullable=False),
    plain("kind", String(20), nullable=False),
    plain("container", String(255), nullable=False),
    basic("username", String(100), nullable=False),
    basic("change", Text, nullable=False),
    plain("state", String(20), nullable=False),
    plain("code", String(255), nullable=False),
    plain("message", Text, nullable=False),
    plain("sent_at", UtcTime, nullable=False),
    plain("settled_at", UtcTime),
    Index(None, "run_id", "kind", "container", "username"),
    Index(None, "state"),
    Index(None, "username"),
)

first_passwords = Table(
    "first_passwords",
    metadata,
    plain("site", String(40), primary_key=True),
    basic("username", String(100), primary_key=True),
    sensitive("sealed", LargeBinary, nullable=False),
    plain("made_at", UtcTime, nullable=False),
)

mirror_accounts = Table(
    "mirror_accounts",
    metadata,
    plain("site", String(40), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("remote_id", String(40), nullable=False),
    plain("suspended", Boolean, nullable=False),
    sensitive("last_access", UtcTime),
    plain("first_seen", UtcTime, nullable=False),
    plain("last_changed", UtcTime, nullable=False),
    plain("gone_at", UtcTime),
)

mirror_memberships = Table(
    "mirror_memberships",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("cohort", String(100), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("first_seen", UtcTime, nullable=False),
    plain("last_changed", UtcTime, nullable=False),
    plain("gone_at", UtcTime),
)

mirror_enrolments = Table(
    "mirror_enrolments",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("course", String(100), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("active", Boolean),
    sensitive("last_course_access", UtcTime),
    plain("first_seen", UtcTime, nullable=False),
    plain("last_changed", UtcTime, nullable=False),
    plain("gone_at", UtcTime),
)

mirror_results = Table(
    "mirror_results",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("course", String(100), primary_key=True),
    plain("activity", String(100), primary_key=True),
    basic("username", String(100), primary_key=True),
    sensitive("done", Boolean, nullable=False),
    sensitive("completed_at", UtcTime),
    sensitive("grade", Float),
    plain("overridden", Boolean, nullable=False),
    plain("first_seen", UtcTime, nullable=False),
    plain("last_changed", UtcTime, nullable=False),
    plain("gone_at", UtcTime),
    Index(None, "site", "username"),
)

mirror_issues = Table(
    "mirror_issues",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("issue_id", String(40), primary_key=True),
    plain("certificate", String(255), nullable=False),
    basic("username", String(100), nullable=False),
    plain("code", String(100), nullable=False),
    sensitive("issued_at", UtcTime, nullable=False),
    plain("first_seen", UtcTime, nullable=False),
    Index(None, "site", "certificate", "username"),
)

bookmarks = Table(
    "bookmarks",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("part", String(255), primary_key=True),
    plain("at", UtcTime, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    plain("programme", String(80), primary_key=True),
    basic("phone", String(20), primary_key=True),
    sensitive("passed", Boolean, nullable=False),
    sensitive("done", JSON, nullable=False),
    sensitive("reasons", JSON, nullable=False),
    sensitive("completed_at", UtcTime),
    plain("rule_version", String(64), nullable=False),
    plain("facts_hash", String(64), nullable=False),
    plain("snapshot_id", Integer, nullable=False),
    plain("evaluated_at", UtcTime, nullable=False),
)

register = Table(
    "register",
    metadata,
    plain("programme", String(80), primary_key=True),
    basic("phone", String(20), primary_key=True),
    basic("full_name", String(255), nullable=False),
    basic("workplace", Text, nullable=False),
    plain("province_code", String(2), nullable=False),
    plain("state", String(20), nullable=False),
    sensitive("decided_at", UtcTime, nullable=False),
    plain("granted_at", UtcTime),
    plain("issued_at", UtcTime),
    plain("serial", String(100), nullable=False),
    plain("register_no", String(100)),
    UniqueConstraint("programme", "register_no"),
)

register_books = Table(
    "register_books",
    metadata,
    plain("programme", String(80), primary_key=True),
    plain("last_number", Integer, nullable=False),
)

reports_sent = Table(
    "reports_sent",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("programme", String(80), nullable=False),
    plain("definition", String(80), nullable=False),
    plain("snapshot_id", Integer, nullable=False),
    plain("cutoff", UtcTime, nullable=False),
    plain("checksum", String(64), nullable=False),
    plain("files", JSON, nullable=False),
    plain("generated_at", UtcTime, nullable=False),
)
