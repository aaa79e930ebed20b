"""Certificates: the allowlist for people judged by our rule, and what the platform issued to each of them.

Writes `generate_bulk_certificate_exceptions` and `generate_certificate_exceptions/new`, reads `certificates/v0` one by
one: Teak has no list, and that of later releases tells neither day nor code (reference/openedx-facts.md section 11;
lms/djangoapps/instructor/views/serializers_v2.py). A certificate belongs to its course. Who is enrolled
in audit mode is taken on the allowlist and gets none; `connector doctor` counts them.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from connector.errors import ConfigError, OutcomeUnknown, RequestRefused
from connector.language import _
from connector.lms import CertificateGate, GrantWay, ItemResult, Outcome
from connector.mappers.openedx import moment
from connector.model import CertificateIssue
from connector.openedx import paths
from connector.openedx.client import Content, OpenEdx
from connector.openedx.courses import Courses
from connector.openedx.grades import HUNDRED
from connector.openedx.people import People
from connector.wire.oddities import Oddities
from connector.wire.settle import in_chunks, refused, unknown
from connector.wire.words import cleaned

GRANTED_PER_CALL = 100
LISTED_PER_PAGE = 100
NOTE = "connector"
ISSUED = "downloadable"
_ROW = re.compile(r"row# ?(\d+)")
_THERE = "user_already_allowlisted"


@dataclass(slots=True)
class Certificates:
    """Reads and releases the certificates of one site's courses."""

    site: OpenEdx
    people: People
    courses: Courses
    odd: Oddities

    def _check(self, gate: CertificateGate) -> None:
        if gate.way is not GrantWay.ALLOWLIST:
            raise ConfigError(
                _("Open edX does not release certificates by '{way}'.").format(way=gate.way),
                hint=_("Set certificate.grant to allowlist in the programme, or to own_paper."),
            )
        self.courses.name(gate.course)

    def issues(
        self, gate: CertificateGate, since: datetime | None, awaited: Collection[str] | None
    ) -> Iterator[CertificateIssue]:
        """What is issued and valid to the awaited people, one request each; to everybody when `awaited` is None.

        Without a `since` those are asked whom the site lists as having a certificate (instructor API v2, later than
        Teak), if it lists them; everybody else is whoever is enrolled. A course without a single certificate costs one
        request. Raises ConfigError for a gate that is not there.
        """
        self._check(gate)
        nobody = not awaited and (since is not None or awaited is not None)
        if nobody or not self._any(gate.course):
            return
        names = sorted(awaited or ()) if since is not None else self._candidates(gate.course, awaited)
        for row in self.site.lanes.each(partial(self._of, gate.course), names):
            if row is None or row.get("status") != ISSUED:
                continue
            make = partial(_issue, gate, row)
            found = self.odd.understood(make, row, part="issues", place=gate.course, username=str(row["username"]))
            if found is not None:
                yield found

    def _candidates(self, course: str, awaited: Collection[str] | None) -> list[str]:
        listed = self._listed(course)
        if listed is None:
            return sorted(self.people.students(course, "certificates") if awaited is None else awaited)
        return sorted(str(row["username"]) for row in listed if row.get("certificate_status") == ISSUED)

    def _listed(self, course: str) -> list[dict[str, Any]] | None:
        """Everybody with a certificate or on the allowlist, where the site has instructor API v2; else None."""
        path = paths.issued(course)
        if not self.site.get(path, [("page_size", 1)], expected=(HTTPStatus.NOT_FOUND,)).ok:
            return None
        return list(self.site.pages(path, [("page_size", LISTED_PER_PAGE)]))

    def _any(self, course: str) -> bool:
        value = self.site.ask("POST", paths.instructor(course, "get_issued_certificates/"), Content.form([])).value
        return bool(value["certificates"])

    def _of(self, course: str, username: str) -> Mapping[str, Any] | None:
        answer = self.site.get(paths.certificate(username, course), expected=(HTTPStatus.NOT_FOUND,))
        return answer.value if answer.ok else None

    def grade(self, course: str, username: str) -> float | None:
        """The grade of 0 to 100 that somebody's valid certificate bears; None without one. One request."""
        row = self._of(course, username)
        if row is None or row.get("status") != ISSUED or not row.get("grade"):
            return None
        return round(float(row["grade"]) * HUNDRED, 2)

    def granted(self, gate: CertificateGate, usernames: Iterable[str]) -> Iterator[str]:
        """Those of these people who hold a valid certificate; the allowlist itself cannot be read. One request each."""
        self._check(gate)
        names = sorted(set(usernames))
        for name, row in zip(names, self.site.lanes.each(partial(self._of, gate.course), names), strict=True):
            if row is not None and row.get("status") == ISSUED:
                yield name

    def grant(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Put these people on the course's allowlist and have their certificates made. Repeating is harmless."""
        self._check(gate)
        names = list(dict.fromkeys(usernames))
        results = {r.key[0]: r for r in in_chunks(names, lambda: GRANTED_PER_CALL, partial(self._allow, gate.course))}
        if any(result.ok for result in results.values()):
            # Where certificates are not made automatically the allowlist alone does nothing (facts section 11).
            path = paths.instructor(gate.course, "generate_certificate_exceptions/new")
            self.site.ask("POST", path, Content.json({}))
        return [results[name] for name in usernames]

    def _allow(self, course: str, chunk: Sequence[str]) -> list[ItemResult]:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows((name, NOTE) for name in chunk)
        path = paths.instructor(course, "generate_bulk_certificate_exceptions")
        content = Content.file("students_list", "allowlist.csv", out.getvalue())
        try:
            value = self.site.ask("POST", path, content, writes=True).value
        except OutcomeUnknown:
            try:
                # Once more tells: 'already' is harmless.
                value = self.site.ask("POST", path, content, writes=True).value
            except OutcomeUnknown:
                return [unknown((name,)) for name in chunk]
        if value["general_errors"]:
            why = cleaned("; ".join(map(str, value["general_errors"])))
            return [refused((name,), "allowlist", why) for name in chunk]
        found = {
            int(place[1]): (code, str(text))
            for code, texts in value["row_errors"].items()
            for text in texts
            if (place := _ROW.search(str(text)))
        }
        return [_allowed(name, found.get(number)) for number, name in enumerate(chunk, start=1)]

    def withdraw(self, gate: CertificateGate, usernames: Sequence[str]) -> list[ItemResult]:
        """Take these people off the allowlist. On Open edX this also makes their certificate 'unavailable'."""
        self._check(gate)
        return [self._take_off(gate.course, name) for name in usernames]

    def _take_off(self, course: str, username: str) -> ItemResult:
        path = paths.instructor(course, "certificate_exception_view/")
        content = Content.json({"user_name": username})
        for _attempt in range(2):
            try:
                answer = self.site.ask("DELETE", path, content, writes=True, expected=(HTTPStatus.BAD_REQUEST,))
            except OutcomeUnknown:
                continue  # a repeat is answered 400 where he is off the list already
            return ItemResult(key=(username,), outcome=Outcome.DONE if answer.ok else Outcome.ALREADY)
        return unknown((username,))

    def delete(self, gate: CertificateGate, issue_ids: Sequence[str]) -> list[ItemResult]:
        """Invalidate these certificates: their pages verify no more. Open edX keeps the rows."""
        return [self._invalidate(gate.course, issue_id) for issue_id in issue_ids]

    def _invalidate(self, course: str, issue_id: str) -> ItemResult:
        username = issue_id.partition(":")[0]
        row = self._of(course, username)
        if row is None or row.get("status") != ISSUED:
            return ItemResult(key=(issue_id,), outcome=Outcome.ALREADY)
        path = paths.instructor(course, "certificate_invalidation_view/")
        try:
            self.site.ask("POST", path, Content.json({"user": username, "notes": NOTE}), writes=True)
        except RequestRefused as refusal:
            return refused((issue_id,), refusal.code, refusal.message)
        except OutcomeUnknown:
            row = self._of(course, username)
            if row is not None and row.get("status") == ISSUED:
                return unknown((issue_id,))
        return ItemResult(key=(issue_id,), outcome=Outcome.DONE)


def _issue(gate: CertificateGate, row: Mapping[str, Any]) -> CertificateIssue:
    issued_at = moment(row["created_date"])
    code = str(row["download_url"]).rstrip("/").rpartition("/")[2]
    if issued_at is None or not row["download_url"]:
        raise ValueError("a certificate without a day or without an address")
    username = str(row["username"])
    return CertificateIssue(
        issue_id=f"{username}:{code}",
        certificate=gate.certificate,
        username=username,
        code=code,
        issued_at=issued_at,
    )


def _allowed(username: str, error: tuple[str, str] | None) -> ItemResult:
    if error is None:
        return ItemResult(key=(username,), outcome=Outcome.DONE)
    code, text = error
    if code == _THERE:
        return ItemResult(key=(username,), outcome=Outcome.ALREADY)
    return refused((username,), code, cleaned(text.replace(username, "***")))
