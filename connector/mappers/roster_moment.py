"""The moment at which a form was sent, as form services export it -> an aware time. Pure.

Exports follow the language of whoever downloads them: 20/11/2025 8:15:33, 2025-11-20 08:15, 11/20/25 8:15:33,
2025/11/20 8:15:33 SA GMT+7, or Excel's number of days. Whether day or month comes first is decided once for a column.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
BAD_MOMENT = "bad_timestamp"

_DATE = (
    r"(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<z>\d{4}|\d{2}))"
)
_CLOCK = r"(?P<h>\d{1,2})[:hg](?P<min>\d{2})(?:[:mp](?P<s>\d{2})(?:[.,]\d+)?s?)?"
_HALF = r"(?:\s*(?P<half>[AaPp]\.?[Mm]\.?|SA|CH))?"
_ZONE = r"(?:\s*(?P<zone>Z|(?:GMT|UTC)?\s*[+-]\d{1,2}(?::?\d{2})?|GMT|UTC))?"
_MOMENT = re.compile(rf"{_DATE}(?:[T,\s]\s*{_CLOCK}{_HALF}{_ZONE})?")
_CLOCK_FIRST = re.compile(rf"{_CLOCK}{_HALF}[,\s]\s*{_DATE}")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_ZONE_PARTS = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
# Day 0 of Excel's calendar, and the years that a training programme can fall in.
_EXCEL = datetime(1899, 12, 30)  # noqa: DTZ001 - the zone is put on with the moment
_FIRST_YEAR, _LAST_YEAR = 2015, 2100
_CENTURY = 2000
_NOON = 12


def is_month_first(texts: Iterable[str]) -> bool:
    """Whether a column of moments is written the American way: more of them can be read so than with the day first."""
    filled = [text for text in texts if text]
    return _readable(filled, month_first=True) > _readable(filled, month_first=False)


def _readable(texts: Iterable[str], *, month_first: bool) -> int:
    return sum(read_moment(text, month_first=month_first) is not None for text in texts)


def names_moments(texts: Iterable[str]) -> bool:
    """Whether one of the texts can be read as a moment."""
    return any(read_moment(text) or read_moment(text, month_first=True) for text in texts)


def read_moment(text: str, *, month_first: bool = False) -> datetime | None:
    """The moment that a tidied cell names; None if it is none. Without a zone it is Viet Nam's."""
    if _SERIAL.fullmatch(text):
        return _in_reach((_EXCEL + timedelta(days=float(text.replace(",", ".")))).replace(tzinfo=HERE))
    found = _MOMENT.fullmatch(text) or _CLOCK_FIRST.fullmatch(text)
    if not found:
        return None
    parts = found.groupdict()
    try:
        return _in_reach(datetime(*_date(parts, month_first=month_first), *_clock(parts), tzinfo=_zone(parts)))
    except ValueError:
        return None


def _in_reach(moment: datetime) -> datetime | None:
    return moment if _FIRST_YEAR <= moment.year < _LAST_YEAR else None


def _date(parts: dict[str, str | None], *, month_first: bool) -> tuple[int, int, int]:
    if parts["y"]:
        return int(parts["y"]), int(parts["m"] or 0), int(parts["d"] or 0)
    first, second, year = int(parts["a"] or 0), int(parts["b"] or 0), int(parts["z"] or 0)
    day, month = (second, first) if month_first else (first, second)
    return (year if year >= _FIRST_YEAR else year + _CENTURY), month, day


def _clock(parts: dict[str, str | None]) -> tuple[int, int, int]:
    hour = int(parts["h"] or 0)
    half = (parts["half"] or "").upper().replace(".", "")
    if half:
        if not 1 <= hour <= _NOON:
            raise ValueError(hour)
        hour = hour % _NOON + (_NOON if half in ("PM", "CH") else 0)
    return hour, int(parts["min"] or 0), int(parts["s"] or 0)


def _zone(parts: dict[str, str | None]) -> tzinfo:
    named = parts.get("zone")
    if not named:
        return HERE
    offset = _ZONE_PARTS.search(named)
    if not offset:
        return UTC
    away = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
    return timezone(away if offset["sign"] == "+" else -away)
