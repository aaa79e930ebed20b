"""Tables of verdicts, of the register of certificates, its books and what people did to its entries."""

from sqlalchemy import JSON, Boolean, Float, Index, Integer, String, Table, Text, UniqueConstraint

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
    plain("facts_mark", String(120), nullable=False, default=""),
    plain("snapshot_id", Integer, nullable=False),
    plain("evaluated_at", UtcTime, nullable=False),
)

# The primary key is the promise that nobody gets two certificates of one programme.
register = Table(
    "register",
    metadata,
    plain("programme", String(80), primary_key=True),
    basic("phone", String(20), primary_key=True),
    basic("full_name", Text, nullable=False),
    basic("workplace", Text, nullable=False),
    plain("province_code", String(2), nullable=False),
    plain("commune_code", String(5)),
    plain("state", String(20), nullable=False),
    sensitive("decided_at", UtcTime, nullable=False),
    basic("approved_by", Text, nullable=False),
    plain("granted_at", UtcTime),
    plain("issued_at", UtcTime),
    plain("withdrawn_at", UtcTime),
    plain("serial", String(100), nullable=False),
    plain("book", String(80), nullable=False),
    plain("seq", Integer),
    plain("register_no", String(100)),
    plain("edition", Integer, nullable=False),
    plain("programme_name", Text, nullable=False),
    plain("title", Text, nullable=False),
    plain("starts_at", UtcTime),
    plain("ends_at", UtcTime),
    sensitive("hours", Float),
    sensitive("grade", Float),
    plain("signer", Text, nullable=False),
    plain("decision", Text, nullable=False),
    plain("site", String(40), nullable=False),
    UniqueConstraint("book", "seq"),
    UniqueConstraint("book", "register_no"),
    Index(None, "serial"),
)

register_books = Table(
    "register_books",
    metadata,
    plain("book", String(80), primary_key=True),
    plain("last_number", Integer, nullable=False),
)

certificate_events = Table(
    "certificate_events",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("programme", String(80), nullable=False),
    basic("phone", String(20), nullable=False),
    plain("event", String(20), nullable=False),
    plain("at", UtcTime, nullable=False),
    basic("by", Text, nullable=False),
    basic("reason", Text, nullable=False),
    plain("serial", String(100), nullable=False),
    plain("register_no", String(100), nullable=False),
    plain("edition", Integer, nullable=False),
    basic("full_name", Text, nullable=False),
    Index(None, "programme", "phone"),
    Index(None, "serial"),
)
