"""Certificates of mod_customcert: who has one, and how it is released.

No web service issues a certificate. Its activity is restricted to a group; whoever is put into the group gets it from
the plugin's scheduled task (facts section 13.1, recipes sections 5 and 6, recordings certificate_gate.jsonl).
Calls `mod_customcert_list_issues`, `core_group_get_group_members`, `core_group_add_group_members`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from connector.language import _
from connector.lms import CertificateGate, ItemResult, Outcome
from connector.mappers.moodle_results import issue
from connector.model import CertificateIssue
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.ids import Ids
from connector.moodle_ws.oddities import Oddities
from connector.moodle_ws.settle import by_halves, in_chunks, refused, spread, surely

ISSUES = "mod_customcert_list_issues"
MEMBERS, ADD = "core_group_get_group_members", "core_group_add_group_members"
ISSUES_PER_PAGE = 500  # the plugin clamps any larger number
GRANTED_PER_CALL = 200
_VARIABLES = 2


@dataclass(slots=True)
class Certificates:
    """Reads issues and fills the gates of one site."""

    ws: MoodleWs
    ids: Ids
    odd: Oddities

    def issues(self, gate: CertificateGate, since: datetime | None) -> Iterator[CertificateIssue]:
        """Issues of the gate's certificate made at or after `since`, each once. Reads only, 500 a request.

        Raises ConfigError when the course has no activity of the certificate's ID number.
        """
        instance = self.ids.activity(gate.course, gate.certificate).instance
        told: set[str] = set()
        for row in self._rows(instance, int(since.timestamp()) if since else 0):
            found = self.odd.understood(partial(_issue, gate, instance, row), row, part="issues", place=_number(row))
            # Newest first: an issue made meanwhile pushes others to the next page, where they come again.
            if found is not None and found.issue_id not in told:
                told.add(found.issue_id)
                yield found

    def _rows(self, instance: int, since: int) -> Iterator[Mapping[str, Any]]:
        offset = 0
        while True:
            parameters = {
                "timecreatedfrom": since,
                "customcertid": instance,
                "limit": ISSUES_PER_PAGE,
                "offset": offset,
            }
            page = self.ws.call(ISSUES, parameters, writes=False)
            yield from page
            if len(page) < ISSUES_PER_PAGE:
                return
            offset += ISSUES_PER_PAGE

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        """Those of these usernames, seen before, who are in the gate's group. Reads only, one request for members."""
        names = self.ids.names(usernames)
        for number in self._members(self.ids.group(gate.course, gate.group)):
            if number in names:
                yield names[number]

    def _members(self, group: int) -> set[int]:
        rows = self.ws.call(MEMBERS, {"groupids": [group]}, writes=False)
        return {int(number) for row in rows for number in row["userids"]}

    def grant(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Put these people into the gate's group; read back afterwards. One result each, keys (username,).

        `ALREADY`: they were in it. `REFUSED` with Moodle's code 'invaliduser' mostly means: not enrolled in the course.
        """
        group = self.ids.group(gate.course, gate.group)
        inside = self._members(group)
        users = self.ids.known(usernames)
        settled: dict[tuple[str, ...], ItemResult] = {
            (name,): result for name in usernames if (result := _answer(name, users, inside))
        }
        return spread(usernames, _key, settled, partial(self._grant_all, group))

    def _grant_all(self, group: int, usernames: Sequence[str]) -> list[ItemResult]:
        room = partial(self.ws.room, ADD, _VARIABLES, GRANTED_PER_CALL)
        results = in_chunks(usernames, room, partial(self._surely, group))
        inside = self._inside(group, usernames)
        words = _("Moodle took the request but the person is not in the group.")
        return [
            result if not result.ok or result.key in inside else refused(result.key, "not_granted", words)
            for result in results
        ]

    def _surely(self, group: int, chunk: Sequence[str]) -> list[ItemResult]:
        return surely(
            chunk,
            _key,
            lambda some: by_halves(some, _key, partial(self._add, group)),
            read_back=partial(self._inside, group),
            sleep=self.ws.sleep,
        )

    def _add(self, group: int, chunk: Sequence[str]) -> list[ItemResult]:
        members = [{"groupid": group, "userid": self.ids.users[name]} for name in chunk]
        self.ws.call(ADD, {"members": members}, writes=True, items=len(members))
        return [_done(name, Outcome.DONE) for name in chunk]

    def _inside(self, group: int, chunk: Sequence[str]) -> dict[tuple[str, ...], ItemResult]:
        inside = self._members(group)
        return {(name,): _done(name, Outcome.DONE) for name in chunk if self.ids.users[name] in inside}


def _issue(gate: CertificateGate, instance: int, row: Mapping[str, Any]) -> CertificateIssue | None:
    """The issue in this row, None where it is another certificate's."""
    return issue(gate.certificate, row) if int(row["issue"]["customcertid"]) == instance else None


def _number(row: Any) -> str:
    """The number of the issue for whoever looks for it, '' where there is none to be seen."""
    inner = row.get("issue") if isinstance(row, Mapping) else None
    return str(inner.get("id", "")) if isinstance(inner, Mapping) else ""


def _key(username: str) -> tuple[str, ...]:
    return (username,)


def _answer(name: str, users: Mapping[str, int], inside: set[int]) -> ItemResult | None:
    """The result that needs no request; None when the person is to be put into the group."""
    if name not in users:
        return refused((name,), "unknown_user", _("The platform has no account of this username."))
    return _done(name, Outcome.ALREADY) if users[name] in inside else None


def _done(name: str, outcome: Outcome) -> ItemResult:
    return ItemResult(key=(name,), outcome=outcome)
