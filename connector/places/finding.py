"""Whatever a clerk types -> all places that bear this name or code, today or on a given day. Pure; nothing is guessed.

One place is an answer, several are another: a person chooses. What differs in its marks only is offered apart.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from connector.places.catalogue import Commune, Province, communes, province_by_code
from connector.places.dated import MERGED_ON, DatedProvince, all_dated, check_day, meanings_of_code
from connector.places.search import ProvinceMatch, find_province, spelled_out, without_type
from connector.places.spelling import folded, tidy

_UNIT = re.compile(r"(?:xã|phường|đặc khu)\s+|(?:x|p|đk)\.\s*", re.IGNORECASE)
_PROVINCE_CODE, _COMMUNE_CODE = 2, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A province or commune as it was called at a time. `province` is the one in force that it belongs to or became."""

    level: str
    code: str
    full_name: str
    province: Province
    begins: date
    ends: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All places of that name or code; `near` are those whose name differs in marks only, when there is none."""

    places: tuple[Place, ...]
    near: tuple[Place, ...] = ()


def find_places(text: str, day: date | None = None) -> Answer:
    """The provinces and communes that a text names, by code or any name; 'name, province' looks in that province.

    With a day: as they were then. Communes are known since 2025-07-01. Raises ConfigError for a day before 2008-08-01.
    """
    if day is not None:
        check_day(day)
    plain = tidy(text)
    if plain.isdecimal():
        return Answer(places=tuple(_by_code(plain, day)))
    places = (*_provinces(plain, day), *_communes(plain, day))
    return Answer(places=places, near=() if places else tuple(_near(plain, day)))


def _by_code(code: str, day: date | None) -> Iterator[Place]:
    if len(code) == _PROVINCE_CODE:
        yield from map(_of_province, meanings_of_code(code, day))
    elif len(code) == _COMMUNE_CODE:
        yield from _named([commune for commune in communes() if commune.code == code], day)


def _provinces(text: str, day: date | None) -> Iterator[Place]:
    names = {folded(name) for name in spelled_out(text)} or {without_type(text)}
    found = [one for one in all_dated() if folded(one.name) in names and (day is None or one.holds(day))]
    # Without a day each province stands once: as it is called now, or was called last.
    yield from map(_of_province, {one.name: one for one in found}.values())


def _communes(text: str, day: date | None) -> Iterator[Place]:
    name, comma, province_text = text.rpartition(",")
    province = find_province(province_text) if comma else None
    if isinstance(province, ProvinceMatch):
        inside = [one for one in _called(name) if one.province_code == province.province.code]
        yield from _named(inside, day)
    else:
        yield from _named(_called(text), day)


def _called(text: str) -> tuple[Commune, ...]:
    return _by_name().get(folded(_UNIT.sub("", tidy(text), count=1) if _UNIT.match(tidy(text)) else text), ())


def _named(found: list[Commune] | tuple[Commune, ...], day: date | None) -> Iterator[Place]:
    if day is None or day >= MERGED_ON:
        yield from (_of_commune(commune, day) for commune in found)


def _near(text: str, day: date | None) -> Iterator[Place]:
    bare = _bare(without_type(text))
    for one in all_dated():
        if _bare(folded(one.name)) == bare and (one.ends is None if day is None else one.holds(day)):
            yield _of_province(one)
    yield from _named([commune for commune in communes() if _bare(folded(commune.name)) == bare], day)


def _bare(name: str) -> str:
    """A folded name without any mark."""
    pieces = unicodedata.normalize("NFD", name.replace("đ", "d"))
    return "".join(char for char in pieces if not unicodedata.combining(char))


def _of_province(one: DatedProvince) -> Place:
    return Place(
        level="province",
        code=one.code,
        full_name=one.full_name,
        province=one.today,
        begins=one.begins,
        ends=one.ends,
    )


def _of_commune(commune: Commune, day: date | None) -> Place:
    province = province_by_code(commune.province_code)
    changed = province.type_changed_on if commune.first_type != commune.type else None
    was = day is not None and changed is not None and day < changed
    kind = commune.type_on(day) if day else commune.type
    return Place(
        level="commune",
        code=commune.code,
        full_name=f"{kind.capitalize()} {commune.name}",
        province=province,
        begins=MERGED_ON if was or not changed else changed,
        ends=changed if was else None,
    )


@cache
def _by_name() -> dict[str, tuple[Commune, ...]]:
    found: dict[str, list[Commune]] = {}
    for commune in communes():
        found.setdefault(folded(commune.name), []).append(commune)
    return {name: tuple(same) for name, same in found.items()}
