"""Tables of the mirror: what the platforms know of our people.

Every row says when it was first seen, when and by which run it last changed (`run_id`), and since when it is gone. When
it was last seen is not written into each row, for that would rewrite a million rows in every run: `mirror_parts` says
when each part was read, `mirror_reads` when each learner's results were, and whatever is not `gone_at` was there then.
"""

from typing import Any

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from connector.store.columns import UtcTime, basic, metadata, plain, sensitive


def _marks() -> list[Column[Any]]:
    return [
        plain("first_seen", UtcTime, nullable=False),
        plain("last_changed", UtcTime, nullable=False),
        plain("gone_at", UtcTime),
        plain("run_id", Integer),
    ]


mirror_accounts = Table(
    "mirror_accounts",
    metadata,
    plain("site", String(40), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("remote_id", String(40), nullable=False),
    plain("suspended", Boolean, nullable=False),
    sensitive("last_access", UtcTime),
    *_marks(),
)

mirror_cohorts = Table(
    "mirror_cohorts",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("cohort", String(100), primary_key=True),
    plain("name", Text, nullable=False),
    *_marks(),
)

mirror_memberships = Table(
    "mirror_memberships",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("cohort", String(100), primary_key=True),
    basic("username", String(100), primary_key=True),
    *_marks(),
)

mirror_courses = Table(
    "mirror_courses",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("course", String(100), primary_key=True),
    plain("remote_id", String(40), nullable=False),
    plain("name", Text, nullable=False),
    *_marks(),
)

# The list of topics as each mirror run found it in the programme: first_seen and gone_at say from when to when a topic
# was on the list, mirror_events what it was before. Each site of a programme has places of its own.
mirror_topics = Table(
    "mirror_topics",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("programme", String(80), primary_key=True),
    plain("topic", String(64), primary_key=True),
    plain("name", Text, nullable=False),
    plain("kind", String(20), nullable=False),
    plain("hours", Float),
    plain("course", String(100), nullable=False),
    plain("activity", String(100), nullable=False),
    plain("remote_id", String(40), nullable=False),
    plain("remote_name", Text, nullable=False),
    *_marks(),
)

mirror_enrolments = Table(
    "mirror_enrolments",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("course", String(100), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("active", Boolean),
    sensitive("last_course_access", UtcTime),
    *_marks(),
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
    plain("overridden_by", String(40), nullable=False),
    *_marks(),
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
    *_marks(),
    plain("missing_since", UtcTime),  # not shown any more, while its loss is held (mirror_holds)
    Index(None, "site", "certificate", "username"),
)

# What was otherwise before. Nothing here is ever changed; `before` and `after` are JSON of the values that differ.
mirror_events = Table(
    "mirror_events",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("site", String(40), nullable=False),
    plain("part", String(20), nullable=False),
    plain("place", Text, nullable=False),
    basic("username", String(100), nullable=False),
    plain("what", String(20), nullable=False),
    sensitive("before", Text, nullable=False),
    sensitive("after", Text, nullable=False),
    plain("at", UtcTime, nullable=False),
    plain("run_id", Integer),
    Index(None, "site", "username"),
    Index(None, "run_id"),
)

mirror_parts = Table(
    "mirror_parts",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("programme", String(80), primary_key=True),
    plain("part", String(20), primary_key=True),
    plain("bookmark", UtcTime),
    plain("read_at", UtcTime, nullable=False),
    plain("whole_at", UtcTime),
    plain("seen", Integer, nullable=False),
    plain("run_id", Integer),
)

mirror_reads = Table(
    "mirror_reads",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("topics", String(16), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("read_at", UtcTime, nullable=False),
    plain("run_id", Integer),
)

# What was missing from a reading and not believed. `kind` and `name` say of what: everything, a place, a province.
mirror_holds = Table(
    "mirror_holds",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("site", String(40), nullable=False),
    plain("programme", String(80), nullable=False),
    plain("part", String(20), nullable=False),
    plain("measure", String(40), nullable=False),
    plain("kind", String(20), nullable=False),
    plain("name", Text, nullable=False),
    plain("before", Integer, nullable=False),
    plain("lost", Integer, nullable=False),
    plain("since", UtcTime, nullable=False),
    plain("last_at", UtcTime, nullable=False),
    plain("run_id", Integer),
    plain("accepted_at", UtcTime),
    basic("accepted_by", Text),
    plain("reason", Text),
    plain("ended_at", UtcTime),
    plain("ended_how", String(20)),
    Index(None, "site", "programme"),
)

quarantine = Table(
    "quarantine",
    metadata,
    plain("site", String(40), primary_key=True),
    plain("part", String(20), primary_key=True),
    plain("place", String(255), primary_key=True),
    basic("username", String(100), primary_key=True),
    plain("why", Text, nullable=False),
    sensitive("raw", Text, nullable=False),
    plain("first_seen", UtcTime, nullable=False),
    plain("last_seen", UtcTime, nullable=False),
    plain("times", Integer, nullable=False),
    plain("run_id", Integer),
)

# What lists say that no platform tells: attendance of sessions, results of another platform.
outside_results = Table(
    "outside_results",
    metadata,
    plain("programme", String(80), primary_key=True),
    basic("phone", String(20), primary_key=True),
    plain("kind", String(20), primary_key=True),
    plain("key", String(255), primary_key=True),
    sensitive("value", Float),
    sensitive("at", UtcTime, nullable=False),
    plain("file", Text, nullable=False),
    plain("sheet", Text, nullable=False),
    plain("source_row", Integer, nullable=False),
    plain("first_seen", UtcTime, nullable=False),
    plain("last_changed", UtcTime, nullable=False),
    plain("run_id", Integer),
)
