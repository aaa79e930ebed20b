"""Tables of the unattended service: its ticks, the state of its jobs, incidents, and the files that it has taken."""

from sqlalchemy import JSON, Index, Integer, String, Table, Text, UniqueConstraint

from connector.store.columns import UtcTime, basic, metadata, plain

# One row for each tick of a job (of a province): who inserts it runs it.
ticks = Table(
    "ticks",
    metadata,
    plain("slot", String(60), primary_key=True),
    plain("due_at", UtcTime, primary_key=True),
    plain("job", String(40), nullable=False),
    plain("province_code", String(2), nullable=False),
    plain("trigger", String(20), nullable=False),
    plain("state", String(20), nullable=False),
    plain("attempts", Integer, nullable=False),
    plain("started_at", UtcTime, nullable=False),
    plain("finished_at", UtcTime),
    plain("retry_at", UtcTime),
    plain("counts", JSON, nullable=False),
    plain("message", Text, nullable=False),
    plain("run_id", Integer),
    plain("file", Text, nullable=False),
    basic("who", String(300), nullable=False),
    Index(None, "job", "due_at"),
    Index(None, "due_at"),
    Index(None, "state"),
)

job_states = Table(
    "job_states",
    metadata,
    plain("job", String(40), primary_key=True),
    plain("watched_since", UtcTime, nullable=False),
    plain("paused_at", UtcTime),
    basic("paused_by", String(100), nullable=False),
    plain("reason", Text, nullable=False),
)

# `open_key` is the key while the incident lasts and nothing afterwards: of each key only one can be open.
incidents = Table(
    "incidents",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("key", String(150), nullable=False),
    plain("open_key", String(150)),
    plain("opened_at", UtcTime, nullable=False),
    plain("last_at", UtcTime, nullable=False),
    plain("count", Integer, nullable=False),
    plain("message", Text, nullable=False),
    plain("tell_at", UtcTime, nullable=False),
    plain("told_at", UtcTime),
    plain("closed_at", UtcTime),
    plain("over_told_at", UtcTime),
    UniqueConstraint("open_key"),
)

pickups = Table(
    "pickups",
    metadata,
    plain("programme", String(80), primary_key=True),
    plain("place", String(10), primary_key=True),
    plain("name", String(255), primary_key=True),
    plain("sha256", String(64), primary_key=True),
    plain("state", String(20), nullable=False),
    plain("at", UtcTime, nullable=False),
    plain("archived", Text, nullable=False),
)
