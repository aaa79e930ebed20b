"""The verdicts of completion rules, with the rule and the facts that they rest on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, select

from connector.model import Reason, Verdict
from connector.store.cases import TAKEN_BACK
from connector.store.certificate_tables import register, verdicts
from connector.store.chunks import chunks
from connector.store.rule_tables import rule_versions
from connector.store.upsert import execute_many, to_driver, upsert, upserting

# The columns that `save` writes, in its order.
COLUMNS = (
    "programme",
    "phone",
    "passed",
    "done",
    "reasons",
    "completed_at",
    "rule_version",
    "facts_hash",
    "facts_mark",
    "snapshot_id",
    "evaluated_at",
)


# Several times faster than json: a programme of 18,000 people has 54,000 reasons.
_topics = TypeAdapter(tuple[str, ...]).dump_json
_reasons = TypeAdapter(tuple[Reason, ...]).dump_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a stored verdict says and what it rests on; `mark` is that of the facts when it was made."""

    passed: bool
    version: str
    facts: str
    mark: str


class Verdicts:
    """One verdict for each person and programme: the latest."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def judged(self, programme: str, phones: Sequence[str]) -> dict[str, Judged]:
        """By phone: what the stored verdicts of these people say, in short. Reads only."""
        table = verdicts
        columns = (table.c.phone, table.c.passed, table.c.rule_version, table.c.facts_hash, table.c.facts_mark)
        found = {}
        for part in chunks(phones):
            query = select(*columns).where(table.c.programme == programme, table.c.phone.in_(part))
            for phone, passed, version, facts, mark in self._connection.execute(query).all():
                found[phone] = Judged(passed=passed, version=version, facts=facts, mark=mark)
        return found

    def completed(self, programmes: Sequence[str], phones: Sequence[str]) -> dict[str, list[tuple[str, datetime]]]:
        """By phone: which of these programmes he has completed, and when; by verdict or by the register. Reads only."""
        found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
        if not programmes:
            return found
        for part in chunks(phones):
            passed = select(verdicts.c.phone, verdicts.c.programme, verdicts.c.completed_at).where(
                verdicts.c.programme.in_(programmes), verdicts.c.phone.in_(part), verdicts.c.passed
            )
            entered = select(register.c.phone, register.c.programme, register.c.issued_at).where(
                register.c.programme.in_(programmes),
                register.c.phone.in_(part),
                register.c.issued_at.is_not(None),
                register.c.state != TAKEN_BACK,
            )
            for query in (passed, entered):
                for phone, programme, moment in self._connection.execute(query):
                    found[phone].append((programme, moment))
        return found

    def save(
        self, items: Iterable[Verdict], snapshot_id: int, now: datetime, marks: Mapping[str, str] | None = None
    ) -> None:
        """Write the verdicts over those of the same people; `snapshot_id` is the mirror run they were judged on.

        `marks` are those of the facts, by phone; a verdict without one is made anew by the next evaluation.
        """
        marks = marks or {}
        time = to_driver(self._connection)
        made_at = time(now)
        rows = [
            (
                item.programme,
                item.phone,
                item.passed,
                _topics(item.done).decode(),
                _reasons(item.reasons).decode(),
                None if item.completed_at is None else time(item.completed_at),
                item.rule_version,
                item.facts_hash,
                marks.get(item.phone, ""),
                snapshot_id,
                made_at,
            )
            for item in items
        ]
        execute_many(self._connection, upserting(self._connection, verdicts, COLUMNS), COLUMNS, rows)

    def note_version(self, programme: str, version: str, words: Sequence[str], now: datetime) -> None:
        """Write what this version of the rule says, unless it has been used before."""
        row = {"programme": programme, "version": version, "first_used_at": now, "words": list(words)}
        there = select(rule_versions.c.version).where(
            rule_versions.c.programme == programme, rule_versions.c.version == version
        )
        if self._connection.execute(there).first() is None:
            upsert(self._connection, rule_versions, [row], keep=("first_used_at",))

    def versions(self, programme: str) -> list[tuple[str, datetime, tuple[str, ...]]]:
        """Version, first use and words of every rule that has judged, oldest first. Reads only."""
        query = select(rule_versions).where(rule_versions.c.programme == programme)
        rows = self._connection.execute(query.order_by(rule_versions.c.first_used_at, rule_versions.c.version))
        return [(row.version, row.first_used_at, tuple(row.words)) for row in rows]

    def of_programme(self, programme: str) -> Iterator[Verdict]:
        """All verdicts of the programme, by phone. Reads only."""
        query = select(verdicts).where(verdicts.c.programme == programme).order_by(verdicts.c.phone)
        for row in self._connection.execute(query):
            yield _verdict(row)

    def of_phones(self, programme: str, phones: Sequence[str]) -> dict[str, Verdict]:
        """The verdicts on those of these people who have been judged, by phone. Reads only."""
        found: dict[str, Verdict] = {}
        for part in chunks(phones):
            query = select(verdicts).where(verdicts.c.programme == programme, verdicts.c.phone.in_(part))
            found |= {row.phone: _verdict(row) for row in self._connection.execute(query)}
        return found

    def of_phone(self, programme: str, phone: str) -> Verdict | None:
        """The verdict on this person, if he has been judged. Reads only."""
        return self.of_phones(programme, [phone]).get(phone)


def _verdict(row: Row[Any]) -> Verdict:
    return Verdict(
        programme=row.programme,
        phone=row.phone,
        passed=row.passed,
        done=tuple(row.done),
        reasons=tuple(
            Reason(
                rule=reason["rule"],
                met=reason["met"],
                have=reason["have"],
                need=reason["need"],
                missing=tuple(reason["missing"]),
                not_counted=tuple((topic, cause) for topic, cause in reason["not_counted"]),
                since=datetime.fromisoformat(reason["since"]) if reason.get("since") else None,
                exempted=tuple((what, decision) for what, decision in reason.get("exempted", ())),
            )
            for reason in row.reasons
        ),
        completed_at=row.completed_at,
        rule_version=row.rule_version,
        facts_hash=row.facts_hash,
    )
