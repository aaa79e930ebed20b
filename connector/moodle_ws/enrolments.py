"""Manual enrolments on Moodle, by the course's ID number and the username.

Calls `enrol_manual_enrol_users` and `core_enrol_get_enrolled_users` (facts sections 4.1 and 4.6, recipes section 3).
Enrolment windows cannot be read by any web service: what was sent is the ledger's to remember.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from connector.errors import AccessDenied, ConfigError
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.mappers.moodle_results import enrolment
from connector.model import Enrolment, EnrolmentSeen
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.halves import by_halves
from connector.moodle_ws.ids import Ids
from connector.wire.oddities import Oddities
from connector.wire.settle import in_chunks, refused, spread, surely

ENROL, ENROLLED = "enrol_manual_enrol_users", "core_enrol_get_enrolled_users"
ENROLLED_PER_CALL = 500
PAGE = 3000
_VARIABLES = 6
_FIELDS = "id,username,lastaccess,lastcourseaccess"


@dataclass(slots=True)
class Enrolments:
    """Reads and writes enrolments of one site; learners get the role `role_id`."""

    ws: MoodleWs
    ids: Ids
    odd: Oddities
    role_id: int

    def seen(self, course: str) -> Iterator[EnrolmentSeen]:
        """Everybody enrolled in the course, in pages of some 3,000 sorted by number. Reads only.

        `active` is None where the account may not ask for suspended enrolments (moodle/course:enrolreview). The
        window of an enrolment cannot be read. Raises AccessDenied when usernames are hidden from the account.
        """
        self.ids.course(course)
        suspension = self.ws.lanes.start(partial(self._suspended, course))
        enrolled: set[int] = set()
        for row in self._rows(course, ahead=True):
            if "username" not in row:
                raise AccessDenied(
                    _("The platform hides the usernames of the people in the course '{course}'.").format(course=course),
                    hint=_("The account needs moodle/user:viewalldetails."),
                )
            number = int(row["id"])
            enrolled.add(number)
            self.ids.users[row["username"]] = number
            suspended = suspension.result()
            yield self._seen(course, row, active=None if suspended is None else number not in suspended)
        self.ids.enrolled[course] = enrolled
        self.ids.suspended[course] = suspension.result() or set()

    def staff(self, course: str) -> set[str]:
        """The usernames of those enrolled in the course with another role than the learners'. Reads only."""
        return {
            str(row["username"])
            for row in self._rows(course, userfields="id,username,roles")
            if any(int(role["roleid"]) != self.role_id for role in row.get("roles") or ())
        }

    def _seen(self, course: str, row: Mapping[str, Any], *, active: bool | None) -> EnrolmentSeen:
        """The enrolment; one whose times cannot be understood is there all the same, without them."""
        username = str(row["username"])
        make = partial(enrolment, course, row, active=active)
        return self.odd.understood(make, row, part="enrolments", place=course, username=username) or EnrolmentSeen(
            course=course, username=username, active=active, last_access=None, last_course_access=None
        )

    def _rows(self, course: str, *, ahead: bool = False, **more: str) -> Iterator[Mapping[str, Any]]:
        """All rows, each person once: somebody who enrols meanwhile shifts pages but is not told twice.

        `ahead` fetches the page that must follow while the caller looks at this one.
        """
        told: set[int] = set()
        start, size = 0, self._page_size()
        page = self._page(course, start, size, **more)
        while True:
            full, start = len(page) >= size, start + size
            size = self._page_size()
            following = partial(self._page, course, start, size, **more)
            coming = self.ws.lanes.start(following) if full and ahead else None
            for row in page:
                if int(row["id"]) not in told:
                    told.add(int(row["id"]))
                    yield row
            if not full:
                return
            page = coming.result() if coming else following()

    def _page_size(self) -> int:
        return self.ws.size(ENROLLED, PAGE, 2 * PAGE)

    def _page(self, course: str, start: int, size: int, **more: str) -> list[Mapping[str, Any]]:
        options = {"userfields": _FIELDS, "limitfrom": str(start), "limitnumber": str(size), "sortby": "id", **more}
        parameters = {
            "courseid": self.ids.course(course),
            "options": [{"name": name, "value": value} for name, value in options.items()],
        }
        page: list[Mapping[str, Any]] = self.ws.call(ENROLLED, parameters, writes=False, items=None)
        return page

    def _suspended(self, course: str) -> set[int] | None:
        try:
            return {int(row["id"]) for row in self._rows(course, onlysuspended="1")}
        except AccessDenied:
            return None

    def enrol(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        """Enrol these people by the course's manual method, or set window and state of those who are enrolled.

        Every field is sent, for Moodle takes a left-out one as 'none' (facts 4.1). Moodle answers nothing, so the
        course is read back once; `UNKNOWN` with code 'not_confirmed' are those who are then not found as wanted.
        """
        users = self.ids.known(item.username for item in enrolments)
        broken = {
            item.key: refused(item.key, "unknown_user", _("The platform has no account of this username."))
            for item in enrolments
            if item.username not in users
        }
        return spread(enrolments, _key, broken, self._enrol_all)

    def _enrol_all(self, enrolments: Sequence[Enrolment]) -> list[ItemResult]:
        courses: dict[str, list[Enrolment]] = defaultdict(list)
        for item in enrolments:
            courses[item.course].append(item)
        return [result for course, items in courses.items() for result in self._enrol_in(course, items)]

    def _enrol_in(self, course: str, items: Sequence[Enrolment]) -> list[ItemResult]:
        try:
            self.ids.course(course)
        except ConfigError as error:
            return [refused(item.key, "unknown_course", str(error)) for item in items]
        room = partial(self.ws.room, ENROL, _VARIABLES, ENROLLED_PER_CALL)
        results = in_chunks(items, room, self._enrol_surely)
        confirmed = self._as_wanted([item for item, result in zip(items, results, strict=True) if result.ok])
        return [confirmed.get(result.key) or _not_confirmed(result.key) if result.ok else result for result in results]

    def _enrol_surely(self, chunk: Sequence[Enrolment]) -> list[ItemResult]:
        return surely(
            chunk,
            _key,
            lambda some: by_halves(some, _key, self._enrol),
            read_back=self._newly_enrolled,
            sleep=self.ws.sleep,
        )

    def _enrol(self, chunk: Sequence[Enrolment]) -> list[ItemResult]:
        rows = [self._row(item) for item in chunk]
        self.ws.call(ENROL, {"enrolments": rows}, writes=True, items=len(rows))
        return [_done(item) for item in chunk]

    def _row(self, item: Enrolment) -> dict[str, int]:
        return {
            "roleid": self.role_id,
            "userid": self.ids.users[item.username],
            "courseid": self.ids.course(item.course),
            "timestart": _epoch(item.starts_at),
            "timeend": _epoch(item.ends_at),
            "suspend": int(not item.active),
        }

    def _newly_enrolled(self, chunk: Sequence[Enrolment]) -> dict[tuple[str, ...], ItemResult]:
        """Those whose lost enrolment is proved by their being in the course now.

        Somebody who was in it before proves nothing: his new window cannot be read, so he is sent once more, which
        changes nothing if it had been done.
        """
        before = self.ids.enrolled.get(chunk[0].course, set())
        return self._as_wanted([item for item in chunk if self.ids.users[item.username] not in before])

    def _as_wanted(self, items: Sequence[Enrolment]) -> dict[tuple[str, ...], ItemResult]:
        """The results of those who are enrolled now, and suspended where that is wanted and can be seen.

        An active enrolment outside of its window reads as suspended too, so of those only the being there is proved.
        """
        if not items:
            return {}
        course = items[0].course
        enrolled = self._found(course, {self.ids.users[item.username] for item in items})
        suspended = None if all(item.active for item in items) else self._suspended(course)
        return {
            item.key: _done(item)
            for item in items
            if (number := self.ids.users[item.username]) in enrolled
            and (item.active or suspended is None or number in suspended)
        }

    def _found(self, course: str, wanted: set[int]) -> set[int]:
        """Those of the wanted who are enrolled; newest accounts first, since those were mostly just enrolled."""
        found: set[int] = set()
        for row in self._rows(course, sortdirection="DESC"):
            if int(row["id"]) in wanted:
                found.add(int(row["id"]))
                if len(found) == len(wanted):
                    break
        return found


def _key(item: Enrolment) -> tuple[str, ...]:
    return item.key


def _epoch(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _done(item: Enrolment) -> ItemResult:
    return ItemResult(key=item.key, outcome=Outcome.DONE)


def _not_confirmed(key: tuple[str, ...]) -> ItemResult:
    return ItemResult(
        key=key,
        outcome=Outcome.UNKNOWN,
        code="not_confirmed",
        message=_("Moodle took the enrolment but does not show it yet; run the plan again."),
    )
