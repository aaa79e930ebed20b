"""A head is a hypothesis: its columns are proved by the values below them, and asked about where they are not. Pure.

Head and values must agree: the column of names holds names, that of numbers holds mobile numbers, and no second column
claims the same. What is not proved becomes a `Question`, and nobody of the sheet is accepted before it is answered.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from connector.mappers.roster_doubts import is_spelled_like_a_name
from connector.mappers.roster_head import PHONES, Field
from connector.mappers.roster_phone import read_phone
from connector.places import ProvinceMatch, find_province
from connector.rosters.head import Head
from connector.rosters.sheets import Sheet

Test = Callable[[str], bool]

PHONE_COLUMN, NAME_COLUMN = "phone_column", "name_column"
# Of the filled cells under a head, so many must be what the head says. Below it, the head or the column is wrong.
SHARE = 0.5
_SURE_SHARE = 0.8
_SAMPLE = 200
_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One column that may be meant: its number, what its head says, and how many people it would make."""

    column: int
    head: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What has to be known before anybody of the sheet is accepted. `code` is phone_column or name_column."""

    sheet: str
    code: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The head as the values bear it out, and what has to be asked."""

    head: Head
    questions: tuple[Question, ...] = ()


def prove(sheet: Sheet, head: Head, answers: Mapping[str, int]) -> Proof:
    """The head with its columns confirmed, corrected or asked about. `answers`: code of a question -> column."""
    columns = _Columns(sheet, head)
    names, name_question = columns.names(answers.get(NAME_COLUMN))
    phone, phone_question = columns.phone(answers.get(PHONE_COLUMN))
    province = head.province or columns.province()
    proved = replace(head, names=names, phone=phone, province=province)
    return Proof(head=proved, questions=tuple(filter(None, (phone_question, name_question))))


class _Columns:
    """The values under a head, by column."""

    def __init__(self, sheet: Sheet, head: Head) -> None:
        self._sheet = sheet
        self._head = head
        last = head.rows[-1]
        self._rows = [row for row, _own in sheet.numbered_rows() if row > last][:_SAMPLE]
        self._texts = {column: self._head_text(column) for column in head.columns}

    def phone(self, answered: int | None) -> tuple[int, Question | None]:
        """The column of the numbers, and a question where several hold mobile numbers or the chosen one does not."""
        if answered:
            return answered, None
        called = [column for column, held in self._head.fields.items() if held in PHONES]
        mobile = [column for column in {*called, self._head.phone} if self._share(column, _is_mobile) >= SHARE]
        filled = self._filled(self._head.phone)
        unproved = len(filled) >= _FEWEST and self._head.phone not in mobile
        others = [column for column in mobile if column != self._head.phone]
        if unproved:
            held = [column for column in self._all() if self._share(column, _is_mobile) >= SHARE]
            if not held:
                return self._head.phone, None  # each row is refused with its own reason
            return self._head.phone, self._question(PHONE_COLUMN, sorted({*held, self._head.phone}), _is_mobile)
        if others:
            return self._head.phone, self._question(PHONE_COLUMN, sorted(mobile), _is_mobile)
        return self._head.phone, None

    def names(self, answered: int | None) -> tuple[tuple[int, ...], Question | None]:
        """The columns of the name, and a question where another head claims it too or the values are no names."""
        if answered:
            return (answered,), None
        names = self._head.names
        if len(names) > 1:
            return names, None
        (chosen,) = names
        claiming = [column for column, held in self._head.fields.items() if held is Field.FULL_NAME]
        proved = [column for column in claiming if self._share(column, _is_name) >= SHARE]
        if len(proved) == 1:
            return (*proved, *self._given_beside(proved[0])), None
        if proved:
            return names, self._question(NAME_COLUMN, proved, _is_name)
        if len(self._filled(chosen)) < _FEWEST or self._given_beside(chosen):
            return (chosen, *self._given_beside(chosen)), None
        held = [column for column in self._all() if self._share(column, _is_name) >= _SURE_SHARE]
        return names, self._question(NAME_COLUMN, sorted({chosen, *held}), _is_name) if held else None

    def province(self) -> int:
        """A column without a known head whose values are provinces; 0 where there is none."""
        for column in self._all():
            unknown = self._head.fields.get(column, Field.IGNORED) is None
            if unknown and self._share(column, _is_province) >= _SURE_SHARE and len(self._filled(column)) > 1:
                return column
        return 0

    def _given_beside(self, column: int) -> tuple[int, ...]:
        """The column to the right that has no head and holds one syllable a row: the given name of a split cell."""
        beside = column + 1
        if self._texts.get(beside) or not self._filled(beside):
            return ()
        return (beside,) if self._share(beside, _is_syllable) >= _SURE_SHARE else ()

    def _all(self) -> Iterator[int]:
        yield from sorted({column for row in self._rows for column in self._sheet.rows.get(row, {})})

    def _filled(self, column: int) -> list[str]:
        found = (self._sheet.texts(row).get(column, "") for row in self._rows)
        return [text for text in found if text]

    def _share(self, column: int, test: Test) -> float:
        filled = self._filled(column)
        return sum(map(test, filled)) / len(filled) if filled else 0.0

    def _head_text(self, column: int) -> str:
        found = (self._sheet.texts(row).get(column, "") for row in self._head.rows)
        return " ".join(filter(None, found))

    def _question(self, code: str, columns: list[int], test: Test) -> Question:
        choices = (
            Choice(column=column, head=self._texts.get(column, ""), people=sum(map(test, self._filled(column))))
            for column in columns
        )
        return Question(sheet=self._sheet.name, code=code, choices=tuple(choices))


def _is_mobile(text: str) -> bool:
    return not read_phone(text).fault


def _is_name(text: str) -> bool:
    return "@" not in text and len(text.split()) > 1 and not any(map(str.isdigit, text)) and _letters(text)


def _letters(text: str) -> bool:
    return sum(char.isalpha() or char.isspace() for char in text) >= len(text) * _SURE_SHARE


def _is_syllable(text: str) -> bool:
    return " " not in text and text.isalpha() and is_spelled_like_a_name(text)


def _is_province(text: str) -> bool:
    return isinstance(find_province(text), ProvinceMatch)
