"""What a certificate is restricted to, and how people are let through: a group, a profile field, a completion.

A gate is a set of people, so opening or closing it twice changes nothing, and what stands can be read back at any
time. Sources: reference/moodle-ws-facts.md sections 2.4, 6, 7 and 14; recordings certificate_gate.jsonl (the group).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.errors import ConfigError
from connector.language import _
from connector.lms import RELEASED, CertificateGate, GrantWay, ItemResult, Outcome
from connector.moodle_ws.accounts import UPDATE
from connector.moodle_ws.batch import InnerAnswer, InnerCall
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.enrolments import Enrolments
from connector.moodle_ws.groups import ADD, MEMBERS, REMOVE
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.results import ACTIVITIES, PEOPLE_PER_REQUEST
from connector.wire.settle import refused
from connector.wire.words import cleaned

OVERRIDE = "core_completion_override_activity_completion_status"
_DONE = (1, 2)  # complete, complete with a pass


class Gate(Protocol):
    """One certificate's gate. Usernames are those of accounts whose numbers are known."""

    @property
    def writer(self) -> str:
        """The function that opens and closes it, for the size of requests."""
        ...

    @property
    def variables(self) -> int:
        """Form variables for each person, where lists cannot go as JSON."""
        ...

    @property
    def most(self) -> int:
        """The most people in one request."""
        ...

    def through(self, usernames: Collection[str]) -> set[str]:
        """Those of them for whom the gate is open. Reads only. Raises ConfigError when the site has no such gate."""
        ...

    def turn(self, usernames: Sequence[str], *, opening: bool) -> list[ItemResult]:
        """Open or close it for these people, once, in one request; raises what concerns them all."""
        ...


def gate_of(ws: MoodleWs, ids: Ids, enrolments: Enrolments, gate: CertificateGate) -> Gate:
    """The gate of this kind. Nothing is asked yet."""
    if gate.way is GrantWay.GROUP:
        return GroupGate(ws, ids, gate)
    if gate.way is GrantWay.PROFILE_FIELD:
        return FieldGate(ws, ids, gate.profile_field)
    if gate.way is GrantWay.ALLOWLIST:
        raise ConfigError(
            _("Moodle has no allowlist of certificates."),
            hint=_("Set certificate.grant to group, profile_field, gate_activity or own_completion."),
        )
    return SwitchGate(ws, ids, enrolments, gate.course, gate.switch)


@dataclass(slots=True)
class GroupGate:
    """Membership in a group of the course. Whoever is not enrolled there is refused, and refuses the whole list."""

    ws: MoodleWs
    ids: Ids
    gate: CertificateGate
    writer: str = ADD
    variables: int = 2
    most: int = 200
    _number: int = 0

    @property
    def _group(self) -> int:
        self._number = self._number or self.ids.group(self.gate.course, self.gate.group)
        return self._number

    def through(self, usernames: Collection[str]) -> set[str]:
        """One request, whatever the number of people."""
        names = self.ids.names(usernames)
        rows = self.ws.call(MEMBERS, {"groupids": [self._group]}, writes=False)
        return {names[int(number)] for row in rows for number in row["userids"] if int(number) in names}

    def turn(self, usernames: Sequence[str], *, opening: bool) -> list[ItemResult]:
        members = [{"groupid": self._group, "userid": self.ids.users[name]} for name in usernames]
        self.ws.call(ADD if opening else REMOVE, {"members": members}, writes=True, items=len(members))
        return [_done(name) for name in usernames]


