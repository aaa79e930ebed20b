"""Provinces as they were on a day: the 63 before 2025-07-01, the 34 since, cities since their own dates. Pure.

Facts: reference/vietnam-facts.md sections 2.1 to 2.3. Before 2008-08-01 (Hà Tây joined Hà Nội) nothing is known here.
Communes are known since 2025-07-01 only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from connector.errors import ConfigError
from connector.language import _
from connector.places.catalogue import Province, provinces
from connector.places.search import THUA_THIEN_HUE

KNOWN_SINCE = date(2008, 8, 1)
MERGED_ON = date(2025, 7, 1)
HUE_CITY_ON = date(2025, 1, 1)
PROVINCE, CITY = "tỉnh", "thành phố"
_CITIES_BEFORE = ("Hà Nội", "Hồ Chí Minh", "Hải Phòng", "Đà Nẵng", "Cần Thơ")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedProvince:
    """A province under one name, code and type, from `begins` to `ends` (excluded; None: in force).

    `today` is the province in force that its area belongs to; `name` has no type word.
    """

    code: str
    name: str
    type: str
    begins: date
    ends: date | None
    today: Province

    @property
    def full_name(self) -> str:
        """The name with the type of that time: 'Tỉnh Thừa Thiên Huế'."""
        return f"{self.type.capitalize()} {self.name}"

    def holds(self, day: date) -> bool:
        """True when it was called so on this day."""
        return self.begins <= day and (self.ends is None or day < self.ends)


def check_day(day: date) -> None:
    """Raises ConfigError for a day before the first that the tables know."""
    if day < KNOWN_SINCE:
        raise ConfigError(
            _("Provinces are known since {day} only.").format(day=f"{KNOWN_SINCE:%d/%m/%Y}"),
            hint=_("Give a later day."),
        )


def provinces_on(day: date) -> tuple[DatedProvince, ...]:
    """The provinces of a day in the order of the codes of that day. Raises ConfigError before 2008-08-01."""
    check_day(day)
    return tuple(sorted((one for one in all_dated() if one.holds(day)), key=lambda one: one.code))


def meanings_of_code(code: str, day: date | None = None) -> tuple[DatedProvince, ...]:
    """What a two-digit code means: one province at most on a day, or all meanings where no day is given.

    Seven codes (15, 24, 44, 52, 80, 82, 91) meant another province before 2025-07-01: without a day both are given,
    the older one first, and neither may be chosen silently. Raises ConfigError for a day before 2008-08-01.
    """
    found = [one for one in all_dated() if one.code == code]
    if day is not None:
        check_day(day)
        return tuple(one for one in found if one.holds(day))
    latest = {_same_unit(one): one for one in found}
    return tuple(latest.values())


@cache
def all_dated() -> tuple[DatedProvince, ...]:
    """Every province under every name, code and type since 2008-08-01, the oldest first."""
    found = [one for province in provinces() for one in (*_before(province), *_since(province))]
    return tuple(sorted(found, key=lambda one: (one.begins, one.code)))


def _same_unit(one: DatedProvince) -> str:
    """What names one unit through its lives: Huế was Thừa Thiên Huế under the same code."""
    return "Huế" if one.name == THUA_THIEN_HUE else one.name


def _before(province: Province) -> Iterator[DatedProvince]:
    for code, name in zip(province.former_codes, province.former_names, strict=True):
        if name == "Huế":
            yield _life(province, (code, THUA_THIEN_HUE, PROVINCE), KNOWN_SINCE, HUE_CITY_ON)
            yield _life(province, (code, name, CITY), HUE_CITY_ON, MERGED_ON)
        else:
            kind = CITY if name in _CITIES_BEFORE else PROVINCE
            yield _life(province, (code, name, kind), KNOWN_SINCE, MERGED_ON)


def _since(province: Province) -> Iterator[DatedProvince]:
    changed = province.type_changed_on
    if changed:
        yield _life(province, (province.code, province.name, province.first_type), MERGED_ON, changed)
    yield _life(province, (province.code, province.name, province.type), changed or MERGED_ON, None)


def _life(today: Province, called: tuple[str, str, str], begins: date, ends: date | None) -> DatedProvince:
    code, name, kind = called
    return DatedProvince(code=code, name=name, type=kind, begins=begins, ends=ends, today=today)
