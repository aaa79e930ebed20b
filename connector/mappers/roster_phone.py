"""A phone cell of a roster -> one Vietnamese mobile number in E.164, or the fault. Pure.

The rules are those of examples/rosters/README.md, "Phone"; facts: reference/vietnam-facts.md section 3.2. Validity is
libphonenumber's (`phonenumbers.number_type`), which knows numbering plans, not who exists.
"""

import re
import unicodedata
from dataclasses import dataclass

from phonenumbers import PhoneNumber, PhoneNumberType, number_type

from connector.places.spelling import APOSTROPHES, DASHES

MISSING, SEVERAL, LANDLINE, BAD = "missing_phone", "several_phones", "landline_phone", "bad_phone"
LOST_ZERO, OLD_PREFIX, LETTER_O, NOTE_REMOVED = (
    "lost_leading_zero",
    "old_phone_prefix",
    "phone_letter_o",
    "phone_note_removed",
)

# Mobile prefixes before 2018-09-15 -> since then, both without the leading 0; the last seven digits stay.
OLD_PREFIXES = {
    **{f"16{last}": f"3{last}" for last in "23456789"},
    "120": "70",
    "121": "79",
    "122": "77",
    "126": "76",
    "128": "78",
    "123": "83",
    "124": "84",
    "125": "85",
    "127": "81",
    "129": "82",
    "186": "56",
    "188": "58",
    "199": "59",
}
_COUNTRY = 84
_MOBILE_DIGITS = 9
# The longest single number is 0084 (0) and ten digits; a foreign one has at most 15 after its 00.
_SEVERAL_DIGITS = 17
# The shortest thing that is a number by itself (a local landline).
_NUMBER_DIGITS = 7

_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*[eE]\s*[+-]?\s*\d+")
_LETTER_O = re.compile(r"(?<![^\W\d_])[oO]+(?![^\W\d_])")
_LETTERS = re.compile(r"[^\W\d_]")
_POINT_ZERO = re.compile(r"(?<=\d)\.0$")
_WITHIN = re.escape(f"{DASHES}{APOSTROPHES}.()[]+") + r"\d\s"
_BETWEEN = re.compile(rf"[^{_WITHIN}]+")
_ODD = re.compile(rf"[^{_WITHIN},;:/|&\"“”\w]|_")
_PLUS = re.compile(r"[^\d+]*\+[^+]*")


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """The number in E.164 and what was put right, or `fault` (a code of the README) and an empty number."""

    phone: str = ""
    fault: str = ""
    notices: tuple[str, ...] = ()


def read_phone(text: str) -> PhoneReading:
    """The one mobile number in a tidied cell, or why there is none. Numbers come as their digits, without '.0'."""
    plain = _POINT_ZERO.sub("", _ascii_digits(text).strip(APOSTROPHES + " "))
    if not re.search(r"\d", plain):
        return PhoneReading(fault=MISSING)
    if _SCIENTIFIC.fullmatch(plain):
        return PhoneReading(fault=BAD)
    zeroed = _LETTER_O.sub(lambda run: "0" * len(run.group()), plain)
    parts = [part for part in _BETWEEN.split(zeroed) if re.search(r"\d", part)]
    if _several(parts):
        return PhoneReading(fault=SEVERAL)
    if len(parts) > 1 or _ODD.search(zeroed):
        return PhoneReading(fault=BAD)
    notices = [LETTER_O] if zeroed != plain else []
    if _LETTERS.search(zeroed):
        notices.append(NOTE_REMOVED)
    return _one_number(parts[0], notices)


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def _several(parts: list[str]) -> bool:
    """Whether there are two numbers, be they mobile or not, between words or in one run of digits."""
    long = [part for part in parts if _count(part) >= _NUMBER_DIGITS]
    runs = [run for part in long for run in re.findall(r"\d+", part) if len(run) >= _NUMBER_DIGITS]
    return len(long) > 1 or len(runs) > 1 or any(_count(part) >= _SEVERAL_DIGITS for part in long)


def _count(part: str) -> int:
    return sum(char.isdigit() for char in part)


def _one_number(part: str, notices: list[str]) -> PhoneReading:
    national, lost = _national(part)
    if lost:
        notices.append(LOST_ZERO)
    renewed = OLD_PREFIXES.get(national[:3]) if len(national) == _MOBILE_DIGITS + 1 else None
    if renewed:
        national = renewed + national[3:]
        notices.append(OLD_PREFIX)
    if not national or national.startswith("0"):
        return PhoneReading(fault=BAD)
    kind = number_type(PhoneNumber(country_code=_COUNTRY, national_number=int(national)))
    if kind == PhoneNumberType.MOBILE:
        return PhoneReading(phone=f"+{_COUNTRY}{national}", notices=tuple(sorted(notices)))
    return PhoneReading(fault=LANDLINE if kind == PhoneNumberType.FIXED_LINE else BAD)


def _national(part: str) -> tuple[str, bool]:
    """The digits after the country code or the leading 0 ('' if it is another country's), and whether a 0 was lost."""
    digits = re.sub(r"\D", "", part)
    if "+" in part:
        own = _PLUS.fullmatch(part) and digits.startswith("84")
        return (digits[2:].removeprefix("0") if own else ""), False
    if digits.startswith("0084"):
        return digits[4:].removeprefix("0"), False
    # Nine digits that begin with 84 are a number of 084 without its 0; only more can hold the country code.
    if digits.startswith("84") and len(digits) >= _MOBILE_DIGITS + 2:
        return digits[2:].removeprefix("0"), False
    if digits.startswith("0"):
        return digits[1:], False
    return digits, True
