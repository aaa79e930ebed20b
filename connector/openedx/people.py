"""Who is there: accounts, and everybody enrolled in a course with cohort and last log-in.

Reads `accounts?username=` (100 a request), `search_emails`, `get_students_features` (one request a course) and
`list_course_role_members` (reference/openedx-facts.md sections 3 and 11). Nothing is written.
"""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from connector.errors import ProtocolError
from connector.language import _
from connector.lms import AccountField
from connector.mappers.openedx import AccountMapper
from connector.model import AccountSeen
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.openedx.readings import Readings
from connector.wire.oddities import Oddities

NAMES_PER_CALL = 100  # 2,000 characters of address at most; 130 names took 1 s (facts section 3)
EMAILS_PER_CALL = 500
FEW = 300  # people whom reading a whole course would be too much for
STAFF_ROLES = ("staff", "instructor")

WHOLE = ("",)  # a question about all of a course

Row = Mapping[str, Any]
_KEPT = ("id", "username", "email", "name", "country", "last_login")  # of a row's 22 columns


class Student(NamedTuple):
    """Somebody who is actively enrolled in a course: in which cohort ('' for none), and in which mode.

    `tells_login` is False where the site's list has no column of the last log-in (its own
    student_profile_download_fields): then nothing is known of it.
    """

    person: tuple[str, ...]
    cohort: str
    mode: str
    tells_login: bool = True

    @property
    def row(self) -> dict[str, str]:
        """The person as the accounts API tells of him."""
        return dict(zip(_KEPT, self.person, strict=True))

    @property
    def last_login(self) -> str | None:
        """When he last logged in, as text; None if never."""
        text = self.person[-1]
        return None if text in _NEVER else text

    @property
    def may_have_begun(self) -> bool:
        """False only for whoever certainly never logged in."""
        return not self.tells_login or self.last_login is not None


_NEEDED = ("last_login", "enrollment_mode", "cohort")  # columns without which something is not known of anybody
_NEVER = ("", "None")


@dataclass(slots=True)
class People:
    """Reads people of one site. A course's reading serves a run, and is dropped at any write (`forget`).

    A reading of 18,000 people is 11 MB of text, and 20 courses have the same people: only what is asked of it is kept,
    each person once.
    """

    site: OpenEdx
    odd: Oddities
    mapper: AccountMapper
    courses: Sequence[str]
    _courses: Readings[dict[str, Student]] = field(init=False)
    _persons: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._courses = Readings(self.site.clock)

    def forget(self) -> None:
        """The next question is asked of the platform: something has been written."""
        self._courses.forget()
        self._persons.clear()

    def students(self, course: str, use: str, names: Collection[str] = WHOLE) -> dict[str, Student]:
        """Everybody who is actively enrolled, by username, as get_students_features tells. One request, or none.

        `use` and `names` say what is asked about whom: the answer may have been read earlier in the same run, see
        `connector.openedx.readings`.
        """
        return self._courses.of(course, use, names, partial(self._read, course))

    def _read(self, course: str) -> dict[str, Student]:
        path = paths.instructor(course, "get_students_features")
        value = self.site.ask("POST", path, Content.form([])).value
        rows = value.get("students") if isinstance(value, dict) else None
        if not isinstance(rows, list):
            raise ProtocolError(_("The platform's list of the course {course} is not one.").format(course=course))
        lacking = [name for name in _NEEDED if rows and name not in rows[0]]
        if lacking:
            why = _("the list of learners has no column {columns} (SiteConfiguration student_profile_download_fields)")
            self.odd.add(why.format(columns=", ".join(lacking)), {}, part="enrolments", place=course)
        return dict(map(self._student, rows))

    def _student(self, row: Row) -> tuple[str, Student]:
        person = tuple(str(row.get(name) or "") for name in _KEPT)
        name = str(row["username"])
        known = self._persons.setdefault(name, person)
        if known != person:
            known = self._persons[name] = person
        cohort, mode = (sys.intern(str(row.get(column) or "")) for column in ("cohort", "enrollment_mode"))
        return known[1], Student(known, cohort, mode, "last_login" in row)

    def accounts(self, usernames: Sequence[str]) -> Iterator[AccountSeen]:
        """The accounts that exist among these usernames: out of a course where many are in it, else 100 a request.

        One that cannot be understood is left out and noted.
        """
        wanted = set(usernames)
        found: dict[str, Row] = {}
        for course in self.courses:
            missing = wanted - found.keys()
            if len(missing) <= FEW:
                break
            students = self.students(course, "accounts", missing)
            found |= {name: students[name].row for name in missing & students.keys() if students[name].tells_login}
        for row in [*found.values(), *self.rows([name for name in dict.fromkeys(usernames) if name not in found])]:
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
            answer = self.site.ask("POST", paths.SEARCH_EMAILS, content, expected=(HTTPStatus.NOT_FOUND,))
            if not answer.ok:  # for whoever is not global staff there is no such address
                raise _sees_too_little()
            for row in answer.value:
                found[str(row["email"]).lower()] = str(row["username"])
        return found

    def rows(self, usernames: Sequence[str]) -> Iterator[Row]:
        """Rows of the accounts API, unknown names left out. Raises ProtocolError when the caller sees too little."""
        for start in range(0, len(usernames), NAMES_PER_CALL):
            names = usernames[start : start + NAMES_PER_CALL]
            # All of them unknown is a 404 without a word.
            answer = self.site.get(paths.ACCOUNTS, [("username", ",".join(names))], expected=(HTTPStatus.NOT_FOUND,))
            for row in answer.value if answer.ok else ():
                if "email" not in row:
                    raise _sees_too_little()
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


def _sees_too_little() -> ProtocolError:
    return ProtocolError(
        _("The platform tells nothing of its people but their names."),
        hint=_("The account of the OAuth application must be global staff."),
    )
