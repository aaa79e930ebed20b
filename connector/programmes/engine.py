"""Whether a learner has completed a programme: pure, deterministic, with a reason for each part of the rule.

A completion counts when it happened inside the programme's window (start included, end excluded) and, in a `grade`
part, with the grade asked for. Facts about other courses are left aside. The order of the facts does not matter, and
one more valid completion never takes a pass away: every part counts topics, none forbids any.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from connector.model import Reason, TopicRef, TopicResult, Verdict
from connector.programmes.definition import Programme
from connector.programmes.rule import Grade, Group, Rule, meant, needed

# Why something that was done does not count; `describe.py` says it in words.
OUTSIDE_WINDOW = "outside_window"
BELOW_GRADE = "below_grade"
NO_GRADE = "no_grade"
NO_TIME = "no_time"

VERSION_LENGTH = 12
FACTS_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leaf:
    """A part that counts topics: `need` of `topics`, each with a grade of at least `lowest` if that is set."""

    name: str
    topics: tuple[str, ...]
    need: int
    lowest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A part that counts parts: `need` of them; all of them for `all`, one for `any`."""

    name: str | None
    parts: tuple["_Leaf | _Group", ...]
    need: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """A programme made ready for judging many learners: no pydantic, no look-ups by kind, times in UTC."""

    programme: str
    version: str
    starts_at: datetime
    ends_at: datetime
    topic_of: dict[TopicRef, str]
    rule: _Leaf | _Group


class _Facts:
    """One learner's facts, sorted into what counts and what does not.

    `counted`: topic -> the first moment inside the window; `aside`: topic -> why it does not count; `inside`: topic ->
    all its results inside the window, for parts that ask for grades.
    """

    __slots__ = ("aside", "counted", "inside")

    def __init__(self, judge: _Judge, known: Iterable[tuple[str, TopicResult]]) -> None:
        self.counted: dict[str, datetime] = {}
        self.aside: dict[str, str] = {}
        self.inside: dict[str, list[TopicResult]] = {}
        for topic, result in known:
            if result.done:
                self._take(judge, topic, result)
        for topic in self.counted:
            self.aside.pop(topic, None)

    def _take(self, judge: _Judge, topic: str, result: TopicResult) -> None:
        moment = result.completed_at
        if moment is None:
            self.aside.setdefault(topic, NO_TIME)
        elif judge.starts_at <= moment < judge.ends_at:
            before = self.counted.get(topic)
            if before is None or moment < before:
                self.counted[topic] = moment
            self.inside.setdefault(topic, []).append(result)
        else:
            self.aside[topic] = OUTSIDE_WINDOW  # says more than NO_TIME, whichever fact came first

    def graded(self, topic: str, lowest: float) -> datetime | str | None:
        """The first moment with such a grade; else why none counts; None when the topic is not done inside."""
        results = self.inside.get(topic)
        if results is None:
            return None
        moments = [
            result.completed_at
            for result in results
            if result.completed_at is not None and result.grade is not None and result.grade >= lowest
        ]
        if moments:
            return min(moments)
        return NO_GRADE if all(result.grade is None for result in results) else BELOW_GRADE


def judge(programme: Programme, phone: str, results: Sequence[TopicResult]) -> Verdict:
    """The verdict on one learner from his own facts; nothing is written.

    `results` must all be this learner's, as mirrored; unknown topics are left aside, and several results for one topic
    count once, by the earliest that counts. `completed_at` is the moment when the rule was first met, in UTC.
    """
    ready = _ready(programme)
    places = ready.topic_of
    known = [(topic, result) for result in results if (topic := places.get(result.ref)) is not None]
    facts = _Facts(ready, known)
    reasons: list[Reason] = []
    moment = _stand(ready.rule, facts, reasons)
    passed = moment is not None and bool(reasons)
    return Verdict(
        programme=ready.programme,
        phone=phone,
        passed=passed,
        reasons=tuple(reasons),
        done=tuple(topic for topic in places.values() if topic in facts.counted),
        completed_at=moment.astimezone(UTC) if moment is not None else None,
        rule_version=ready.version,
        facts_hash=_facts_hash(known),
    )


