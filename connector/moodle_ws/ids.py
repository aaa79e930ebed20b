"""Our keys and Moodle's numbers: usernames, and the idnumbers of courses, activities, groups and cohorts.

Everything here only reads. Numbers are kept as long as the adapter lives and never leave it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.errors import AccessDenied, ConfigError
from connector.language import _
from connector.mappers.moodle import plain
from connector.mappers.moodle_limits import is_username
from connector.model import TopicRef, TopicSeen
from connector.moodle_ws.batch import InnerAnswer, InnerCall
from connector.moodle_ws.client import MoodleWs

log = logging.getLogger(__name__)

LOOKUP = "core_user_get_users_by_field"
USERS_PER_CALL = 250
USERS_PER_REQUEST = 1000  # never more: a row is some 10 kB in memory, and several requests are under way
_MODULES_PER_REQUEST = 100
_AUTOMATIC = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity of a course: `cmid` is its number in completion and grades, `instance` that in its own plugin.

    `completion`: it is tracked, `automatic`: by its own rules, `by_view`: looking at it is enough. `availability` is
    Moodle's restriction as JSON, None where the site does not tell it.
    """

    cmid: int
    module: str
    instance: int
    name: str
    completion: bool
    automatic: bool = False
    by_view: bool = False
    availability: str | None = None


