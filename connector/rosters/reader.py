"""A provincial roster file -> learners and refused rows, each with its origin; nothing is guessed, nothing is lost.

Every row that is read is accepted, refused or skipped: `accepted + refused + skipped == rows_read`. Reads only.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from connector.errors import RosterFileError
from connector.language import _
from connector.mappers.roster import DUPLICATE, PHONE, Fault, Person
from connector.mappers.roster_doubts import Doubt
from connector.model import Intake, Learner, Origin
from connector.places import folded
from connector.rosters.files import read_sheets
from connector.rosters.proof import NAME_COLUMN, PHONE_COLUMN, Question
from connector.rosters.sheets import DEFAULT_LIMITS, Conversion, Limits, Sheet
from connector.rosters.sides import tables_beside
from connector.rosters.table import REPEATED, RowRead, TableReader, intake_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row about a person that must not be imported. `code` and `column` (a field's name) are those of the README.

    `at_column` is the column of the bad cell (1 is A); `text` what stands in it and `person` the name as it stands in
    the row, both for the error workbook only, never for a log; `same_as` the row that has the number already, for a
    duplicate.
    """

    origin: Origin
    code: str
    column: str
    at_column: int
    text: str
    same_as: Origin | None = None
    person: str = ""

    @property
    def cell(self) -> str:
        """The reference of the bad cell ('C13')."""
        return cell_reference(self.origin.row, self.at_column)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulRow:
    """A row that waits for a person: how it would be imported, and each doubt; the first is in column `at_column`."""

    learner: Learner
    doubts: tuple[Doubt, ...]
    at_column: int

    @property
    def cell(self) -> str:
        """The reference of the doubtful cell ('C13')."""
        return cell_reference(self.learner.origin.row, self.at_column)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReading:
    """What a file holds. `skipped` counts the rows that are not about a person by kind.

    `conversions` are the texts that were set in an old font, for a person to compare. `doubtful` rows wait for a
    person, all rows of a sheet with one of the `questions` among them. `sheets` are those read, in their order.
    `answers` is the hash of the earlier file that this one is the mended answer to, '' for none.
    """

    accepted: tuple[Learner, ...]
    refused: tuple[RefusedRow, ...]
    skipped: Counter[str]
    rows_read: int
    intake: Intake = Intake.DEPARTMENT
    conversions: tuple[Conversion, ...] = ()
    answers: str = ""
    doubtful: tuple[DoubtfulRow, ...] = ()
    questions: tuple[Question, ...] = ()
    sheets: tuple[str, ...] = ()

    @property
    def to_mend(self) -> tuple[RefusedRow, ...]:
        """The rows that go back to the sender, refused and doubtful ones, in the order of sheets and rows."""
        waiting = (
            RefusedRow(
                origin=row.learner.origin,
                code=row.doubts[0].code,
                column=row.doubts[0].column,
                at_column=row.at_column,
                text=row.doubts[0].value,
                person=row.learner.full_name,
            )
            for row in self.doubtful
        )
        rank = {name: number for number, name in enumerate(self.sheets)}
        both = (*self.refused, *waiting)
        return tuple(sorted(both, key=lambda row: (rank.get(row.origin.sheet, 0), row.origin.row)))

    @property
    def is_complete(self) -> bool:
        """True when no row was lost; anything else is a mistake of ours."""
        judged = len(self.accepted) + len(self.doubtful) + len(self.refused)
        return judged + self.skipped.total() == self.rows_read


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkAnswers:
    """What a person has said of a file: by code of a question the column that is meant (1 is A), and the doubtful rows
    (sheet, row) that are right as they stand.
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    confirmed: frozenset[tuple[str, int]] = frozenset()


NO_ANSWERS = ClerkAnswers()


def read_roster(
    path: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    intake: Intake | None = None,
    answers: ClerkAnswers = NO_ANSWERS,
) -> RosterReading:
    """The learners and refused rows of a file in the order of its rows. Nothing is written.

    Without `intake` the file's first table tells: where each row has its own moment, people registered themselves. Who
    then sent his form twice counts once, with what he said last and the moment when he said it first; the earlier row
    is skipped as 'repeated'.

    Raises RosterFileError when the file cannot be read at all or holds no roster (`code`: not_a_workbook, encrypted,
    corrupt, too_large, macros, unsafe, unreadable, no_table).
    """
    draft = _Draft(path.name, intake, answers)
    for sheet in read_sheets(path, limits):
        for table in tables_beside(sheet):
            draft.add(table)
    return draft.reading()


class _Draft:
    """The reading of a file while its sheets come in."""

    def __init__(self, file: str, intake: Intake | None, answers: ClerkAnswers) -> None:
        self._said = answers
        self._doubtful: list[DoubtfulRow] = []
        self._questions: list[Question] = []
        self._sheets: list[str] = []
        self._file = file
        self._intake = intake
        self._numbers: dict[str, tuple[str, int]] = {}
        self._accepted: dict[str, Learner] = {}
        self._refused: list[RefusedRow] = []
        self._skipped: Counter[str] = Counter()
        self._rows_read = 0
        self._tables = 0
        self._conversions: list[Conversion] = []
        self._answers = ""

    def add(self, sheet: Sheet) -> None:
        """Take over the rows of a sheet, if it holds a roster."""
        if sheet.answers:
            self._answers = sheet.answers
            return
        if self._intake is None:
            self._intake = intake_of(sheet)
        way = self._intake or Intake.DEPARTMENT
        reader = TableReader(sheet, self._numbers, intake=way, columns=self._said.columns)
        rows = reader.read()
        if rows is None:
            return
        self._tables += 1
        self._sheets.append(sheet.name)
        self._rows_read += sum(1 for _row in sheet.numbered_rows())
        for row in rows:
            self._take(row, sheet.name)
        self._skipped.update(reader.skipped)
        self._conversions.extend(sheet.conversions)
        self._questions.extend(reader.questions)

    def reading(self) -> RosterReading:
        """All that was read. Raises RosterFileError when there was no roster."""
        if not self._tables:
            raise RosterFileError(
                "no_table",
                _("No visible sheet has a head with a name and a mobile number column."),
                hint=_("Use the form of Phụ lục 01 and do not hide its sheet."),
            )
        return RosterReading(
            accepted=tuple(self._accepted.values()),
            refused=tuple(self._refused),
            skipped=self._skipped,
            rows_read=self._rows_read,
            intake=self._intake or Intake.DEPARTMENT,
            conversions=tuple(self._conversions),
            answers=self._answers,
            doubtful=tuple(self._doubtful),
            questions=tuple(self._questions),
            sheets=tuple(dict.fromkeys(self._sheets)),
        )

    def _take(self, row: RowRead, sheet: str) -> None:
        if isinstance(row.result, Fault):
            self._refused.append(_refused(row, row.result, self._file, sheet))
            return
        learner = _learner(row.result, Origin(file=self._file, sheet=sheet, row=row.row), self._intake)
        if row.doubts and not self._is_confirmed(row, sheet):
            self._doubtful.append(DoubtfulRow(learner=learner, doubts=row.doubts, at_column=row.doubt_column))
            return
        known = self._accepted.get(learner.phone)
        if known is None:
            self._accepted[learner.phone] = learner
        elif folded(known.full_name) != folded(learner.full_name):
            self._refused.append(_refused(row, Fault(DUPLICATE, PHONE), self._file, sheet))
        else:
            self._skipped[REPEATED] += 1
            # Taken out first, so that the order stays that of the rows.
            del self._accepted[learner.phone]
            first = min(filter(None, (known.registered_at, learner.registered_at)))
            self._accepted[learner.phone] = replace(learner, registered_at=first)

    def _is_confirmed(self, row: RowRead, sheet: str) -> bool:
        """Whether a person has said that the row is right; a question about the whole sheet needs its own answer."""
        of_sheet = any(doubt.code in (PHONE_COLUMN, NAME_COLUMN) for doubt in row.doubts)
        return (sheet, row.row) in self._said.confirmed and not of_sheet


def cell_reference(row: int, column: int) -> str:
    """'C13' for row 13 and column 3, both counted from 1."""
    return f"{column_letters(column)}{row}"


def column_letters(column: int) -> str:
    """'C' for column 3, counted from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _learner(person: Person, origin: Origin, intake: Intake | None) -> Learner:
    return Learner(
        phone=person.phone,
        full_name=person.full_name,
        province_code=person.province_code,
        commune_code=person.commune_code,
        workplace=person.workplace,
        position=person.position,
        origin=origin,
        notices=person.notices,
        intake=intake or Intake.DEPARTMENT,
        registered_at=person.registered_at,
    )


def _refused(row: RowRead, fault: Fault, file: str, sheet: str) -> RefusedRow:
    return RefusedRow(
        origin=Origin(file=file, sheet=sheet, row=row.row),
        code=fault.code,
        column=fault.column,
        at_column=row.column,
        text=row.text,
        same_as=Origin(file=file, sheet=row.same_as[0], row=row.same_as[1]) if row.same_as else None,
        person=row.name,
    )
