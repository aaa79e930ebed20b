"""Tables of verdicts and of the register of certificates."""

from sqlalchemy import JSON, Boolean, Integer, String, Table, Text, UniqueConstraint

from connector.store.columns import UtcTime, basic, metadata, plain, sensitive

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
    basic("full_name", Text, nullable=False),
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
