"""What a sheet keeps, what merged areas add, and where reading stops."""

import pytest

from connector.rosters.sheets import Limits, SheetBuilder, TooLarge, too_large
from tests.rosters.making import sheet_of


def test_only_cells_that_hold_something_are_kept() -> None:
    sheet = sheet_of(("a", "", " \u200b "), (), ("", "b"))
    assert sheet.rows == {1: {1: "a"}, 3: {2: "b"}}


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"])
def test_an_error_value_is_nothing(text: str) -> None:
    assert sheet_of((text,)).rows == {}


def test_a_formula_without_a_stored_value_makes_its_row_count() -> None:
    sheet = sheet_of(("",), ("x",), formulas=[(1, 1)])
    assert [number for number, _cells in sheet.numbered_rows()] == [1, 2]
    assert sheet.is_formula(1, 1)
    assert not sheet.is_formula(2, 1)


def test_a_merged_value_counts_for_every_row_that_it_covers() -> None:
    sheet = sheet_of(("a", "x"), ("b",), ("c", "own"), ("d",), merged=[(1, 2, 3, 2)])
    assert [dict(sheet.texts(row)) for row in (1, 2, 3, 4)] == [
        {1: "a", 2: "x"},
        {1: "b", 2: "x"},
        {1: "c", 2: "own"},
        {1: "d"},
    ]


def test_a_row_that_only_a_merged_area_covers_stays_empty() -> None:
    sheet = sheet_of(("a",), (), ("b",), merged=[(1, 1, 3, 1)])
    assert [number for number, _cells in sheet.numbered_rows()] == [1, 3]


def test_formulas_and_old_fonts_go_with_a_merged_value() -> None:
    builder = SheetBuilder("", Limits())
    builder.put(1, 1, "x· Héi Hoan", font=".VnTime", formula=True)
    builder.put(2, 2, "b", formula=False)
    builder.merge(1, 1, 2, 1)
    sheet = builder.finish()
    assert sheet.texts(2)[1] == "xã Hội Hoan"
    assert sheet.is_formula(2, 1)
    assert sheet.was_decoded(2, 1)
    assert not sheet.was_decoded(2, 2)


def test_a_merged_area_without_a_value_adds_nothing() -> None:
    sheet = sheet_of(("a",), ("b",), merged=[(1, 2, 2, 2)])
    assert (sheet.covered, sheet.heights, sheet.widths) == ({}, {}, {})


def test_an_area_merged_to_the_end_of_the_sheet_costs_nothing() -> None:
    sheet = sheet_of(("a",), ("b",), merged=[(1, 1, 1_048_576, 16_384)])
    assert dict(sheet.texts(2)) == {1: "b"}
    assert sheet.heights == {(1, 1): 1_048_576}


@pytest.mark.parametrize(
    ("limits", "what"),
    [(Limits(rows=2), "2 rows"), (Limits(cells=2), "2 cells"), (Limits(merged_cells=1), "merged cells over")],
)
def test_reading_stops_at_a_limit(limits: Limits, what: str) -> None:
    with pytest.raises(TooLarge) as caught:
        sheet_of(("a",), ("b",), ("c",), merged=[(1, 1, 3, 1)], limits=limits)
    assert what in caught.value.what
    assert what in str(too_large(caught.value.what))


def test_merged_areas_are_counted_as_well() -> None:
    with pytest.raises(TooLarge, match="3 merged cells"):
        sheet_of(merged=[(1, 1, 1, 1)] * 4, limits=Limits(cells=3))


def test_a_limit_counts_rows_once_however_many_cells_they_have() -> None:
    assert len(sheet_of(("a", "b", "c"), ("d", "e"), limits=Limits(rows=2)).rows) == 2
