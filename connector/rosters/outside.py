"""Lists about what was done outside the platform: a workbook or text file -> facts, refused rows with their cell."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.errors import RosterFileError
from connector.language import _
from connector.mappers.outside import (
    FORMULA_CELL,
    NOT_REGISTERED,
    TWICE,
    Column,
    OutsideFault,
    head_of,
    read_fact,
)
from connector.model import Origin, OutsideKind, OutsideResult
from connector.places.spelling import tidy
from connector.rosters.files import read_sheets
from connector.rosters.reader import RefusedRow, RosterReading
from connector.rosters.sheets import DEFAULT_LIMITS, Limits, Sheet

BEFORE, NOBODY = "title", "placeholder"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideReading:
    """What such a file holds: facts, refused rows, and how many rows are about nobody."""

    accepted: tuple[OutsideResult, ...]
    refused: tuple[RefusedRow, ...]
    skipped: int

    def as_roster(self) -> RosterReading:
        """The refused rows as the error workbook wants them."""
        return RosterReading(accepted=(), refused=self.refused, skipped=Counter(), rows_read=len(self.refused))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What rows are judged by: their kind, the topics by name (`topic_names`), and who is registered."""

    kind: OutsideKind
    topics: Mapping[str, str]
    registered: Collection[str]


def read_outside(path: Path, terms: Terms, *, limits: Limits = DEFAULT_LIMITS) -> OutsideReading:
    """The facts and refused rows of a file, in the order of its rows. Nothing is written.

    Raises RosterFileError when the file cannot be read, or no sheet has a head of this kind ('no_table').
    """
    reader = _Reader(path.name, terms)
    tables = [reader.read(sheet) for sheet in read_sheets(path, limits)]
    if not any(tables):
        raise RosterFileError(
            "no_table",
            _("The file {name} has no such list.").format(name=path.name),
            hint=_(
                "A list has a head with mobile number, day, and the session (attendance) or the topic (result) in it."
            ),
        )
    return OutsideReading(
        accepted=tuple(reader.accepted.values()), refused=tuple(reader.refused), skipped=reader.skipped.total()
    )


class _Reader:
    """One file being read; a person and key count once in the whole file."""

    def __init__(self, file: str, terms: Terms) -> None:
        self._file = file
        self._terms = terms
        self.accepted: dict[tuple[str, str], OutsideResult] = {}
        self.refused: list[RefusedRow] = []
        self.skipped: Counter[str] = Counter()

    def read(self, sheet: Sheet) -> bool:
        """Take the rows of the sheet; False when it holds no such list."""
        head: dict[Column, int] | None = None
        for row, own in sheet.numbered_rows():
            if head is None:
                head = head_of(own, self._terms.kind)
                self.skipped[BEFORE] += 1
            elif self._is_empty(head, own):
                self.skipped[NOBODY] += 1
            else:
                self._take(sheet, row, head)
        return head is not None

    @staticmethod
    def _is_empty(head: Mapping[Column, int], own: Mapping[int, str]) -> bool:
        """Signatures and notes below a list stand in other columns, or have no digit where the number should be."""
        return not any(char.isdigit() for char in own.get(head[Column.PHONE], "")) and not own.get(head[Column.AT], "")

    def _take(self, sheet: Sheet, row: int, head: Mapping[Column, int]) -> None:
        found = self._read(sheet, row, head)
        if isinstance(found, OutsideResult):
            self.accepted[found.phone, found.key] = found
            return
        place = head.get(found.column, head[Column.PHONE])
        text = sheet.texts(row).get(place, "")
        origin = Origin(file=self._file, sheet=sheet.name, row=row)
        self.refused.append(
            RefusedRow(
                origin=origin,
                code=found.code,
                column=found.column.value,
                at_column=place,
                text=text,
                same_as=self._earlier(sheet, row, head) if found.code == TWICE else None,
            )
        )

    def _cells(self, sheet: Sheet, row: int, head: Mapping[Column, int]) -> dict[Column, str]:
        texts = sheet.texts(row)
        return {column: tidy(texts.get(place, "")) for column, place in head.items()}

    def _read(self, sheet: Sheet, row: int, head: Mapping[Column, int]) -> OutsideResult | OutsideFault:
        for column, place in head.items():
            if sheet.is_formula(row, place) or sheet.texts(row).get(place, "").startswith("="):
                return OutsideFault(FORMULA_CELL, column)
        fact = read_fact(self._cells(sheet, row, head), self._terms.kind, self._terms.topics)
        if isinstance(fact, OutsideFault):
            return fact
        if fact.phone not in self._terms.registered:
            return OutsideFault(NOT_REGISTERED, Column.PHONE)
        if (fact.phone, fact.key) in self.accepted:
            return OutsideFault(TWICE, Column.KEY)
        return OutsideResult(
            phone=fact.phone,
            kind=self._terms.kind,
            key=fact.key,
            value=fact.value,
            at=fact.at,
            origin=Origin(file=self._file, sheet=sheet.name, row=row),
        )

    def _earlier(self, sheet: Sheet, row: int, head: Mapping[Column, int]) -> Origin | None:
        fact = read_fact(self._cells(sheet, row, head), self._terms.kind, self._terms.topics)
        return None if isinstance(fact, OutsideFault) else self.accepted[fact.phone, fact.key].origin
