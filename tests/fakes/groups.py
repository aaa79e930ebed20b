"""Courses of the fake platform, and its groups: the part of `FakeLms` that is about them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from connector.lms import ItemResult, Outcome
from connector.model import AccountSeen, Enrolment, Group, GroupMembership

Key = tuple[str, ...]


@dataclass
class FakeCourse:
    """A course with its activities and groups, all by idnumber; groups hold usernames.

    `open_to` are the people for whom an activity is completed by override; `enrols` are the cohorts whose members the
    course enrols by itself.
    """

    activities: set[str] = field(default_factory=set)
    groups: dict[str, set[str]] = field(default_factory=dict)
    open_to: dict[str, set[str]] = field(default_factory=dict)
    group_names: dict[str, str] = field(default_factory=dict)
    enrols: set[str] = field(default_factory=set)


class FakeGroups:
    """Groups of courses and who is in them; who is not enrolled is refused."""

    courses: dict[str, FakeCourse]
    enrolled: dict[Key, Enrolment]
    seen: dict[str, AccountSeen]
    refuse: dict[Key, str]

    def _call(self, function: str) -> None:
        raise NotImplementedError

    def _write(self, function: str, count: int, work: Callable[[], list[ItemResult]]) -> list[ItemResult]:
        raise NotImplementedError

    def _course(self, idnumber: str) -> FakeCourse:
        raise NotImplementedError

    def _refused(self, key: Key) -> ItemResult:
        raise NotImplementedError

    def groups(self, course: str) -> Iterator[Group]:
        self._call("groups")
        for idnumber in list(self._course(course).groups):
            name = self._course(course).group_names.get(idnumber, idnumber)
            yield Group(course=course, idnumber=idnumber, name=name)

    def group_memberships(
        self, course: str, groups: Sequence[str], usernames: Iterable[str]
    ) -> Iterator[GroupMembership]:
        self._call("group_memberships")
        names = set(usernames)
        for group in groups:
            for username in sorted(self._course(course).groups.get(group, set()) & names):
                yield GroupMembership(course=course, group=group, username=username)

    def create_groups(self, groups: Sequence[Group]) -> list[ItemResult]:
        return self._write("create_groups", len(groups), lambda: [self._create_group(item) for item in groups])

    def add_to_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        return self._write("add_to_groups", len(memberships), lambda: [self._group_in(item) for item in memberships])

    def remove_from_groups(self, memberships: Sequence[GroupMembership]) -> list[ItemResult]:
        work = self._group_out
        return self._write("remove_from_groups", len(memberships), lambda: [work(item) for item in memberships])

    def _create_group(self, group: Group) -> ItemResult:
        if group.key in self.refuse:
            return self._refused(group.key)
        course = self.courses.get(group.course)
        if course is None:
            return result_of(group.key, Outcome.REFUSED, code="unknown")
        if group.idnumber in course.groups:
            return result_of(group.key, Outcome.ALREADY)
        if group.name in course.group_names.values():
            return result_of(group.key, Outcome.REFUSED, code="name_taken")
        course.groups[group.idnumber] = set()
        course.group_names[group.idnumber] = group.name
        return result_of(group.key, Outcome.DONE, group.idnumber)

    def _group_in(self, item: GroupMembership) -> ItemResult:
        if item.key in self.refuse:
            return self._refused(item.key)
        course = self.courses.get(item.course, FakeCourse())
        if item.group not in course.groups or (item.course, item.username) not in self.enrolled:
            return result_of(item.key, Outcome.REFUSED, code="unknown")
        outcome = Outcome.ALREADY if item.username in course.groups[item.group] else Outcome.DONE
        course.groups[item.group].add(item.username)
        return result_of(item.key, outcome)

    def _group_out(self, item: GroupMembership) -> ItemResult:
        if item.key in self.refuse:
            return self._refused(item.key)
        members = self.courses.get(item.course, FakeCourse()).groups.get(item.group)
        if members is None or item.username not in self.seen:
            return result_of(item.key, Outcome.ALREADY)
        members.discard(item.username)
        return result_of(item.key, Outcome.DONE)


def result_of(key: Key, outcome: Outcome, remote_id: str = "", code: str = "") -> ItemResult:
    """One item's answer."""
    return ItemResult(key=key, outcome=outcome, remote_id=remote_id, code=code, message=code)
