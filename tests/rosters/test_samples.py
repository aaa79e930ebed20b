"""The ten sample files, row by row, against their truth (examples/rosters, see its README)."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector.rosters.reader import read_roster
from connector.rosters.reading_json import as_json

SAMPLES = Path(__file__).parents[2] / "examples" / "rosters"
TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))["files"]


def test_all_ten_samples_are_here() -> None:
    assert len(TRUTH) == 10
    assert all((SAMPLES / name).is_file() for name in TRUTH)


@pytest.mark.parametrize("name", TRUTH)
def test_a_sample_is_read_exactly_as_its_truth_says(name: str) -> None:
    reading = as_json(read_roster(SAMPLES / name))
    assert reading["accepted"] == [in_our_order(row) for row in TRUTH[name]["accepted"]]
    assert reading["refused"] == TRUTH[name]["refused"]
    assert reading["skipped_by_kind"] == TRUTH[name]["skipped"]
    assert reading["skipped"] == sum(TRUTH[name]["skipped"].values())


@pytest.mark.parametrize("name", TRUTH)
def test_no_row_of_a_sample_is_lost(name: str) -> None:
    reading = read_roster(SAMPLES / name)
    assert reading.is_complete
    assert reading.rows_read > 0


def in_our_order(row: dict[str, Any]) -> dict[str, Any]:
    fields = "sheet source_row full_name phone province_code commune_code workplace position notices"
    return {field: row[field] for field in fields.split()}
