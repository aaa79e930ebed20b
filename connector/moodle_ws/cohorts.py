"""Cohorts on Moodle and who is in them, by the cohort's ID number and the username.

Calls `core_cohort_get_cohorts`, `core_cohort_create_cohorts`, `core_cohort_update_cohorts`,
`core_cohort_get_cohort_members`,
`core_cohort_add_cohort_members`, `core_cohort_delete_cohort_members` (facts section 3, recipes section 2).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.errors import AccessDenied, RequestRefused
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.mappers.moodle import plain
from connector.model import Cohort, Membership
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.halves import by_halves
from connector.moodle_ws.ids import Ids
from connector.wire.settle import in_chunks, refused, spread, surely
from connector.wire.words import cleaned

CREATE, UPDATE, MEMBERS = (
    "core_cohort_create_cohorts",
    "core_cohort_update_cohorts",
    "core_cohort_get_cohort_members",
)
ADD, REMOVE = "core_cohort_add_cohort_members", "core_cohort_delete_cohort_members"
MARK = "connector.mark"
CREATED_PER_CALL = 200
ADDED_PER_CALL = 500
REMOVED_PER_CALL = 100
_CREATE_VARIABLES, _UPDATE_VARIABLES, _ADD_VARIABLES, _REMOVE_VARIABLES = 4, 5, 4, 2
_LONGEST_NAME, _LONGEST_IDNUMBER = 254, 100

# Warnings of add_cohort_members have no item number, only these sentences [M: recordings cohorts.members.add.*].
_IS_MEMBER = re.compile(r"record already exists: cohort\(idnumber=(?P<cohort>.*) username=(?P<user>.*)\)")
_NO_USER = re.compile(r"user username=(?P<user>.*) not exists")
_NO_COHORT = re.compile(r"cohort idnumber=(?P<cohort>.*) not exists")


@dataclass(slots=True)
class Cohorts:
    """Reads and writes the site-wide cohorts of one site."""

    ws: MoodleWs
    ids: Ids

    def all(self) -> Iterator[Cohort]:
        """All cohorts that have an ID number. Reads only, one request."""
        yield from (cohort for cohort in self._rows() if cohort.idnumber != MARK)

    def marks(self) -> list[str]:
        """The name of the cohort that is our mark. Reads only, one request."""
        return [cohort.name for cohort in self._rows() if cohort.idnumber == MARK]

    def leave_mark(self, text: str) -> ItemResult:
        """Name the cohort that is our mark so; it is made where there is none, and nobody is ever in it."""
        mark = Cohort(idnumber=MARK, name=text)
        try:
            there = MARK in self.ids.cohorts(fresh=True)
            return (self.update if there else self.create)([mark])[0]
        except (RequestRefused, AccessDenied) as error:
            return refused(mark.key, getattr(error, "code", ""), error.message)

    def _rows(self) -> Iterator[Cohort]:
        for row in self.ids.cohort_rows():
            yield Cohort(idnumber=plain(row["idnumber"]), name=plain(row["name"]))

    def create(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        """Make these cohorts for the whole site. `ALREADY`: the ID number is taken, whatever its name."""
        broken = {cohort.key: found for cohort in cohorts if (found := _broken(cohort))}
        return spread(cohorts, _key, broken, self._create_all)

    def _create_all(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        room = partial(self.ws.room, CREATE, _CREATE_VARIABLES, CREATED_PER_CALL)
        return in_chunks(cohorts, room, self._create_surely)

    def _create_surely(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        return surely(chunk, _key, self._create_chunk, read_back=self._made, sleep=self.ws.sleep)

    def _create_chunk(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        try:
            return self._create(chunk)
        except RequestRefused:
            there = self.ids.cohorts(fresh=True)
        known = {
            cohort.key: _done(cohort, there[cohort.idnumber], Outcome.ALREADY)
            for cohort in chunk
            if cohort.idnumber in there
        }
        return spread(chunk, _key, known, lambda rest: by_halves(rest, _key, self._create, bad=not known))

    def _create(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        rows = [
            {"categorytype": {"type": "system", "value": ""}, "name": cohort.name, "idnumber": cohort.idnumber}
            for cohort in chunk
        ]
        answer = self.ws.call(CREATE, {"cohorts": rows}, writes=True, items=len(rows))
        made = {plain(row["idnumber"]): int(row["id"]) for row in answer}
        self.ids.cohorts().update(made)
        words = _("Moodle answered without this cohort.")
        return [
            _done(cohort, made[cohort.idnumber], Outcome.DONE)
            if cohort.idnumber in made
            else refused(cohort.key, "not_made", words)
            for cohort in chunk
        ]

    def _made(self, chunk: Sequence[Cohort]) -> dict[tuple[str, ...], ItemResult]:
        there = self.ids.cohorts(fresh=True)
        return {
            cohort.key: _done(cohort, there[cohort.idnumber], Outcome.DONE)
            for cohort in chunk
            if cohort.idnumber in there
        }

    def update(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        """Give these cohorts these names. `REFUSED`: there is none of this ID number, or the name breaks a rule.

        Moodle confirms nothing and takes the change as often as it is sent (facts 3), so the names are read back.
        """
        there = self.ids.cohorts(fresh=True)
        broken = {cohort.key: found for cohort in cohorts if (found := _broken(cohort))}
        words = _("The platform has no cohort of this ID number.")
        for cohort in cohorts:
            if cohort.idnumber not in there:
                broken.setdefault(cohort.key, refused(cohort.key, "unknown_cohort", words))
        return spread(cohorts, _key, broken, self._update_all)

    def _update_all(self, cohorts: Sequence[Cohort]) -> list[ItemResult]:
        room = partial(self.ws.room, UPDATE, _UPDATE_VARIABLES, CREATED_PER_CALL)
        results = in_chunks(cohorts, room, self._update_surely)
        named = self._named(cohorts)
        words = _("Moodle took the request but the cohort has another name.")
        return [
            refused(result.key, "not_renamed", words) if result.ok and result.key not in named else result
            for result in results
        ]

    def _update_surely(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        return surely(
            chunk,
            _key,
            lambda some: by_halves(some, _key, self._update),
            read_back=self._named,
            sleep=self.ws.sleep,
        )

    def _update(self, chunk: Sequence[Cohort]) -> list[ItemResult]:
        numbers = self.ids.cohorts()
        rows = [
            {
                "id": numbers[cohort.idnumber],
                "categorytype": {"type": "system", "value": ""},
                "name": cohort.name,
                "idnumber": cohort.idnumber,
            }
            for cohort in chunk
        ]
        self.ws.call(UPDATE, {"cohorts": rows}, writes=True, items=len(rows))
        return [_done(cohort, numbers[cohort.idnumber], Outcome.DONE) for cohort in chunk]

    def _named(self, chunk: Sequence[Cohort]) -> dict[tuple[str, ...], ItemResult]:
        there = set(self._rows())
        numbers = self.ids.cohorts()
        return {
            cohort.key: _done(cohort, numbers[cohort.idnumber], Outcome.DONE) for cohort in chunk if cohort in there
        }

    def members(self, cohorts: Sequence[str], usernames: Iterable[str]) -> Iterator[Membership]:
        """Who of these usernames, seen before, is in these cohorts. Reads only, one request for all cohorts.

        Cohorts that the site does not have are left out, as are members whom nobody asked for.
        """
        numbers = self.ids.cohorts()
        wanted = {numbers[idnumber]: idnumber for idnumber in cohorts if idnumber in numbers}
        names = self.ids.names(usernames)
        for row in self._member_rows(list(wanted)):
            cohort = wanted[int(row["cohortid"])]
            for user_id in row["userids"]:
                if int(user_id) in names:
                    yield Membership(cohort=cohort, username=names[int(user_id)])

    def _member_rows(self, cohort_ids: Sequence[int]) -> Sequence[Mapping[str, Any]]:
        # An empty list would be an error here, and in get_cohorts it would even mean 'all' (facts 3).
        if not cohort_ids:
            return []
        rows: Sequence[Mapping[str, Any]] = self.ws.call(MEMBERS, {"cohortids": cohort_ids}, writes=False)
        return rows

    def add(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        """Put these people into these cohorts. `ALREADY`: they were in. One result each."""
        return spread(memberships, _member_key, {}, self._add_all)

    def _add_all(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        room = partial(self.ws.room, ADD, _ADD_VARIABLES, ADDED_PER_CALL)
        return in_chunks(memberships, room, self._add_surely)

    def _add_surely(self, chunk: Sequence[Membership]) -> list[ItemResult]:
        return surely(
            chunk,
            _member_key,
            lambda some: by_halves(some, _member_key, self._add),
            read_back=self._in_now,
            sleep=self.ws.sleep,
        )

    def _add(self, chunk: Sequence[Membership]) -> list[ItemResult]:
        rows = [
            {
                "cohorttype": {"type": "idnumber", "value": membership.cohort},
                "usertype": {"type": "username", "value": membership.username},
            }
            for membership in chunk
        ]
        answer = self.ws.call(ADD, {"members": rows}, writes=True, items=len(rows))
        warnings = (answer or {}).get("warnings") or ()
        return self._after_warnings(chunk, [_Warning.of(row) for row in warnings])

    def _after_warnings(self, chunk: Sequence[Membership], warnings: "Sequence[_Warning]") -> list[ItemResult]:
        """Every warning finds its items; when one cannot be understood, all are looked up instead."""
        if not warnings:
            return [_member_done(membership, Outcome.DONE) for membership in chunk]
        found: dict[tuple[str, ...], ItemResult] = {}
        for warning in warnings:
            hit = [membership for membership in chunk if warning.is_about(membership)]
            if not hit:
                return self._looked_up(chunk, warning)
            found |= {membership.key: warning.result(membership) for membership in hit}
        return [found.get(membership.key) or _member_done(membership, Outcome.DONE) for membership in chunk]

    def _looked_up(self, chunk: Sequence[Membership], warning: "_Warning") -> list[ItemResult]:
        inside = self._in_now(chunk)
        return [
            inside.get(membership.key) or refused(membership.key, warning.code, warning.message) for membership in chunk
        ]

    def _in_now(self, chunk: Sequence[Membership]) -> dict[tuple[str, ...], ItemResult]:
        """The results of those who are members now, read back from the cohorts of this chunk."""
        names = [membership.username for membership in chunk]
        self.ids.known(names)
        cohorts = sorted({membership.cohort for membership in chunk})
        inside = set(self.members(cohorts, names))
        return {membership.key: _member_done(membership, Outcome.DONE) for membership in chunk if membership in inside}

    def remove(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        """Take these people out of these cohorts; what that does to their courses is the site's setting (facts 3).

        `ALREADY`: person or cohort does not exist. Moodle confirms nothing, so the cohorts are read back once.
        """
        users = self.ids.known(membership.username for membership in memberships)
        cohorts = self.ids.cohorts()
        gone = {
            membership.key: _member_done(membership, Outcome.ALREADY)
            for membership in memberships
            if membership.username not in users or membership.cohort not in cohorts
        }
        return spread(memberships, _member_key, gone, self._remove_all)

    def _remove_all(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        room = partial(self.ws.room, REMOVE, _REMOVE_VARIABLES, REMOVED_PER_CALL)
        results = in_chunks(memberships, room, self._remove_surely)
        still = self._in_now(memberships)
        words = _("Moodle took the request but the person is still in the cohort.")
        return [
            refused(result.key, "still_member", words) if result.ok and result.key in still else result
            for result in results
        ]

    def _remove_surely(self, chunk: Sequence[Membership]) -> list[ItemResult]:
        return surely(
            chunk,
            _member_key,
            lambda some: by_halves(some, _member_key, self._remove),
            read_back=self._out_now,
            sleep=self.ws.sleep,
        )

    def _remove(self, chunk: Sequence[Membership]) -> list[ItemResult]:
        cohorts = self.ids.cohorts()
        rows = [
            {"cohortid": cohorts[membership.cohort], "userid": self.ids.users[membership.username]}
            for membership in chunk
        ]
        self.ws.call(REMOVE, {"members": rows}, writes=True, items=len(rows))
        return [_member_done(membership, Outcome.DONE) for membership in chunk]

    def _out_now(self, chunk: Sequence[Membership]) -> dict[tuple[str, ...], ItemResult]:
        inside = self._in_now(chunk)
        return {
            membership.key: _member_done(membership, Outcome.DONE)
            for membership in chunk
            if membership.key not in inside
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Warning:
    """One warning of add_cohort_members; `cohort` and `user` are None where it does not speak of one."""

    code: str
    message: str
    cohort: str | None
    user: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "_Warning":
        text = plain(row["message"])
        found = _IS_MEMBER.fullmatch(text) or _NO_USER.fullmatch(text) or _NO_COHORT.fullmatch(text)
        parts = found.groupdict() if found else {}
        return cls(
            code=str(row["warningcode"]), message=cleaned(text), cohort=parts.get("cohort"), user=parts.get("user")
        )

    def is_about(self, membership: Membership) -> bool:
        """True when the warning names this person, this cohort, or both."""
        if self.cohort is None and self.user is None:
            return False
        return self.cohort in (None, membership.cohort) and self.user in (None, membership.username)

    def result(self, membership: Membership) -> ItemResult:
        """'record already exists' is as good as done; anything else is a refusal."""
        if self.cohort is not None and self.user is not None:
            return _member_done(membership, Outcome.ALREADY)
        return refused(membership.key, self.code, self.message)


def _key(cohort: Cohort) -> tuple[str, ...]:
    return cohort.key


def _member_key(membership: Membership) -> tuple[str, ...]:
    return membership.key


def _broken(cohort: Cohort) -> ItemResult | None:
    if not cohort.idnumber.strip() or not cohort.name.strip():
        return refused(cohort.key, "empty", _("A cohort needs a name and an ID number."))
    if len(cohort.idnumber) > _LONGEST_IDNUMBER or len(cohort.name) > _LONGEST_NAME:
        return refused(cohort.key, "long", _("The cohort's name or ID number is too long for Moodle."))
    return None


def _done(cohort: Cohort, cohort_id: int, outcome: Outcome) -> ItemResult:
    return ItemResult(key=cohort.key, outcome=outcome, remote_id=str(cohort_id))


def _member_done(membership: Membership, outcome: Outcome) -> ItemResult:
    return ItemResult(key=membership.key, outcome=outcome)
