"""The clean consolidated list in the official form (Phụ lục 01), for one province or the whole country.

Sorted by province code, commune and Vietnamese name order. Every text is written as a text: none becomes a formula, a
link or a number, and phone numbers keep their first 0. The form: reference/vietnam-facts.md sections 1.1 and 4.1.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from connector.language import _
from connector.model import Learner, national_phone
from connector.places import Province, commune_by_code, province_by_code
from connector.reports.collation import NameKey, PhraseKey, name_key, phrase_key

_WIDTHS = (6, 28, 14, 44, 24, 18, 32)
_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter", "text_wrap": True}
_A4 = 9
_TEXT_ONLY = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_LAST = len(_WIDTHS) - 1
_CENTRED = (0, 2)

SortKey = tuple[str, bool, PhraseKey, str, NameKey]


def in_list_order(learners: Iterable[Learner]) -> list[Learner]:
    """The people by province code, commune and name; those without a known commune last, by workplace."""
    return sorted(learners, key=_list_key)


def file_name(start: str, province: Province | None) -> str:
    """'<start>_40_nghe_an.xlsx', or '<start>_toan_quoc.xlsx' for the whole country."""
    if province is None:
        return f"{start}_toan_quoc.xlsx"
    plain = unicodedata.normalize("NFD", province.name.casefold().replace("đ", "d"))
    letters = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return f"{start}_{province.code}_{'_'.join(letters.split())}.xlsx"


def write_consolidated(learners: Sequence[Learner], province: Province | None, target: Path) -> None:
    """Write these people, in this order, as a workbook of the official form to `target`, over whatever is there."""
    with Workbook(target, _TEXT_ONLY) as workbook:
        page = workbook.add_worksheet(_("List"))
        bold = workbook.add_format(_FONT | {"bold": True, "align": "center"})
        boxed = workbook.add_format(_FONT | {"border": 1})
        centred = workbook.add_format(_FONT | {"border": 1, "align": "center", "num_format": "@"})
        first = _head(workbook, page, province, bold)
        for number, learner in enumerate(learners, start=1):
            row = first + number - 1
            page.write_number(row, 0, number, centred)
            for column, text in enumerate(_cells(learner), start=1):
                page.write_string(row, column, text, centred if column in _CENTRED else boxed)
        end = first + len(learners)
        _across(page, end, _("Total: {count} people").format(count=len(learners)), bold)


def _list_key(learner: Learner) -> SortKey:
    commune = commune_by_code(learner.commune_code).name if learner.commune_code else ""
    return (
        learner.province_code,
        not commune,
        phrase_key(commune or learner.workplace),
        learner.commune_code or "",
        name_key(learner.full_name),
    )


def _cells(learner: Learner) -> tuple[str, ...]:
    return (
        learner.full_name,
        national_phone(learner.phone),
        learner.workplace,
        learner.position,
        province_by_code(learner.province_code).name,
        # The department fills in its own contact; no list that we read is asked for it.
        "",
    )


def _head(workbook: Workbook, page: Worksheet, province: Province | None, bold: Format) -> int:
    """Titles and the table's head; the first row of people."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    italic = workbook.add_format(_FONT | {"italic": True, "align": "center"})
    heading = workbook.add_format(_FONT | {"bold": True, "align": "center", "border": 1, "bg_color": "#E7EEF7"})
    whole = _("(Nationwide list, consolidated)")
    place = _("(Consolidated list of {province})").format(province=province.full_name) if province else whole
    _across(page, 0, _("Annex 01"), bold)
    _across(page, 1, _("LIST OF REGISTRATIONS FOR THE TRAINING"), bold)
    _across(page, 2, place, italic)
    for column, (text, width) in enumerate(zip(_headings(), _WIDTHS, strict=True)):
        page.set_column(column, column, width)
        page.write_string(4, column, text, heading)
    page.freeze_panes(5, 0)
    page.repeat_rows(4)
    return 5


def _headings() -> tuple[str, ...]:
    return (
        _("No."),
        _("Full name"),
        _("Mobile number"),
        _("Workplace"),
        _("Position"),
        _("Province/City"),
        _("Contact at the department"),
    )


def _across(page: Worksheet, row: int, text: str, style: Format) -> None:
    # merge_range would guess the type of the text, so the cells are merged empty and the text is put in as text.
    page.merge_range(row, 0, row, _LAST, "", style)
    page.write_string(row, 0, text, style)
