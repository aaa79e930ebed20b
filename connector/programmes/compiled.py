"""A programme made ready for judging many learners: no pydantic, no look-ups by kind, times in UTC.

Parts that count topics under the same conditions (window, validity of topics, lowest grade) share one `View`, so the
facts of a learner are sorted once for all of them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from connector.programmes.definition import Programme
from connector.programmes.rule import Attendance, Counting, Grade, Group, Hours, Prerequisite, Rule, meant, needed
from connector.programmes.window import Span, in_force

VERSION_LENGTH = 12
# How facts and rules are understood; a change of that judges everybody anew. 2: windows, validity, hours and the like.
MEANING = 2
# Hours are counted in whole thousandths: sums of binary fractions would miss 0.1 + 0.2 = 0.3.
HOUR_UNITS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Under which conditions a completion counts: inside the span, while its topic is valid, with such a grade.

    `valid` holds the topics whose validity ends inside the span, with what is left of it.
    """

    span: Span
    valid: Mapping[str, Span]
    lowest: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A part that counts topics seen under `view`: `need` units; each gives 1, or its hours by `weights`."""

    name: str
    view: int
    topics: tuple[str, ...]
    need: int
    weights: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """A part that counts sessions attended inside the span; only those of `keys`, if there are any."""

    name: str
    span: Span
    keys: tuple[str, ...]
    need: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A part that wants another programme completed."""

    name: str
    programme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A part that counts parts: `need` of them; all of them for `all`, one for `any`."""

    name: str | None
    parts: tuple["Node", ...]
    need: int


Node = Count | Sessions | Completed | Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """All that judging needs. The first view is the programme's own: what is done inside its window."""

    programme: str
    version: str
    zone: str
    starts_at: datetime
    topic_of: Mapping[tuple[str, str], str]
    place_of: Mapping[str, tuple[str, str]]
    views: tuple[View, ...]
    rule: Node


@lru_cache(maxsize=32)
def compiled(programme: Programme) -> Compiled:
    """The programme, ready for judging; kept, so that asking again costs nothing."""
    compiler = _Compiler(programme)
    compiler.view(programme.window.span, None)
    rule = compiler.node(programme.rule, programme.window.span)
    place_of = {topic.key: (topic.ref.course, topic.ref.activity) for topic in programme.topics}
    elsewhere = {one.site: one.refs for one in programme.by_site if one.refs != programme.refs}
    deciding = (MEANING, rule, compiler.views, place_of, *([elsewhere] if elsewhere else []))
    return Compiled(
        programme=programme.key,
        version=hashlib.sha256(repr(deciding).encode()).hexdigest()[:VERSION_LENGTH],
        zone=programme.window.zone,
        starts_at=programme.window.span[0],
        topic_of={place: key for key, place in place_of.items()},
        place_of=place_of,
        views=tuple(compiler.views),
        rule=rule,
    )


def rule_version(programme: Programme) -> str:
    """A short hash of all that decides: the rule with its topics, their places, validity and windows.

    What people read (titles, names of topics) does not decide, nor does a kind, tag or hour that no part asks for.
    """
    return compiled(programme).version


class _Compiler:
    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self.views: list[View] = []

    def view(self, span: Span, lowest: float | None) -> int:
        spans = ((topic.key, in_force(topic, span, self._programme.window.zone)) for topic in self._programme.topics)
        view = View(span=span, valid={key: inside for key, inside in spans if inside != span}, lowest=lowest)
        if view not in self.views:
            self.views.append(view)
        return self.views.index(view)

    def node(self, rule: Rule, around: Span) -> Node:
        if isinstance(rule, Prerequisite):
            return Completed(name=rule.name, programme=rule.programme)
        span = rule.window.within(around, self._programme.window.zone) if rule.window else around
        if isinstance(rule, Attendance):
            return Sessions(name=rule.name, span=span, keys=rule.sessions or (), need=rule.count)
        if isinstance(rule, Group):
            parts = tuple(self.node(part, span) for part in rule.parts)
            return Parts(name=rule.name, parts=parts, need=len(parts) if rule.type == "all" else 1)
        return self._count(rule, span)

    def _count(self, rule: Counting, span: Span) -> Count:
        topics = meant(rule, self._programme.topics)
        need = needed(rule, self._programme.topics)
        hours = isinstance(rule, Hours)
        return Count(
            name=rule.name,
            view=self.view(span, rule.min if isinstance(rule, Grade) else None),
            topics=tuple(topic.key for topic in topics),
            need=round(need * HOUR_UNITS) if hours else int(need),
            weights={topic.key: round((topic.hours or 0) * HOUR_UNITS) for topic in topics} if hours else None,
        )
