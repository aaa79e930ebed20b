"""A report as CSV, one file for each table, for other programs and for Excel (UTF-8 with byte order mark).

Numbers have a decimal point, dates are ISO 8601 with their offset; there are no title lines and no totals, so that a
program can add up by itself. A text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
from datetime import datetime
from pathlib import Path

from connector.reports.rows import Cell, Table

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: Table, path: Path) -> None:
    """Write one table to `path`, over whatever is there."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.heading for column in table.columns])
        writer.writerows([_field(cell) for cell in row] for row in table.rows)


def _field(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return str(cell)