def judge_all(programme: Programme, people: Iterable[tuple[str, Sequence[TopicResult]]]) -> Iterator[Verdict]:
    """The verdict on each learner, as (phone, facts) pairs, in their order, one at a time; nothing is written."""
    return (judge(programme, phone, results) for phone, results in people)


def rule_version(programme: Programme) -> str:
    """A short hash of all that decides: rule, topics with kind and place, window. Names and titles do not decide."""
    return _ready(programme).version


def _stand(part: _Leaf | _Group, facts: _Facts, reasons: list[Reason]) -> datetime | None:
    """The moment when the part was first met, or None; its reason and those of its parts are added in file order."""
    if isinstance(part, _Leaf):
        reason, moment = _leaf(part, facts)
        reasons.append(reason)
        return moment
    at = len(reasons)
    stands = [_stand(inner, facts, reasons) for inner in part.parts]
    moments = sorted(moment for moment in stands if moment is not None)
    met = len(moments) >= part.need
    if part.name is not None:
        have = min(len(moments), part.need)
        reasons.insert(at, Reason(rule=part.name, met=met, have=have, need=part.need))
    return moments[part.need - 1] if met else None


def _leaf(part: _Leaf, facts: _Facts) -> tuple[Reason, datetime | None]:
    counted, aside = _sort(part, facts)
    met = len(counted) >= part.need
    missing = () if met else tuple(topic for topic in part.topics if topic not in counted and topic not in aside)
    reason = Reason(
        rule=part.name,
        met=met,
        have=len(counted),
        need=part.need,
        missing=missing,
        not_counted=tuple(aside.items()),
    )
    return reason, sorted(counted.values())[part.need - 1] if met else None


def _sort(part: _Leaf, facts: _Facts) -> tuple[dict[str, datetime], dict[str, str]]:
    aside = {topic: facts.aside[topic] for topic in part.topics if topic in facts.aside} if facts.aside else {}
    if part.lowest is None:
        counted = facts.counted
        return {topic: counted[topic] for topic in part.topics if topic in counted}, aside
    graded: dict[str, datetime] = {}
    for topic in part.topics:
        found = facts.graded(topic, part.lowest)
        if isinstance(found, datetime):
            graded[topic] = found
        elif found is not None:
            aside[topic] = found
    return graded, aside


@lru_cache(maxsize=32)
def _ready(programme: Programme) -> _Judge:
    return _Judge(
        programme=programme.key,
        version=_version(programme),
        starts_at=programme.window.starts_at.astimezone(UTC),
        ends_at=programme.window.ends_at.astimezone(UTC),
        topic_of={topic.ref: topic.key for topic in programme.topics},
        rule=_compile(programme.rule, programme),
    )


def _compile(rule: Rule, programme: Programme) -> _Leaf | _Group:
    if isinstance(rule, Group):
        parts = tuple(_compile(part, programme) for part in rule.parts)
        return _Group(name=rule.name, parts=parts, need=len(parts) if rule.type == "all" else 1)
    return _Leaf(
        name=rule.name,
        topics=tuple(topic.key for topic in meant(rule, programme.topics)),
        need=needed(rule, programme.topics),
        lowest=rule.min if isinstance(rule, Grade) else None,
    )


def _version(programme: Programme) -> str:
    window = programme.window
    deciding = {
        "rule": programme.rule.model_dump(mode="json", exclude_none=True),
        "topics": sorted((topic.key, topic.kind.value, str(topic.ref)) for topic in programme.topics),
        "window": [moment.astimezone(UTC).isoformat() for moment in (window.starts_at, window.ends_at)],
    }
    text = json.dumps(_without_titles(deciding), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_LENGTH]


def _without_titles(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_titles(inner) for key, inner in value.items() if key != "title"}
    if isinstance(value, list | tuple):
        return [_without_titles(inner) for inner in value]
    return value


def _facts_hash(known: Iterable[tuple[str, TopicResult]]) -> str:
    lines = sorted(_fact_line(topic, result) for topic, result in known)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:FACTS_LENGTH]


def _fact_line(topic: str, result: TopicResult) -> str:
    moment = "" if result.completed_at is None else result.completed_at.timestamp()
    return f"{topic}|{result.done:d}|{moment}|{result.grade}|{result.overridden:d}"
