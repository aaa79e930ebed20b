"""The clean list in the official form: order, form, and that our own reader takes it as it is."""

from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook

from connector.language import use_language
from connector.model import Learner, Origin
from connector.places import province_by_code
from connector.rosters.consolidated import file_name, in_list_order, write_consolidated
from connector.rosters.reader import read_roster

ONE = Learner(
    phone="+84912000001",
    full_name="Nguyễn Văn An",
    province_code="40",
    commune_code="17344",
    workplace="UBND xã Nhân Hòa",
    position="Văn thư",
    origin=Origin(file="a", sheet="", row=1),
)


def people(*names: str, commune: str | None = "17344", province: str = "40") -> list[Learner]:
    return [replace(ONE, full_name=name, commune_code=commune, province_code=province) for name in names]


def test_the_order_is_province_commune_and_vietnamese_name() -> None:
    named = people("Lê Ánh", "Nguyễn Văn Bình", "Đỗ An", "Nguyễn Ân", "Lê An")
    rows = [*people("Không Xã", commune=None), *people("Trần Con", commune="17254"), *named]
    rows += people("Hà Nội", commune=None, province="01")
    assert [one.full_name for one in in_list_order(rows)] == [
        "Hà Nội",
        "Trần Con",
        "Đỗ An",
        "Lê An",
        "Lê Ánh",
        "Nguyễn Ân",
        "Nguyễn Văn Bình",
        "Không Xã",
    ]


def test_what_is_written_is_read_again_as_the_same_people(tmp_path: Path) -> None:
    use_language("vi")
    rows = [replace(one, phone=f"+8491200000{n}") for n, one in enumerate(people("Lê An", "Trần Đức", "H'Lan Ayũn"))]
    path = tmp_path / file_name("tong_hop", province_by_code("40"))
    write_consolidated(rows, province_by_code("40"), path)
    reading = read_roster(path)
    unlocated = [replace(one, origin=ONE.origin) for one in reading.accepted]
    assert unlocated == rows
    assert reading.refused == ()
    assert reading.is_complete


def test_no_text_becomes_a_formula_and_phones_keep_their_zero(tmp_path: Path) -> None:
    use_language("vi")
    risky = replace(ONE, workplace="=HYPERLINK(1)", position="@cmd", full_name="+84")
    write_consolidated([risky], None, tmp_path / "a.xlsx")
    page = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    cells = [cell for row in page.iter_rows(min_row=6, max_row=6) for cell in row]
    assert [cell.value for cell in cells[1:5]] == ["+84", "0912000001", "=HYPERLINK(1)", "@cmd"]
    assert {cell.data_type for cell in cells[1:5]} == {"s"}
    assert page["A1"].value == "Phụ lục 01"


def test_files_are_named_without_marks() -> None:
    assert file_name("x", province_by_code("66")) == "x_66_dak_lak.xlsx"
    assert file_name("x", None) == "x_toan_quoc.xlsx"
