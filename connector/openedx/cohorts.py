"""Cohorts are made in each course of the site; a province of ours is one cohort in every course (facts section 6).

A cohort's name carries our key: 'Nghệ An (VN-40)'. Cohorts of other shapes are foreign: whoever sits in one is refused
with a word, never moved out. Cohorts are never deleted (Open edX cannot), and never switched on in a course: its staff
decides that.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from connector.errors import AccessDenied, OutcomeUnknown, RequestRefused, RetryableError
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.mappers.openedx import cohort_name, cohort_parts, is_mark
from connector.model import Cohort, Membership
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.openedx.people import People
from connector.wire.settle import in_chunks, refused, surely

log = logging.getLogger(__name__)

ADDED_PER_CALL = 200  # 22 ms each (130 in 2.9 s): 5 s a request
PAGE = 100
MANUAL = "manual"


@dataclass(slots=True)
class Cohorts:
    """Reads and writes the cohorts of one site's courses."""

    site: OpenEdx
    people: People
    courses: Sequence[str]
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _strange: dict[str, dict[str, int]] = field(default_factory=dict)
    _on: set[str] = field(default_factory=set)

    def all(self) -> Iterator[Cohort]:
        """Our cohorts that every course has. Reads only; one request for 100 cohorts of a course."""
        for course in self.courses:
            self._look(course)
        if not self.courses:
            return
        first = self._names[self.courses[0]]
        for key, name in first.items():
            names = {self._names[course].get(key) for course in self.courses}
            if None not in names:
                # One that was renamed in some courses only shows a name of those, so that a plan mends it.
                odd = sorted(str(other) for other in names if other != name)
                yield Cohort(idnumber=key, name=odd[0] if odd else name)

    def marks(self) -> list[str]:
        """The names of the cohorts that are our mark, in whatever course. Reads only."""
        return [name for course in self.courses for name in self._marks(course)]

    def _marks(self, course: str) -> dict[str, int]:
        """Number by name of the cohorts of the course that are a mark of ours. Nobody is ever in them."""
        rows = self.site.numbered(paths.cohorts(course))
        return {str(row["name"]): int(row["id"]) for row in rows if is_mark(str(row["name"]))}

    def leave_mark(self, text: str) -> ItemResult:
        """Name the cohort that is our mark so, in the course that has it, else in the first one, where it is made."""
        try:
            return self._leave_mark(text)
        except (RequestRefused, AccessDenied) as error:
            return refused((text,), getattr(error, "code", ""), error.message)

    def _leave_mark(self, text: str) -> ItemResult:
        for course in self.courses:
            for number in self._marks(course).values():
                self.site.ask("PATCH", paths.cohort(course, number), Content.json({"name": text}), writes=True)
                return ItemResult(key=(text,), outcome=Outcome.DONE, remote_id=str(number))
        for course in self.courses[:1]:
            if self.is_on(course):
                body = {"name": text, "assignment_type": MANUAL}
                row = self.site.ask("POST", paths.cohorts(course), Content.json(body), writes=True).value
                return ItemResult(key=(text,), outcome=Outcome.DONE, remote_id=str(row["id"]))
        return refused((text,), "cohorts_off", _("Cohorts are switched off."))

    def members(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        """Whoever of these people is in the same of these cohorts in every course. Reads only."""
        names = set(usernames)
        found = [self.places(course, set(cohorts), names) for course in self.courses]
        for username, key in sorted(found[0].items()) if found else ():
            if all(places.get(username) == key for places in found):
                yield Membership(cohort=key, username=username)

    def places(self, course: str, cohorts: set[str], usernames: set[str]) -> dict[str, str]:
        """The key of the cohort in which each of these people is in this course."""
        students = self.people.students(course, "members", usernames)
        places = {}
        for name in usernames & students.keys():
            parts = cohort_parts(students[name].cohort)
            if parts and parts[1] in cohorts:
                places[name] = parts[1]
        outside = usernames - students.keys()  # not enrolled, or no more: only the cohorts' own lists tell of them
        numbers = self.known(course) if outside else {}
        for key in sorted(cohorts & numbers.keys()):
            path = paths.cohort_users(course, numbers[key])
            members = self.site.pages(path, [("page_size", PAGE)])
            places.update((str(row["username"]), key) for row in members if row["username"] in outside)
        return places

    def create(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        """Make these cohorts in every course that lacks them. `ALREADY`: every course has it. One result each."""
        for course in self.courses:
            self._look(course)
        off = self._switched_off()
        if off:
            return [refused(cohort.key, "cohorts_off", off) for cohort in cohorts]
        return in_chunks(cohorts, lambda: 1, self._surely_one)

    def _surely_one(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        # A name that exists is answered by a fault (500), like an outage: what is there tells.
        return surely(chunk, lambda one: one.key, self._create, read_back=self._created, sleep=self.site.sleep)

    def _create(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        return [self._create_one(cohort) for cohort in chunk]

    def _create_one(self, cohort: Cohort) -> ItemResult:
        lacking = [course for course in self.courses if cohort.idnumber not in self._numbers[course]]
        body = {"name": cohort_name(cohort.name, cohort.idnumber), "assignment_type": MANUAL}
        for course in lacking:
            row = self.site.ask("POST", paths.cohorts(course), Content.json(body), writes=True).value
            self._remember(course, row)
        return self._done(cohort.key, already=not lacking)

    def _created(self, chunk: Sequence[Cohort]) -> dict[tuple[str, ...], ItemResult]:
        for course in self.courses:
            self._look(course)
        there = (one for one in chunk if all(one.idnumber in self._numbers[course] for course in self.courses))
        return {one.key: self._done(one.key, already=False) for one in there}

    def update(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        """Give the cohorts of these keys these names, in every course. `REFUSED`: no course has it."""
        for course in self.courses:
            self._look(course)
        return [self._rename(cohort) for cohort in cohorts]

    def _rename(self, cohort: Cohort) -> ItemResult:
        found = [course for course in self.courses if cohort.idnumber in self._numbers[course]]
        if not found:
            return refused(cohort.key, "unknown_cohort", _("There is no such cohort on the platform."))
        odd = [course for course in found if self._names[course][cohort.idnumber] != cohort.name]
        for course in odd:
            path = paths.cohort(course, self._numbers[course][cohort.idnumber])
            body = {"name": cohort_name(cohort.name, cohort.idnumber)}
            try:
                self.site.ask("PATCH", path, Content.json(body), writes=True)
            except RequestRefused as refusal:
                return refused(cohort.key, refusal.code, refusal.message)
            self._names[course][cohort.idnumber] = cohort.name
        return self._done(cohort.key, already=not odd)

    def add(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        """Put people into cohorts, in every course; from another cohort of ours they are moved. One result each."""
        off = self._switched_off()
        if off:
            return [refused(item.key, "cohorts_off", off) for item in memberships]
        foreign = {course: self._foreign(course, {item.username for item in memberships}) for course in self.courses}
        results: dict[tuple[str, ...], ItemResult] = {}
        for key in dict.fromkeys(item.cohort for item in memberships):
            mine = list(dict.fromkeys(item for item in memberships if item.cohort == key))
            for course in self.courses:
                still = [item for item in mine if item.key not in results or results[item.key].ok]
                adding = _Adding(self, course, key, foreign[course])
                for result in in_chunks(still, lambda: ADDED_PER_CALL, adding.surely):
                    before = results.get(result.key)
                    # Done where any course has changed.
                    if before is None or not result.ok or before.outcome is Outcome.ALREADY:
                        results[result.key] = result
        self.people.forget()
        return [results[item.key] for item in memberships]

    def _foreign(self, course: str, usernames: set[str]) -> dict[str, str]:
        """Who of these sits in a cohort of the course that its staff fills by hand, and the cohort's name."""
        self._look(course)  # their staff may have made one since
        strange = self._strange[course]
        if not strange:
            return {}
        students = self.people.students(course, "foreign", usernames)
        found = {name: students[name].cohort for name in usernames & students.keys()}
        outside = usernames - students.keys()
        for name, number in strange.items() if outside else ():
            rows = self.site.pages(paths.cohort_users(course, number), [("page_size", PAGE)])
            found.update((str(row["username"]), name) for row in rows if row["username"] in outside)
        return {username: name for username, name in found.items() if name in strange}

    def remove(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        """Take people out of cohorts, in every course, one by one. `ALREADY`: in none of them. One result each."""
        return [self._remove(item) for item in memberships]

    def _remove(self, item: Membership) -> ItemResult:
        removed = False
        for course in self.courses:
            number = self.known(course).get(item.cohort)
            if number is None:
                continue
            path = paths.cohort_users(course, number, item.username)
            # Not a member: 400; no such person: 404. Both mean that he is not in it.
            gone = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
            try:
                removed |= self.site.ask("DELETE", path, writes=True, expected=gone).ok
            except OutcomeUnknown:
                removed |= self.site.ask("DELETE", path, writes=True, expected=gone).status > 0  # harmless twice
        self.people.forget()
        return self._done(item.key, already=not removed)

    def _done(self, key: tuple[str, ...], *, already: bool) -> ItemResult:
        number = self._numbers.get(self.courses[0], {}).get(key[0]) if self.courses else None
        outcome = Outcome.ALREADY if already else Outcome.DONE
        return ItemResult(key=key, outcome=outcome, remote_id="" if number is None or len(key) > 1 else str(number))

    def _switched_off(self) -> str:
        """Why cohorts cannot be used, in words; '' when all courses have them switched on."""
        for course in self.courses:
            if course not in self._on and not self.is_on(course):
                return _(
                    "Cohorts are switched off in the course {course}; its staff switches them on (Instructor, Cohorts)."
                ).format(course=course)
        return ""

    def is_on(self, course: str) -> bool:
        """Whether the course has cohorts at all. One request."""
        found = bool(self.site.get(paths.cohort_settings(course)).value["is_cohorted"])
        if found:
            self._on.add(course)
        return found

    def known(self, course: str) -> dict[str, int]:
        """The numbers of the course's cohorts of ours, by our key; read once."""
        if course not in self._numbers:
            self._look(course)
        return self._numbers[course]

    def _look(self, course: str) -> None:
        """Read the course's cohorts; those of other shapes are left out."""
        self._numbers[course], self._names[course], self._strange[course] = {}, {}, {}
        for row in self.site.numbered(paths.cohorts(course)):
            self._remember(course, row)

    def _remember(self, course: str, row: dict[str, Any]) -> None:
        parts = cohort_parts(str(row["name"]))
        if parts is not None:
            name, key = parts
            self._numbers[course][key] = int(row["id"])
            self._names[course][key] = name
        elif row["assignment_type"] == MANUAL and not is_mark(
            str(row["name"])
        ):  # into the others Open edX puts people by itself
            self._strange[course][str(row["name"])] = int(row["id"])


@dataclass(frozen=True, slots=True)
class _Adding:
    """Putting people into one cohort of one course."""

    cohorts: Cohorts
    course: str
    key: str
    foreign: dict[str, str]

    def surely(self, chunk: Sequence[Membership]) -> list[ItemResult]:
        return surely(chunk, _key, self._add, read_back=self._there, sleep=self.cohorts.site.sleep)

    def _add(self, chunk: Sequence[Membership]) -> list[ItemResult]:
        cohorts = self.cohorts
        number = cohorts.known(self.course).get(self.key)
        if number is None:
            why = _("The course {course} has no such cohort.").format(course=self.course)
            return [refused(item.key, "unknown_cohort", why) for item in chunk]
        names = [item.username for item in chunk if item.username not in self.foreign]
        answer: dict[str, Any] = {}
        if names:
            path = paths.cohort_users(self.course, number)
            answer = cohorts.site.ask("POST", path, Content.json({"users": names}), writes=True).value
        done = {str(row["username"]) for part in ("added", "changed") for row in answer.get(part, ())}
        present = set(answer.get("present", ()))
        return [self._result(item, done, present) for item in chunk]

    def _result(self, item: Membership, done: set[str], present: set[str]) -> ItemResult:
        if item.username in done:
            return ItemResult(key=item.key, outcome=Outcome.DONE)
        if item.username in present:
            return ItemResult(key=item.key, outcome=Outcome.ALREADY)
        if item.username in self.foreign:
            why = _("In {course} he is in the cohort '{name}', which is not ours, so he is not moved.")
            return refused(item.key, "foreign_cohort", why.format(course=self.course, name=self.foreign[item.username]))
        return refused(item.key, "unknown_user", _("There is no such account on the platform."))

    def _there(self, chunk: Sequence[Membership]) -> dict[tuple[str, ...], ItemResult]:
        try:
            self.cohorts.people.forget()
            places = self.cohorts.places(self.course, {self.key}, {item.username for item in chunk})
        except RetryableError as outage:
            raise OutcomeUnknown(outage.message, hint=outage.hint) from None
        return {item.key: ItemResult(key=item.key, outcome=Outcome.DONE) for item in chunk if item.username in places}


def _key(item: Membership) -> tuple[str, ...]:
    return item.key
