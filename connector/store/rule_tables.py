"""Tables of what is decided about the completion of programmes beside the platform's facts."""

from sqlalchemy import JSON, Date, Index, Integer, String, Table, Text

from connector.store.columns import UtcTime, basic, metadata, plain, sensitive

# What a version of a rule said, in words, at the time of its first use.
rule_versions = Table(
    "rule_versions",
    metadata,
    plain("programme", String(80), primary_key=True),
    plain("version", String(64), primary_key=True),
    plain("first_used_at", UtcTime, nullable=False),
    plain("words", JSON, nullable=False),
)

exemptions = Table(
    "exemptions",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("programme", String(80), nullable=False),
    basic("phone", String(20), nullable=False),
    plain("topic", String(64), nullable=False),
    plain("part", String(64), nullable=False),
    sensitive("decision", Text, nullable=False),
    sensitive("decided_on", Date, nullable=False),
    basic("recorded_by", Text, nullable=False),
    plain("recorded_at", UtcTime, nullable=False),
    basic("lifted_by", Text),
    plain("lifted_at", UtcTime),
    Index(None, "programme", "phone"),
)

# Something about a certificate that only a person may decide.
cases = Table(
    "cases",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("programme", String(80), nullable=False),
    basic("phone", String(20), nullable=False),
    plain("kind", String(20), nullable=False),
    plain("opened_at", UtcTime, nullable=False),
    sensitive("facts", JSON, nullable=False),
    plain("state", String(20), nullable=False),
    plain("settled_at", UtcTime),
    basic("settled_by", Text),
    sensitive("reason", Text),
    Index(None, "programme", "phone"),
)
