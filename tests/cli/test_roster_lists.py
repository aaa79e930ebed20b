"""`connector roster list`, `export` and `informed`, as a person types them."""

import json
from pathlib import Path

from tests.cli.conftest import Desk

FORM = "Dấu thời gian,Họ và tên,Số điện thoại,Đơn vị công tác,Chức vụ,Tỉnh/Thành phố\n"
OWN = "26/11/2025 8:00:00,Trần Thị Bình,0912000002,UBND xã Nhân Hòa,Chuyên viên,Nghệ An\n"
HEAD = "STT,Họ và tên,Số ĐTDĐ,Đơn vị công tác,Chức vụ,Tỉnh/Thành phố\n"
AN = "1,Nguyễn Văn An,0912000001,UBND xã Nhân Hòa,Văn thư,Nghệ An\n"


def imported(desk: Desk) -> Desk:
    (desk.folder / "qr.csv").write_text(FORM + OWN, "utf-8")
    (desk.folder / "a.csv").write_text(HEAD + AN, "utf-8")
    code, out, _err = desk.type("roster", "import", desk.folder / "qr.csv", desk.folder / "a.csv")
    assert code == 0
    assert "1 registered themselves and await" in out
    assert "1 registered themselves too late" in out
    return desk


def test_counts_come_by_province_and_people_when_asked_for(desk: Desk) -> None:
    imported(desk)
    code, out, _err = desk.type("roster", "list")
    assert (code, "40 Nghệ An" in out, "Bình" in out) == (0, True, False)
    code, out, _err = desk.type("roster", "list", "--province", "40", "--stage", "registered")
    assert (code, "Trần Thị Bình" in out, "Nguyễn Văn An" in out) == (0, True, False)
    assert "0912000002" not in out
    assert desk.type("roster", "list", "--province", "99")[0] == 6


def test_json_names_the_row_of_each_field(desk: Desk) -> None:
    imported(desk)
    _code, out, _err = desk.type("roster", "list", "--json")
    people = [json.loads(line) for line in out.splitlines()]
    assert [(one["stage"], one["late"]) for one in people] == [("confirmed", False), ("registered", True)]
    assert people[1]["sources"]["position"] == "qr.csv:2"


def test_clean_lists_are_written_and_their_paths_told(desk: Desk) -> None:
    imported(desk)
    code, out, _err = desk.type("roster", "export", "--out", desk.folder / "out")
    files = [Path(line) for line in out.split()]
    assert (code, len(files)) == (0, 2)
    assert all(file.is_file() for file in files)
    code, out, _err = desk.type("roster", "export", "--province", "31")
    assert (code, "Nobody" in out) == (0, True)


def test_informed_counts_those_who_have_accounts(desk: Desk) -> None:
    imported(desk)
    plan = desk.folder / "plan.json"
    assert desk.type("roster", "informed")[1].startswith("0 ")
    assert desk.type("plan", "--out", plan)[0] == 3
    assert desk.type("apply", plan)[0] == 0
    assert desk.type("roster", "informed")[1].startswith("1 ")


def test_how_a_file_came_can_be_said(desk: Desk) -> None:
    (desk.folder / "qr.csv").write_text(FORM + OWN, "utf-8")
    path = desk.folder / "qr.csv"
    assert json.loads(desk.type("roster", "check", path, "--json")[1])["intake"] == "self"
    assert (
        json.loads(desk.type("roster", "check", path, "--json", "--intake", "department")[1])["intake"] == "department"
    )
