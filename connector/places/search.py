"""A place's name as people write it -> the place, by exact comparison of folded names. Pure; nothing is guessed.

The rules are those of examples/rosters/README.md, "Province" and "Commune". A name without its marks, a former
commune or a commune of another province is not found; an abbreviation with several meanings is an answer of its own.
"""

import re
from dataclasses import dataclass
from functools import cache

from connector.places.catalogue import Commune, Province, communes_of, provinces
from connector.places.spelling import folded, tidy

OLD_NAME = "old_province_name"
ABBREVIATION = "province_abbreviation"
# Huế's name until 2025-01-01, which the table of former names lacks.
THUA_THIEN_HUE = "Thừa Thiên Huế"

_TYPE_WORD = re.compile(r"(?:tỉnh\b|thành\s+phố\b|tp\b\.?|tp(?=hcm\b)|t\.)\s*", re.IGNORECASE)

# Spelling -> the province that it stands for, in force or not.
_SPELLINGS = {
    "HN": "Hà Nội",
    "HCM": "Hồ Chí Minh",
    "TPHCM": "Hồ Chí Minh",
    "TP.HCM": "Hồ Chí Minh",
    "Sài Gòn": "Hồ Chí Minh",
    "BR-VT": "Bà Rịa - Vũng Tàu",
    "BRVT": "Bà Rịa - Vũng Tàu",
    "TT-Huế": THUA_THIEN_HUE,
    "TTH": THUA_THIEN_HUE,
    THUA_THIEN_HUE: THUA_THIEN_HUE,
    "Đắc Lắc": "Đắk Lắk",
    "Đăk Lăk": "Đắk Lắk",
    "Daklak": "Đắk Lắk",
    "Bắc Cạn": "Bắc Kạn",
    "Đắc Nông": "Đắk Nông",
    "Đăk Nông": "Đắk Nông",
}
_SEVERAL = {"ĐN": ("Đà Nẵng", "Đồng Nai", "Đắk Nông")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceMatch:
    """The province that a text names; `notices` say how: under a former name, by an abbreviation."""

    province: Province
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """The text may mean several provinces; a person has to say which."""

    candidates: tuple[Province, ...]


def find_province(text: str) -> ProvinceMatch | Ambiguous | None:
    """The province that the whole text names, with or without tỉnh, T., thành phố or TP. in front; None if none.

    First the 34 names in force are tried, then the 63 before 2025-07-01, then a closed list of abbreviations.
    """
    return _names().get(without_type(text))


def without_type(text: str) -> str:
    """The folded name that is left of a province's when tỉnh, T., thành phố or TP. in front is taken away."""
    plain = tidy(text)
    word = _TYPE_WORD.match(plain)
    return folded(plain[word.end() :] if word else plain)


def spelled_out(text: str) -> tuple[str, ...]:
    """The provinces' names, of today or former ones, that an abbreviation or other spelling may stand for."""
    name = without_type(text)
    return _SPELLED_OUT.get(name, ())


def find_commune(text: str, province_code: str) -> Commune | None:
    """The commune of this province whose name (without xã, phường, đặc khu) is exactly the text; None if none."""
    return _commune_names(province_code).get(folded(text))


@cache
def _names() -> dict[str, ProvinceMatch | Ambiguous]:
    units = {THUA_THIEN_HUE: next(province for province in provinces() if province.name == "Huế")}
    units |= {former: province for province in provinces() for former in province.former_names}
    units |= {province.name: province for province in provinces()}
    found: dict[str, ProvinceMatch | Ambiguous] = {
        folded(short): Ambiguous(candidates=tuple(units[name] for name in names)) for short, names in _SEVERAL.items()
    }
    for spelling, name in _SPELLINGS.items():
        notices: tuple[str, ...] = (ABBREVIATION,) if units[name].name == name else (OLD_NAME, ABBREVIATION)
        found[folded(spelling)] = ProvinceMatch(province=units[name], notices=notices)
    for name, province in units.items():
        if name != THUA_THIEN_HUE:
            notices = () if province.name == name else (OLD_NAME,)
            found[folded(name)] = ProvinceMatch(province=province, notices=notices)
    return found


@cache
def _commune_names(province_code: str) -> dict[str, Commune]:
    return {folded(commune.name): commune for commune in communes_of(province_code)}


_SPELLED_OUT = {folded(short): names for short, names in _SEVERAL.items()} | {
    folded(spelling): (name,) for spelling, name in _SPELLINGS.items()
}
