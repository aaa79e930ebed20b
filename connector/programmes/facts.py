"""What a verdict rests on beside the platform's results, facts as they stood at a moment, and the hash of all of it."""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model import Exemption, OutsideKind, OutsideResult, ResultRow, TopicResult
from connector.programmes.window import first_moment

HASH_LENGTH = 16
# Moment, grade, whether set by hand: three values in 17 bytes, several times faster than as text.
_packed = struct.Struct("<dd?").pack
_NEVER, _NO_GRADE = float("-inf"), -1.0

# A completion that is judged: key of the topic, moment, grade, whether it was set by hand.
Known = tuple[str, datetime | None, float | None, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """One learner's facts that no platform tells: imported ones, exemptions, other programmes with their moments."""

    outside: tuple[OutsideResult, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    completed: tuple[tuple[str, datetime], ...] = ()


NOTHING = Besides()


def result_row(result: TopicResult) -> ResultRow:
    """The result as the engine takes it."""
    ref = result.ref
    return ref.course, ref.activity, result.done, result.completed_at, result.grade, result.overridden


def results_until(rows: Iterable[ResultRow], moment: datetime) -> list[ResultRow]:
    """The results as far as they had happened by this moment (included); one without a time is left out."""
    return [row for row in rows if row[2] and row[3] is not None and row[3] <= moment]


def besides_until(besides: Besides, moment: datetime, zone: str) -> Besides:
    """What was known besides at this moment (included); a decision counts from the first moment of its day."""
    return Besides(
        outside=tuple(fact for fact in besides.outside if fact.at <= moment),
        exemptions=tuple(one for one in besides.exemptions if first_moment(one.decided_on, zone) <= moment),
        completed=tuple((key, since) for key, since in besides.completed if since <= moment),
    )


def besides_hash(besides: Besides) -> str:
    """A short hash of these facts, whatever their order; '' where there are none."""
    if besides == NOTHING:
        return ""
    return _hash([line.encode() for line in _besides_lines(besides)])


def facts_hash(known: Sequence[Known], besides: Besides) -> str:
    """A short hash of exactly the facts that are judged: completions by topic key, and all besides; in any order."""
    lines = [
        topic.encode()
        + _packed(_NEVER if at is None else at.timestamp(), _NO_GRADE if grade is None else grade, by_hand)
        for topic, at, grade, by_hand in known
    ]
    if besides is not NOTHING:
        lines += [line.encode() for line in _besides_lines(besides)]
    return _hash(lines)


def _hash(lines: list[bytes]) -> str:
    lines.sort()
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:HASH_LENGTH]


def _besides_lines(besides: Besides) -> list[str]:
    lines = [f"{fact.kind.value}|{fact.key}|{fact.value}|{fact.at.timestamp()}" for fact in besides.outside]
    lines += [f"exempt|{one.topic}|{one.part}|{one.decision}|{one.decided_on}" for one in besides.exemptions]
    lines += [f"programme|{key}|{since.timestamp()}" for key, since in besides.completed]
    return lines


def attended(besides: Besides) -> list[OutsideResult]:
    """The attendance among these facts, oldest first."""
    facts = [fact for fact in besides.outside if fact.kind is OutsideKind.ATTENDANCE]
    return sorted(facts, key=lambda fact: fact.at)
