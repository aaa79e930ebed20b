"""Enrolments: read by /enrollments with inactive rows, made in bulk where the course's default mode is the wanted one.

Otherwise they are made one by one with the mode, 120 a minute. Whoever leaves is unenrolled with the mode that was
read: a repeat without it would rewrite the mode (reference/openedx-facts.md sections 4, 5 and 14). Open edX has no
dates of a person's enrolment; those of the course hold for everybody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from connector.errors import OutcomeUnknown, RequestRefused, RetryableError
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.mappers.openedx import moment
from connector.model import Enrolment, EnrolmentSeen
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.openedx.people import People
from connector.openedx.throttle import Scope
from connector.wire.oddities import Oddities
from connector.wire.settle import in_chunks, refused, spread, surely

BULK = 150  # 28 ms each: 4 s a request (130 in 3.6 s, facts section 5)
PAGE = 100
AUDIT, HONOR = "audit", "honor"


@dataclass(frozen=True, slots=True)
class Held:
    """An enrolment as the platform holds it."""

    mode: str
    active: bool


def _key(item: Enrolment) -> tuple[str, ...]:
    return item.key


@dataclass(slots=True)
class Enrolments:
    """Reads and writes enrolments of one site, always in `mode`."""

    site: OpenEdx
    people: People
    odd: Oddities
    mode: str
    _modes: dict[str, frozenset[str]] = field(default_factory=dict)
    _has_bulk: bool = True

    def seen(self, course: str) -> Iterator[EnrolmentSeen]:
        """Everybody who is or was enrolled, with the last log-in of those who are. 100 rows a request, and one more.

        Open edX tells no last access to a course. An active enrolment in another mode is told as active; the doctor
        counts them, and `enrol` sets the mode of those it is given.
        """
        students = self.people.students(course)
        for username, held in self._held(course).items():
            row = students.get(username, {})
            access = self.odd.understood(
                partial(moment, row.get("last_login")), row, part="enrolments", place=course, username=username
            )
            yield EnrolmentSeen(
                course=course, username=username, active=held.active, last_access=access, last_course_access=None
            )

    def _held(self, course: str, usernames: Sequence[str] = ()) -> dict[str, Held]:
        """What is there by username: of the whole course, or of these people."""
        query: list[tuple[str, str | int]] = [("course_id", course), ("page_size", PAGE)]
        if not usernames:
            return dict(self._rows(query))
        found: dict[str, Held] = {}
        for start in range(0, len(usernames), PAGE):
            found.update(self._rows([*query, ("username", ",".join(usernames[start : start + PAGE]))]))
        return found

    def _rows(self, query: Sequence[tuple[str, str | int]]) -> Iterator[tuple[str, Held]]:
        for row in self.site.pages(paths.ENROLLMENTS, query, scope=Scope.ENROLLMENT):
            yield str(row["user"]), Held(mode=str(row["mode"]), active=bool(row["is_active"]))

    def modes(self, course: str) -> frozenset[str]:
        """The modes that the course offers, none of one that is not there. One request a course, once."""
        if course not in self._modes:
            answer = self.site.get(paths.course_modes(course), expected=(HTTPStatus.NOT_FOUND,))
            self._modes[course] = frozenset(str(row["mode_slug"]) for row in answer.value) if answer.ok else frozenset()
        return self._modes[course]

    def default_mode(self, course: str) -> str:
        """The mode of somebody who is enrolled without one: audit where it is offered, else honor (facts section 4)."""
        return AUDIT if AUDIT in self.modes(course) else HONOR

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        """Enrol people in the wanted mode, or unenrol (`active=False`). Dates are not sent: Open edX has none.

        `ALREADY`: so it was. What is there is read first, 100 people a request. One result each.
        """
        results: dict[tuple[str, ...], ItemResult] = {}
        for course in dict.fromkeys(item.course for item in enrolments):
            mine = [item for item in enrolments if item.course == course]
            results |= {result.key: result for result in self._of_course(course, mine)}
        self.people.forget()
        return [results[item.key] for item in enrolments]

    def _of_course(self, course: str, items: Sequence[Enrolment]) -> list[ItemResult]:
        if self.mode not in self.modes(course):
            why = _("The course {course} does not offer the mode '{mode}' (sites.<key>.mode).")
            return [refused(item.key, "no_mode", why.format(course=course, mode=self.mode)) for item in items]
        held = self._held(course, list(dict.fromkeys(item.username for item in items)))
        known = {item.key: ItemResult(key=item.key, outcome=Outcome.ALREADY) for item in items if self._is(item, held)}
        return spread(items, _key, known, partial(self._write, course, held))

    def _is(self, item: Enrolment, held: dict[str, Held]) -> bool:
        """Whether the enrolment is as wanted: active in our mode, or not active."""
        found = held.get(item.username)
        if not item.active:
            return found is None or not found.active
        return found == Held(mode=self.mode, active=True)

    def _write(self, course: str, held: dict[str, Held], items: Sequence[Enrolment]) -> list[ItemResult]:
        bulk: list[Enrolment] = []
        if self._has_bulk and self.default_mode(course) == self.mode:
            bulk = [item for item in items if item.active and not _is_active(held.get(item.username))]
        done = {result.key: result for result in in_chunks(bulk, lambda: BULK, partial(self._in_bulk, course))}
        rest = [item for item in items if item.key not in done]
        # One request each: an outage after the first means that something of the list has been done.
        done |= {r.key: r for r in in_chunks(rest, lambda: 1, partial(self._surely, course, held))}
        return [done[item.key] for item in items]

    def _in_bulk(self, course: str, chunk: Sequence[Enrolment]) -> list[ItemResult]:
        """The results of those whom one request has enrolled; the others are left to be enrolled one by one."""
        if not self._has_bulk:
            return []
        fields = [
            ("action", "enroll"),
            ("auto_enroll", "true"),
            ("email_students", "false"),
            ("courses", course),
            ("identifiers", ",".join(item.username for item in chunk)),
        ]
        try:
            answer = self.site.ask(
                "POST",
                paths.BULK_ENROLL,
                Content.form(fields),
                writes=True,
                scope=Scope.ENROLLMENT,
                expected=(HTTPStatus.NOT_FOUND,),
            )
        except OutcomeUnknown:
            return list(self._settled(course, chunk).values())
        if answer.is_page:  # there is no such address: the feature is off
            self._has_bulk = False
        rows = answer.value["courses"][course]["results"] if answer.ok else ()
        enrolled = {str(row["identifier"]) for row in rows if (row.get("after") or {}).get("enrollment")}
        return [ItemResult(key=item.key, outcome=Outcome.DONE) for item in chunk if item.username in enrolled]

    def _surely(self, course: str, held: dict[str, Held], items: Sequence[Enrolment]) -> list[ItemResult]:
        return surely(
            items,
            _key,
            lambda some: [self._one(course, held, item) for item in some],
            read_back=partial(self._settled, course),
            sleep=self.site.sleep,
        )

    def _one(self, course: str, held: dict[str, Held], item: Enrolment) -> ItemResult:
        body: dict[str, Any] = {
            "user": item.username,
            "course_details": {"course_id": course},
            "is_active": item.active,
        }
        body["mode"] = self.mode if item.active else held[item.username].mode
        try:
            self.site.ask("POST", paths.ENROLLMENT, Content.json(body), writes=True, scope=Scope.ENROLLMENT)
        except RequestRefused as refusal:
            return refused(item.key, refusal.code, refusal.message)
        return ItemResult(key=item.key, outcome=Outcome.DONE)

    def _settled(self, course: str, items: Sequence[Enrolment]) -> dict[tuple[str, ...], ItemResult]:
        try:
            held = self._held(course, [item.username for item in items])
        except RetryableError as outage:
            raise OutcomeUnknown(outage.message, hint=outage.hint) from None
        return {item.key: ItemResult(key=item.key, outcome=Outcome.DONE) for item in items if self._is(item, held)}


def _is_active(held: Held | None) -> bool:
    return held is not None and held.active
