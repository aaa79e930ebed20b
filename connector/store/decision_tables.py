"""Tables of what operators have decided: about hand edits on a platform, and about changed phone numbers."""

from sqlalchemy import JSON, Index, Integer, String, Table, Text

from connector.store.columns import UtcTime, basic, metadata, plain

hand_decisions = Table(
    "hand_decisions",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("site", String(40), nullable=False),
    plain("kind", String(20), nullable=False),
    plain("container", String(255), nullable=False),
    basic("username", String(100), nullable=False),
    plain("field", String(100), nullable=False),
    plain("choice", String(20), nullable=False),
    basic("value", JSON, nullable=False),
    basic("decided_by", String(100), nullable=False),
    basic("reason", Text, nullable=False),
    plain("decided_at", UtcTime, nullable=False),
    plain("ended_at", UtcTime),
    basic("ended_by", String(100), nullable=False),
    Index(None, "site", "username"),
)

renames = Table(
    "renames",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("site", String(40), nullable=False),
    basic("old_username", String(100), nullable=False),
    basic("new_username", String(100), nullable=False),
    basic("old_phone", String(20), nullable=False),
    basic("new_phone", String(20), nullable=False),
    plain("programmes", JSON, nullable=False),
    plain("state", String(20), nullable=False),
    basic("decided_by", String(100), nullable=False),
    basic("reason", Text, nullable=False),
    plain("decided_at", UtcTime, nullable=False),
    plain("done_at", UtcTime),
    Index(None, "site", "new_username"),
    Index(None, "site", "old_username"),
)
