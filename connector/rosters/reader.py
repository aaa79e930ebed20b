"""A provincial roster file -> learners and refused rows, each with its origin; nothing is guessed, nothing is lost.

Every row that is read is accepted, refused or skipped: `accepted + refused + skipped == rows_read`. Reads only.
"""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from connector.errors import RosterFileError
from connector.language import _
from connector.mappers.roster import DUPLICATE, PHONE, Fault, Person
from connector.model import Intake, Learner, Origin
from connector.places import folded
from connector.rosters.files import read_sheets
from connector.rosters.sheets import DEFAULT_LIMITS, Conversion, Limits, Sheet
from connector.rosters.table import REPEATED, RowRead, TableReader, intake_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row about a person that must not be imported. `code` and `column` (a field's name) are those of the README.

    `cell` is the reference of the bad cell ('C13'); `text` what stands in it, for the error workbook only, never for a
    log; `same_as` the row that has the number already, for a duplicate.
    """

    origin: Origin
    code: str
    column: str
    cell: str
    text: str
    same_as: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReading:
    """What a file holds. `skipped` counts the rows that are not about a person by kind.

    `conversions` are the texts that were set in an old font, for a person to compare.
    """

    accepted: tuple[Learner, ...]
    refused: tuple[RefusedRow, ...]
    skipped: Counter[str]
    rows_read: int
    intake: Intake = Intake.DEPARTMENT
    conversions: tuple[Conversion, ...] = ()

    @property
    def is_complete(self) -> bool:
        """True when no row was lost; anything else is a mistake of ours."""
        return len(self.accepted) + len(self.refused) + self.skipped.total() == self.rows_read


def read_roster(path: Path, *, limits: Limits = DEFAULT_LIMITS, intake: Intake | None = None) -> RosterReading:
    """The learners and refused rows of a file in the order of its rows. Nothing is written.

    Without `intake` the file's first table tells: where each row has its own moment, people registered themselves. Who
    then sent his form twice counts once, with what he said last and the moment when he said it first; the earlier row
    is skipped as 'repeated'.

    Raises RosterFileError when the file cannot be read at all or holds no roster (`code`: not_a_workbook, encrypted,
    corrupt, too_large, macros, unsafe, unreadable, no_table).
    """
    draft = _Draft(path.name, intake)
    for sheet in read_sheets(path, limits):
        draft.add(sheet)
    return draft.reading()


class _Draft:
    """The reading of a file while its sheets come in."""

    def __init__(self, file: str, intake: Intake | None) -> None:
        self._file = file
        self._intake = intake
        self._numbers: dict[str, tuple[str, int]] = {}
        self._accepted: dict[str, Learner] = {}
        self._refused: list[RefusedRow] = []
        self._skipped: Counter[str] = Counter()
        self._rows_read = 0
        self._tables = 0
        self._conversions: list[Conversion] = []

    def add(self, sheet: Sheet) -> None:
        """Take over the rows of a sheet, if it holds a roster."""
        if self._intake is None:
            self._intake = intake_of(sheet)
        reader = TableReader(sheet, self._numbers, intake=self._intake or Intake.DEPARTMENT)
        rows = reader.read()
        if rows is None:
            return
        self._tables += 1
        self._rows_read += sum(1 for _row in sheet.numbered_rows())
        for row in rows:
            self._take(row, sheet.name)
        self._skipped.update(reader.skipped)
        self._conversions.extend(sheet.conversions)

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
        )

    def _take(self, row: RowRead, sheet: str) -> None:
        if isinstance(row.result, Fault):
            self._refused.append(_refused(row, row.result, self._file, sheet))
            return
        learner = _learner(row.result, Origin(file=self._file, sheet=sheet, row=row.row), self._intake)
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


def cell_reference(row: int, column: int) -> str:
    """'C13' for row 13 and column 3, both counted from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


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
        cell=cell_reference(row.row, row.column),
        text=row.text,
        same_as=Origin(file=file, sheet=row.same_as[0], row=row.same_as[1]) if row.same_as else None,
    )
