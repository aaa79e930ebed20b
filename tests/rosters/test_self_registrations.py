"""The export of the form behind the QR code: found by its column of moments, and read as what it is."""

from datetime import datetime
from pathlib import Path

import pytest

from connector.mappers.roster_moment import HERE
from connector.model import Intake
from connector.rosters.reader import read_roster
from connector.rosters.reading_json import as_json
from tests.rosters.making import HEAD, PERSON, write_csv

FORM = ("Dấu thời gian", "Họ và tên", "Số điện thoại", "Đơn vị công tác", "Chức vụ", "Tỉnh/Thành phố", "Xã/Phường")
AN = ("20/11/2025 8:15:33", "nguyễn văn an", "912000001", "", "Văn thư", "Nghệ An", "Nhân Hoà")


def changed(row: tuple[str, ...], **cells: str) -> tuple[str, ...]:
    names = ("moment", "name", "phone", "workplace", "position", "province", "commune")
    return tuple(cells.get(name, cell) for name, cell in zip(names, row, strict=True))


def test_a_form_is_known_by_its_moments(tmp_path: Path) -> None:
    reading = read_roster(write_csv(tmp_path / "qr.csv", FORM, AN))
    (learner,) = reading.accepted
    assert (reading.intake, learner.intake) == (Intake.SELF, Intake.SELF)
    assert learner.registered_at == datetime(2025, 11, 20, 8, 15, 33, tzinfo=HERE)
    assert (learner.full_name, learner.commune_code) == ("Nguyễn Văn An", "17344")
    assert learner.notices == ("lost_leading_zero", "name_recased")
    shown = as_json(reading)
    assert shown["intake"] == "self"
    assert shown["accepted"][0]["registered_at"] == "2025-11-20T08:15:33+07:00"


def test_a_list_with_a_column_called_time_but_no_moments_is_a_departments(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", (*HEAD, "Thời gian"), (*PERSON, "cả ngày"))
    reading = read_roster(path)
    assert reading.intake is Intake.DEPARTMENT
    assert reading.accepted[0].registered_at is None


def test_a_person_says_how_a_file_came_where_its_columns_do_not(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "qr.csv", FORM, AN)
    as_list = read_roster(path, intake=Intake.DEPARTMENT)
    assert [(one.intake, one.commune_code) for one in as_list.accepted] == [(Intake.DEPARTMENT, "17344")]
    plain = read_roster(write_csv(tmp_path / "b.csv", HEAD, PERSON), intake=Intake.SELF)
    assert [(row.code, row.column, row.cell) for row in plain.refused] == [("bad_timestamp", "registered_at", "B2")]


@pytest.mark.parametrize(
    ("cells", "commune"),
    [
        ({"commune": "xã Nhân Hòa"}, "17344"),
        ({"commune": "Nhân Hoà Đông"}, None),
        ({"commune": ""}, None),
        ({"workplace": "UBND xã Con Cuông", "commune": "Nhân Hòa"}, "17254"),
        ({"workplace": "Sở Nội vụ", "commune": "Nhân Hòa"}, "17344"),
        ({"province": "Hải Phòng", "commune": "Nhân Hòa"}, None),
    ],
)
def test_the_workplace_comes_before_the_column_of_communes(
    tmp_path: Path, cells: dict[str, str], commune: str | None
) -> None:
    (learner,) = read_roster(write_csv(tmp_path / "qr.csv", FORM, changed(AN, **cells))).accepted
    assert learner.commune_code == commune
    assert ("commune_not_found" in learner.notices) == (commune is None)


def test_who_sends_his_form_twice_counts_once_with_the_last_word_and_the_first_moment(tmp_path: Path) -> None:
    again = changed(AN, moment="21/11/2025 9:00:00", name="Nguyễn Văn An", position="Trưởng phòng")
    other = changed(AN, phone="0912000002", name="Lê Lan")
    reading = read_roster(write_csv(tmp_path / "qr.csv", FORM, AN, other, again))
    assert [(one.origin.row, one.position) for one in reading.accepted] == [(3, "Văn thư"), (4, "Trưởng phòng")]
    assert reading.accepted[1].registered_at == datetime(2025, 11, 20, 8, 15, 33, tzinfo=HERE)
    assert reading.skipped == {"header": 1, "repeated": 1}
    assert reading.is_complete


def test_two_names_on_one_number_are_not_one_person(tmp_path: Path) -> None:
    reading = read_roster(write_csv(tmp_path / "qr.csv", FORM, AN, changed(AN, name="Lê Lan")))
    assert [one.full_name for one in reading.accepted] == ["Nguyễn Văn An"]
    assert [(row.code, row.cell, str(row.same_as)) for row in reading.refused] == [
        ("duplicate_in_file", "C3", "qr.csv:2")
    ]


def test_an_unreadable_moment_is_refused_and_the_american_order_is_found(tmp_path: Path) -> None:
    rows = (
        changed(AN, moment="11/20/2025 8:15:33"),
        changed(AN, moment="11/05/2025 8:15:33", phone="0912000002"),
        changed(AN, moment="hôm qua", phone="0912000003"),
    )
    reading = read_roster(write_csv(tmp_path / "qr.csv", FORM, *rows))
    assert [one.registered_at.day for one in reading.accepted if one.registered_at] == [20, 5]
    assert [(row.code, row.cell) for row in reading.refused] == [("bad_timestamp", "A4")]


def test_other_faults_come_before_the_moment(tmp_path: Path) -> None:
    reading = read_roster(write_csv(tmp_path / "qr.csv", FORM, AN, changed(AN, moment="", phone="12")))
    assert [(row.code, row.cell) for row in reading.refused] == [("bad_phone", "C3")]
