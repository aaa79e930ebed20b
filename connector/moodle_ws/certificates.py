"""Certificates of mod_customcert: who has one, how it is released, how it is taken back.

No web service issues a certificate. Its activity is restricted to a gate (`gates.py`); whoever is let through gets it
from the plugin's scheduled task (facts section 13.1, recipes sections 5 and 6, recordings certificate_gate.jsonl).
Calls `mod_customcert_list_issues`, `mod_customcert_delete_issue`, and those of the gate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from connector.errors import OutcomeUnknown, RequestRefused
from connector.language import _
from connector.lms import CertificateGate, ItemResult, Outcome
from connector.mappers.moodle_results import issue
from connector.model import CertificateIssue
from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.enrolments import Enrolments
from connector.moodle_ws.gates import Gate, gate_of
from connector.moodle_ws.halves import by_halves
from connector.moodle_ws.ids import Ids
from connector.wire.oddities import Oddities
from connector.wire.settle import in_chunks, refused, spread, surely, unknown

ISSUES, DELETE = "mod_customcert_list_issues", "mod_customcert_delete_issue"
ISSUES_PER_PAGE = 500  # the plugin clamps any larger number
_GONE = "invalidrecord"


@dataclass(slots=True)
class Certificates:
    """Reads issues and opens the gates of one site."""

    ws: MoodleWs
    ids: Ids
    odd: Oddities
    enrolments: Enrolments
    _gates: dict[CertificateGate, Gate] = field(default_factory=dict)

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

    def _gate(self, gate: CertificateGate) -> Gate:
        if gate not in self._gates:
            self._gates[gate] = gate_of(self.ws, self.ids, self.enrolments, gate)
        return self._gates[gate]

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        """Those of these usernames, seen before, for whom the gate is open. Reads only.

        Raises ConfigError when the site has no such gate.
        """
        yield from sorted(self._gate(gate).through(list(usernames)))

    def grant(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Let these people through the gate; read back afterwards. One result each, keys (username,).

        `ALREADY`: it was open for them. `REFUSED` with Moodle's code 'invaliduser' mostly means: not enrolled.
        """
        return _Turning(self.ws, self._gate(gate), opening=True).all(usernames, self.ids.known(usernames))

    def withdraw(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Close the gate for these people, as `grant` opens it. `ALREADY`: closed, or there is no such account."""
        return _Turning(self.ws, self._gate(gate), opening=False).all(usernames, self.ids.known(usernames))

    def delete(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        """Delete these issues, one a call; their codes verify no more. Keys (issue_id,). `ALREADY`: not there."""
        if not issue_ids:
            return []
        instance = self.ids.activity(gate.course, gate.certificate).instance
        return [self._delete(instance, issue_id) for issue_id in issue_ids]

    def _delete(self, instance: int, issue_id: str) -> ItemResult:
        """A lost answer needs no reading back: deleting what is gone is refused as a missing record."""
        parameters = {"certificateid": instance, "issueid": int(issue_id)}
        for _attempt in range(2):
            try:
                self.ws.call(DELETE, parameters, writes=True, items=1)
            except OutcomeUnknown:
                continue
            except RequestRefused as refusal:
                if refusal.code == _GONE:
                    return ItemResult(key=(issue_id,), outcome=Outcome.ALREADY)
                return refused((issue_id,), refusal.code, refusal.message)
            return ItemResult(key=(issue_id,), outcome=Outcome.DONE)
        return unknown((issue_id,))


@dataclass(slots=True)
class _Turning:
    """Opens or closes one gate for people, each with his own result."""

    ws: MoodleWs
    gate: Gate
    opening: bool

    def all(self, usernames: Sequence[str], known: Mapping[str, int]) -> list[ItemResult]:
        """One result each, in order; `known` are the numbers of those who have an account."""
        if not usernames:
            return []
        wanted = self._as_wanted(list(known))
        settled: dict[tuple[str, ...], ItemResult] = {
            (name,): result for name in usernames if (result := self._answer(name, known, wanted))
        }
        return spread(usernames, _key, settled, self._turn)

    def _as_wanted(self, usernames: Sequence[str]) -> set[str]:
        through = self.gate.through(usernames)
        return through if self.opening else set(usernames) - through

    def _answer(self, name: str, known: Mapping[str, int], wanted: set[str]) -> ItemResult | None:
        """The result that needs no request; None when the gate is to be turned for this person."""
        if name not in known and self.opening:
            return refused((name,), "unknown_user", _("The platform has no account of this username."))
        return ItemResult(key=(name,), outcome=Outcome.ALREADY) if name not in known or name in wanted else None

    def _turn(self, usernames: Sequence[str]) -> list[ItemResult]:
        room = partial(self.ws.room, self.gate.writer, self.gate.variables, self.gate.most)
        results = in_chunks(usernames, room, self._surely)
        wanted = self._as_wanted(usernames)
        words = _("Moodle took the request but nothing changed for the person.")
        return [
            result if not result.ok or result.key[0] in wanted else refused(result.key, "not_granted", words)
            for result in results
        ]

    def _surely(self, chunk: Sequence[str]) -> list[ItemResult]:
        turn = partial(self.gate.turn, opening=self.opening)
        return surely(
            chunk,
            _key,
            lambda some: by_halves(some, _key, turn),
            read_back=self._read_back,
            sleep=self.ws.sleep,
        )

    def _read_back(self, chunk: Sequence[str]) -> dict[tuple[str, ...], ItemResult]:
        return {(name,): ItemResult(key=(name,), outcome=Outcome.DONE) for name in self._as_wanted(chunk)}


def _issue(gate: CertificateGate, instance: int, row: Mapping[str, Any]) -> CertificateIssue | None:
    """The issue in this row, None where it is another certificate's."""
    return issue(gate.certificate, row) if int(row["issue"]["customcertid"]) == instance else None


def _number(row: Any) -> str:
    """The number of the issue for whoever looks for it, '' where there is none to be seen."""
    inner = row.get("issue") if isinstance(row, Mapping) else None
    return str(inner.get("id", "")) if isinstance(inner, Mapping) else ""


def _key(username: str) -> tuple[str, ...]:
    return (username,)
