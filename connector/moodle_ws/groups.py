"""Groups of courses on Moodle and who is in them, by the ID numbers of course and group and the username.

Calls `core_group_get_course_groups`, `core_group_create_groups`, `core_group_get_group_members`,
`core_group_add_group_members`, `core_group_delete_group_members` (facts section 6, recipes section 5). Only who is
enrolled in the course can be put into a group of it; one who is not makes Moodle refuse the whole list.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from connector.errors import ConfigError, RequestRefused
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.mappers.moodle import plain
from connector.model import Group, GroupMembership
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.halves import by_halves
from connector.moodle_ws.ids import Ids
from connector.wire.settle import in_chunks, refused, spread, surely

CREATE, MEMBERS = "core_group_create_groups", "core_group_get_group_members"
ADD, REMOVE = "core_group_add_group_members", "core_group_delete_group_members"
CREATED_PER_CALL = 200
MEMBERS_PER_CALL = 200
_CREATE_VARIABLES, _MEMBER_VARIABLES = 4, 2
_LONGEST_NAME, _LONGEST_IDNUMBER = 254, 100

Results = dict[tuple[str, ...], ItemResult]


@dataclass(slots=True)
class Groups:
    """Reads and writes the groups of one site's courses."""

    ws: MoodleWs
    ids: Ids

    def of_course(self, course: str) -> Iterator[Group]:
        """All groups of the course that have an ID number. Reads only, one request."""
        for row in self.ids.group_rows(course):
            if idnumber := plain(row.get("idnumber")):
                yield Group(course=course, idnumber=idnumber, name=plain(row["name"]))

    def create(self, groups: Sequence[Group]) -> list[ItemResult]:
        """Make these groups. `ALREADY`: the course has one of this ID number, whatever its name. One result each."""
        broken = {group.key: found for group in groups if (found := self._broken(group))}
        return spread(groups, _key, broken, self._create_all)

    def _broken(self, group: Group) -> ItemResult | None:
        if len(group.idnumber) > _LONGEST_IDNUMBER or len(group.name) > _LONGEST_NAME:
            return refused(group.key, "long", _("The group's name or ID number is too long for Moodle."))
        try:
            self.ids.course(group.course)
        except ConfigError as error:
            return refused(group.key, "unknown_course", error.message)
        return None

    def _create_all(self, groups: Sequence[Group]) -> list[ItemResult]:
        room = partial(self.ws.room, CREATE, _CREATE_VARIABLES, CREATED_PER_CALL)
        return in_chunks(groups, room, self._create_surely)

    def _create_surely(self, chunk: Sequence[Group]) -> list[ItemResult]:
        done = partial(self._there, outcome=Outcome.DONE)
        return surely(chunk, _key, self._create_chunk, read_back=done, sleep=self.ws.sleep)

    def _create_chunk(self, chunk: Sequence[Group]) -> list[ItemResult]:
        try:
            return self._create(chunk)
        except RequestRefused:
            there = self._there(chunk, outcome=Outcome.ALREADY)
        known = there | self._of_taken_names([group for group in chunk if group.key not in there])
        return spread(chunk, _key, known, lambda rest: by_halves(rest, _key, self._create, bad=not known))

    def _create(self, chunk: Sequence[Group]) -> list[ItemResult]:
        rows = [
            {
                "courseid": self.ids.course(group.course),
                "name": group.name,
                "description": "",
                "idnumber": group.idnumber,
            }
            for group in chunk
        ]
        answer = self.ws.call(CREATE, {"groups": rows}, writes=True, items=len(rows))
        made = {(int(row["courseid"]), plain(row["idnumber"])): int(row["id"]) for row in answer}
        return [self._created(group, made.get((self.ids.course(group.course), group.idnumber))) for group in chunk]

    def _created(self, group: Group, number: int | None) -> ItemResult:
        if number is None:
            return refused(group.key, "not_made", _("Moodle answered without this group."))
        self.ids.groups(group.course)[group.idnumber] = number
        return ItemResult(key=group.key, outcome=Outcome.DONE, remote_id=str(number))

    def _there(self, chunk: Sequence[Group], *, outcome: Outcome) -> Results:
        """The results of those that their courses have now, read anew."""
        there = {course: self.ids.groups(course, fresh=True) for course in {group.course for group in chunk}}
        return {
            group.key: ItemResult(key=group.key, outcome=outcome, remote_id=str(there[group.course][group.idnumber]))
            for group in chunk
            if group.idnumber in there[group.course]
        }

    def _of_taken_names(self, chunk: Sequence[Group]) -> Results:
        """A course takes each name once, and says only 'invalidparameter' of a second (facts 1.8)."""
        names = {
            course: {plain(row["name"]) for row in self.ids.group_rows(course)}
            for course in {group.course for group in chunk}
        }
        words = _("The course has a group of this name without our ID number {group}; a teacher enters it there.")
        return {
            group.key: refused(group.key, "name_taken", words.format(group=group.idnumber))
            for group in chunk
            if group.name in names[group.course]
        }

    def members(self, course: str, groups: Sequence[str], usernames: Iterable[str]) -> Iterator[GroupMembership]:
        """Who of these usernames, seen before, is in these groups. Reads only, one request for all groups.

        Groups that the course does not have are left out, as are members whom nobody asked for.
        """
        known = self.ids.groups(course)
        wanted = {known[idnumber]: idnumber for idnumber in groups if idnumber in known}
        names = self.ids.names(usernames)
        for number, people in self._member_numbers(list(wanted)).items():
            for user_id in people:
                if user_id in names:
                    yield GroupMembership(course=course, group=wanted[number], username=names[user_id])

    def _member_numbers(self, numbers: Sequence[int]) -> Mapping[int, list[int]]:
        if not numbers:
            return {}
        rows = self.ws.call(MEMBERS, {"groupids": numbers}, writes=False)
        return {int(row["groupid"]): [int(user_id) for user_id in row["userids"]] for row in rows}

    def add(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        """Put these people into these groups; read back afterwards. `ALREADY`: they were in. One result each.

        `REFUSED` with Moodle's code 'invalidparameter' or 'invaliduser' mostly means: not enrolled in the course.
        """
        return spread(memberships, _member_key, self._known_before_adding(memberships), self._add_all)

    def _known_before_adding(self, memberships: Sequence[GroupMembership]) -> Results:
        users = self.ids.known(item.username for item in memberships)
        no_user = _("The platform has no account of this username.")
        no_group = _("The course has no group of this ID number.")
        found = {}
        for item in memberships:
            if item.username not in users:
                found[item.key] = refused(item.key, "unknown_user", no_user)
            elif self._number(item) is None:
                found[item.key] = refused(item.key, "unknown_group", no_group)
        inside = self._inside([item for item in memberships if item.key not in found])
        return found | {key: ItemResult(key=key, outcome=Outcome.ALREADY) for key in inside}

    def _number(self, item: GroupMembership) -> int | None:
        """The number of the item's group; None where course or group are not there."""
        try:
            return self.ids.groups(item.course).get(item.group)
        except ConfigError:
            return None

    def _add_all(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        room = partial(self.ws.room, ADD, _MEMBER_VARIABLES, MEMBERS_PER_CALL)
        results = in_chunks(memberships, room, partial(self._surely, ADD))
        inside = self._inside(memberships)
        words = _("Moodle took the request but the person is not in the group.")
        return [
            result if not result.ok or result.key in inside else refused(result.key, "not_in_group", words)
            for result in results
        ]

    def remove(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        """Take these people out of these groups; read back afterwards. One result each.

        `ALREADY`: person or group does not exist. Moodle refuses to take out whom a plugin has put in (facts 6).
        """
        users = self.ids.known(item.username for item in memberships)
        gone = {
            item.key: ItemResult(key=item.key, outcome=Outcome.ALREADY)
            for item in memberships
            if item.username not in users or self._number(item) is None
        }
        return spread(memberships, _member_key, gone, self._remove_all)

    def _remove_all(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        room = partial(self.ws.room, REMOVE, _MEMBER_VARIABLES, MEMBERS_PER_CALL)
        results = in_chunks(memberships, room, partial(self._surely, REMOVE))
        still = self._inside(memberships)
        words = _("Moodle took the request but the person is still in the group.")
        return [
            refused(result.key, "still_in_group", words) if result.ok and result.key in still else result
            for result in results
        ]

    def _surely(self, function: str, chunk: Sequence[GroupMembership]) -> list[ItemResult]:
        return surely(
            chunk,
            _member_key,
            lambda some: by_halves(some, _member_key, partial(self._write, function)),
            read_back=self._inside if function == ADD else self._outside,
            sleep=self.ws.sleep,
        )

    def _write(self, function: str, chunk: Sequence[GroupMembership]) -> list[ItemResult]:
        rows = [{"groupid": self._number(item), "userid": self.ids.users[item.username]} for item in chunk]
        self.ws.call(function, {"members": rows}, writes=True, items=len(rows))
        return [_done(item) for item in chunk]

    def _inside(self, chunk: Sequence[GroupMembership]) -> Results:
        """The results of those who are in their groups now."""
        numbers = sorted({number for item in chunk if (number := self._number(item)) is not None})
        inside = {(number, user) for number, people in self._member_numbers(numbers).items() for user in people}
        return {
            item.key: _done(item) for item in chunk if (self._number(item), self.ids.users[item.username]) in inside
        }

    def _outside(self, chunk: Sequence[GroupMembership]) -> Results:
        inside = self._inside(chunk)
        return {item.key: _done(item) for item in chunk if item.key not in inside}


def _key(group: Group) -> tuple[str, ...]:
    return group.key


def _member_key(item: GroupMembership) -> tuple[str, ...]:
    return item.key


def _done(item: GroupMembership) -> ItemResult:
    return ItemResult(key=item.key, outcome=Outcome.DONE)
