"""What a programme's rule means, in words, for `connector programme check`: a line for each part, as a tree."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.language import _
from connector.programmes.definition import Programme
from connector.programmes.rule import (
    Attendance,
    Counting,
    Grade,
    Group,
    Hours,
    Place,
    Prerequisite,
    Rule,
    meant,
    needed,
    walk,
)
from connector.programmes.topics import Topic
from connector.programmes.window import PartWindow, Span


def rule_in_words(programme: Programme) -> tuple[str, ...]:
    """One line for each part of the rule, indented by its depth, then one for each topic that is not always valid."""
    lines = [_window_line(programme.window.span, programme)]
    spans: dict[Place, Span] = {(): programme.window.span}
    for place, part in walk(programme.rule):
        around = spans[max((outer for outer in spans if place[: len(outer)] == outer), key=len)]
        own = None if isinstance(part, Prerequisite) else part.window
        spans[place] = own.within(around, programme.window.zone) if own else around
        name = f"{part.title or part.name}: " if part.name else ""
        lines.append("  " * (len(place) // 2) + name + _part(part, programme) + _own(own, spans[place], programme))
    return (*lines, *_changing(programme.topics))


def _part(part: Rule, programme: Programme) -> str:
    if isinstance(part, Group):
        return _("all of these:") if part.type == "all" else _("one of these:")
    if isinstance(part, Prerequisite):
        return _("the programme '{key}' is completed").format(key=part.programme)
    if isinstance(part, Attendance):
        names = ", ".join(part.sessions or ())
        which = _(" of {names}").format(names=names) if names else ""
        return _("at least {count} sessions attended{which}").format(count=part.count, which=which)
    return _counting(part, programme)


def _counting(part: Counting, programme: Programme) -> str:
    there = meant(part, programme.topics)
    keys = ", ".join(topic.key for topic in there)
    if isinstance(part, Hours):
        return _("topics of at least {hours} class hours done, of {keys}").format(hours=f"{part.hours:g}", keys=keys)
    need = needed(part, programme.topics)
    if isinstance(part, Grade):
        return _("at least {need} of {there} topics done with a grade of {grade} or more: {keys}").format(
            need=need, there=len(there), grade=f"{part.min:g}", keys=keys
        )
    return _("at least {need} of {there} topics done: {keys}").format(need=need, there=len(there), keys=keys)


def _own(window: PartWindow | None, span: Span, programme: Programme) -> str:
    return f"; {_window_line(span, programme)}" if window else ""


def _window_line(span: Span, programme: Programme) -> str:
    starts_at, ends_at = (_local(moment, programme) for moment in span)
    return _("what was done from {start} to before {end} counts").format(start=starts_at, end=ends_at)


def _local(moment: datetime, programme: Programme) -> str:
    return f"{moment.astimezone(ZoneInfo(programme.window.zone)):%H:%M %d/%m/%Y}"


def _changing(topics: tuple[Topic, ...]) -> Iterator[str]:
    for topic in topics:
        if topic.valid_from or topic.valid_to:
            first = f"{topic.valid_from:%d/%m/%Y}" if topic.valid_from else "…"
            last = f"{topic.valid_to:%d/%m/%Y}" if topic.valid_to else "…"
            yield _("{key} counts when done from {first} to {last}, both days included").format(
                key=topic.key, first=first, last=last
            )