@dataclass(slots=True)
class Ids:
    """The numbers behind our keys, read from the site when they are first needed.

    `double_cohorts` are the idnumbers that several cohorts shared when they were last read; `course_rows` are the
    courses as the site told them.
    """

    ws: MoodleWs
    users: dict[str, int] = field(default_factory=dict)
    enrolled: dict[str, set[int]] = field(default_factory=dict)
    suspended: dict[str, set[int]] = field(default_factory=dict)
    double_cohorts: tuple[str, ...] = ()
    course_rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _courses: dict[str, int] = field(default_factory=dict)
    _course_names: dict[str, str] = field(default_factory=dict)
    _cohorts: dict[str, int] | None = None
    _groups: dict[str, dict[str, int]] = field(default_factory=dict)
    _activities: dict[str, dict[str, Activity]] = field(default_factory=dict)

    def rows(self, usernames: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """The user rows of the accounts that exist among these usernames; remembers their numbers.

        Calls `core_user_get_users_by_field` by username, some 1,000 a request. Names that Moodle cannot have are
        not asked for, and rows that nobody asked for are dropped: Moodle looks up '+84...' without its plus (2.2).
        """
        wanted = list(dict.fromkeys(name for name in usernames if is_username(name)))
        return self._rows_by("username", wanted)

    def rows_with(self, field: str, values: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """The user rows that hold one of these values in 'idnumber' or 'email'; several may share an idnumber.

        Empty values are not asked for: half of a site may have no idnumber.
        """
        fold = str.lower if field == "email" else str
        return self._rows_by(field, list(dict.fromkeys(fold(value.strip()) for value in values if value.strip())))

    def _rows_by(self, field: str, wanted: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        per_call = self.ws.fit(1, USERS_PER_CALL, USERS_PER_CALL) if wanted else USERS_PER_CALL
        asked = set(wanted)
        for answers in self.ws.lanes.each(partial(self._look_up, field, per_call), self._portions(wanted)):
            for answer in answers:
                yield from self._asked_for(field, answer.result(), asked)

    def _portions(self, names: Sequence[str]) -> Iterator[Sequence[str]]:
        start = 0
        while start < len(names):
            size = self.ws.size(LOOKUP, USERS_PER_REQUEST, USERS_PER_REQUEST)
            yield names[start : start + size]
            start += size

    def _look_up(self, field: str, per_call: int, names: Sequence[str]) -> list[InnerAnswer]:
        calls = [
            InnerCall(LOOKUP, {"field": field, "values": names[first : first + per_call]})
            for first in range(0, len(names), per_call)
        ]
        return self.ws.call_many(calls, writes=False, items=len(names))

    def _asked_for(
        self, field: str, rows: Sequence[Mapping[str, Any]], values: set[str]
    ) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            value = plain(row.get(field))
            if (value.lower() if field == "email" else value) in values:
                self.users[row["username"]] = int(row["id"])
                yield row

    def known(self, usernames: Iterable[str]) -> dict[str, int]:
        """The numbers of these usernames, looked up where not known yet; those without account are left out."""
        names = list(dict.fromkeys(usernames))
        for _row in self.rows([name for name in names if name not in self.users]):
            pass
        return {name: self.users[name] for name in names if name in self.users}

    def renamed(self, old: str, new: str) -> None:
        """From now on the account's number is known by its new name only."""
        self.users[new] = self.users.pop(old)

    def emails_in_use(self, emails: Sequence[str]) -> set[str]:
        """Those of these addresses, in lower case, that an account has. Calls `core_user_get_users_by_field`."""
        size = self.ws.fit(1, USERS_PER_CALL, USERS_PER_CALL)
        found: set[str] = set()
        for start in range(0, len(emails), size):
            values = list(emails[start : start + size])
            rows = self.ws.call(LOOKUP, {"field": "email", "values": values}, writes=False)
            found.update(str(row.get("email", "")).lower() for row in rows)
        return found

    def names(self, usernames: Iterable[str]) -> dict[int, str]:
        """The usernames by number, of those that have been seen before; nothing is asked."""
        return {self.users[name]: name for name in usernames if name in self.users}

    def course(self, idnumber: str) -> int:
        """The number of the course with this idnumber. Raises ConfigError when we see none.

        Calls `core_course_get_courses_by_field`, which leaves out in silence what the account may not see.
        """
        if idnumber not in self._courses:
            answer = self.ws.call(
                "core_course_get_courses_by_field", {"field": "idnumber", "value": idnumber}, writes=False
            )
            # Without moodle/course:update the course comes without its ID number; then the question is the proof.
            found = [row for row in answer["courses"] if plain(row.get("idnumber", idnumber)) == idnumber]
            if not found:
                raise ConfigError(
                    _("The site has no course with the ID number '{course}', or hides it.").format(course=idnumber),
                    hint=_(
                        "Check the programme file, and the account's rights moodle/course:view and viewhiddencourses."
                    ),
                )
            self._courses[idnumber] = int(found[0]["id"])
            self.course_rows[idnumber] = found[0]
            self._course_names[idnumber] = plain(found[0].get("fullname"))
        return self._courses[idnumber]

    def topic(self, ref: TopicRef) -> TopicSeen:
        """Number and name of this activity, or of the whole course. Raises ConfigError when it is not there."""
        if ref.activity:
            found = self.activity(ref.course, ref.activity)
            return TopicSeen(ref=ref, remote_id=str(found.cmid), name=found.name)
        number = self.course(ref.course)
        return TopicSeen(ref=ref, remote_id=str(number), name=self._course_names[ref.course])

    def cohorts(self, *, fresh: bool = False) -> dict[str, int]:
        """The numbers of all cohorts by idnumber."""
        if fresh or self._cohorts is None:
            for _row in self.cohort_rows():
                pass
        return self._cohorts or {}

    def cohort_rows(self) -> list[Mapping[str, Any]]:
        """All cohorts that have an idnumber, the oldest where two share one. Calls `core_cohort_get_cohorts`."""
        rows = sorted(self.ws.call("core_cohort_get_cohorts", writes=False), key=lambda row: int(row["id"]))
        found: dict[str, Mapping[str, Any]] = {}
        double: dict[str, None] = {}
        for row in rows:
            idnumber = plain(row.get("idnumber"))
            if idnumber in found:
                double[idnumber] = None
                log.warning("two cohorts have the ID number %s; the older one is used", idnumber)
            elif idnumber:
                found[idnumber] = row
        self.double_cohorts = tuple(double)
        self._cohorts = {idnumber: int(row["id"]) for idnumber, row in found.items()}
        return list(found.values())

    def group_rows(self, course: str) -> Sequence[Mapping[str, Any]]:
        """All groups of the course. Calls `core_group_get_course_groups`. Raises ConfigError for an unknown course."""
        rows: Sequence[Mapping[str, Any]] = self.ws.call(
            "core_group_get_course_groups", {"courseid": self.course(course)}, writes=False
        )
        self._groups[course] = {plain(row.get("idnumber")): int(row["id"]) for row in rows if row.get("idnumber")}
        return rows

    def groups(self, course: str, *, fresh: bool = False) -> dict[str, int]:
        """The numbers of the course's groups by idnumber."""
        if fresh or course not in self._groups:
            self.group_rows(course)
        return self._groups[course]

    def group(self, course: str, idnumber: str) -> int:
        """The number of this group of the course, asked for anew. Raises ConfigError."""
        number = self.groups(course, fresh=True).get(idnumber)
        if number is not None:
            return number
        raise ConfigError(
            _("The course '{course}' has no group with the ID number '{group}'.").format(course=course, group=idnumber),
            hint=_("A teacher of the course makes it, with exactly this ID number."),
        )

    def activities(self, course: str) -> dict[str, Activity]:
        """The activities of a course by idnumber; those without one are left out. Read once.

        `core_course_get_contents` lists them without their idnumbers, so each is asked for with
        `core_course_get_course_module`, 100 in one request. Activities that the account may not enter are not listed,
        or as not `uservisible`. Raises AccessDenied where Moodle keeps the idnumbers back.
        """
        if course not in self._activities:
            sections = self.ws.call("core_course_get_contents", {"courseid": self.course(course)}, writes=False)
            modules = [module for section in sections for module in section["modules"]]
            cmids = [int(module["id"]) for module in modules if module.get("uservisible", True)]
            calls = [InnerCall("core_course_get_course_module", {"cmid": cmid}) for cmid in cmids]
            found: dict[str, Activity] = {}
            for answer in self.ws.read_each(calls, start=_MODULES_PER_REQUEST):
                if answer.error is None and (idnumber := _idnumber(course, answer.value["cm"])):
                    found[idnumber] = _activity(answer.value["cm"])
            self._activities[course] = found
        return self._activities[course]

    def activity(self, course: str, idnumber: str) -> Activity:
        """One activity. Raises ConfigError when the course has none of this idnumber."""
        found = self.activities(course).get(idnumber)
        if found is None:
            raise ConfigError(
                _("The course '{course}' has no activity with the ID number '{activity}'.").format(
                    course=course, activity=idnumber
                ),
                hint=_(
                    "A teacher enters it in the activity's settings under 'ID number'. If it stands there, the account "
                    "lacks the right to see it: mod/quiz:view for a quiz, mod/customcert:view for a certificate, "
                    "moodle/course:viewhiddenactivities for a hidden activity, "
                    "moodle/course:ignoreavailabilityrestrictions for one that is restricted to others."
                ),
            )
        return found


def _idnumber(course: str, module: Mapping[str, Any]) -> str:
    """The activity's idnumber, '' for none; without moodle/course:manageactivities Moodle leaves it out."""
    if "idnumber" not in module:
        raise AccessDenied(
            _("The platform hides the ID numbers of the activities in the course '{course}'.").format(course=course),
            hint=_("The account needs moodle/course:manageactivities in the course."),
        )
    return plain(module["idnumber"])


def _activity(module: Mapping[str, Any]) -> Activity:
    return Activity(
        cmid=int(module["id"]),
        module=str(module["modname"]),
        instance=int(module["instance"]),
        name=plain(module["name"]),
        completion=bool(module["completion"]),
        automatic=int(module["completion"]) == _AUTOMATIC,
        by_view=bool(module.get("completionview")),
        availability=str(module["availability"] or "") if "availability" in module else None,
    )
