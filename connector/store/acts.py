"""The log of acts: who exported, looked up, handed out or corrected whose data, when and why. Append-only and chained.

Each row carries the hash of the row before it, so that a row that was changed or taken out later is found
(`first_broken`). Rows that retention deletes are the oldest ones; the chain then begins with the oldest row that is
left. The chain holds a person only as a salted hash (`subject`), so that the number can be blanked when the person is
erased, and the chain still fits. Law 91/2025 and Decree 356/2025 ask for a trace of each processing
(reference/vietnam-facts.md section 5.2).
"""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Index, Integer, Row, String, Table, Text, insert, select, text, update

from connector.store.columns import UtcTime, basic, metadata, plain

acts = Table(
    "acts",
    metadata,
    plain("id", Integer, primary_key=True),
    plain("at", UtcTime, nullable=False),
    plain("act", String(40), nullable=False),
    basic("who", String(100), nullable=False),
    plain("via", String(20), nullable=False),
    basic("phone", String(20), nullable=False),
    plain("salt", String(32), nullable=False),
    plain("subject", String(64), nullable=False),
    basic("what", Text, nullable=False),
    basic("reason", Text, nullable=False),
    plain("previous", String(64), nullable=False),
    plain("hash", String(64), nullable=False),
    Index(None, "phone"),
    Index(None, "at"),
)


class DataAct(StrEnum):
    """What somebody did with people's data."""

    LOOKED_UP = "looked_up"
    EXPORTED = "exported"
    ERASED = "erased"
    HANDED_OUT = "handed_out"
    REISSUED_ACCESS = "reissued_access"
    REVOKED = "revoked"
    REISSUED = "reissued"
    DELETED_OLD = "deleted_old"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActDone:
    """One act. `phone` is whom it concerned ('' for many), `what` the file or the number of people, `at` aware.

    `via` is 'hand' or 'schedule'. `number` is its row, 0 before it is written.
    """

    at: datetime
    act: DataAct
    who: str
    via: str
    phone: str = ""
    what: str = ""
    reason: str = ""
    number: int = 0


class Acts:
    """The log of acts, inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, done: ActDone) -> None:
        """Append this act. The transaction holds the log for itself until it ends, so that the chain never forks."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE acts IN SHARE ROW EXCLUSIVE MODE"))
        values = {"at": done.at, "act": done.act.value, "who": done.who, "via": done.via, "phone": done.phone}
        salt = secrets.token_hex(16) if done.phone else ""
        values |= {"salt": salt, "subject": _subject(salt, done.phone)}
        values |= {"what": done.what, "reason": done.reason, "previous": "", "hash": ""}
        # Written first: with it SQLite's transaction holds the log for itself before the last row is read.
        number = self._connection.execute(insert(acts).values(**values).returning(acts.c.id)).scalar_one()
        before = select(acts.c.hash).where(acts.c.id < number).order_by(acts.c.id.desc()).limit(1)
        previous = self._connection.execute(before).scalar() or ""
        row = self._connection.execute(select(acts).where(acts.c.id == number)).one()
        chained = update(acts).where(acts.c.id == number)
        self._connection.execute(chained.values(previous=previous, hash=_hash(row, previous)))

    def forget(self, phones: Collection[str]) -> None:
        """Blank these numbers wherever they stand in the log; what was done, by whom and when stays."""
        self._connection.execute(update(acts).where(acts.c.phone.in_(phones)).values(phone="", salt=""))

    def newest(self, *, most: int, phone: str = "", who: str = "", since: datetime | None = None) -> list[ActDone]:
        """The newest acts, newest first, `most` at most; of one person, by one actor, since a moment. Reads only."""
        query = select(acts).order_by(acts.c.id.desc()).limit(most)
        if phone:
            query = query.where(acts.c.phone == phone)
        if who:
            query = query.where(acts.c.who == who)
        if since:
            query = query.where(acts.c.at >= since)
        return [_act(row) for row in self._connection.execute(query)]

    def first_broken(self) -> int | None:
        """The number of the first row that does not fit the chain, None where all do. Reads only."""
        previous: str | None = None
        in_order = select(acts).order_by(acts.c.id).execution_options(yield_per=1000)
        with self._connection.execute(in_order) as rows:
            for row in rows:
                fits = row.hash == _hash(row, row.previous) and previous in (None, row.previous)
                if not fits or (row.phone and row.subject != _subject(row.salt, row.phone)):
                    return int(row.id)
                previous = row.hash
        return None


def _act(row: Row[Any]) -> ActDone:
    return ActDone(
        at=row.at,
        act=DataAct(row.act),
        who=row.who,
        via=row.via,
        phone=row.phone,
        what=row.what,
        reason=row.reason,
        number=row.id,
    )


def _hash(row: Row[Any], previous: str) -> str:
    told = [row.id, row.at.isoformat(), row.act, row.who, row.via, row.subject, row.what, row.reason, previous]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _subject(salt: str, phone: str) -> str:
    return hashlib.sha256(f"{salt}{phone}".encode()).hexdigest() if phone else ""
