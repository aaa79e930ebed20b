"""The rows of one sheet, each judged once: a person accepted or refused, or a row that is not about a person.

The rules are those of examples/rosters/README.md. Duplicates are judged over the whole file, so the numbers accepted so
far are handed in.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    commune_elsewhere,
    read_person,
    read_registrant,
    with_commune,
)
from connector.mappers.roster_doubts import (
    BELOW,
    FOREIGN_COMMUNE,
    HIDDEN,
    SECTION_UNCLEAR,
    STRUCK,
    Doubt,
    leaving_doubts,
    length_doubts,
    name_doubts,
    phone_doubts,
)
from connector.mappers.roster_moment import is_month_first, names_moments
from connector.mappers.roster_phone import read_phone
from connector.mappers.roster_rows import (
    Section,
    is_column_numbers,
    is_footer,
    is_lone_text,
    is_total,
    province_named_in,
    section_of,
)
from connector.model import Intake
from connector.places import ProvinceMatch, find_province
from connector.rosters.head import Head, find_head, head_at
from connector.rosters.proof import PHONE_COLUMN, Question, prove
from connector.rosters.sheets import Sheet

TITLE, HEADER, COLUMN_NUMBERS = "title", "header", "column_numbers"
REPEATED = "repeated"
SECTION, TOTAL, PLACEHOLDER, FOOTER = "section", "total", "placeholder", "footer"


@dataclass(slots=True)
class RowRead:
    """One row about a person: who it is or what is wrong, the column of the sheet that the fault is in (1 is A).

    `same_as` is the earlier row that has the number; with a Person it is a self-registration on a number met before.
    `name` is what stands in the columns of the name.
    """

    row: int
    result: Person | Fault
    column: int = 0
    text: str = ""
    same_as: tuple[str, int] | None = None
    name: str = ""
    doubts: tuple[Doubt, ...] = ()
    doubt_column: int = 0


@dataclass(slots=True)
class TableReader:
    """Reads one sheet's rows in order. `accepted` maps a number to the (sheet, row) that took it, in the whole file."""

    sheet: Sheet
    accepted: dict[str, tuple[str, int]]
    skipped: Counter[str] = field(default_factory=Counter)
    intake: Intake = Intake.DEPARTMENT
    columns: Mapping[str, int] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    _head: Head | None = None
    _section: Section | None = None
    _province: ProvinceMatch | None = None
    _month_first: bool = False
    _unclear: bool = False

    def read(self) -> Iterator[RowRead] | None:
        """The rows about people, one after the other; None if the sheet holds no roster at all."""
        self._head = find_head(self.sheet)
        return self._rows(self._proved(self._head)) if self._head else None

    def _proved(self, head: Head) -> Head:
        """The head as its values bear it out; what they do not is noted as a question, once for each sheet."""
        proof = prove(self.sheet, head, self.columns)
        asked = {question.code for question in self.questions}
        self.questions.extend(question for question in proof.questions if question.code not in asked)
        return proof.head

    def _rows(self, head: Head) -> Iterator[RowRead]:
        self._province = _sheet_province(self.sheet, head)
        self._month_first = self.intake is Intake.SELF and is_month_first(_moments(self.sheet, head))
        below = 0
        for row, own in self.sheet.numbered_rows():
            if row < head.rows[0]:
                self.skipped[TITLE] += 1
                continue
            met = self._new_head(head, row, own)
            if met:
                head = self._proved(met)
                self._section = None if below else self._section
                self._province = (_title_province(self.sheet, below, row) if below else None) or self._province
                below = 0
            below = below or (row if row > head.rows[-1] and is_footer(own) else 0)
            if below and not self._is_listed(head, row):
                self.skipped[FOOTER] += 1
                continue
            kind = "" if below else self._kind(head, row, own)
            if kind:
                self.skipped[kind] += 1
            else:
                yield self._person(head, row, below=bool(below))

    def _is_listed(self, head: Head, row: int) -> bool:
        """Whether a row has a name and a mobile number in their columns: then it is a person's, wherever it stands."""
        texts = self.sheet.texts(row)
        return bool(self._name(head, row)) and not read_phone(texts.get(head.phone, "")).fault

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
            self._section, self._unclear = section, False
            self._province = section.province or self._province
            return SECTION
        self._unclear = self._unclear or (not phone and is_lone_text(own))
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

    def _person(self, head: Head, row: int, *, below: bool = False) -> RowRead:
        result = self._result(head, row)
        same_as = None
        doubts: tuple[Doubt, ...] = ()
        if isinstance(result, Person):
            doubts = tuple(self._doubts(head, row, result, below=below))
        if isinstance(result, Person):
            same_as = self.accepted.setdefault(result.phone, (self.sheet.name, row))
            if same_as == (self.sheet.name, row):
                return RowRead(row, result, doubts=doubts, doubt_column=self._doubted(head, doubts))
            # Only the names can tell whether somebody sent his form twice; the reader has them.
            result = result if self.intake is Intake.SELF else Fault(DUPLICATE, PHONE)
        column = _column_of(head, result.column if isinstance(result, Fault) else PHONE)
        text = self.sheet.texts(row).get(column, "")
        return RowRead(row, result, column, text, same_as, self._name(head, row), doubts)

    @staticmethod
    def _doubted(head: Head, doubts: Sequence[Doubt]) -> int:
        return _column_of(head, doubts[0].column) if doubts else 0

    def _doubts(self, head: Head, row: int, person: Person, *, below: bool) -> Iterator[Doubt]:
        """Why this person, whose row could be imported, waits for somebody's word."""
        texts = self.sheet.texts(row)
        yield from name_doubts(person.full_name)
        yield from phone_doubts(texts.get(head.phone, ""), person.phone)
        yield from leaving_doubts(text for column, text in texts.items() if column not in (*head.names, head.phone))
        yield from length_doubts(texts.values())
        elsewhere = commune_elsewhere(texts.get(head.workplace, ""), person)
        if elsewhere:
            yield Doubt(code=FOREIGN_COMMUNE, column=WORKPLACE, value=elsewhere)
        if any((row, column) in self.sheet.struck for column in (*head.names, head.phone)):
            yield Doubt(code=STRUCK, column=FULL_NAME)
        if row in self.sheet.hidden:
            yield Doubt(code=HIDDEN, column=FULL_NAME)
        if below:
            yield Doubt(code=BELOW, column=FULL_NAME)
        if self._unclear and self._section and not texts.get(head.workplace):
            yield Doubt(code=SECTION_UNCLEAR, column=WORKPLACE)
        for question in self.questions:
            yield Doubt(code=question.code, column=PHONE if question.code == PHONE_COLUMN else FULL_NAME)

    def _result(self, head: Head, row: int) -> Person | Fault:
        cells, above = self._cells(head, row), Above(self._section, self._province)
        texts = self.sheet.texts(row)
        if self.intake is Intake.DEPARTMENT:
            person = read_person(cells, above)
            return person if isinstance(person, Fault) else with_commune(person, texts.get(head.commune, ""))
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


def _title_province(sheet: Sheet, after: int, before: int) -> ProvinceMatch | None:
    """The province that a title between two rows names, such as that of the next list on the same sheet."""
    for row, own in sheet.numbered_rows():
        named = [province_named_in(text) for text in own.values()] if after < row < before else []
        match = next(filter(None, named), None)
        if match:
            return match
    return None


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
