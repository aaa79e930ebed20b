"""Whether a learner has completed a programme: pure, deterministic, with a reason for each part of the rule.

A completion counts when it happened inside the part's window (start included, end excluded), while its topic was valid
and, in a `grade` part, with the grade asked for. A topic from which a person is exempt counts everywhere as done from
the day of the decision on, or from the programme's start if that is later; a part from which he is exempt is met from
then on. Facts about other courses are left aside. The order of the facts does not matter, and one more valid fact never
takes a pass away: every part counts, none forbids.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

from connector.model import OutsideKind, OutsideResult, Reason, ResultRow, TopicResult, Verdict
from connector.programmes.compiled import HOUR_UNITS, Compiled, Completed, Count, Node, Parts, Sessions, View, compiled
from connector.programmes.definition import Programme
from connector.programmes.facts import NOTHING, Besides, Known, attended, facts_hash, result_row
from connector.programmes.window import first_moment

# Why something that was done does not count, from the least telling cause to the most; `describe.py` says it in words.
NO_TIME = "no_time"
OUTSIDE_WINDOW = "outside_window"
NOT_VALID = "not_valid"
NO_GRADE = "no_grade"
BELOW_GRADE = "below_grade"
CAUSES = (NO_TIME, OUTSIDE_WINDOW, NOT_VALID, NO_GRADE, BELOW_GRADE)
_TELLING = {cause: number for number, cause in enumerate(CAUSES)}

Person = tuple[str, Sequence[ResultRow], Besides]


def judge(programme: Programme, phone: str, results: Sequence[TopicResult], besides: Besides = NOTHING) -> Verdict:
    """The verdict on one learner from his own facts; nothing is written.

    `results` must all be this learner's, as mirrored; unknown topics are left aside, and several results for one topic
    count once, by the earliest that counts. `completed_at` is the moment when the rule was first met, in UTC.
    """
    return _judge(compiled(programme), phone, [result_row(result) for result in results], besides)


def judge_all(programme: Programme, people: Iterable[Person]) -> Iterator[Verdict]:
    """The verdict on each learner (phone, results, facts besides), in their order, one by one; nothing is written."""
    ready = compiled(programme)
    return (_judge(ready, phone, results, besides) for phone, results, besides in people)


def _judge(ready: Compiled, phone: str, results: Sequence[ResultRow], besides: Besides) -> Verdict:
    topic_of = ready.topic_of
    known: list[Known] = [
        (topic, at, grade, overridden)
        for course, activity, done, at, grade, overridden in results
        if done and (topic := topic_of.get((course, activity))) is not None
    ]
    facts = _Facts(ready, known, besides)
    reasons: list[Reason] = []
    moment = _stand(ready.rule, facts, reasons)
    return Verdict(
        programme=ready.programme,
        phone=phone,
        passed=moment is not None and bool(reasons),
        reasons=tuple(reasons),
        done=facts.counting(),
        completed_at=moment.astimezone(UTC) if moment is not None else None,
        rule_version=ready.version,
        facts_hash=facts_hash(known, besides),
    )


class _Facts:
    """One learner's facts under each view: the first moment of each topic that counts, and why another does not."""

    __slots__ = ("_exempt", "_ready", "besides", "by_decision", "views")

    def __init__(self, ready: Compiled, done: list[Known], besides: Besides) -> None:
        self._ready = ready
        self.besides = besides
        self.by_decision: dict[str, str] = {}
        self._exempt: dict[str, datetime] = {}
        if besides is not NOTHING:
            done = done + list(_done_elsewhere(ready, besides.outside))
            self._take_exemptions(besides)
        self.views = [_look(view, done) for view in ready.views]
        for first, aside in self.views if self._exempt else ():
            for topic, since in self._exempt.items():
                first[topic] = min(since, first.get(topic, since))
                aside.pop(topic, None)

    def _take_exemptions(self, besides: Besides) -> None:
        for one in sorted(besides.exemptions, key=lambda one: (one.decided_on, one.decision), reverse=True):
            target = one.topic or _part(one.part)
            self.by_decision[target] = one.decision
            since = max(self._ready.starts_at, first_moment(one.decided_on, self._ready.zone))
            self._exempt[target] = since

    def counting(self) -> tuple[str, ...]:
        """The topics that count under any view, in the order of the programme."""
        first, *others = [first for first, _aside in self.views]
        counted = first.keys() if not others else first.keys() | {topic for one in others for topic in one}
        return tuple([topic for topic in self._ready.place_of if topic in counted])

    def exempt_from(self, part: str) -> tuple[str, datetime] | None:
        """Decision and moment by which this part is met, if there is one."""
        target = _part(part)
        return (self.by_decision[target], self._exempt[target]) if target in self._exempt else None


def _part(name: str) -> str:
    return f"part {name}"  # a blank cannot stand in the key of a topic


def _done_elsewhere(ready: Compiled, outside: Iterable[OutsideResult]) -> Iterator[Known]:
    for fact in outside:
        if fact.kind is OutsideKind.RESULT and fact.key in ready.place_of:
            yield fact.key, fact.at, fact.value, False


