"""The workbook as a department opens it."""

from io import BytesIO

from openpyxl import load_workbook

from connector.handouts.handout import Handout
from connector.handouts.workbook import workbook_of

FIRST_ROW = 6


def test_each_person_has_a_line_and_every_text_stays_a_text(handout: Handout) -> None:
    book = load_workbook(BytesIO(workbook_of(handout)))
    accounts, _guidance = book.worksheets
    rows = list(accounts.iter_rows(min_row=FIRST_ROW, values_only=True))
    assert [row[1:] for row in rows] == [
        (one.full_name, one.workplace, one.commune, one.username, one.password) for one in handout.people
    ]
    assert {cell.data_type for row in accounts.iter_rows(min_row=FIRST_ROW) for cell in row} == {"s"}
    head = " ".join(str(cell.value) for row in accounts.iter_rows(max_row=4) for cell in row if cell.value)
    assert handout.address in head
    assert handout.programme in head
    assert handout.province.upper() in head


def test_the_guidance_is_a_sheet_of_its_own_with_headings(handout: Handout) -> None:
    page = load_workbook(BytesIO(workbook_of(handout))).worksheets[1]
    cells = [row[0] for row in page.iter_rows()]
    assert [cell.value for cell in cells] == [line.removeprefix("# ") for line in handout.guidance]
    headings = [cell.value for cell in cells if cell.font.bold]
    assert headings == [line[2:] for line in handout.guidance if line.startswith("# ")]
    assert any("https://mooc.example.vn" in str(cell.value) for cell in cells)
