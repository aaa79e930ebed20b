"""The pretend site itself: its database, its clock, its settings, and one transaction for each function.

Sequences are kept outside of transactions, as PostgreSQL keeps them: a refused list burns ids (recorded: five
accounts, a refused list of two sent twice, and the next id is two further on).
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.faults import MoodleFault, moodle_exception
from connector.sandbox.pace import Bill
from connector.sandbox.tables import TABLES

ADMIN_ID = 2
GUEST_ID = 1
VARIABLES = 10_000  # values in one IN list; SQLite takes 32,766

_ENTITY = re.compile(r"&(?!(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);)")


@dataclass(slots=True, kw_only=True)
class Switches:
    """What an administrator of the pretend site can set; a test turns these to make a quirk appear."""

    wwwroot: str = "https://mooc.example.vn"
    sitename: str = "MOOC"
    timezone: str = "Asia/Ho_Chi_Minh"
    languages: frozenset[str] = frozenset({"en", "vi"})
    max_input_vars: int = 5000
    post_max_size: int = 8 * 1024 * 1024
    web_services: bool = True
    rest_protocol: bool = True
    service_enabled: bool = True
    maintenance: bool = False
    closed: bool = False  # "maintenance mode" of the web page, not of the command line: errorcode sitemaintenance
    blind: bool = False  # the service account lacks moodle/user:viewalldetails
    lacks: frozenset[str] = frozenset()  # rights that the service account lacks, of those that `Site.require` asks for
    same_email_allowed: bool = False
    cohort_unenrol: bool = True  # enrol_cohort/unenrolaction: unenrol (Moodle's default) or suspend
    certificates_by_mail: bool = True  # the customcert's "e-mail students": without it cron issues nothing
    lists_issues: bool = True  # False: mod_customcert before 4.4.7 and 5.0.1, which no Moodle before 4.4 has newer
    release: str = "4.5 (Build: 20241007)"
    customcert_version: str = "2024042219"  # of mod_customcert 4.4.11
    welcome_messages: bool = True  # "send course welcome message" of manual enrolment: Moodle's default is on
    theme_revision: int = 1795315504


@dataclass(slots=True, kw_only=True)
class Request:
    """Settings that came with the call: raw texts, and the time zone in which dates are written."""

    raw: bool = False
    timezone: str = ""
    functions: frozenset[str] = frozenset()


@dataclass(slots=True)
class Site:
    """One pretend site. Not for several threads at once: both doors put a lock around it."""

    path: str
    switches: Switches = field(default_factory=Switches)
    db: sqlite3.Connection = field(init=False)
    request: Request = field(init=False, default_factory=Request)
    calls: Counter[str] = field(init=False, default_factory=Counter)
    memory: dict[Any, Any] = field(init=False, default_factory=dict)
    bill: Bill | None = field(init=False, default=None)  # what calls would cost on a real site, where that is asked for
    _ids: dict[str, int] = field(init=False, default_factory=dict)
    _now: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.path != ":memory:":
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=512)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(TABLES)
        self._now = int(self.config("now", "0"))

    def close(self) -> None:
        """Close the database file."""
        self.db.close()

    def now(self) -> int:
        """The site's own time as an epoch; it stands still until it is set."""
        return self._now

    def set_now(self, epoch: int) -> None:
        """Set the site's time, and write it down."""
        self._now = epoch
        self.set_config("now", str(epoch))

    def config(self, name: str, default: str = "") -> str:
        """A stored setting."""
        row = self.one("SELECT value FROM config WHERE name = ?", (name,))
        return str(row[0]) if row else default

    def set_config(self, name: str, value: str) -> None:
        """Store a setting."""
        self.db.execute("INSERT OR REPLACE INTO config (name, value) VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, except that a fault marked `kept` leaves what was written."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except MoodleFault as fault:
            self.db.execute("COMMIT" if fault.kept else "ROLLBACK")
            raise
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def require(self, right: str, errorcode: str = "nopermissions") -> None:
        """Raise Moodle's refusal when the service account lacks this right."""
        if right in self.switches.lacks:
            raise moodle_exception(errorcode, "Sorry, but you do not currently have permissions to do that.")

    def next_id(self, table: str, count: int = 1) -> int:
        """The first of `count` new ids of a table; never given back, whatever becomes of the transaction."""
        if table not in self._ids:
            row = self.one(f"SELECT coalesce(max(id), 0) FROM {table}")
            self._ids[table] = row[0] if row else 0
        first = self._ids[table] + 1
        self._ids[table] += count
        return first

    def next_heap(self, table: str) -> int:
        """A number that grows with each write of a row: unsorted reads of PostgreSQL come out in this order."""
        if f"{table}.heap" not in self._ids:
            row = self.one(f"SELECT coalesce(max(heap), 0) FROM {table}")
            self._ids[f"{table}.heap"] = row[0] if row else 0
        self._ids[f"{table}.heap"] += 1
        return self._ids[f"{table}.heap"]

    def one(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row, or None."""
        row: tuple[Any, ...] | None = self.db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.db.execute(sql, values).fetchall()

    def among(self, sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """All rows of a statement whose `{}` is replaced by the marks of an IN list, in slices of the values."""
        different = list(dict.fromkeys(values))
        for start in range(0, len(different), VARIABLES):
            part = different[start : start + VARIABLES]
            yield from self.db.execute(sql.format(",".join("?" * len(part))), part)

    def text(self, value: str) -> str:
        """A text as Moodle shows it: escaped for HTML, also in JSON, unless raw texts were asked for (facts 1.1)."""
        if self.request.raw or not value:
            return value
        return _ENTITY.sub("&amp;", value).replace("<", "&lt;").replace(">", "&gt;")

    def zone(self) -> ZoneInfo:
        """The time zone in which dates are written in this answer."""
        return ZoneInfo(self.request.timezone or self.switches.timezone)

    def picture(self, size: str) -> str:
        """The address of the default user picture, 'f1' or 'f2'."""
        return f"{self.switches.wwwroot}/theme/image.php/boost/core/{self.switches.theme_revision}/u/{size}"
