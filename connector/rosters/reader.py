"""A provincial roster file -> learners and refused rows, each with its origin; nothing is guessed, nothing is lost.

Every row that is read is accepted, refused or skipped: `accepted + refused + skipped == rows_read`. Reads only.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from connector.errors import RosterFileError
from connector.language import _
from connector.mappers.roster import Fault, Person
from connector.model import Learner, Origin
from connector.rosters.files import read_sheets
from connector.rosters.sheets import DEFAULT_LIMITS, Limits
from connector.rosters.table import RowRead, TableReader


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
    """What a file holds. `skipped` counts the rows that are not about a person by kind."""

    accepted: tuple[Learner, ...]
    refused: tuple[RefusedRow, ...]
    skipped: Counter[str]
    rows_read: int

    @property
    def is_complete(self) -> bool:
        """True when no row was lost; anything else is a mistake of ours."""
        return len(self.accepted) + len(self.refused) + self.skipped.total() == self.rows_read


def read_roster(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> RosterReading:
    """The learners and refused rows of a file in the order of its rows. Nothing is written.

    Raises RosterFileError when the file cannot be read at all or holds no roster (`code`: not_a_workbook, encrypted,
    corrupt, too_large, macros, unsafe, unreadable, no_table).
    """
    numbers: dict[str, tuple[str, int]] = {}
    accepted: list[Learner] = []
    refused: list[RefusedRow] = []
    skipped: Counter[str] = Counter()
    rows_read = 0
    tables = 0
    for sheet in read_sheets(path, limits):
        reader = TableReader(sheet, numbers)
        rows = reader.read()
        if rows is None:
            continue
        tables += 1
        rows_read += sum(1 for _row in sheet.numbered_rows())
        for row in rows:
            if isinstance(row.result, Person):
                accepted.append(_learner(row.result, Origin(file=path.name, sheet=sheet.name, row=row.row)))
            else:
                refused.append(_refused(row, row.result, path.name, sheet.name))
        skipped.update(reader.skipped)
    if not tables:
        raise RosterFileError(
            "no_table",
            _("No visible sheet has a head with a name and a mobile number column."),
            hint=_("Use the form of Phụ lục 01 and do not hide its sheet."),
        )
    return RosterReading(accepted=tuple(accepted), refused=tuple(refused), skipped=skipped, rows_read=rows_read)


def cell_reference(row: int, column: int) -> str:
    """'C13' for row 13 and column 3, both counted from 1."""
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def _learner(person: Person, origin: Origin) -> Learner:
    return Learner(
        phone=person.phone,
        full_name=person.full_name,
        province_code=person.province_code,
        commune_code=person.commune_code,
        workplace=person.workplace,
        position=person.position,
        origin=origin,
        notices=person.notices,
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
