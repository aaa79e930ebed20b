"""Tables of the mirror: what the platforms know of our people."""

from sqlalchemy import Boolean, Float, Index, String, Table

from connector.store.columns import UtcTime, basic, metadata, plain, sensitive

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
