"""Tables of what people have said to plans; what they overrode stands in the terms of the run."""

from sqlalchemy import String, Table

from connector.store.columns import UtcTime, basic, metadata, plain

approvals = Table(
    "approvals",
    metadata,
    plain("checksum", String(64), primary_key=True),
    basic("approver", String(200), primary_key=True),
    basic("author", String(200), nullable=False),
    plain("site", String(40), nullable=False),
    plain("programme", String(80), nullable=False),
    plain("approved_at", UtcTime, nullable=False),
)
