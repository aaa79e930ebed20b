"""Grades of whole courses and of their graded subsections, read by pages and kept small (facts section 8).

18,000 people with 19 subsections are 20 MB here, and ten times as much as the platform writes them.
"""

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isnan, nan
from typing import Any

from connector.model import TopicRef, TopicResult
from connector.openedx import paths
from connector.openedx.client import OpenEdx
from connector.openedx.paths import Path
from connector.openedx.readings import Readings
from connector.wire.oddities import ODD, Oddities

GRADES_PER_PAGE = 1_000  # no maximum on the platform's side; kept to seconds a request
ROWS_PER_PAGE = 300  # gradebook rows hold every subsection
HUNDRED = 100.0

Row = Mapping[str, Any]
Kept = dict[str, Any]  # by username: what was made of his row, or the row itself where nothing could be made of it


@dataclass(slots=True)
class Grades:
    """Reads grades of one site. Nothing is written."""

    site: OpenEdx
    odd: Oddities
    _readings: Readings[Kept] = field(init=False)

    def __post_init__(self) -> None:
        self._readings = Readings(self.site.clock)

    def of_course(self, ref: TopicRef, usernames: Collection[str]) -> Iterator[TopicResult]:
        """The grades of these people in a whole course; who has none is left out. One request for 1,000 learners."""
        read = self._reading(paths.grades(ref.course), GRADES_PER_PAGE, _course_grade)
        for name, kept in self._asked(read, str(ref), usernames, _course_grade):
            done, share = kept
            yield _result(ref, name, done=done, share=share)

    def of_sections(
        self, places: Mapping[str, TopicRef], cutoff: float, course: str, usernames: Collection[str]
    ) -> Iterator[TopicResult]:
        """The grades of these people in graded subsections, by usage key; those not tried are left out.

        One request for 300 learners.
        """
        keys = sorted(places)
        shares = partial(_shares, keys)
        read = self._reading(paths.gradebook(course), ROWS_PER_PAGE, shares, *keys)
        for name, kept in self._asked(read, course, usernames, shares):
            for key, share in zip(keys, kept, strict=True):
                if not isnan(share):
                    yield _result(places[key], name, done=share >= cutoff, share=share)

    def _reading(
        self, path: Path, size: int, make: Callable[[Row], Any], *parts: str
    ) -> Callable[[Collection[str]], Kept]:
        def read() -> Kept:
            rows = self.site.pages(path, [("page_size", size)])
            return {str(row["username"]): kept for row in rows if (kept := _kept(make, row)) is not None}

        return lambda names: self._readings.of((path.text, *parts), "grades", names, read)

    def _asked(
        self,
        reading: Callable[[Collection[str]], Kept],
        place: str,
        usernames: Collection[str],
        make: Callable[[Row], Any],
    ) -> Iterator[tuple[str, Any]]:
        found = reading(usernames)
        for name in sorted(usernames):
            kept = found.get(name)
            if isinstance(kept, dict):
                self.odd.understood(partial(make, kept), kept, part="results", place=place, username=name)
            elif kept is not None:
                yield name, kept


def _kept(make: Callable[[Row], Any], row: Row) -> Any:
    """What is made of a row, None where there is nothing yet; a row that is not understood stays as it is."""
    try:
        return make(row)
    except ODD:
        return dict(row)


def _course_grade(row: Row) -> tuple[bool, float] | None:
    done = row["passed"]
    if not isinstance(done, bool):
        raise TypeError(f"neither passed nor not: {done!r:.40}")
    share = float(row["percent"])
    return (done, share) if done or share else None


def _shares(keys: Sequence[str], row: Row) -> "array[float] | None":
    tried = {part.get("module_id"): float(part["percent"]) for part in row["section_breakdown"] if part["attempted"]}
    found = array("d", (tried.get(key, nan) for key in keys))
    return None if all(map(isnan, found)) else found


def _result(ref: TopicRef, username: str, *, done: bool, share: float) -> TopicResult:
    return TopicResult(ref=ref, username=username, done=done, completed_at=None, grade=round(share * HUNDRED, 2))
