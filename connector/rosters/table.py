"""The rows of one sheet, each judged once: a person accepted or refused, or a row that is not about a person.

The rules are those of examples/rosters/README.md. Duplicates are judged over the whole file, so the numbers accepted so
far are handed in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connector.mappers.roster import (
    DUPLICATE,
    FULL_NAME,
    MOMENT,
    PERSON_COLUMNS,
    PHONE,
    POSITION,
    PROVINCE,
    WORKPLACE,
    Above,
    Fault,
    FormCells,
    Person,
    PersonCells,
    read_person,
    read_registrant,
)
from connector.mappers.roster_moment import is_month_first, names_moments
from connector.mappers.roster_rows import (
    Section,
    is_column_numbers,
    is_footer,
    is_total,
    province_named_in,
    section_of,
)
from connector.model import Intake
from connector.places import ProvinceMatch, find_province
from connector.rosters.head import Head, find_head, head_at
from connector.rosters.sheets import Sheet

TITLE, HEADER, COLUMN_NUMBERS = "title", "header", "column_numbers"
REPEATED = "repeated"
SECTION, TOTAL, PLACEHOLDER, FOOTER = "section", "total", "placeholder", "footer"


@dataclass(slots=True)
class RowRead:
    """One row about a person: who it is or what is wrong, the column of the sheet that the fault is in (1 is A).

    `same_as` is the earlier row that has the number; with a Person it is a self-registration on a number met before.
    """

    row: int
    result: Person | Fault
    column: int = 0
    text: str = ""
    same_as: tuple[str, int] | None = None


@dataclass(slots=True)
class TableReader:
    """Reads one sheet's rows in order. `accepted` maps a number to the (sheet, row) that took it, in the whole file."""

    sheet: Sheet
    accepted: dict[str, tuple[str, int]]
    skipped: Counter[str] = field(default_factory=Counter)
    intake: Intake = Intake.DEPARTMENT
    _head: Head | None = None
    _section: Section | None = None
    _province: ProvinceMatch | None = None
    _month_first: bool = False

    def read(self) -> Iterator[RowRead] | None:
        """The rows about people, one after the other; None if the sheet holds no roster at all."""
        self._head = find_head(self.sheet)
        return self._rows(self._head) if self._head else None

    def _rows(self, head: Head) -> Iterator[RowRead]:
        self._province = _sheet_province(self.sheet, head)
        self._month_first = self.intake is Intake.SELF and is_month_first(_moments(self.sheet, head))
        below = False
        for row, own in self.sheet.numbered_rows():
            if row < head.rows[0]:
                self.skipped[TITLE] += 1
                continue
            below = below or (row > head.rows[-1] and is_footer(own) and not self._new_head(head, row, own))
            if below:
                self.skipped[FOOTER] += 1
                continue
            head = self._new_head(head, row, own) or head
            kind = self._kind(head, row, own)
            if kind:
                self.skipped[kind] += 1
            else:
                yield self._person(head, row)

    def _new_head(self, head: Head, row: int, own: Mapping[int, str]) -> Head | None:
        """The head that is met again in this row, with its columns in whatever order they stand here."""
        if row in head.rows or any(char.isdigit() for char in own.get(head.phone, "")):
            return None
        return head_at(self.sheet, row)

    def _kind(self, head: Head, row: int, own: Mapping[int, str]) -> str:
        """What a row is that is not about a person; '' for a person's."""
        if row in head.rows:
            return HEADER
        phone = own.get(head.phone, "")
        name = self._name(head, row)
        if name and phone and is_column_numbers(own):
            return COLUMN_NUMBERS
        if is_total(own, phone):
            return TOTAL
        section = None if any(char.isdigit() for char in phone) else section_of(own, head.columns)
        if section:
            self._section = section
            self._province = section.province or self._province
            return SECTION
        return "" if self._is_person(head, row, name) else PLACEHOLDER

    def _is_person(self, head: Head, row: int, name: str) -> bool:
        phone = self.sheet.texts(row).get(head.phone, "")
        return (
            any(char.isalpha() for char in name)
            or any(char.isdigit() for char in phone)
            or any(self.sheet.is_formula(row, column) for column in (*head.names, head.phone))
        )

    def _name(self, head: Head, row: int) -> str:
        texts = self.sheet.texts(row)
        return " ".join(filter(None, (texts.get(column, "") for column in head.names)))

    def _person(self, head: Head, row: int) -> RowRead:
        result = self._result(head, row)
        same_as = None
        if isinstance(result, Person):
            same_as = self.accepted.setdefault(result.phone, (self.sheet.name, row))
            if same_as == (self.sheet.name, row):
                return RowRead(row, result)
            # Only the names can tell whether somebody sent his form twice; the reader has them.
            result = result if self.intake is Intake.SELF else Fault(DUPLICATE, PHONE)
        column = _column_of(head, result.column if isinstance(result, Fault) else PHONE)
        return RowRead(row, result, column, self.sheet.texts(row).get(column, ""), same_as)

    def _result(self, head: Head, row: int) -> Person | Fault:
        cells, above = self._cells(head, row), Above(self._section, self._province)
        if self.intake is Intake.DEPARTMENT:
            return read_person(cells, above)
        texts = self.sheet.texts(row)
        form = FormCells(texts.get(head.moment, ""), texts.get(head.commune, ""), self._month_first)
        return read_registrant(cells, form, above)

    def _cells(self, head: Head, row: int) -> PersonCells:
        texts = self.sheet.texts(row)
        places = {name: (head.names if name == FULL_NAME else (_column_of(head, name),)) for name in PERSON_COLUMNS}
        return PersonCells(
            full_name=self._name(head, row),
            phone=texts.get(head.phone, ""),
            workplace=texts.get(head.workplace, ""),
            position=texts.get(head.position, ""),
            province=texts.get(head.province, ""),
            formulas=frozenset(
                name for name, at in places.items() if any(self.sheet.is_formula(row, column) for column in at)
            )
            if self.sheet.formulas
            else frozenset(),
            decoded=bool(self.sheet.old_fonts)
            and any(self.sheet.was_decoded(row, column) for at in places.values() for column in at),
        )


def _column_of(head: Head, name: str) -> int:
    """The column of the sheet for a field of a person; the name's where the table has no such column."""
    columns = {
        PHONE: head.phone,
        WORKPLACE: head.workplace,
        POSITION: head.position,
        PROVINCE: head.province,
        MOMENT: head.moment,
    }
    return columns.get(name) or head.names[0]


def intake_of(sheet: Sheet) -> Intake | None:
    """On which way a sheet's rows came, as its head and cells tell: who sent a form has its moment; None: no roster."""
    head = find_head(sheet)
    if head is None:
        return None
    return Intake.SELF if names_moments(_moments(sheet, head)) else Intake.DEPARTMENT


def _moments(sheet: Sheet, head: Head) -> Iterator[str]:
    for row in sheet.rows:
        if row > head.rows[-1]:
            yield sheet.rows[row].get(head.moment, "")


def _sheet_province(sheet: Sheet, head: Head) -> ProvinceMatch | None:
    """The province that a title line names, or the sheet's name."""
    for row, own in sheet.numbered_rows():
        if row >= head.rows[0]:
            break
        for text in own.values():
            match = province_named_in(text)
            if match:
                return match
    named = find_province(sheet.name)
    return named if isinstance(named, ProvinceMatch) else None
