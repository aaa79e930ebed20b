"""One row of a roster -> a learner's data with what was put right, or the first fault. Pure.

The rules and codes are those of examples/rosters/README.md ("Person rows", "Name", "Province", "Commune"), which win
over every other description.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from connector.errors import ConfigError
from connector.language import _
from connector.mappers.outside import outside_reasons
from connector.mappers.roster_moment import BAD_MOMENT, read_moment
from connector.mappers.roster_phone import read_phone
from connector.mappers.roster_rows import Section, commune_named_in
from connector.places import Ambiguous, Commune, ProvinceMatch, find_commune, find_province, provinces, tidy
from connector.places.search import OLD_NAME
from connector.places.spelling import APOSTROPHES, DASHES

FORMULA, NO_NAME = "formula_in_cell", "missing_name"
AMBIGUOUS_PROVINCE, UNKNOWN_PROVINCE = "ambiguous_province", "unknown_province"
DUPLICATE = "duplicate_in_file"

LEGACY, TITLE_STRIPPED, RECASED = "legacy_encoding", "title_stripped", "name_recased"
PROVINCE_FROM_CONTEXT, WORKPLACE_FROM_SECTION = "province_from_context", "workplace_from_section"
COMMUNE_NOT_FOUND = "commune_not_found"

FULL_NAME, PHONE, WORKPLACE, POSITION, PROVINCE = "full_name", "phone", "workplace", "position", "province"
COMMUNE, MOMENT = "commune", "registered_at"
FEWEST_SYLLABLES = 2  # of a name that is left when its title goes
PERSON_COLUMNS = (FULL_NAME, PHONE, WORKPLACE, POSITION, PROVINCE)

_TITLE = re.compile(
    r"(?:đ\s?/\s?c\.?|(?:đồng chí|ông|bà|ths|ts)(?:\s*\.|(?=[\s:]))|[ôb]\.)\s*:?\s*",
    re.IGNORECASE,
)
_SYLLABLE = re.compile(rf"[^\s{re.escape(DASHES + APOSTROPHES)}]+")
_FORMULA_TEXT = re.compile(r"[=@+]")
_FORMULA_PHONE = re.compile(r"[=@]|\+(?![\s(]*\d)")


class PersonCells(NamedTuple):
    """The tidied cells of a row about a person. `formulas` names columns whose cell is a formula in the workbook.

    `decoded` tells that one of the cells was set in a legacy font.
    """

    full_name: str
    phone: str
    workplace: str = ""
    position: str = ""
    province: str = ""
    formulas: frozenset[str] = frozenset()
    decoded: bool = False


class FormCells(NamedTuple):
    """What a self-registration has besides: when it was sent, and a commune in a column of its own."""

    moment: str
    commune: str = ""
    month_first: bool = False


class Above(NamedTuple):
    """What stands above a row: the section that it is in, and the province that applies where its cell is empty."""

    section: Section | None = None
    province: ProvinceMatch | None = None


class Person(NamedTuple):
    """A row that may be imported, cleaned. `notices` are sorted."""

    full_name: str
    phone: str
    province_code: str
    commune_code: str | None
    workplace: str
    position: str
    notices: tuple[str, ...]
    registered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row must not be imported: a code of the README and the column that is wrong."""

    code: str
    column: str


def read_person(cells: PersonCells, above: Above) -> Person | Fault:
    """The person of a row, or its first fault in the order of the README (but for duplicates, which need the file)."""
    fault = _formula_fault(cells)
    if fault:
        return fault
    if not any(char.isalpha() for char in cells.full_name):
        return Fault(NO_NAME, FULL_NAME)
    phone = read_phone(cells.phone)
    if phone.fault:
        return Fault(phone.fault, PHONE)
    province = find_province(cells.province) if cells.province else above.province
    if not isinstance(province, ProvinceMatch):
        return Fault(AMBIGUOUS_PROVINCE if isinstance(province, Ambiguous) else UNKNOWN_PROVINCE, PROVINCE)
    name, name_notices = clean_name(cells.full_name)
    code = province.province.code
    workplace, commune, place_notices = _place(cells.workplace, above.section, code)
    notices = {*phone.notices, *province.notices, *name_notices, *place_notices}
    notices |= {PROVINCE_FROM_CONTEXT} if not cells.province else set()
    notices |= {LEGACY} if cells.decoded else set()
    return Person(name, phone.phone, code, commune, workplace, cells.position, tuple(sorted(notices)))


def read_registrant(cells: PersonCells, form: FormCells, above: Above) -> Person | Fault:
    """The person of a row that he sent himself, or its first fault; that of the moment comes last.

    A commune in its own column counts where the workplace names none of that province.
    """
    person = read_person(cells, above)
    if isinstance(person, Fault):
        return person
    moment = read_moment(form.moment, month_first=form.month_first)
    if moment is None:
        return Fault(BAD_MOMENT, MOMENT)
    return with_commune(person._replace(registered_at=moment), form.commune)


