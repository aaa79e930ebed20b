"""When a reading of the platform is not believed: too much of what was known is missing from it. Pure.

A token that lost a right, a topic whose completion was switched off, a course that was hidden: the platform answers
without a word, and answers less. So what is missing is counted, by everything together, by place (course, topic,
cohort) and by province, for blindness is mostly partial; where more than a share of what stood is missing, it is held.
What the platform says (an enrolment that is suspended) is believed, however many it says it of; more than before is
believed too, since it takes nothing from anybody. A shrink that stays below the share in each reading is not held.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Row = TypeVar("Row", bound=Hashable)

# What a loss is counted by: ('', '') for all rows of the part, ('place', 'course/topic'), ('province', '01').
Group = tuple[str, str]
ALL: Group = ("", "")
PLACE, PROVINCE = "place", "province"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Of so many that stand, this `share` may be missing, and `floor` always."""

    share: float
    floor: int

    def exceeded(self, before: int, lost: int) -> bool:
        """True when so many of these missing are not believed."""
        return lost > self.floor and lost > before * self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrink:
    """So many of `before` were missing in one group of one part; `measure` says what of them ('' : the rows)."""

    measure: str
    group: Group
    before: int
    lost: int


@dataclass(slots=True)
class ShrinkGuard:
    """Judges the readings of one part in one run, piece by piece, and remembers what it held.

    `province_of` gives the province of a username, '' where it is not known. `explained` are people whose rows may go:
    they have left, or have no account any more. `unread` are people whose absence says nothing: their account itself is
    held. `accepted`: what a person has accepted, by measure and group, and how many.
    """

    bounds: Bounds
    province_of: Callable[[str], str]
    explained: Collection[str] = ()
    unread: Collection[str] = ()
    accepted: Mapping[tuple[str, Group], int] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    _found: dict[tuple[str, Group], Shrink] = field(default_factory=dict)

    @property
    def found(self) -> list[Shrink]:
        """What was held so far."""
        return list(self._found.values())

    def groups(self, place: str, username: str) -> list[Group]:
        """What a row of this place and person is counted in."""
        found = [ALL]
        if place:
            found.append((PLACE, place))
        if username and (province := self.province_of(username)):
            found.append((PROVINCE, province))
        return found

    def held(
        self, measure: str, lost: Collection[Row], standing: Iterable[Row], groups: Callable[[Row], list[Group]]
    ) -> set[Row]:
        """Those of the lost rows that are not believed to be lost; `standing` are all rows that stood, lost or not."""
        by_group = Counter(group for row in lost for group in groups(row))
        settled = {group for group in by_group if by_group[group] <= self.accepted.get((measure, group), 0)}
        open_rows = {row: groups(row) for row in lost if settled.isdisjoint(groups(row))}
        if len(open_rows) <= self.bounds.floor:
            return set()
        missing = Counter(group for found in open_rows.values() for group in found)
        gone = set(lost) - open_rows.keys()
        before = Counter(group for row in standing if row not in gone for group in groups(row))
        bad = {group for group, count in missing.items() if self.bounds.exceeded(before[group], count)}
        self._note(measure, {ALL} if ALL in bad else bad, before, missing)
        return {row for row, found in open_rows.items() if not bad.isdisjoint(found)}

    def _note(self, measure: str, bad: Iterable[Group], before: Counter[Group], missing: Counter[Group]) -> None:
        for group in sorted(bad):
            known = self._found.get((measure, group), Shrink(measure=measure, group=group, before=0, lost=0))
            self._found[measure, group] = Shrink(
                measure=measure, group=group, before=known.before + before[group], lost=known.lost + missing[group]
            )
