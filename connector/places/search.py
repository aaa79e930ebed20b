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

_TYPE_WORD = re.compile(r"(?:tỉnh\b|thành\s+phố\b|tp\b\.?|tp(?=hcm\b)|t\.)\s*", re.IGNORECASE)

# Spelling -> province of today, and whether the spelling names a province that is no more.
_SPELLINGS = {
    "HN": ("Hà Nội", False),
    "HCM": ("Hồ Chí Minh", False),
    "TPHCM": ("Hồ Chí Minh", False),
    "TP.HCM": ("Hồ Chí Minh", False),
    "Sài Gòn": ("Hồ Chí Minh", False),
    "BR-VT": ("Hồ Chí Minh", True),
    "BRVT": ("Hồ Chí Minh", True),
    "TT-Huế": ("Huế", True),
    "TTH": ("Huế", True),
    "Thừa Thiên Huế": ("Huế", True),
    "Đắc Lắc": ("Đắk Lắk", False),
    "Đăk Lăk": ("Đắk Lắk", False),
    "Daklak": ("Đắk Lắk", False),
    "Bắc Cạn": ("Thái Nguyên", True),
    "Đắc Nông": ("Lâm Đồng", True),
    "Đăk Nông": ("Lâm Đồng", True),
}
_SEVERAL = {"ĐN": ("Đà Nẵng", "Đồng Nai", "Lâm Đồng")}


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
    plain = tidy(text)
    word = _TYPE_WORD.match(plain)
    names = _names()
    return names.get(folded(plain[word.end() :] if word else plain))


def find_commune(text: str, province_code: str) -> Commune | None:
    """The commune of this province whose name (without xã, phường, đặc khu) is exactly the text; None if none."""
    return _commune_names(province_code).get(folded(text))


@cache
def _names() -> dict[str, ProvinceMatch | Ambiguous]:
    by_name = {province.name: province for province in provinces()}
    found: dict[str, ProvinceMatch | Ambiguous] = {
        folded(short): Ambiguous(candidates=tuple(by_name[name] for name in names)) for short, names in _SEVERAL.items()
    }
    for spelling, (name, old) in _SPELLINGS.items():
        notices = (OLD_NAME, ABBREVIATION) if old else (ABBREVIATION,)
        found[folded(spelling)] = ProvinceMatch(province=by_name[name], notices=notices)
    for province in provinces():
        for former in province.former_names:
            found[folded(former)] = ProvinceMatch(province=province, notices=(OLD_NAME,))
    for name, province in by_name.items():
        found[folded(name)] = ProvinceMatch(province=province)
    return found


@cache
def _commune_names(province_code: str) -> dict[str, Commune]:
    return {folded(commune.name): commune for commune in communes_of(province_code)}
