import csv
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.reports.csv_writer import write_csv
from connector.reports.writing import FORMATS, check_formats, write_report
from tests.reports.samples import NASTY, report


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_every_format_is_written_and_named(tmp_path: Path) -> None:
    paths = write_report(report(), tmp_path / "new" / "folder", ["xlsx", "html", "csv", "xlsx"])
    assert [path.name for path in paths] == [
        "all-k1-20251210-0000.xlsx",
        "all-k1-20251210-0000.html",
        "all-k1-20251210-0000-provinces.csv",
        "all-k1-20251210-0000-learners.csv",
    ]
    assert sorted(paths) == sorted((tmp_path / "new" / "folder").iterdir())
    assert set(FORMATS) == {"xlsx", "html", "csv"}


def test_csv_is_for_programs_and_safe_in_a_spreadsheet(tmp_path: Path) -> None:
    provinces, learners = (tmp_path / f"{table.key}.csv" for table in report().tables)
    for table, path in zip(report().tables, (provinces, learners), strict=True):
        write_csv(table, path)
    assert provinces.read_bytes().startswith(b"\xef\xbb\xbf")
    assert rows(provinces)[1:] == [
        ["1", "01", "Hà Nội", "0", "8", "7", "3", "0", "", "2"],
        ["2", "40", "Nghệ An", "8", "8", "7", "3", "3", "37.5", "2"],
    ]
    assert rows(provinces)[0][:3] == ["No.", "Province code", "Province/city"]
    assert rows(learners)[1][1] == f"'{NASTY}"
    assert rows(learners)[2][-2:] == ["2025-12-05T01:30:00+07:00", "00001/2025/GCN"]


@pytest.mark.parametrize("formats", [["pdf"], ["xlsx", "docx"], []])
def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path: Path, formats: list[str]) -> None:
    with pytest.raises(ConfigError, match="Known: xlsx, html, csv"):
        write_report(report(), tmp_path / "reports", formats)
    assert not (tmp_path / "reports").exists()
    check_formats(["csv"])


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written to"):
        write_report(report(), tmp_path / "file", ["csv"])


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    (old,) = write_report(report(), tmp_path, ["html"])
    before = old.read_bytes()
    first, learners = report().tables
    short = replace(learners, rows=(("one cell",),))  # one cell where the columns ask for fifteen
    with pytest.raises(ValueError, match="zip"):
        write_report(replace(report(), tables=(first, short)), tmp_path, ["xlsx", "html"])
    assert old.read_bytes() == before
    assert list(tmp_path.iterdir()) == [old]
