"""Enrolments: read by /enrollments with inactive rows, made in bulk where the course's default mode is the wanted one.

Otherwise they are made one by one with the mode, 120 a minute. Whoever leaves is unenrolled with the mode that was
read: a repeat without it would rewrite the mode (reference/openedx-facts.md sections 4, 5 and 14). Open edX has no
dates of a person's enrolment; those of the course hold for everybody.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from connector.openedx.paths import Query
from connector.openedx.people import People
from connector.openedx.throttle import Scope
from connector.wire.oddities import Oddities
from connector.wire.settle import in_chunks, refused, spread, surely

BULK = 200  # 28 ms each: 6 s a request (130 in 3.6 s, facts section 5)
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
        """Everybody who is enrolled, with his last log-in; whose enrolment is over `past` tells. One request.

        Open edX tells no last access to a course. Of an enrolment in audit, which earns no certificate, `active` is
        None: it is neither what is wanted nor over. Other modes are a person's own choice.
        """
        useless = AUDIT if self.mode != AUDIT else ""
        for username, student in self.people.students(course, "enrolments").items():
            access = self.odd.understood(
                partial(moment, student.last_login), student.row, part="enrolments", place=course, username=username
            )
            yield EnrolmentSeen(
                course=course,
                username=username,
                active=None if student.mode == useless else True,
                last_access=access,
                last_course_access=None,
            )

    def past(self, course: str, usernames: Sequence[str]) -> Iterator[EnrolmentSeen]:
        """Those of these people whose enrolment is over. 100 people a request."""
        for username, held in self._held(course, usernames).items():
            if not held.active:
                yield EnrolmentSeen(
                    course=course, username=username, active=False, last_access=None, last_course_access=None
                )

    def _held(self, course: str, usernames: Sequence[str]) -> dict[str, Held]:
        """What is there of these people, by username. 100 people a request."""
        found: dict[str, Held] = {}
        for start in range(0, len(usernames), PAGE):
            names = ",".join(usernames[start : start + PAGE])
            query: Query = [("course_id", course), ("page_size", PAGE), ("username", names)]
            for row in self.site.pages(paths.ENROLLMENTS, query, scope=Scope.ENROLLMENT):
                found[str(row["user"])] = Held(mode=str(row["mode"]), active=bool(row["is_active"]))
        return found

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

        `ALREADY`: so it was. Where the course's default mode is the wanted one, 200 people a request; else what is
        there is read first, 100 people a request, and written one by one. One result each.
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
        bulk = [item for item in items if item.active] if self.serves_bulk(course) else []
        done = {result.key: result for result in in_chunks(bulk, lambda: BULK, partial(self._in_bulk, course))}
        return spread(items, _key, done, partial(self._after_reading, course))

    def serves_bulk(self, course: str) -> bool:
        """Whether people are enrolled in bulk there, as far as is known: the site may still say that it is off."""
        return self._has_bulk and self.default_mode(course) == self.mode

    def has_bulk(self, course: str) -> bool:
        """Whether the site enrols in bulk at all. One request, once known to be off none; it enrols nobody."""
        if self._has_bulk:
            fields = [("action", "enroll"), ("courses", course)]  # without people: 400 where the feature is on
            there = self.site.ask(
                "POST", paths.BULK_ENROLL, Content.form(fields), scope=Scope.ENROLLMENT, expected=(400, 404)
            )
            self._has_bulk = not there.is_page
        return self._has_bulk

    def _after_reading(self, course: str, items: Sequence[Enrolment]) -> list[ItemResult]:
        held = self._held(course, list(dict.fromkeys(item.username for item in items)))
        known = {item.key: ItemResult(key=item.key, outcome=Outcome.ALREADY) for item in items if self._is(item, held)}
        # One request each: an outage after the first means that something of the list has been done.
        return spread(items, _key, known, lambda some: in_chunks(some, lambda: 1, partial(self._surely, course, held)))

    def _is(self, item: Enrolment, held: dict[str, Held]) -> bool:
        """Whether the enrolment is as wanted: active in our mode, or not active."""
        found = held.get(item.username)
        if not item.active:
            return found is None or not found.active
        return found == Held(mode=self.mode, active=True)

    def _in_bulk(self, course: str, chunk: Sequence[Enrolment]) -> list[ItemResult]:
        """The results of those whom one request has enrolled. The others are left: unknown ones, those who are not
        activated, and whoever was enrolled before, perhaps in another mode.
        """
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
        enrolled = {str(row["identifier"]) for row in rows if _newly_enrolled(row)}
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


def _newly_enrolled(row: Mapping[str, Any]) -> bool:
    before, after = row.get("before") or {}, row.get("after") or {}
    return bool(after.get("enrollment")) and not before.get("enrollment")
