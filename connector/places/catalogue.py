"""The 34 provinces and 3,321 communes in force, loaded once from data/. Reads our own files, writes nothing.

Sources and traps: data/README.md; reference/vietnam-facts.md section 2. Codes are strings with leading zeros and are
those in force since 2025-07-01: seven of them (15, 24, 44, 52, 80, 82, 91) meant another province before that day, so
`province_by_code` must never be given a code out of an older document.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from connector.errors import BrokenData
from connector.language import _

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province or centrally run city. `type` is today's ('tỉnh', 'thành phố'); `name` has no type word.

    `former_names` and `former_codes` are those of the provinces before 2025-07-01 that make it up, itself included.
    """

    code: str
    name: str
    type: str
    former_names: tuple[str, ...]
    former_codes: tuple[str, ...]
    first_type: str
    type_changed_on: date | None

    @property
    def full_name(self) -> str:
        """The name with today's type: 'Tỉnh Nghệ An', 'Thành phố Huế'."""
        return f"{self.type.capitalize()} {self.name}"

    def type_on(self, day: date) -> str:
        """'tỉnh' or 'thành phố' as it was on a day since 2025-07-01 (Đồng Nai became a city on 2026-04-30)."""
        if self.type_changed_on and day < self.type_changed_on:
            return self.first_type
        return self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A xã, phường or đặc khu (`type`, today's); `name` has no type word and is unique in its province."""

    code: str
    name: str
    type: str
    province_code: str
    first_type: str

    @property
    def full_name(self) -> str:
        """The name with today's type: 'Xã Nhân Hòa'."""
        return f"{self.type.capitalize()} {self.name}"

    def type_on(self, day: date) -> str:
        """'xã', 'phường' or 'đặc khu' as it was on a day since 2025-07-01.

        The 22 xã that became phường did so with their province (Đồng Nai, Bắc Ninh): inferred, the data give no day.
        """
        changed = province_by_code(self.province_code).type_changed_on
        return self.first_type if changed and day < changed else self.type


def communes() -> tuple[Commune, ...]:
    """All 3,321 communes in the order of their codes."""
    return tuple(_communes().values())


def provinces() -> tuple[Province, ...]:
    """All 34 provinces in the order of their codes."""
    return tuple(_provinces().values())


def province_by_code(code: str) -> Province:
    """The province of a two-digit code in force. Raises BrokenData for any other code."""
    try:
        return _provinces()[code]
    except KeyError:
        raise BrokenData(_("There is no province with the code '{code}'.").format(code=code)) from None


def commune_by_code(code: str) -> Commune:
    """The commune of a five-digit code in force. Raises BrokenData for any other code."""
    try:
        return _communes()[code]
    except KeyError:
        raise BrokenData(_("There is no commune with the code '{code}'.").format(code=code)) from None


def communes_of(province_code: str) -> tuple[Commune, ...]:
    """The communes of a province in the order of their codes; none for an unknown code."""
    return _communes_by_province().get(province_code, ())


@cache
def _provinces() -> dict[str, Province]:
    return {row["code"]: _province(row) for row in _rows("provinces34.csv")}


def _province(row: dict[str, str]) -> Province:
    changed = row["type_changed_on"]
    return Province(
        code=row["code"],
        name=row["name"],
        type=row["type"],
        former_names=tuple(row["former_names"].split("; ")),
        former_codes=tuple(row["former_codes"].split("; ")),
        first_type=row["type_2025_07_01"],
        type_changed_on=date.fromisoformat(changed) if changed else None,
    )


@cache
def _communes() -> dict[str, Commune]:
    return {
        row["code"]: Commune(
            code=row["code"],
            name=row["name"],
            type=row["type"],
            province_code=row["province_code"],
            first_type=row["type_2025_07_01"],
        )
        for row in _rows("communes3321.csv")
    }


@cache
def _communes_by_province() -> dict[str, tuple[Commune, ...]]:
    found: dict[str, list[Commune]] = {}
    for commune in _communes().values():
        found.setdefault(commune.province_code, []).append(commune)
    return {code: tuple(communes) for code, communes in found.items()}


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
