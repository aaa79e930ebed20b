"""What a rule means, read straight from the words of a definition: nothing here knows of the engine.

Facts are replayed moment by moment; a count is tried by every choice of topics, times are local wall clocks, hours are
exact fractions. Slow, and short enough to be believed.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Any

from connector.model import OutsideKind, TopicResult
from connector.programmes.facts import Besides

OFFSETS = {"Asia/Ho_Chi_Minh": 7, "Asia/Tokyo": 9, "UTC": 0}
Window = tuple[datetime, datetime]


def first_met(definition: dict[str, Any], known: Sequence[TopicResult], besides: Besides) -> datetime | None:
    """The first moment (aware, UTC) at which the rule of this definition is met by these facts, or None."""
    reading = Reading(definition, known, besides)
    return next((moment for moment in reading.moments() if reading.met(definition["rule"], moment)), None)


class Reading:
    """One person's facts, and questions of the kind 'was this so at that moment?'."""

    def __init__(self, definition: dict[str, Any], known: Sequence[TopicResult], besides: Besides) -> None:
        self.topics: list[dict[str, Any]] = definition["topics"]
        self.zone: str = definition["window"]["zone"]
        self.window = self.bounds(definition["window"], self.zone, None)
        self.rule = definition["rule"]
        self.besides = besides
        keys = {(topic["course"], topic["activity"]): topic["key"] for topic in self.topics}
        self.done = [
            (keys[result.ref.course, result.ref.activity], result.completed_at, result.grade)
            for result in known
            if result.done and (result.ref.course, result.ref.activity) in keys and result.completed_at
        ]
        self.done += [(fact.key, fact.at, fact.value) for fact in besides.outside if fact.kind is OutsideKind.RESULT]

    def bounds(self, window: dict[str, Any] | None, zone: str, around: Window | None) -> Window:
        found: list[datetime] = []
        for number, name in enumerate(("starts_at", "ends_at")):
            if window and name in window:
                offset = OFFSETS[window.get("zone", zone)]
                local = datetime.fromisoformat(window[name])
                found.append(local - timedelta(hours=offset))
            else:
                assert around is not None
                found.append(around[number])
        return found[0], found[1]

    def moments(self) -> Iterator[datetime]:
        """Every moment at which anything may have changed, oldest first."""
        times = {moment for _topic, moment, _grade in self.done}
        times |= {fact.at for fact in self.besides.outside} | {since for _key, since in self.besides.completed}
        times |= {self.decided(one.decided_on) for one in self.besides.exemptions}
        yield from sorted(times)

    def decided(self, day: date) -> datetime:
        utc = datetime.fromisoformat(day.isoformat()) - timedelta(hours=OFFSETS[self.zone])
        return max(utc, self.window[0]).replace(tzinfo=UTC)

    def met(self, rule: dict[str, Any], now: datetime, around: Window | None = None) -> bool:
        """Whether this part is met by what has happened until now, now included."""
        window = self.bounds(rule.get("window"), self.zone, around or self.window)
        for one in self.besides.exemptions:
            if one.part and one.part == rule.get("name") and self.decided(one.decided_on) <= now:
                return True
        return self.asked(rule, now, window)

    def asked(self, rule: dict[str, Any], now: datetime, window: Window) -> bool:
        kind, parts = rule["type"], rule.get("parts", ())
        if kind in ("all", "any"):
            return (all if kind == "all" else any)(self.met(part, now, window) for part in parts)
        if kind == "prerequisite":
            return any(key == rule["programme"] and since <= now for key, since in self.besides.completed)
        if kind == "attendance":
            return bool(self.attended(rule, now, window) >= rule["count"])
        meant = [topic for topic in self.topics if self.fits(rule, topic)]
        if kind == "hours":
            got = [Fraction(str(topic["hours"])) for topic in meant if self.counts(rule, topic, now, window)]
            return sum(got, Fraction()) >= Fraction(str(rule["hours"]))
        choices = combinations(meant, rule.get("count", len(meant)))
        return any(all(self.counts(rule, topic, now, window) for topic in choice) for choice in choices)

    def fits(self, rule: dict[str, Any], topic: dict[str, Any]) -> bool:
        if "kind" in rule and topic["kind"] != rule["kind"]:
            return False
        if "tag" in rule and rule["tag"] not in topic.get("tags", ()):
            return False
        return "topics" not in rule or topic["key"] in rule["topics"]

    def counts(self, rule: dict[str, Any], topic: dict[str, Any], now: datetime, window: Window) -> bool:
        for one in self.besides.exemptions:
            if one.topic == topic["key"] and self.decided(one.decided_on) <= now:
                return True
        for key, moment, grade in self.done:
            if key != topic["key"] or moment > now or not self.inside(moment, window):
                continue
            day = (moment.replace(tzinfo=None) + timedelta(hours=OFFSETS[self.zone])).date().isoformat()
            valid = topic.get("valid_from", "0") <= day <= topic.get("valid_to", "9")
            enough = rule["type"] != "grade" or (grade is not None and grade >= rule["min"])
            if valid and enough:
                return True
        return False

    def attended(self, rule: dict[str, Any], now: datetime, window: Window) -> float:
        best: dict[str, float] = {}
        for fact in self.besides.outside:
            named = "sessions" not in rule or fact.key in rule["sessions"]
            if fact.kind is OutsideKind.ATTENDANCE and named and fact.at <= now and self.inside(fact.at, window):
                best[fact.key] = max(best.get(fact.key, 0), 1 if fact.value is None else fact.value)
        return sum(best.values())

    def inside(self, moment: datetime, window: Window) -> bool:
        return window[0] <= moment.replace(tzinfo=None) < window[1]
