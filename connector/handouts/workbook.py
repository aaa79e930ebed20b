"""A hand-out as an Excel workbook: a sheet of accounts and a sheet of guidance. Every text is written as a text."""

from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from connector.handouts.handout import HEADING, Handout
from connector.language import _

_WIDTHS = (6, 28, 40, 24, 16, 20)
_LAST = len(_WIDTHS) - 1
_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_WRAPPED = {**_FONT, "text_wrap": True}
_A4 = 9
_GUIDANCE_WIDTH = 76
_LETTERS = 88  # of this font in a line of that width
# in_memory: XlsxWriter would put the texts into scratch files, which nothing encrypts.
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook_of(handout: Handout) -> bytes:
    """The workbook, not yet encrypted; nothing is written to the disk."""
    buffer = BytesIO()
    with Workbook(buffer, _OPTIONS) as book:
        _accounts(book, book.add_worksheet(_("Accounts")), handout)
        _guidance(book, book.add_worksheet(_("Guidance")), handout)
    return buffer.getvalue()


def _accounts(book: Any, page: Worksheet, handout: Handout) -> None:
    first = _head(book, page, handout)
    boxed = book.add_format(_WRAPPED | {"border": 1})
    centred = book.add_format(_WRAPPED | {"border": 1, "align": "center", "num_format": "@"})
    # A font that tells l from 1; the alphabet has no look-alikes, but nobody who types it knows that.
    secret = book.add_format(_FONT | {"border": 1, "num_format": "@", "font_name": "Consolas", "align": "center"})
    styles = (centred, boxed, boxed, boxed, centred, secret)
    for number, one in enumerate(handout.people, start=1):
        texts = (str(number), one.full_name, one.workplace, one.commune, one.username, one.password)
        for column, (text, style) in enumerate(zip(texts, styles, strict=True)):
            page.write_string(first + number - 1, column, text, style)
    page.ignore_errors({"number_stored_as_text": f"A{first + 1}:F{first + len(handout.people)}"})


def _head(book: Any, page: Worksheet, handout: Handout) -> int:
    """Titles and the table's head; the first row of people."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    title = book.add_format(_WRAPPED | {"bold": True, "align": "center", "font_size": 14})
    plain = book.add_format(_WRAPPED | {"align": "center"})
    heading = book.add_format(_WRAPPED | {"bold": True, "align": "center", "border": 1, "bg_color": "#E7EEF7"})
    lines = (
        (_("ACCOUNTS OF LEARNERS, {province}").format(province=handout.province.upper()), title),
        (handout.programme, plain),
        (_("Log in at: {address}").format(address=handout.address), plain),
        (_("Hand each person his own line only. Delete this file when all have theirs."), plain),
    )
    for row, (text, style) in enumerate(lines):
        # merge_range would guess the type of the text, so the cells are merged empty and the text is put in as text.
        page.merge_range(row, 0, row, _LAST, "", style)
        page.write_string(row, 0, text, style)
    for column, (text, width) in enumerate(zip(_headings(), _WIDTHS, strict=True)):
        page.set_column(column, column, width)
        page.write_string(len(lines), column, text, heading)
    page.freeze_panes(len(lines) + 1, 0)
    page.repeat_rows(len(lines))
    return len(lines) + 1


def _headings() -> tuple[str, ...]:
    return (_("No."), _("Full name"), _("Workplace"), _("Commune"), _("Log-in name"), _("First password"))


def _guidance(book: Any, page: Worksheet, handout: Handout) -> None:
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5)
    page.hide_gridlines(2)
    plain = book.add_format(_WRAPPED | {"valign": "top"})
    heading = book.add_format(_WRAPPED | {"bold": True, "font_size": 14})
    page.set_column(0, 0, _GUIDANCE_WIDTH)
    for row, line in enumerate(handout.guidance):
        text = line.removeprefix(HEADING)
        page.set_row(row, 20 * (1 + len(text) // _LETTERS))
        page.write_string(row, 0, text, plain if text == line else heading)
