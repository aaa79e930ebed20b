"""Who will miss the window at his present pace. Pure.

Pace is topics done so far for each day of the window gone by. A person is at risk when at this pace he will do fewer
topics in what is left of the window than the rule still asks of him. How many it asks is counted the short way: always
the topic that helps most open parts is taken next. Sessions and other programmes are no matter of pace: they are told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connector.model import Reason, Verdict
from connector.programmes.definition import Programme
from connector.programmes.rule import Counting, Group, Hours, Rule
from connector.programmes.window import Window

DAY = timedelta(days=1)
# Sums of hours such as 0.1 + 0.2 fall short of what they mean by less than this.
ROUNDING = 1e-9


class Risk(StrEnum):
    """How it stands with a person, worst first."""

    OUT_OF_REACH = "out_of_reach"
    NEVER_LOGGED_IN = "never_logged_in"
    NOT_BEGUN = "not_begun"
    TOO_SLOW = "too_slow"
    ON_PACE = "on_pace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One person's pace: topics done, topics still wanted (None: topics alone do not suffice), and what that means."""

    done: int
    wanted: int | None
    risk: Risk


def pace(programme: Programme, verdict: Verdict, at: datetime, *, logged_in: bool) -> Pace:
    """The pace of one who has not passed, at this aware moment inside the window."""
    wanted = topics_wanted(programme, verdict)
    done = len(verdict.done)
    return Pace(done=done, wanted=wanted, risk=_risk(programme.window, done, wanted, at, logged_in=logged_in))


def _risk(window: Window, done: int, wanted: int | None, at: datetime, *, logged_in: bool) -> Risk:
    if wanted is None:
        return Risk.OUT_OF_REACH
    if not logged_in and not done:
        return Risk.NEVER_LOGGED_IN
    if not done:
        return Risk.NOT_BEGUN
    gone, left = at - window.starts_at, window.ends_at - at
    return Risk.TOO_SLOW if done * left < wanted * max(gone, DAY) else Risk.ON_PACE


def topics_wanted(programme: Programme, verdict: Verdict) -> int | None:
    """About how many topics more would meet the rule; None where no topics would."""
    reasons = {reason.rule: reason for reason in verdict.reasons}
    hours = {topic.key: topic.hours or 0.0 for topic in programme.topics}
    open_parts = _open_parts(programme.rule, reasons, hours)
    return None if open_parts is None else _count(open_parts)


@dataclass(slots=True)
class _Open:
    """What one open part still wants: `short` of what its topics give, each so much."""

    short: float
    gives: Mapping[str, float]


def _open_parts(rule: Rule, reasons: Mapping[str, Reason], hours: Mapping[str, float]) -> list[_Open] | None:
    reason = reasons.get(rule.name or "")
    if (reason is not None and reason.met) or not _asks_topics(rule):
        return []  # sessions and other programmes are no matter of pace
    if isinstance(rule, Group):
        found = [_open_parts(part, reasons, hours) for part in rule.parts]
        if rule.type == "any":
            ways = [way for part, way in zip(rule.parts, found, strict=True) if way is not None and _asks_topics(part)]
            return min(ways, key=_count, default=None if all(map(_asks_topics, rule.parts)) else [])
        if any(way is None for way in found):
            return None
        return [part for way in found for part in way or ()]
    if not isinstance(rule, Counting) or reason is None:
        return None
    gives = {topic: hours[topic] if isinstance(rule, Hours) else 1.0 for topic in reason.missing}
    # A topic that was done without the grade can be done better: it is open as well.
    gives |= {topic: 1.0 for topic, cause in reason.not_counted if cause in ("below_grade", "no_grade")}
    short = reason.need - reason.have
    return [_Open(short=short, gives=gives)] if sum(gives.values()) >= short - ROUNDING else None


def _asks_topics(rule: Rule) -> bool:
    return any(map(_asks_topics, rule.parts)) if isinstance(rule, Group) else isinstance(rule, Counting)


def _count(parts: list[_Open]) -> int:
    left = [_Open(short=part.short, gives=dict(part.gives)) for part in parts]
    taken: set[str] = set()
    while waiting := [part for part in left if part.short > ROUNDING]:
        choice = sorted({topic for part in waiting for topic in part.gives} - taken)  # never empty: see _open_parts
        best = max(choice, key=lambda topic: sum(min(part.gives.get(topic, 0), part.short) for part in waiting))
        taken.add(best)
        for part in waiting:
            part.short -= part.gives.get(best, 0)
    return len(taken)
