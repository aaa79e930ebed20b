"""Tables of lists, registrations, what we own on platforms, runs and their journal."""

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Table, Text

from connector.store.columns import UtcTime, basic, metadata, plain

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
    plain("sheet", Text, primary_key=True),
    plain("source_row", Integer, primary_key=True),
    basic("phone", String(20), nullable=False),
    basic("full_name", Text, nullable=False),
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
    plain("sheet", Text, primary_key=True),
    plain("source_row", Integer, primary_key=True),
    plain("code", String(40), nullable=False),
    plain("column", String(40), nullable=False),
)

registrations = Table(
    "registrations",
    metadata,
    plain("programme", String(80), primary_key=True),
    basic("phone", String(20), primary_key=True),
    basic("full_name", Text, nullable=False),
    basic("workplace", Text, nullable=False),
    basic("position", Text, nullable=False),
    plain("province_code", String(2), nullable=False),
    plain("commune_code", String(5)),
    plain("notices", JSON, nullable=False),
    plain("state", String(20), nullable=False),
    plain("file", String(255), nullable=False),
    plain("sheet", Text, nullable=False),
    plain("source_row", Integer, nullable=False),
    plain("registered_at", UtcTime, nullable=False),
    plain("changed_at", UtcTime, nullable=False),
    plain("intake", String(20), nullable=False),
    plain("sources", JSON, nullable=False),
    plain("self_registered_at", UtcTime),
    plain("informed_at", UtcTime),
    Index(None, "programme", "province_code", "phone"),
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
    basic("who", String(100), nullable=False),
    plain("trigger", String(20), nullable=False),
    plain("message", Text, nullable=False),
    basic("terms", JSON, nullable=False),
    Index(None, "programme", "job"),
)

leases = Table(
    "leases",
    metadata,
    plain("name", String(100), primary_key=True),
    plain("token", String(32), nullable=False),
    basic("who", String(100), nullable=False),
    plain("host", String(255), nullable=False),
    plain("machine", String(100), nullable=False),
    plain("pid", Integer, nullable=False),
    plain("run_id", Integer),
    plain("since", UtcTime, nullable=False),
    plain("beats_at", UtcTime, nullable=False),
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
    plain("province_code", String(2), nullable=False),
    basic("change", Text, nullable=False),
    plain("state", String(20), nullable=False),
    plain("code", Text, nullable=False),
    plain("message", Text, nullable=False),
    plain("sent_at", UtcTime),
    plain("settled_at", UtcTime),
    Index(None, "run_id", "kind", "container", "username"),
    Index(None, "state"),
    Index(None, "username"),
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