def with_commune(person: Person, text: str) -> Person:
    """The person with the commune of a column of its own, where the workplace names none of that province."""
    commune = None if person.commune_code else _commune_of_column(text, person.province_code)
    if commune is None:
        return person
    notices = tuple(notice for notice in person.notices if notice != COMMUNE_NOT_FOUND)
    return person._replace(commune_code=commune.code, notices=notices)


def _commune_of_column(text: str, province_code: str) -> Commune | None:
    commune, named = commune_named_in(text, province_code)
    return commune if named else find_commune(text, province_code)


def commune_elsewhere(workplace: str, person: Person) -> str:
    """The province, by its code, that alone has the commune that a workplace names; '' where the row's own has it.

    Beside a province of before July 2025 a commune of before is meant, which may have the name of another one today.
    """
    if person.commune_code or OLD_NAME in person.notices or not commune_named_in(workplace, person.province_code)[1]:
        return ""
    found = {one.code for one in provinces() if commune_named_in(workplace, one.code)[0]}
    return found.pop() if len(found) == 1 else ""


def clean_name(text: str) -> tuple[str, list[str]]:
    """A tidied name without titles in front, one capital in each syllable; and notices of what was done."""
    notices = []
    bare = _without_titles(text)
    if bare != text:
        notices.append(TITLE_STRIPPED)
    cased = unicodedata.normalize("NFC", _SYLLABLE.sub(_one_capital, bare))
    if cased != bare:
        notices.append(RECASED)
    return cased, notices


def phone_of_text(text: str) -> str:
    """The E.164 number that a person typed, in any form a roster may have. Raises ConfigError when it is no mobile."""
    reading = read_phone(tidy(text))
    if reading.fault:
        raise ConfigError(_("A phone number was given that cannot be used."), hint=reason_text(reading.fault))
    return reading.phone


def reason_text(code: str) -> str:
    """What is wrong with a refused row and what to do, in a sentence for a clerk; the code itself if it is unknown."""
    reasons = {
        FORMULA: _("The cell holds a formula or begins with =, + or @: type the plain text instead."),
        NO_NAME: _("The full name is missing: enter it."),
        "missing_phone": _("The mobile number is missing: enter the person's own number."),
        "several_phones": _("There are several numbers in the cell: leave the one that the person will log in with."),
        "landline_phone": _("This is a landline: enter the person's own mobile number."),
        "bad_phone": _("This is not one valid Vietnamese mobile number: check every digit and enter it as text."),
        AMBIGUOUS_PROVINCE: _("The abbreviation has several meanings: write the province's full name."),
        UNKNOWN_PROVINCE: _("No province is named, or one that is not known: write one of the 34 names in force."),
        BAD_MOMENT: _("The time of the registration cannot be read: enter it as 20/11/2025 08:15."),
        DUPLICATE: _("The number stands in an earlier row of this file: delete the row or enter another number."),
    }
    return (reasons | outside_reasons()).get(code, code)


def notice_text(code: str) -> str:
    """What was put right in an accepted row, in a sentence for a clerk; the code itself if it is unknown."""
    notices = {
        LEGACY: _("Text in an old font (.Vn… or VNI-…) was converted to Unicode."),
        TITLE_STRIPPED: _("A title before the name was taken away."),
        RECASED: _("Capitals in the name were corrected."),
        "lost_leading_zero": _("The 0 at the beginning of the number was put back."),
        "old_phone_prefix": _("The old 11-digit number was converted to its 10-digit form of 2018."),
        "phone_letter_o": _("A letter O in the number was read as a zero."),
        "phone_note_removed": _("Words beside the number were taken away."),
        "old_province_name": _("The province before 1 July 2025 was read as the one in force."),
        "province_abbreviation": _("An abbreviation or another spelling of the province was understood."),
        PROVINCE_FROM_CONTEXT: _("The province was taken from the heading above the row."),
        WORKPLACE_FROM_SECTION: _("The workplace was taken from the heading above the row."),
        COMMUNE_NOT_FOUND: _("No commune in force was recognised in the workplace."),
    }
    return notices.get(code, code)


def _formula_fault(cells: PersonCells) -> Fault | None:
    for column, text in zip(PERSON_COLUMNS, cells, strict=False):
        risky = _FORMULA_PHONE if column == PHONE else _FORMULA_TEXT
        if column in cells.formulas or risky.match(str(text)):
            return Fault(FORMULA, column)
    return None


def _without_titles(text: str) -> str:
    title = _TITLE.match(text)
    while title and len(text[title.end() :].split()) >= FEWEST_SYLLABLES:
        text = text[title.end() :]
        title = _TITLE.match(text)
    return text


def _one_capital(syllable: re.Match[str]) -> str:
    letters = syllable.group()
    return letters[0].upper() + letters[1:].lower()


def _place(workplace: str, section: Section | None, province_code: str) -> tuple[str, str | None, list[str]]:
    """The workplace, the commune that it or its section names, and notices."""
    notices = []
    commune, named = commune_named_in(workplace, province_code)
    if section and not named:
        commune, _named = commune_named_in(section.text, province_code)
    if section and not workplace:
        workplace = section.text
        notices.append(WORKPLACE_FROM_SECTION)
    if commune is None:
        notices.append(COMMUNE_NOT_FOUND)
    return workplace, commune.code if commune else None, notices
