"""Results: courses by their grades, graded subsections by the gradebook, other sections by each learner's completion.

A topic without activity is a whole course: done when the course grade passes. An activity is the usage key of a
subsection or section, or its block name alone ('hw1' of block-v1:...+block@hw1). A graded subsection is done when it
was attempted and its grade reaches the course's lowest cutoff; any other one when Open edX calls it complete.
Open edX tells no time of any of it: `completed_at` is None (reference/openedx-facts.md sections 8 and 9).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import Any

from connector.errors import ConfigError, RequestRefused
from connector.language import _
from connector.model import TopicRef, TopicResult, TopicSeen
from connector.openedx import paths
from connector.openedx.client import OpenEdx
from connector.openedx.courses import Courses
from connector.openedx.grades import GRADES_PER_PAGE, ROWS_PER_PAGE, Grades
from connector.openedx.people import People
from connector.openedx.readings import Readings


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
    grades: Grades
    _outlines: Readings[Outline] = field(default_factory=Readings)

    def of(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        """The states of these people in these topics, those not begun left out.

        Each course's grades are read once in a run (`connector.openedx.grades`). Of sections that are not graded Open
        edX tells one learner a request; whoever never logged in is not asked for.
        """
        wanted = frozenset(usernames)
        for course in dict.fromkeys(ref.course for ref in refs):
            try:
                yield from self._of_course(course, [ref for ref in refs if ref.course == course], wanted)
            except RequestRefused:
                self.courses.name(course)  # raises the better error if the course is not there
                raise

    def _of_course(self, course: str, refs: Sequence[TopicRef], usernames: frozenset[str]) -> Iterator[TopicResult]:
        if any(not ref.activity for ref in refs):
            yield from self.grades.of_course(TopicRef(course=course), usernames)
        yield from self._activities([ref for ref in refs if ref.activity], course, usernames)

    def _activities(self, refs: Sequence[TopicRef], course: str, usernames: frozenset[str]) -> Iterator[TopicResult]:
        if not refs:
            return
        outline = self.outline(course)
        places = {self._usage(outline, ref): ref for ref in refs}
        graded = {usage: ref for usage, ref in places.items() if usage in outline.graded}
        if graded:
            yield from self.grades.of_sections(graded, outline.cutoff, course, usernames)
        others = {usage: ref for usage, ref in places.items() if usage not in outline.graded}
        if others:
            yield from self._completed(others, course, usernames)

    def _completed(
        self, places: Mapping[str, TopicRef], course: str, usernames: frozenset[str]
    ) -> Iterator[TopicResult]:
        # Whoever never logged in has done nothing. A later log-in is no sieve: sessions last for weeks.
        students = self.people.students(course, "completion", usernames)
        begun = [name for name in sorted(usernames & students.keys()) if students[name].may_have_begun]
        kinds = ",".join(sorted({_kind(usage) for usage in places}))
        read = partial(self._blocks, course, kinds)
        for name, blocks in zip(begun, self.site.lanes.each(read, begun), strict=True):
            for usage, ref in places.items():
                if usage in blocks and blocks[usage].get("complete"):
                    yield TopicResult(ref=ref, username=name, done=True, completed_at=None)

    def _blocks(self, course: str, kinds: str, username: str) -> Mapping[str, Any]:
        # The filter takes the other types out after completion has been worked out (course_api/blocks/api.py).
        query = [("course_id", course), ("depth", "all"), ("requested_fields", "completion,complete")]
        query += [("block_types_filter", kinds), ("username", username)]
        blocks = self.site.get(paths.BLOCKS, query).value["blocks"]
        return {str(key): block for key, block in blocks.items()}

    def outline(self, course: str) -> Outline:
        """What the course holds. Two requests in half an hour. Raises ConfigError for a missing course."""
        return self._outlines.of(course, "", (), partial(self._outline, course))

    def _outline(self, course: str) -> Outline:
        self.courses.name(course)
        query = [("course_id", course), ("depth", "all"), ("all_blocks", "true")]
        blocks = self.site.get(paths.BLOCKS, query).value["blocks"]
        names = {str(key): str(block.get("display_name") or "") for key, block in blocks.items()}
        info = self.site.get(paths.grading_info(course)).value
        graded = {str(row["module_id"]): str(row["display_name"]) for row in info["subsections"] if row["graded"]}
        cutoff = min((float(share) for share in info["grade_cutoffs"].values()), default=0.0)
        return Outline({**graded, **names}, frozenset(graded), cutoff)

    def _usage(self, outline: Outline, ref: TopicRef) -> str:
        usage = outline.usage(ref.activity)
        if not usage:
            raise ConfigError(
                _("The course {course} has no section '{activity}'.").format(course=ref.course, activity=ref.activity),
                hint=_("Give the section's usage key (block-v1:...), or its block name where only one has it."),
            )
        return usage

    def reads_each(self, refs: Sequence[TopicRef]) -> bool:
        """Whether one of these topics is a section that is not graded: a request for each learner."""
        return any(
            self._usage(self.outline(ref.course), ref) not in self.outline(ref.course).graded
            for ref in refs
            if ref.activity
        )

    def cost(self, refs: Sequence[TopicRef], people: int) -> tuple[int, int]:
        """Requests of a full reading when all these people learn: for pages of grades, and those for single learners.

        Reads the courses' lists: more people may be enrolled.
        """
        pages = each = 0
        for course in dict.fromkeys(ref.course for ref in refs):
            count = max(people, len(self.people.students(course, "cost")))
            mine = [ref for ref in refs if ref.course == course]
            graded = [ref for ref in mine if ref.activity and not self.reads_each([ref])]
            pages += ceil(count / GRADES_PER_PAGE) if any(not ref.activity for ref in mine) else 0
            pages += ceil(count / ROWS_PER_PAGE) if graded else 0
            each += count if self.reads_each(mine) else 0
        return pages, each

    def topic(self, ref: TopicRef) -> TopicSeen:
        """Number and name of the place. Raises ConfigError for one that is not there."""
        if ref.activity:
            outline = self.outline(ref.course)
            usage = self._usage(outline, ref)
            return TopicSeen(ref=ref, remote_id=usage, name=outline.names[usage])
        return TopicSeen(ref=ref, remote_id=ref.course, name=self.courses.name(ref.course))


def _kind(usage: str) -> str:
    """The block type in a usage key: block-v1:ORG+NUM+RUN+type@KIND+block@NAME."""
    return usage.partition("+type@")[2].partition("+block@")[0]