@dataclass(slots=True)
class FieldGate:
    """A custom profile field with RELEASED in it. It needs no enrolment and survives the loss of one."""

    ws: MoodleWs
    ids: Ids
    field: str
    writer: str = UPDATE
    variables: int = 3
    most: int = 200

    def through(self, usernames: Collection[str]) -> set[str]:
        """Some 1,000 people a request. Empty fields are left out of Moodle's answer (facts 2.2)."""
        return {row["username"] for row in self.ids.rows(list(usernames)) if self._value(row) == RELEASED}

    def _value(self, row: Mapping[str, Any]) -> str:
        fields = {str(entry["shortname"]): str(entry["value"]) for entry in row.get("customfields") or ()}
        return fields.get(self.field, "")

    def turn(self, usernames: Sequence[str], *, opening: bool) -> list[ItemResult]:
        """A field that the site does not have is dropped in silence (facts 2.1); only reading back shows it."""
        value = [{"type": self.field, "value": RELEASED if opening else ""}]
        users = [{"id": self.ids.users[name], "customfields": value} for name in usernames]
        answer = self.ws.call(UPDATE, {"users": users}, writes=True, items=len(users))
        warnings = {int(warning["itemid"]): warning for warning in answer.get("warnings") or ()}
        return [_of_warning(name, warnings.get(self.ids.users[name])) for name in usernames]


@dataclass(slots=True)
class SwitchGate:
    """The completion of an activity, set by override: one person a call, fifty calls a request."""

    ws: MoodleWs
    ids: Ids
    enrolments: Enrolments
    course: str
    activity: str
    writer: str = OVERRIDE
    variables: int = 3
    most: int = 50
    _enrolled: set[int] = field(default_factory=set)

    def through(self, usernames: Collection[str]) -> set[str]:
        """One person a call, 300 a request. Who is refused, a deleted account say, is not through."""
        course, cmid = self.ids.course(self.course), self._cmid
        names = [name for name in usernames if name in self.ids.users]
        calls = [InnerCall(ACTIVITIES, {"courseid": course, "userid": self.ids.users[name]}) for name in names]
        answers = self.ws.read_each(calls, start=PEOPLE_PER_REQUEST)
        return {name for name, answer in zip(names, answers, strict=True) if _is_done(answer, cmid)}

    @property
    def _cmid(self) -> int:
        return self.ids.activity(self.course, self.activity).cmid

    def turn(self, usernames: Sequence[str], *, opening: bool) -> list[ItemResult]:
        """Moodle writes a completion even for somebody who is not enrolled (facts 7), so that is looked at here."""
        missing = {name for name in usernames if not self._is_enrolled(name)} if opening else set()
        asked = [name for name in usernames if name not in missing]
        words = _("The person is not enrolled in the certificate's course.")
        results = {name: refused((name,), "not_enrolled", words) for name in missing}
        results |= dict(zip(asked, self._override(asked, opening=opening), strict=True))
        return [results[name] for name in usernames]

    def _is_enrolled(self, name: str) -> bool:
        """Everybody enrolled is read once, and again for somebody who came later."""
        if self.ids.users[name] not in self._enrolled:
            self._enrolled = {self.ids.users[seen.username] for seen in self.enrolments.seen(self.course)}
        return self.ids.users[name] in self._enrolled

    def _override(self, names: Sequence[str], *, opening: bool) -> list[ItemResult]:
        """A batch stops at the first refusal (facts 1.7), so what was never run is sent in the next one."""
        results: list[ItemResult] = []
        while len(results) < len(names):
            calls = [
                InnerCall(OVERRIDE, {"userid": self.ids.users[name], "cmid": self._cmid, "newstate": int(opening)})
                for name in names[len(results) :]
            ]
            answers = self.ws.call_many(calls, writes=True, items=len(calls))
            ran = [answer for answer in answers if answer.ran]
            results += [_of_answer(names[len(results) + place], answer) for place, answer in enumerate(ran)]
        return results


def _is_done(answer: InnerAnswer, cmid: int) -> bool:
    rows = answer.value["statuses"] if answer.error is None else ()
    return any(int(row["cmid"]) == cmid and int(row["state"]) in _DONE for row in rows)


def _of_answer(name: str, answer: InnerAnswer) -> ItemResult:
    if answer.error is None:
        return _done(name)
    return refused((name,), getattr(answer.error, "code", "") or type(answer.error).__name__, answer.error.message)


def _of_warning(name: str, warning: Mapping[str, Any] | None) -> ItemResult:
    if warning is None:
        return _done(name)
    return refused((name,), str(warning["warningcode"]), cleaned(str(warning["message"])))


def _done(name: str) -> ItemResult:
    return ItemResult(key=(name,), outcome=Outcome.DONE)