def _look(view: View, done: Iterable[Known]) -> tuple[dict[str, datetime], dict[str, str]]:
    first: dict[str, datetime] = {}
    aside: dict[str, str] = {}
    starts_at, ends_at = view.span
    plain = view.lowest is None and not view.valid
    for topic, moment, grade, _overridden in done:
        if plain and moment is not None and starts_at <= moment < ends_at:
            cause = None
        else:
            cause = _cause(view, topic, moment, grade)
        if cause is None and moment is not None:
            before = first.get(topic)
            if before is None or moment < before:
                first[topic] = moment
        elif cause is not None and (topic not in aside or _TELLING[cause] > _TELLING[aside[topic]]):
            aside[topic] = cause
    for topic in first if aside else ():
        aside.pop(topic, None)
    return first, aside


def _cause(view: View, topic: str, moment: datetime | None, grade: float | None) -> str | None:
    """Why this completion does not count under the view; None when it does."""
    if moment is None:
        return NO_TIME
    if not view.span[0] <= moment < view.span[1]:
        return OUTSIDE_WINDOW
    starts_at, ends_at = view.valid.get(topic, view.span)
    if not starts_at <= moment < ends_at:
        return NOT_VALID
    if view.lowest is None or (grade is not None and grade >= view.lowest):
        return None
    return NO_GRADE if grade is None else BELOW_GRADE


def _stand(node: Node, facts: _Facts, reasons: list[Reason]) -> datetime | None:
    """The moment when the part was first met, or None; its reason and those of its parts are added in file order."""
    if isinstance(node, Parts):
        return _parts(node, facts, reasons)
    if isinstance(node, Count):
        reason = _count(node, facts)
    elif isinstance(node, Sessions):
        reason = _sessions(node, facts)
    else:
        reason = _completed(node, facts)
    reason = _exempted(reason, facts)
    reasons.append(reason)
    return reason.since


def _parts(node: Parts, facts: _Facts, reasons: list[Reason]) -> datetime | None:
    at = len(reasons)
    stands = [_stand(inner, facts, reasons) for inner in node.parts]
    moments = sorted(moment for moment in stands if moment is not None)
    since = moments[node.need - 1] if len(moments) >= node.need else None
    if node.name is None:
        return since
    have = min(len(moments), node.need)
    reason = Reason(rule=node.name, met=since is not None, have=have, need=node.need, since=since)
    reasons.insert(at, _exempted(reason, facts))
    return reasons[at].since


def _count(node: Count, facts: _Facts) -> Reason:
    first, aside = facts.views[node.view]
    counted = [topic for topic in node.topics if topic in first]
    weights = node.weights
    if weights is None:
        have, since = len(counted), None
        if have >= node.need:
            since = sorted([first[topic] for topic in counted])[node.need - 1]
    else:
        have = sum(weights[topic] for topic in counted)
        since = _first_enough(sorted((first[topic], weights[topic]) for topic in counted), node.need)
    met = since is not None
    by_decision = facts.by_decision
    return Reason(
        rule=node.name,
        met=met,
        have=have if weights is None else have / HOUR_UNITS,
        need=node.need if weights is None else node.need / HOUR_UNITS,
        missing=() if met else tuple([topic for topic in node.topics if topic not in first and topic not in aside]),
        not_counted=tuple([(topic, aside[topic]) for topic in node.topics if topic in aside]) if aside else (),
        since=since,
        exempted=tuple((topic, by_decision[topic]) for topic in counted if topic in by_decision) if by_decision else (),
    )


def _first_enough(steps: Sequence[tuple[datetime, float]], need: float) -> datetime | None:
    """The moment at which the steps, oldest first, have reached `need` together; None when they never do."""
    reached = accumulate(amount for _moment, amount in steps)
    return next((moment for (moment, _amount), have in zip(steps, reached, strict=True) if have >= need), None)


def _sessions(node: Sessions, facts: _Facts) -> Reason:
    starts_at, ends_at = node.span
    best: dict[str, float] = {}
    steps: list[tuple[datetime, float]] = []
    for fact in attended(facts.besides):
        if starts_at <= fact.at < ends_at and (not node.keys or fact.key in node.keys):
            value = 1.0 if fact.value is None else fact.value
            more = value - best.get(fact.key, 0.0)
            if more > 0:  # a session that two lists name counts once, by the larger number
                best[fact.key] = value
                steps.append((fact.at, more))
    since = _first_enough(steps, node.need)
    return Reason(
        rule=node.name,
        met=since is not None,
        have=sum(best.values()),
        need=node.need,
        missing=() if since else tuple(key for key in node.keys if key not in best),
        since=since,
    )


def _completed(node: Completed, facts: _Facts) -> Reason:
    since = min((since for key, since in facts.besides.completed if key == node.programme), default=None)
    met = since is not None
    missing = () if met else (node.programme,)
    return Reason(rule=node.name, met=met, have=int(met), need=1, missing=missing, since=since)


def _exempted(reason: Reason, facts: _Facts) -> Reason:
    """The reason, met by a decision if there is one for this part."""
    found = facts.exempt_from(reason.rule) if facts.by_decision else None
    if found is None or (reason.since is not None and reason.since <= found[1]):
        return reason
    decision, since = found
    return Reason(
        rule=reason.rule,
        met=True,
        have=reason.have,
        need=reason.need,
        not_counted=reason.not_counted,
        since=since,
        exempted=((reason.rule, decision), *reason.exempted),
    )
