"""What a report is made of: rows as they come in, tables as they go out to the writers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Cell = str | int | float | datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceRow:
    """The numbers of one province, in persons.

    `provisioned` have an account, `logged_in` have ever logged in, `studying` have done at least one topic and not
    completed, `completed` have passed by the rule, `certified` have a number in the register.
    """

    province_code: str
    province: str
    registered: int
    provisioned: int
    logged_in: int
    studying: int
    completed: int
    certified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerRow:
    """One learner's result. `phone` is E.164; `grade` is in 0..100 or None; `missing` is text, empty when passed."""

    full_name: str
    phone: str
    workplace: str
    position: str
    commune: str
    province_code: str
    province: str
    mandatory_done: int
    elective_done: int
    missing: str
    passed: bool
    grade: float | None = None
    completed_at: datetime | None = None
    register_no: str = ""


class ColumnKind(StrEnum):
    """How a column's cells are meant, so that each writer shows them well."""

    ROW_NO = "row_no"
    CODE = "code"
    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    SCORE = "score"
    DATE = "date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: the glossary's key, the heading that people read, the kind, the width in characters."""

    key: str
    heading: str
    kind: ColumnKind
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table, ready to be written: `name` is short (a sheet's name), `caption` the title above the table.

    Cells stand in the order of the columns; a PERCENT cell is in 0..100, None where it cannot be said; dates are aware.
    """

    key: str
    name: str
    caption: str
    unit: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMeta:
    """What identifies a report: its data stand as of `cutoff`, in the mirror run `snapshot_id`.

    `provinces` are the codes of those that it is limited to; none: it is the whole country's.
    `freshness` says in words when each part of the data was read from the platform.
    `checksum` is the SHA-256 of all tables' keys and rows: two files of the same numbers carry the same one.
    """

    key: str
    title: str
    superior: str
    unit: str
    programme_key: str
    programme: str
    cutoff: datetime
    snapshot_id: str
    generated_at: datetime
    checksum: str
    freshness: str = ""
    provinces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report, ready for the writers."""

    meta: ReportMeta
    tables: tuple[Table, ...]
