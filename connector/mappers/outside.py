"""Rows of lists about what was done outside the platform: attendance of sessions, results of another platform. Pure.

A list has a head with a mobile number and, for attendance, the session; for results, the topic. Cells come tidied.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.language import _
from connector.mappers.roster_head import PHONES, field_of
from connector.mappers.roster_moment import read_moment
from connector.mappers.roster_phone import read_phone
from connector.model import OutsideKind
from connector.places.spelling import folded

BAD_DAY, NO_KEY, UNKNOWN_TOPIC, BAD_VALUE = "bad_day", "missing_key", "unknown_topic", "bad_value"
NOT_REGISTERED, TWICE, FORMULA_CELL = "not_registered", "outside_twice", "formula_in_cell"
HIGHEST_GRADE, MOST_SESSIONS = 100.0, 100.0

_SESSION = re.compile(r"[^a-z0-9]+")


class Column(StrEnum):
    """What a column of such a list may hold."""

    PHONE = "phone"
    KEY = "key"
    VALUE = "value"
    AT = "at"


# Words of headings without marks; a heading may say more, such as 'Ngày hoàn thành (theo giờ Việt Nam)'.
_HEADINGS = {
    OutsideKind.ATTENDANCE: {
        Column.AT: ("ngay", "thoi gian", "date", "time"),
        Column.KEY: ("buoi", "lop", "session"),
        Column.VALUE: ("co mat", "so buoi", "diem danh", "present", "attended"),
    },
    OutsideKind.RESULT: {
        Column.AT: ("ngay", "thoi gian", "date", "completed"),
        Column.KEY: ("chuyen de", "ma chuyen de", "topic"),
        Column.VALUE: ("diem", "ket qua", "grade", "score"),
    },
}
_NEEDED = {Column.PHONE, Column.KEY, Column.AT}
_PRESENT = {"x", "co", "co mat", "v", "yes", "true", "1"}
_ABSENT = {"vang", "khong", "vang mat", "no", "false", "0"}


@dataclass(frozen=True, slots=True)
class OutsideFact:
    """One row that can be used."""

    phone: str
    key: str
    value: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OutsideFault:
    """Why a row cannot be used: a code of `outside_reasons`, and the column at fault."""

    code: str
    column: Column


def head_of(texts: Mapping[int, str], kind: OutsideKind) -> dict[Column, int] | None:
    """Which column holds what, if this row is the head of such a list; None if a needed column is not named."""
    found: dict[Column, int] = {}
    for place, text in sorted(texts.items()):
        column = _column(text, kind)
        if column is not None:
            found.setdefault(column, place)
    return found if found.keys() >= _NEEDED else None


def _column(text: str, kind: OutsideKind) -> Column | None:
    if field_of(text) in PHONES:
        return Column.PHONE
    words = _bare(text)
    for column, names in _HEADINGS[kind].items():
        if any(re.search(rf"\b{name}\b", words) for name in names):
            return column
    return None


def _bare(text: str) -> str:
    """The text in small letters without any marks: 'Buổi 1' becomes 'buoi 1'."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(char for char in plain if not unicodedata.combining(char)).strip()


def read_fact(cells: Mapping[Column, str], kind: OutsideKind, topics: Mapping[str, str]) -> OutsideFact | OutsideFault:
    """The fact in one row. `topics` are the programme's topic keys by folded key and name.

    An empty value is 'present' for attendance and 'no grade' for a result. A day without a time is its beginning in
    Viet Nam.
    """
    phone = read_phone(cells.get(Column.PHONE, ""))
    if phone.fault:
        return OutsideFault(phone.fault, Column.PHONE)
    key = _key(cells.get(Column.KEY, ""), kind, topics)
    if isinstance(key, OutsideFault):
        return key
    at = read_moment(cells.get(Column.AT, ""))
    if at is None:
        return OutsideFault(BAD_DAY, Column.AT)
    value = _value(cells.get(Column.VALUE, ""), kind)
    if isinstance(value, OutsideFault):
        return value
    return OutsideFact(phone.phone, key, value, at)


def topic_names(topics: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The keys of topics by folded key and by folded name; a name that two topics share names neither."""
    names = [folded(name) for _key, name in topics]
    by_name = {folded(name): key for key, name in topics if names.count(folded(name)) == 1}
    return by_name | {folded(key): key for key, _name in topics}


def _key(text: str, kind: OutsideKind, topics: Mapping[str, str]) -> str | OutsideFault:
    if not text.strip():
        return OutsideFault(NO_KEY, Column.KEY)
    if kind is OutsideKind.ATTENDANCE:
        plain = _SESSION.sub("-", _bare(text)).strip("-")
        return plain or OutsideFault(NO_KEY, Column.KEY)
    return topics.get(folded(text)) or OutsideFault(UNKNOWN_TOPIC, Column.KEY)


def _value(text: str, kind: OutsideKind) -> float | OutsideFault | None:
    words = _bare(text)
    if not words:
        return None
    if kind is OutsideKind.ATTENDANCE and words in _PRESENT | _ABSENT:
        return 1.0 if words in _PRESENT else 0.0
    most = MOST_SESSIONS if kind is OutsideKind.ATTENDANCE else HIGHEST_GRADE
    try:
        number = float(words.replace(",", "."))
    except ValueError:
        return OutsideFault(BAD_VALUE, Column.VALUE)
    return number if 0 <= number <= most else OutsideFault(BAD_VALUE, Column.VALUE)


def outside_reasons() -> dict[str, str]:
    """What is wrong with a row and what to do, by code, in a sentence for a clerk."""
    return {
        BAD_DAY: _("The day cannot be read: enter it as 20/11/2025 or 20/11/2025 08:15."),
        NO_KEY: _("The session or the topic is missing: enter it."),
        UNKNOWN_TOPIC: _("The programme has no topic of this key or name: enter its key, such as cd01."),
        BAD_VALUE: _("The value cannot be used: a grade is 0 to 100, presence is x or the number of sessions."),
        NOT_REGISTERED: _("Nobody with this number is registered in the programme: check the number."),
        TWICE: _("The same person and the same session or topic stand in an earlier row: delete one of them."),
    }
