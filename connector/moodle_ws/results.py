"""What learners have done on Moodle: activity completions, grades, course completions.

No web service gives the activity completions of many people (facts section 7), so they are asked for person by person,
some 300 in one request. Whole courses come from the custom report `connector-completions` where the site has it, else
person by person too (facts section 9, recipes section 4). Everything here only reads.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from connector.errors import ConfigError, RequestRefused
from connector.language import _
from connector.mappers.moodle_results import activity_result, course_result, grades
from connector.model import TopicRef, TopicResult
from connector.moodle_ws.batch import InnerAnswer, InnerCall
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.reports import CompletionReport
from connector.wire.oddities import Oddities

log = logging.getLogger(__name__)

ACTIVITIES = "core_completion_get_activities_completion_status"
COURSE = "core_completion_get_course_completion_status"
RESULTS = "results"
GRADES = "gradereport_user_get_grade_items"
PEOPLE_PER_REQUEST = 300
# One answer for a whole course is quicker for the site, but it has no pages: about 700 bytes a person and activity.
MANY = 200
LARGEST_GRADE_REPORT = 24 * 1024 * 1024
_BYTES_PER_GRADE = 700


@dataclass(slots=True)
class Results:
    """Reads learning results of one site."""

    ws: MoodleWs
    ids: Ids
    odd: Oddities

    def of(self, refs: Sequence[TopicRef], usernames: Sequence[str]) -> Iterator[TopicResult]:
        """The state of these people in these topics; what is not begun is left out. Reads only.

        Topics that are activities have grades where their activity is graded; topics that are whole courses have
        none. Raises ConfigError for a course or activity that the site does not have.
        """
        people = self.ids.known(usernames)
        by_course: dict[str, list[TopicRef]] = defaultdict(list)
        for ref in refs:
            if ref.activity:
                by_course[ref.course].append(ref)
        for course, topics in by_course.items():
            yield from self._activities(course, topics, people)
        yield from self._courses([ref for ref in refs if not ref.activity], people)

    def _activities(self, course: str, refs: Sequence[TopicRef], people: Mapping[str, int]) -> Iterator[TopicResult]:
        topics = {self.ids.activity(course, ref.activity).cmid: ref for ref in refs}
        grade_book = _GradeBook(self.ws, self.ids, self.odd, course, asked=len(people))
        names = iter(people)
        while portion := list(islice(names, self._portion())):
            some = {name: people[name] for name in portion}
            begun = list(self._begun(course, topics, some))
            marks = grade_book.of({name: people[name] for name, _statuses in begun}, set(topics))
            for name, statuses in begun:
                if (own := marks.get(people[name], {})) is None:
                    continue  # his grades could not be understood: what was known of him stands
                for cmid, row in {int(status["cmid"]): status for status in statuses}.items():
                    yield from self._result(topics[cmid], name, row, own.get(cmid))

    def _result(self, ref: TopicRef, name: str, row: Mapping[str, Any], grade: float | None) -> Iterator[TopicResult]:
        make = partial(activity_result, ref, name, row, grade)
        result = self.odd.understood(make, row, part=RESULTS, place=str(ref), username=name)
        if result is not None:
            yield result

    def _portion(self) -> int:
        """So many people at once that every connection has one full request."""
        return self.ws.lanes.connections * self.ws.size(ACTIVITIES, PEOPLE_PER_REQUEST, PEOPLE_PER_REQUEST)

    def _begun(
        self, course: str, topics: Mapping[int, TopicRef], people: Mapping[str, int]
    ) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """The statuses that are not zero, of each person who has one."""
        for name, answer in self._each(ACTIVITIES, course, people):
            statuses = self.odd.understood(
                partial(_begun, answer, topics), answer.value, part=RESULTS, place=course, username=name
            )
            if statuses:
                yield name, statuses

    def _each(self, function: str, course: str, people: Mapping[str, int]) -> Iterator[tuple[str, InnerAnswer]]:
        """The good answers to one question about each person; who is refused is named by number in the log."""
        course_id = self.ids.course(course)
        calls = [InnerCall(function, {"courseid": course_id, "userid": number}) for number in people.values()]
        answers = self.ws.read_each(calls, start=PEOPLE_PER_REQUEST)
        for (name, number), answer in zip(people.items(), answers, strict=True):
            if isinstance(answer.error, RequestRefused):
                check_criteria(course, answer.error)
                log.info("%s refused for user %d of %s: %s", function, number, course, answer.error.code)
            else:
                yield name, answer

    def _courses(self, refs: Sequence[TopicRef], people: Mapping[str, int]) -> Iterator[TopicResult]:
        if not refs:
            return
        for ref in refs:
            self.ids.course(ref.course)  # a course that is not there is an error, not an empty answer
        report = CompletionReport(self.ws, self.odd, lambda ref, name: self._exactly(ref, {name: people[name]}))
        found = report.results({ref.course: ref for ref in refs}, people)
        if found is not None:
            yield from found
            return
        for ref in refs:
            yield from self._exactly(ref, people)

    def _exactly(self, ref: TopicRef, people: Mapping[str, int]) -> Iterator[TopicResult]:
        """Whose enrolment is suspended or over is refused (usernotenroled), which ends a batch: he is not asked for."""
        silent = self.ids.suspended.get(ref.course, ())
        told = {name: number for name, number in people.items() if number not in silent}
        for name, answer in self._each(COURSE, ref.course, told):
            make = partial(_completed, ref, name, answer)
            result = self.odd.understood(make, answer.value, part=RESULTS, place=str(ref), username=name)
            if result is not None:
                yield result


def check_criteria(course: str, refusal: RequestRefused) -> None:
    """Raises ConfigError when the refusal says that nobody can ever complete the course."""
    if refusal.code == "nocriteriaset":
        raise ConfigError(
            _("The course '{course}' has no completion criteria, so nobody can complete it.").format(course=course),
            hint=_("A teacher sets them under 'Course completion'."),
        )


def _begun(answer: InnerAnswer, topics: Mapping[int, TopicRef]) -> list[Mapping[str, Any]]:
    return [_short(row) for row in answer.value["statuses"] if row["state"] and int(row["cmid"]) in topics]


def _completed(ref: TopicRef, name: str, answer: InnerAnswer) -> TopicResult | None:
    return course_result(ref, name, answer.value["completionstatus"])


def _short(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is used of a status: a whole one is some 3 kB in memory, and those of hundreds of people are held."""
    return {name: row.get(name) for name in ("cmid", "state", "timecompleted", "overrideby")}


