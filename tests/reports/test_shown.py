from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.reports.rows import Cell, ColumnKind
from connector.reports.shown import (
    column_numbers,
    file_stem,
    heading_lines,
    origin_line,
    place_and_date,
    shown,
    table_title,
)
from tests.reports.samples import report


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (None, ColumnKind.PERCENT, "—"),
        (None, ColumnKind.DATE, ""),
        (85.66, ColumnKind.PERCENT, "85,7"),
        (18000, ColumnKind.COUNT, "18.000"),
        (1234, ColumnKind.ROW_NO, "1234"),
        ("01", ColumnKind.CODE, "01"),
        (datetime(2025, 12, 5, tzinfo=UTC), ColumnKind.DATE, "05/12/2025"),
    ],
)
def test_cells_are_shown_the_vietnamese_way(cell: Cell, kind: ColumnKind, text: str) -> None:
    assert shown(cell, kind) == text


def test_the_lines_of_a_report_name_cutoff_snapshot_and_checksum() -> None:
    made = report()
    assert heading_lines(made.meta) == ["Programme: Tập huấn <cấp xã> & khóa 1", "Data as of 00:00 10/12/2025"]
    told = origin_line(made.meta)
    assert told == f"Made at 08:05 10/12/2025 from snapshot 42; checksum {made.meta.checksum}"
    assert table_title(2) == "Table 02"
    assert column_numbers(made.tables[0])[:2] == ["(1)", "(2)"]
    assert file_stem(made) == "all-k1-20251210-0000"
    part = replace(made, meta=replace(made.meta, provinces=("01", "40")))
    assert file_stem(part) == "all-k1-01-40-20251210-0000", "a province's file is never the national one"


@pytest.mark.parametrize(("month", "written"), [(1, "01"), (2, "02"), (3, "3"), (12, "12")])
def test_official_dates_write_zeros_for_days_and_the_first_two_months(month: int, written: str) -> None:
    # Nghị định 30/2020/NĐ-CP, reference/vietnam-facts.md section 4.1
    meta = replace(report().meta, generated_at=datetime(2026, month, 5, tzinfo=UTC))
    assert place_and_date(meta) == f"............, day 05 month {written} year 2026"
