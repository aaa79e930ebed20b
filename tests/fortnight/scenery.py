"""The lists of a fortnight as provinces send them, and the truth of who is to be where: what the oracle counts by.

Each province has one part to play, besides sending its list in time; those without a part are most of them. What a list
says is written here as it leaves the province; nothing of it comes from the connector.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from openpyxl import load_workbook

from connector.places import Province
from connector.places import provinces as all_provinces
from connector.sandbox.rosters import (
    Row,
    invented_numbers,
    invented_row,
    list_name,
    shares,
    spoilt_row,
    write_list,
)
from connector.settings import HOME

BEGINS = datetime(2025, 11, 27, 6, 0, tzinfo=HOME)
OPENS = datetime(2025, 12, 1, tzinfo=HOME)
CLOSES = datetime(2025, 12, 16, tzinfo=HOME)
ENDS = datetime(2025, 12, 17, 12, 0, tzinfo=HOME)

MIDDLE = "Quý"
GONE, LEFT_AT_ONCE = 2, 4
REFUSED_ROWS = 2
HEAD_ROWS = 6
CUT = 0.6


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2025 in Viet Nam; day 0 is 30 November, -1 the 29th."""
    return OPENS + timedelta(days=day - 1, hours=hour, minutes=minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A list that is put into a province's folder at a moment."""

    moment: datetime
    folder: str
    province: Province
    rows: tuple[Row, ...]
    what: str

    def put(self, pickup: Path) -> None:
        """Write the file under the name that this province always uses, or mend the error workbook that came back."""
        name, place = list_name(self.province), pickup / self.folder
        place.mkdir(parents=True, exist_ok=True)
        if self.what == "mended cells":
            self._mend(place / name.replace(".xlsx", "-loi.xlsx"))
        else:
            write_list(place / name, self.province, self.rows)

    def _mend(self, answer: Path) -> None:
        """As a clerk does: the coloured cells are typed anew, and the workbook is saved."""
        book = load_workbook(answer)
        for number, (name, phone, _office, _post) in enumerate(self.rows):
            book["Danh sách"].cell(HEAD_ROWS + number + 1, 2).value = name
            book["Danh sách"].cell(HEAD_ROWS + number + 1, 3).value = phone
        book.save(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who plays which part; the provinces with the most people come first, so that a share of them is some people."""

    cut: Province
    mends: Province
    receives: Province
    loses: Province
    late: Province
    astray: Province
    others: tuple[Province, ...]

    @classmethod
    def of(cls, chosen: Sequence[Province], counts: dict[str, int]) -> "Cast":
        first = sorted(chosen, key=lambda one: (-counts[one.code], one.code))
        return cls(
            cut=first[0],
            mends=first[1],
            receives=first[2],
            loses=first[3],
            late=first[4],
            astray=first[5],
            others=tuple(first[6:]),
        )


@dataclass(slots=True, kw_only=True)
class Scenery:
    """All lists in the order of time; `present` is the truth at the end: the province of each by log-in name."""

    cast: Cast
    drops: list[Drop] = field(default_factory=list)
    present: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    def first(self, what: str, province: Province) -> datetime:
        """When the province sends such a list for the first time."""
        return next(one.moment for one in self.drops if one.what == what and one.province == province)


def username_of(row: Row) -> str:
    """The log-in name of the person in this row: his number as people dial it."""
    return f"{int(row[1]):010d}"


def make_scenery(learners: int, provinces: int, seed: int) -> Scenery:
    """A fortnight with so many people, those who join late and those who leave included; nothing is written.

    Of the smaller form the largest provinces are taken. The same seed gives the same lists.
    """
    play = _Play(learners, provinces, Random(seed))
    play.in_time()
    play.goes_astray()
    play.mends_bad_cells()
    play.comes_late()
    play.sends_a_cut_list()
    play.moves_people()
    play.loses_people()
    return play.told()


class _Play:
    """The lists while they are made up: `rows` is what each province has sent last."""

    def __init__(self, learners: int, count: int, dice: Random) -> None:
        self.dice = dice
        everybody = list(all_provinces())
        sizes = dict(zip((one.code for one in everybody), shares(everybody, 10_000), strict=True))
        chosen = sorted(everybody, key=lambda one: (-sizes[one.code], one.code))[:count]
        self.provinces = tuple(sorted(chosen, key=lambda one: one.code))
        counts = dict(zip((one.code for one in self.provinces), shares(self.provinces, learners), strict=True))
        self.cast = Cast.of(self.provinces, counts)
        phones = invented_numbers(dice)
        self.rows: dict[str, list[Row]] = {
            one.code: [invented_row(dice, next(phones), one) for _ in range(counts[one.code])] for one in self.provinces
        }
        self.drops: list[Drop] = []
        self.left: set[str] = set()

    def drop(
        self, moment: datetime, province: Province, what: str, *, folder: str = "", rows: Sequence[Row] = ()
    ) -> None:
        """The province's list as it stands now, unless other rows are given, comes into its folder or into another."""
        self.drops.append(
            Drop(
                moment=moment,
                folder=folder or province.code,
                province=province,
                rows=tuple(rows or self.rows[province.code]),
                what=what,
            )
        )

    def in_time(self) -> None:
        """Most provinces send their list on three days before the programme begins; every seventh is late."""
        early = [self.cast.cut, self.cast.receives, self.cast.loses]
        for place, province in enumerate([*early, *self.cast.others]):
            if place >= len(early) and place % 7 == 0:
                self.drop(at(4 + place % 5, 10, 10), province, "late")
            else:
                self.drop(at(-3 + place % 2, 8 + place % 9, 10), province, "first")

    def goes_astray(self) -> None:
        """A list is put into the folder of another province, and into its own the next day."""
        self.drop(at(-2, 9, 40), self.cast.astray, "astray", folder=self.cast.cut.code)
        self.drop(at(-1, 8, 10), self.cast.astray, "first")

    def mends_bad_cells(self) -> None:
        """Some rows are refused; days later the same list comes with these cells mended."""
        good = self.rows[self.cast.mends.code]
        bad = [spoilt_row(self.dice, row) for row in good[:REFUSED_ROWS]]
        self.drop(at(-2, 8, 10), self.cast.mends, "first", rows=[*bad, *good[REFUSED_ROWS:]])
        self.drop(at(2, 10, 10), self.cast.mends, "mended cells")

    def comes_late(self) -> None:
        self.drop(at(3, 9, 10), self.cast.late, "late")

    def sends_a_cut_list(self) -> None:
        """A list without most of its people, as a filter in a spreadsheet leaves it; and the whole one next day."""
        rows = self.rows[self.cast.cut.code]
        self.drop(at(4, 14, 10), self.cast.cut, "cut", rows=rows[: int(len(rows) * (1 - CUT))])
        name, phone, office, post = rows[-1]
        family, *_middle, given = name.split()
        rows[-1] = f"{family} {MIDDLE} {given}", phone, office, post
        self.drop(at(5, 8, 10), self.cast.cut, "mended")

    def moves_people(self) -> None:
        """Two go over with both lists in the better order; one stands in no list for a day."""
        self._take_over(self.cast.mends, self.cast.receives, GONE)
        self.drop(at(6, 10, 10), self.cast.receives, "moved")
        self.drop(at(6, 14, 10), self.cast.mends, "moved")
        self._take_over(self.cast.receives, self.cast.loses, 1)
        self.drop(at(7, 10, 10), self.cast.receives, "moved")
        self.drop(at(8, 8, 10), self.cast.loses, "moved")

    def _take_over(self, source: Province, target: Province, count: int) -> None:
        """The first people of one province go on with the end of the other's list."""
        rows = self.rows[source.code]
        for name, phone, _office, post in rows[-count:]:
            office = invented_row(self.dice, f"{int(phone):010d}", target)[2]
            self.rows[target.code].append((name, phone, office, post))
        del rows[-count:]

    def loses_people(self) -> None:
        """More leave at once than may lose access without a person's word."""
        rows = self.rows[self.cast.loses.code]
        self.left |= {username_of(row) for row in rows[:LEFT_AT_ONCE]}
        del rows[:LEFT_AT_ONCE]
        self.drop(at(8, 14, 10), self.cast.loses, "left")

    def told(self) -> Scenery:
        return Scenery(
            cast=self.cast,
            drops=sorted(self.drops, key=lambda one: one.moment),
            present={username_of(row): code for code, rows in self.rows.items() for row in rows},
            left=self.left,
            names={username_of(row): row[0] for rows in self.rows.values() for row in rows},
        )