def _grades(person: Mapping[str, Any]) -> dict[int, float] | None:
    """The person's grades, None when one of them is no number."""
    try:
        return grades(person["gradeitems"])
    except (TypeError, ValueError):
        return None


class _GradeBook:
    """Grades of one course: in one answer for all where that is worth while and not too large, else person by person.

    Only the people who have begun something are asked for, and nobody once the course has shown no grade item.
    """

    def __init__(self, ws: MoodleWs, ids: Ids, odd: Oddities, course: str, *, asked: int) -> None:
        self._ws = ws
        self._odd = odd
        self._course = course
        self._course_id = ids.course(course)
        size = len(ids.enrolled.get(course, ())) * len(ids.activities(course)) * _BYTES_PER_GRADE
        self._in_one = asked > MANY and 0 < size <= LARGEST_GRADE_REPORT
        self._all: dict[int, dict[int, float] | None] | None = None
        self._ungraded = False

    def of(self, people: Mapping[str, int], cmids: set[int]) -> Mapping[int, dict[int, float] | None]:
        """Grades in per cent by user number and course module, of these people; None: his cannot be understood."""
        if not people or self._ungraded:
            return {}
        found = self._of(people, cmids)
        for name, number in people.items():
            if number in found and found[number] is None:
                self._odd.add(
                    "a grade is no number", {"userid": number}, part=RESULTS, place=self._course, username=name
                )
        return found

    def _of(self, people: Mapping[str, int], cmids: set[int]) -> Mapping[int, dict[int, float] | None]:
        if not self._in_one:
            return self._read(people.values(), cmids)
        if self._all is None:
            self._all = self._read([0], cmids)
        # The answer for everybody leaves out those whose enrolment is suspended or over; their grades still stand.
        left_out = [number for number in people.values() if number not in self._all]
        if left_out and not self._ungraded:
            self._all |= self._read(left_out, cmids)
        return self._all

    def _read(self, numbers: Iterable[int], cmids: set[int]) -> dict[int, dict[int, float] | None]:
        calls = [InnerCall(GRADES, {"courseid": self._course_id, "userid": number}) for number in numbers]
        found: dict[int, dict[int, float] | None] = {}
        items: set[int] = set()
        for answer in self._ws.read_each(calls, start=PEOPLE_PER_REQUEST):
            # A person whom the grade report refuses (not enrolled any more) keeps his completions, without a grade.
            for person in answer.value["usergrades"] if answer.error is None else ():
                items.update(int(item["cmid"]) for item in person["gradeitems"] if item.get("cmid"))
                found[int(person["userid"])] = _grades(person)
        self._ungraded = bool(found) and not items & cmids
        return found
