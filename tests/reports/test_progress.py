from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.reports.columns import percent
from connector.reports.progress import build_progress
from connector.reports.rows import Cell, ProvinceRow, Table
from tests.reports.samples import CUTOFF, SNAPSHOT, content, definition, learner, province, report


def column(table: Table, key: str) -> list[Cell]:
    at = [column.key for column in table.columns].index(key)
    return [row[at] for row in table.rows]


def total(table: Table, key: str) -> Cell:
    assert table.totals is not None
    return table.totals[[column.key for column in table.columns].index(key)]


def test_provinces_stand_in_code_order_with_totals() -> None:
    provinces, _learners = report().tables
    assert column(provinces, "row_no") == [1, 2]
    assert column(provinces, "province") == ["Hà Nội", "Nghệ An"]
    assert column(provinces, "completion_rate") == [None, 37.5]
    assert (total(provinces, "province"), total(provinces, "registered")) == ("Total", 8)
    assert (total(provinces, "row_no"), total(provinces, "province_code")) == (None, "")


def test_the_total_rate_is_made_of_totals_not_of_rates() -> None:
    rows = [
        province("01", "Hà Nội", registered=90, completed=90),
        province("04", "Cao Bằng", registered=10, completed=0),
    ]
    provinces, _learners = build_progress(definition(), rows, [], SNAPSHOT).tables
    assert total(provinces, "completion_rate") == 90.0


def test_a_report_about_nobody_can_be_made() -> None:
    provinces, learners = build_progress(definition(), [], [], SNAPSHOT).tables
    assert (provinces.rows, learners.rows) == ((), ())
    assert total(provinces, "completion_rate") is None


def test_learners_stand_by_province_commune_and_name() -> None:
    people = [
        learner("Trần Văn Bình", commune="Xã Bình An"),
        learner("Lê Thị Ân", commune="Xã Bình An"),
        learner("Lê Thị Yến", commune="Xã An Bình"),
        learner("Nguyễn Văn An", province_code="01"),
        learner("Phạm Thị An", commune="Xã Bình An"),
    ]
    _provinces, learners = build_progress(definition(), [], people, SNAPSHOT).tables
    assert column(learners, "full_name") == [
        "Nguyễn Văn An",
        "Lê Thị Yến",
        "Phạm Thị An",
        "Lê Thị Ân",
        "Trần Văn Bình",
    ]
    assert column(learners, "row_no") == [1, 2, 3, 4, 5]


def test_days_are_those_of_the_zone_and_results_are_words() -> None:
    _provinces, learners = report().tables
    moments = column(learners, "completed_at")
    assert [getattr(moment, "day", None) for moment in moments] == [None, 5]
    assert column(learners, "result") == ["Not completed", "Completed"]
    assert column(learners, "score") == [None, 87.5]
    assert learners.notes == ("2 learners.",)


@pytest.mark.parametrize(("mask", "shown"), [(False, "0912345678"), (True, "0*******78")])
def test_phones_are_shown_as_people_dial_them_or_masked(mask: bool, shown: str) -> None:
    _provinces, learners = report(mask=mask).tables
    assert column(learners, "mobile_phone") == [shown, shown]


def test_a_heading_can_be_ones_own() -> None:
    own = {
        "caption": "x",
        "columns": [{"key": "row_no", "width": 5, "heading": "STT"}, {"key": "province", "width": 9}],
    }
    provinces, _learners = report(provinces=own).tables
    assert [column.heading for column in provinces.columns] == ["STT", "Province/city"]


def test_meta_tells_where_the_numbers_come_from() -> None:
    meta = report().meta
    assert (meta.key, meta.programme_key, meta.snapshot_id) == ("all", "k1", "42")
    assert meta.cutoff == CUTOFF
    assert meta.cutoff.tzinfo == ZoneInfo("Asia/Ho_Chi_Minh")
    assert meta.generated_at.hour == 8


def test_the_checksum_follows_the_numbers_only() -> None:
    later = replace(SNAPSHOT, generated_at=SNAPSHOT.generated_at + timedelta(days=1), programme="Other words")
    rows, people = [province()], [learner()]

    def made(rows: list[ProvinceRow] = rows, **changes: object) -> str:
        return build_progress(definition(**changes), rows, people, SNAPSHOT).meta.checksum

    same = build_progress(definition(title="Other"), rows, people, later).meta.checksum
    assert made() == same
    assert len(same) == 64
    fewer = content()["provinces"] | {"columns": content()["provinces"]["columns"][:-1]}
    others = [made([province(certified=1)]), made([]), made(provinces=fewer), report(mask=True).meta.checksum]
    assert len({made(), *others}) == 5


@given(st.permutations([province(code, code) for code in ("01", "04", "40", "96")]), st.data())
def test_the_order_of_rows_does_not_matter(rows: list[ProvinceRow], data: st.DataObject) -> None:
    names = ("Lê An", "Lê Án", "Trần An", "Bình")
    people = data.draw(st.permutations([learner(name, phone=f"+8490000000{at}") for at, name in enumerate(names)]))
    first = build_progress(definition(), sorted(rows, key=lambda row: row.province), people, SNAPSHOT)
    assert build_progress(definition(), rows, list(reversed(people)), SNAPSHOT) == first


@given(part=st.integers(0, 500), more=st.integers(0, 500))
def test_a_share_is_between_0_and_100(part: int, more: int) -> None:
    found = percent(part, part + more)
    assert (found is None) == (part + more == 0)
    assert found is None or 0 <= found <= 100
