"""Results: courses by their grades, graded subsections by the gradebook, other sections by each learner's completion.

A topic without activity is a whole course: done when the course grade passes. An activity is the usage key of a
subsection or section, or its block name alone ('hw1' of block-v1:...+block@hw1). A graded subsection is done when it
was attempted and its grade reaches the course's lowest cutoff; any other one when Open edX calls it complete.
Open edX tells no time of any of it: `completed_at` is None (reference/openedx-facts.md sections 8 and 9).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.errors import ConfigError
from connector.language import _
from connector.model import TopicRef, TopicResult, TopicSeen
from connector.openedx import paths
from connector.openedx.client import OpenEdx
from connector.openedx.courses import Courses
from connector.openedx.people import People
from connector.wire.oddities import Oddities

GRADES_PER_PAGE = 500  # no maximum on the platform's side; kept to seconds a request
ROWS_PER_PAGE = 200  # gradebook rows hold every subsection
HUNDRED = 100.0


@dataclass(frozen=True, slots=True)
class Outline:
    """What a course holds: names of its blocks by usage key, which of them are graded, and the lowest cutoff."""

    names: Mapping[str, str]
    graded: frozenset[str]
    cutoff: float

    def usage(self, activity: str) -> str:
        """The usage key of an activity that is named by it or by its block name; '' when there is none or several."""
        if activity in self.names:
            return activity
        found = [key for key in self.names if key.rpartition("@")[2] == activity]
        return found[0] if len(found) == 1 else ""


@dataclass(slots=True)
class Results:
    """Reads results of one site. Nothing is written."""

    site: OpenEdx
    people: People
    courses: Courses
    odd: Oddities
    _outlines: dict[str, Outline] = field(default_factory=dict)

    def of(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        """The states of these people in these topics, those not begun left out.

        Cost: one request for 500 grades of a course, one for 200 rows of a gradebook, and one for each learner of a
        course with sections that are not graded, unless he never logged in.
        """
        wanted = frozenset(usernames)
        for course in dict.fromkeys(ref.course for ref in refs):
            self.courses.name(course)
            mine = [ref for ref in refs if ref.course == course]
            if any(not ref.activity for ref in mine):
                yield from self._course(TopicRef(course=course), wanted)
            yield from self._activities([ref for ref in mine if ref.activity], course, wanted)

    def _course(self, ref: TopicRef, usernames: frozenset[str]) -> Iterator[TopicResult]:
        for row in self.site.pages(paths.grades(ref.course), [("page_size", GRADES_PER_PAGE)]):
            if row["username"] not in usernames:
                continue
            found = self.odd.understood(
                partial(_course_result, ref, row), row, part="results", place=str(ref), username=str(row["username"])
            )
            if found is not None and (found.done or found.grade):
                yield found

    def _activities(self, refs: Sequence[TopicRef], course: str, usernames: frozenset[str]) -> Iterator[TopicResult]:
        if not refs:
            return
        outline = self.outline(course)
        places = {self._usage(outline, ref): ref for ref in refs}
        graded = {usage: ref for usage, ref in places.items() if usage in outline.graded}
        if graded:
            yield from self._graded(graded, outline.cutoff, course, usernames)
        others = {usage: ref for usage, ref in places.items() if usage not in outline.graded}
        if others:
            yield from self._completed(others, course, usernames)

    def _graded(
        self, places: Mapping[str, TopicRef], cutoff: float, course: str, usernames: frozenset[str]
    ) -> Iterator[TopicResult]:
        for row in self.site.pages(paths.gradebook(course), [("page_size", ROWS_PER_PAGE)]):
            username = str(row["username"])
            for section in row["section_breakdown"] if username in usernames else ():
                ref = places.get(section.get("module_id"))
                if ref is None or not section["attempted"]:
                    continue
                make = partial(_section_result, ref, username, section, cutoff)
                found = self.odd.understood(make, section, part="results", place=str(ref), username=username)
                if found is not None:
                    yield found

    def _completed(
        self, places: Mapping[str, TopicRef], course: str, usernames: frozenset[str]
    ) -> Iterator[TopicResult]:
        # Whoever never logged in has done nothing. A later log-in is no sieve: sessions last for weeks.
        students = self.people.students(course)
        begun = [name for name in sorted(usernames & students.keys()) if students[name].get("last_login") not in _NEVER]
        for name, blocks in zip(begun, self.site.lanes.each(partial(self._blocks, course), begun), strict=True):
            for usage, ref in places.items():
                if usage in blocks and blocks[usage].get("complete"):
                    yield TopicResult(ref=ref, username=name, done=True, completed_at=None)

    def _blocks(self, course: str, username: str) -> Mapping[str, Any]:
        query = [("course_id", course), ("depth", "all"), ("requested_fields", "completion,complete")]
        blocks = self.site.get(paths.BLOCKS, [*query, ("username", username)]).value["blocks"]
        return {str(key): block for key, block in blocks.items()}

    def outline(self, course: str) -> Outline:
        """What the course holds. Two requests, once. Raises ConfigError for a course that is not there."""
        if course not in self._outlines:
            self.courses.name(course)
            query = [("course_id", course), ("depth", "all"), ("all_blocks", "true")]
            answer = self.site.get(paths.BLOCKS, query)
            names = {str(key): str(block.get("display_name") or "") for key, block in answer.value["blocks"].items()}
            info = self.site.get(paths.grading_info(course)).value
            graded = {str(row["module_id"]): str(row["display_name"]) for row in info["subsections"] if row["graded"]}
            cutoff = min((float(share) for share in info["grade_cutoffs"].values()), default=0.0)
            self._outlines[course] = Outline({**graded, **names}, frozenset(graded), cutoff)
        return self._outlines[course]

    def _usage(self, outline: Outline, ref: TopicRef) -> str:
        usage = outline.usage(ref.activity)
        if not usage:
            raise ConfigError(
                _("The course {course} has no section '{activity}'.").format(course=ref.course, activity=ref.activity),
                hint=_("Give the section's usage key (block-v1:...), or its block name where only one has it."),
            )
        return usage

    def topic(self, ref: TopicRef) -> TopicSeen:
        """Number and name of the place. Raises ConfigError for one that is not there."""
        if ref.activity:
            outline = self.outline(ref.course)
            usage = self._usage(outline, ref)
            return TopicSeen(ref=ref, remote_id=usage, name=outline.names[usage])
        return TopicSeen(ref=ref, remote_id=ref.course, name=self.courses.name(ref.course))


_NEVER = (None, "", "None")


def _course_result(ref: TopicRef, row: Mapping[str, Any]) -> TopicResult:
    done = row["passed"]
    if not isinstance(done, bool):
        raise TypeError(f"neither passed nor not: {done!r:.40}")
    grade = float(row["percent"]) * HUNDRED
    return TopicResult(ref=ref, username=str(row["username"]), done=done, completed_at=None, grade=round(grade, 2))


def _section_result(ref: TopicRef, username: str, section: Mapping[str, Any], cutoff: float) -> TopicResult:
    share = float(section["percent"])
    grade = round(share * HUNDRED, 2)
    return TopicResult(ref=ref, username=username, done=share >= cutoff, completed_at=None, grade=grade)
