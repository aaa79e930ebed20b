"""How cells and the report's own facts are shown to people, the same in every kind of file."""

from datetime import datetime

from connector.language import _
from connector.reports.progress import NOTHING_TO_COUNT
from connector.reports.rows import Cell, ColumnKind, Report, ReportMeta, Table

DAY = "%d/%m/%Y"
MINUTE = "%H:%M %d/%m/%Y"
# Official dates write a 0 before days below 10 and before January and February only (Nghị định 30/2020/NĐ-CP).
_LAST_MONTH_WITH_ZERO = 2


def shown(cell: Cell, kind: ColumnKind) -> str:
    """The cell as text, the Vietnamese way: 1.234 for thousands, 85,7 for decimals, 05/12/2025 for days."""
    if cell is None:
        return NOTHING_TO_COUNT if kind is ColumnKind.PERCENT else ""
    if isinstance(cell, datetime):
        return cell.strftime(DAY)
    if isinstance(cell, float):
        return f"{cell:.1f}".replace(".", ",")
    if isinstance(cell, int) and kind is ColumnKind.COUNT:
        return f"{cell:,}".replace(",", ".")
    return str(cell)


def column_numbers(table: Table) -> list[str]:
    """The row of column numbers that official tables carry under their headings: (1), (2), ..."""
    return [f"({number})" for number in range(1, len(table.columns) + 1)]


def heading_lines(meta: ReportMeta) -> list[str]:
    """The lines under the title: the programme, when the data were closed, and how fresh each part of them is."""
    return [
        _("Programme: {programme}").format(programme=meta.programme),
        _("Data as of {moment}").format(moment=meta.cutoff.strftime(MINUTE)),
        *([meta.freshness] if meta.freshness else []),
    ]


def origin_line(meta: ReportMeta) -> str:
    """The line that lets anyone check the file: when it was made, from which snapshot, with which checksum."""
    return _("Made at {moment} from snapshot {snapshot}; checksum {checksum}").format(
        moment=meta.generated_at.strftime(MINUTE), snapshot=meta.snapshot_id, checksum=meta.checksum
    )


def table_title(number: int) -> str:
    """The number of a table, as it stands at its top: 'Table 01'."""
    return _("Table {number:02d}").format(number=number)


def place_and_date(meta: ReportMeta) -> str:
    """The line above the signatures; the place is left open, since the report does not know it."""
    made = meta.generated_at
    month = f"{made.month:02d}" if made.month <= _LAST_MONTH_WITH_ZERO else str(made.month)
    return _("............, day {day} month {month} year {year}").format(
        day=f"{made.day:02d}", month=month, year=made.year
    )


def signatories() -> tuple[str, str]:
    """Who signs below the summary: left, right."""
    return _("Prepared by"), _("Head of the unit")


def national_lines() -> tuple[str, str]:
    """The country's name and motto, top right of an official report (Nghị định 30/2020/NĐ-CP)."""
    return _("SOCIALIST REPUBLIC OF VIET NAM"), _("Independence - Freedom - Happiness")


def file_stem(report: Report) -> str:
    """The name of the report's files without ending: report, programme, provinces (of a part only), cut-off."""
    meta = report.meta
    return "-".join([meta.key, meta.programme_key, *meta.provinces, f"{meta.cutoff:%Y%m%d-%H%M}"])
