"""The pretend Open edX itself: its database, its clock, and what its operator has switched on.

The clock stands still until it is set; each moment asked of it is a microsecond later than the last, as rows made one
after another have different moments on a real site. Rate limits run on the machine's own time instead.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.sandbox.openedx.tables import TABLES

MICRO = 1_000_000
_VARIABLES = 10_000  # values in one IN list; SQLite takes 32,766


@dataclass(slots=True, kw_only=True)
class Features:
    """What an operator of the pretend site can switch. The defaults are a stock Tutor site's (facts, head and 0).

    `measured()` gives those of the site whose answers were recorded.
    """

    host: str = "https://lms.example.vn"
    bulk_enrolment: bool = False  # FEATURES ENABLE_BULK_ENROLLMENT_VIEW
    csv_signup: bool = False  # FEATURES ALLOW_AUTOMATED_SIGNUPS
    csv_signup_extra: bool = False  # ENABLE_AUTOMATED_SIGNUPS_EXTRA_FIELDS: cohort and mode columns
    completion_tracking: bool = True  # waffle switch; code default off, a Tutor initialisation turns it on
    automatic_certificates: bool = False  # waffle switch certificates.auto_certificate_generation
    progress_tab: bool = False  # waffle flag course_home.course_home_mfe_progress_tab
    skip_email_validation: bool = False  # FEATURES SKIP_EMAIL_VALIDATION: accounts are born active
    hidden_student_columns: frozenset[str] = frozenset()  # SiteConfiguration student_profile_download_fields lacks them
    rate_limits: bool = True
    registrations_a_week: int = 60  # REGISTRATION_RATELIMIT

    @classmethod
    def measured(cls) -> "Features":
        """The recorded site's: everything on that a connector can use."""
        return cls(
            bulk_enrolment=True,
            csv_signup=True,
            csv_signup_extra=True,
            automatic_certificates=True,
            progress_tab=True,
        )


@dataclass(slots=True)
class EdxSite:
    """One pretend site. Not for several threads at once: both doors put a lock around it."""

    path: str
    features: Features = field(default_factory=Features)
    ticks: Callable[[], float] = time.monotonic  # seconds of the rate limits
    db: sqlite3.Connection = field(init=False)
    calls: Counter[str] = field(init=False, default_factory=Counter)
    trees: dict[str, Any] = field(init=False, default_factory=dict)  # courses as they are built: content.tree
    buckets: dict[tuple[str, str], list[float]] = field(init=False, default_factory=dict)
    _now: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.path != ":memory:":
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=512)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(TABLES)
        row = self.one("SELECT value FROM config WHERE name = 'now'")
        self._now = int(row[0]) if row else 0
        # Rows of this second from before a restart keep their moments to themselves: lists are paged by them.
        row = self.one("SELECT max(created) FROM enrolments WHERE created / ? = ?", (MICRO, self.now()))
        self._now = max(self._now, row[0] if row and row[0] else 0)

    def close(self) -> None:
        """Close the database file."""
        self.db.close()

    def now(self) -> int:
        """The site's own time in whole seconds since 1970."""
        return self._now // MICRO

    def moment(self) -> int:
        """A moment in microseconds that no other row has."""
        self._now += 1
        return self._now

    def set_now(self, epoch: int) -> None:
        """Set the site's time in seconds, and write it down."""
        self._now = epoch * MICRO
        self.db.execute("INSERT OR REPLACE INTO config (name, value) VALUES ('now', ?)", (str(self._now),))

    def pass_to(self, epoch: int) -> None:
        """Let time go on to this second, for rows that are being written; it never goes back, and is not kept."""
        self._now = max(self._now, epoch * MICRO)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: Open edX runs each request in one transaction (ATOMIC_REQUESTS)."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = self.db.execute(sql, values).fetchone()
        return row

    def row(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The row that must be there; LookupError shows a hole in the site's own tables."""
        found = self.one(sql, values)
        if found is None:
            raise LookupError(f"no row for {values!r}: {sql}")
        return found

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.db.execute(sql, values).fetchall()

    def among(self, sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """All rows of a statement whose `{}` is replaced by the marks of an IN list, in slices of the values."""
        different = list(dict.fromkeys(values))
        for start in range(0, len(different), _VARIABLES):
            part = different[start : start + _VARIABLES]
            yield from self.db.execute(sql.format(",".join("?" * len(part))), part)


def iso(moment: int | None, places: int = 6) -> str | None:
    """A moment as the platform writes it: 2026-11-22T02:54:21.176857Z, with `places` digits of the second."""
    if moment is None:
        return None
    seconds, micro = divmod(moment, MICRO)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{micro:06d}"[: 20 + places] + "Z" if places else f"{text}Z"


def spoken_date(moment: int) -> str:
    """A moment as a day for people: November 22, 2026."""
    day = datetime.fromtimestamp(moment // MICRO, UTC)
    return f"{day:%B} {day.day}, {day.year}"
