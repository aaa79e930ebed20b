"""The columns that a report may have, by the glossary's keys (reference/vietnam-facts.md sections 4.2 and 6).

A report's YAML file picks among these. A new column is one line here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from connector.language import _
from connector.model import national_phone
from connector.reports.rows import Cell, ColumnKind, LearnerRow, ProvinceRow

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[Row]):
    """Where a column's cells come from; `heading` is looked up when the report is made."""

    heading: Callable[[], str]
    kind: ColumnKind
    value: Callable[[Row], Cell]


def percent(part: int, whole: int) -> float | None:
    """`part` of `whole` in per cent with one decimal; None when there is nobody to count."""
    return round(100 * part / whole, 1) if whole else None


def _count(heading: Callable[[], str], value: Callable[[ProvinceRow], int]) -> Source[ProvinceRow]:
    return Source(heading=heading, kind=ColumnKind.COUNT, value=value)


def _text(heading: Callable[[], str], value: Callable[[LearnerRow], str]) -> Source[LearnerRow]:
    return Source(heading=heading, kind=ColumnKind.TEXT, value=value)


PROVINCE_COLUMNS: Mapping[str, Source[ProvinceRow]] = {
    "province_code": Source(
        heading=lambda: _("Province code"), kind=ColumnKind.CODE, value=lambda row: row.province_code
    ),
    "province": Source(heading=lambda: _("Province/city"), kind=ColumnKind.TEXT, value=lambda row: row.province),
    "registered": _count(lambda: _("Registered"), lambda row: row.registered),
    "provisioned": _count(lambda: _("Given an account"), lambda row: row.provisioned),
    "logged_in": _count(lambda: _("Logged in"), lambda row: row.logged_in),
    "studying": _count(lambda: _("Studying"), lambda row: row.studying),
    "completed": _count(lambda: _("Completed"), lambda row: row.completed),
    "completion_rate": Source(
        heading=lambda: _("Completion rate (%)"),
        kind=ColumnKind.PERCENT,
        value=lambda row: percent(row.completed, row.registered),
    ),
    "certified": _count(lambda: _("Given a certificate"), lambda row: row.certified),
}

LEARNER_COLUMNS: Mapping[str, Source[LearnerRow]] = {
    "full_name": _text(lambda: _("Full name"), lambda row: row.full_name),
    "mobile_phone": Source(
        heading=lambda: _("Mobile phone"), kind=ColumnKind.CODE, value=lambda row: national_phone(row.phone)
    ),
    "workplace": _text(lambda: _("Workplace"), lambda row: row.workplace),
    "position": _text(lambda: _("Position"), lambda row: row.position),
    "commune": _text(lambda: _("Commune/ward/special zone"), lambda row: row.commune),
    "province_code": Source(
        heading=lambda: _("Province code"), kind=ColumnKind.CODE, value=lambda row: row.province_code
    ),
    "province": _text(lambda: _("Province/city"), lambda row: row.province),
    "mandatory_done": Source(
        heading=lambda: _("Mandatory topics done"), kind=ColumnKind.COUNT, value=lambda row: row.mandatory_done
    ),
    "elective_done": Source(
        heading=lambda: _("Elective topics done"), kind=ColumnKind.COUNT, value=lambda row: row.elective_done
    ),
    "missing_topics": _text(lambda: _("Topics still missing"), lambda row: row.missing),
    "score": Source(heading=lambda: _("Test score"), kind=ColumnKind.SCORE, value=lambda row: row.grade),
    "result": _text(lambda: _("Result"), lambda row: _("Completed") if row.passed else _("Not completed")),
    "completed_at": Source(heading=lambda: _("Completed on"), kind=ColumnKind.DATE, value=lambda row: row.completed_at),
    "register_no": Source(
        heading=lambda: _("Certificate number"), kind=ColumnKind.CODE, value=lambda row: row.register_no
    ),
}


def row_no_heading() -> str:
    """The heading of the running number (STT), which every table may have as the column 'row_no'."""
    return _("No.")
