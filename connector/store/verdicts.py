"""The verdicts of completion rules, with the rule and the facts that they rest on."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connector.model import Reason, Verdict
from connector.store.certificate_tables import verdicts
from connector.store.upsert import upsert


class Verdicts:
    """One verdict for each person and programme: the latest."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fingerprints(self, programme: str) -> dict[str, tuple[str, str]]:
        """By phone: rule version and facts hash of the verdict that is stored. Reads only."""
        query = select(verdicts.c.phone, verdicts.c.rule_version, verdicts.c.facts_hash).where(
            verdicts.c.programme == programme
        )
        return {row.phone: (row.rule_version, row.facts_hash) for row in self._connection.execute(query)}

    def save(self, items: Iterable[Verdict], snapshot_id: int, now: datetime) -> None:
        """Write the verdicts over those of the same people; `snapshot_id` is the mirror run they were judged on."""
        rows = [
            {
                "programme": item.programme,
                "phone": item.phone,
                "passed": item.passed,
                "done": list(item.done),
                "reasons": [_as_json(reason) for reason in item.reasons],
                "completed_at": item.completed_at,
                "rule_version": item.rule_version,
                "facts_hash": item.facts_hash,
                "snapshot_id": snapshot_id,
                "evaluated_at": now,
            }
            for item in items
        ]
        upsert(self._connection, verdicts, rows)

    def of_programme(self, programme: str) -> Iterator[Verdict]:
        """All verdicts of the programme, by phone. Reads only."""
        query = select(verdicts).where(verdicts.c.programme == programme).order_by(verdicts.c.phone)
        for row in self._connection.execute(query):
            yield _verdict(row)

    def of_phone(self, programme: str, phone: str) -> Verdict | None:
        """The verdict on this person, if he has been judged. Reads only."""
        query = select(verdicts).where(verdicts.c.programme == programme, verdicts.c.phone == phone)
        row = self._connection.execute(query).first()
        return _verdict(row) if row else None


def _as_json(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule,
        "met": reason.met,
        "have": reason.have,
        "need": reason.need,
        "missing": reason.missing,
        "not_counted": reason.not_counted,
        "since": reason.since and reason.since.isoformat(),
        "exempted": reason.exempted,
    }


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
