"""Who is there: accounts, and everybody enrolled in a course with cohort and last log-in.

Reads `accounts?username=` (100 a request), `search_emails`, `get_students_features` (one request a course) and
`list_course_role_members` (reference/openedx-facts.md sections 3 and 11). Nothing is written.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any

from connector.errors import ProtocolError
from connector.language import _
from connector.lms import AccountField
from connector.mappers.openedx import AccountMapper
from connector.model import AccountSeen
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.wire.oddities import Oddities

NAMES_PER_CALL = 100  # 2,000 characters of address at most; 130 names took 1 s (facts section 3)
EMAILS_PER_CALL = 500
FRESH = 60.0  # seconds for which a reading of a course serves again
STAFF_ROLES = ("staff", "instructor")

Student = Mapping[str, Any]


@dataclass(slots=True)
class People:
    """Reads people of one site. A course's reading is kept for a minute, and dropped at any write (`forget`)."""

    site: OpenEdx
    odd: Oddities
    mapper: AccountMapper
    courses: Sequence[str]
    clock: Callable[[], float] = time.monotonic
    _readings: dict[str, tuple[float, dict[str, Student]]] = field(default_factory=dict)

    def forget(self) -> None:
        """The next question is asked of the platform: something has been written."""
        self._readings.clear()

    def students(self, course: str) -> dict[str, Student]:
        """Everybody who is actively enrolled, by username, as get_students_features tells. One request."""
        known = self._readings.get(course)
        if known is not None and self.clock() < known[0] + FRESH:
            return known[1]
        path = paths.instructor(course, "get_students_features")
        value = self.site.ask("POST", path, Content.form([])).value
        rows = value.get("students") if isinstance(value, dict) else None
        if not isinstance(rows, list):
            raise ProtocolError(_("The platform's list of the course {course} is not one.").format(course=course))
        students = {str(row["username"]): row for row in rows}
        self._readings[course] = (self.clock(), students)
        return students

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that exist among these usernames: one request a course, then 100 of the others a request.

        For few people the courses are not read. One that cannot be understood is left out and noted.
        """
        wanted = dict.fromkeys(usernames)
        found: dict[str, Student] = {}
        if len(wanted) > NAMES_PER_CALL * len(self.courses):
            for course in self.courses:
                found |= {name: row for name, row in self.students(course).items() if name in wanted}
        for row in [*found.values(), *self.rows([name for name in wanted if name not in found])]:
            seen = self.odd.understood(
                partial(self.mapper.seen, row), row, part="accounts", username=str(row["username"])
            )
            if seen is not None:
                yield seen

    def find(self, by: AccountField, values: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that have one of these values in this field; Open edX knows no ID numbers, so none has one."""
        if by is AccountField.USERNAME:
            yield from self.accounts(values)
        elif by is AccountField.EMAIL:
            yield from self.accounts(list(self.usernames_of(values).values()))

    def usernames_of(self, emails: Sequence[str]) -> dict[str, str]:
        """Usernames by e-mail address in small letters, of those addresses that an account has."""
        found: dict[str, str] = {}
        for start in range(0, len(emails), EMAILS_PER_CALL):
            content = Content.json({"emails": list(emails[start : start + EMAILS_PER_CALL])})
            for row in self.site.ask("POST", paths.SEARCH_EMAILS, content).value:
                found[str(row["email"]).lower()] = str(row["username"])
        return found

    def rows(self, usernames: Sequence[str]) -> Iterator[Student]:
        """Rows of the accounts API, unknown names left out. Raises ProtocolError when the caller sees too little."""
        for start in range(0, len(usernames), NAMES_PER_CALL):
            names = usernames[start : start + NAMES_PER_CALL]
            # All of them unknown is a 404 without a word.
            answer = self.site.get(paths.ACCOUNTS, [("username", ",".join(names))], expected=(HTTPStatus.NOT_FOUND,))
            for row in answer.value if answer.ok else ():
                if "email" not in row:
                    raise ProtocolError(
                        _("The platform tells nothing of its people but their names."),
                        hint=_("The account of the OAuth application must be global staff."),
                    )
                yield row

    def staff(self, course: str) -> set[str]:
        """Who teaches or administers this course."""
        found: set[str] = set()
        for role in STAFF_ROLES:
            path = paths.instructor(course, "list_course_role_members")
            value = self.site.ask("POST", path, Content.form([("rolename", role)])).value
            found.update(str(row["username"]) for row in value[role])
        return found

    def me(self) -> str:
        """The username of the account behind the OAuth application."""
        return str(self.site.get(paths.ME).value["username"])

    def elevated(self, courses: Sequence[str], usernames: Iterable[str]) -> set[str]:
        """As far as Open edX tells: global staff who teach none of these courses cannot be told from learners."""
        return set(usernames) & {self.me()}.union(*map(self.staff, courses))
