"""What cannot be meant in a programme file of the right shape, each with its place: all is told at once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connector.language import _
from connector.model import TopicRef
from connector.programmes.certificate import Grant
from connector.programmes.enrolment import Cohorts, EnrolmentPolicy, Leaving
from connector.programmes.patterns import names_in
from connector.programmes.rule import (
    Attendance,
    Counting,
    Grade,
    Group,
    Hours,
    Place,
    Prerequisite,
    Problem,
    Rule,
    meant,
    needed,
    walk,
)
from connector.programmes.sites import SiteShare, share_problems
from connector.programmes.topics import Topic
from connector.programmes.window import Span, Window, Writes, in_force
from connector.programmes.wording import nearest


def definition_problems(found: Mapping[str, Any]) -> list[Problem]:
    """All that cannot be meant in these sections of a programme, by name; a section of a wrong shape is left out.

    What needs two sections is checked where both are there.
    """
    problems: list[Problem] = []
    window, topics = found.get("window"), found.get("topics")
    if window is not None:
        problems.extend(_window_problems(window))
        problems.extend(_writes_problems(found.get("writes"), window))
    if topics is not None:
        problems.extend(_topic_problems(topics))
    if "enrolment" in found:
        courses = found["enrolment"].courses
        problems.extend(_course_problems(courses, topics or (), found.get("certificate")))
        problems.extend(_window_of_courses(found["enrolment"], topics or ()))
        leaving, cohorts = found.get("leaving", Leaving.SUSPEND_ENROLMENT), found.get("cohorts", Cohorts())
        problems.extend(_enrolment_problems(found["enrolment"], leaving, cohorts))
    sites = found.get("sites", {})
    problems.extend(share_problems(sites, topics or ()))
    if topics is not None and "enrolment" in found and "certificate" in found:
        for key, share in sites.items():
            problems.extend(_on_site(key, share, found))
    if topics is not None and "rule" in found:
        problems.extend(rule_problems(found["rule"], topics, window, found.get("key", "")))
    return problems


def _on_site(key: str, share: SiteShare, found: Mapping[str, Any]) -> Iterator[Problem]:
    """What cannot be meant only because of what this site has of its own."""
    own = share.sections(found["topics"], found["enrolment"], found["certificate"])
    topics, enrolment, certificate = own["topics"], own["enrolment"], own["certificate"]
    leaving, cohorts = found.get("leaving", Leaving.SUSPEND_ENROLMENT), found.get("cohorts", Cohorts())
    if share.certificate and Grant.OWN_PAPER in (share.certificate.grant, found["certificate"].grant):
        why = _("a paper of our own is the whole programme's: say it in 'certificate' alone")
        yield Problem(place=("sites", key, "certificate", "grant"), why=why)
    problems = [
        *(_topic_problems(topics) if share.topics else ()),
        *(_course_problems(enrolment.courses, topics, certificate) if share.has_own else ()),
        *(_enrolment_problems(enrolment, leaving, cohorts) if share.enrolment else ()),
        *(_window_of_courses(enrolment, topics) if share.topics or share.enrolment else ()),
    ]
    for problem in problems:
        place = tuple(topics[step].key if isinstance(step, int) else step for step in problem.place)
        yield Problem(place=("sites", key, *(place if share.names(place) else ())), why=problem.why)


def _window_problems(window: Window) -> Iterator[Problem]:
    if window.starts_at >= window.ends_at:
        yield Problem(place=("window", "ends_at"), why=_("the window is empty: it ends before it begins"))


def _writes_problems(writes: Writes | None, window: Window) -> Iterator[Problem]:
    first, last = writes.span(window) if writes is not None else (None, None)
    if first is not None and last is not None and first >= last:
        yield Problem(place=("writes",), why=_("nothing could ever be written: it ends before it begins"))


def _topic_problems(topics: Sequence[Topic]) -> Iterator[Problem]:
    keys = Counter(topic.key for topic in topics)
    refs: Counter[TopicRef] = Counter(topic.ref for topic in topics)
    for number, topic in enumerate(topics):
        place = ("topics", number)
        if keys[topic.key] > 1:
            why = _("the key '{key}' is used by {times} topics").format(key=topic.key, times=keys[topic.key])
            yield Problem(place=(*place, "key"), why=why)
        if refs[topic.ref] > 1:
            why = _("'{ref}' is the place of {times} topics").format(ref=topic.ref, times=refs[topic.ref])
            yield Problem(place=(*place, "course"), why=why)
        if topic.valid_from and topic.valid_to and topic.valid_from > topic.valid_to:
            yield Problem(place=(*place, "valid_to"), why=_("the last day lies before the first"))


def _course_problems(courses: Sequence[str], topics: Sequence[Topic], certificate: Any) -> Iterator[Problem]:
    for course in sorted(course for course, times in Counter(courses).items() if times > 1):
        yield Problem(place=("enrolment", "courses"), why=_("the course '{course}' stands twice").format(course=course))
    why = _("nobody is enrolled in the course '{course}': it is not among enrolment.courses")
    for number, topic in enumerate(topics):
        if topic.course not in courses:
            yield Problem(place=("topics", number, "course"), why=why.format(course=topic.course))
    if certificate is not None and certificate.course and certificate.course not in courses:
        yield Problem(place=("certificate", "course"), why=why.format(course=certificate.course))


def _enrolment_problems(enrolment: EnrolmentPolicy, leaving: Leaving, cohorts: Cohorts) -> Iterator[Problem]:
    if not enrolment.enrols and leaving is Leaving.SUSPEND_ENROLMENT:
        why = _("an enrolment by cohort cannot be suspended from outside: use keep, leave_cohort or suspend_account")
        yield Problem(place=("leaving",), why=why)
    if not enrolment.enrols and enrolment.limit_to_window and "limit_to_window" in enrolment.model_fields_set:
        why = _("an enrolment by cohort has no dates: set it to false, or leave it out")
        yield Problem(place=("enrolment", "limit_to_window"), why=why)
    if enrolment.groups is not None and not names_in(cohorts.name):
        why = _("it must hold {province}: the groups of a course are called by it, and no two may have one name")
        yield Problem(place=("cohorts", "name"), why=why)


def _window_of_courses(enrolment: EnrolmentPolicy, topics: Sequence[Topic]) -> Iterator[Problem]:
    """Moodle tells no course completion of people whose enrolment is over."""
    if enrolment.enrols and enrolment.limit_to_window and not all(topic.ref.activity for topic in topics):
        why = _("a topic is a whole course: what is not mirrored when enrolments end is lost for good; set it to false")
        yield Problem(place=("enrolment", "limit_to_window"), why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What a part of a rule is checked against; `span` is None where the programme's window could not be read."""

    topics: Sequence[Topic]
    span: Span | None
    zone: str
    programme: str

    def of(self, rule: Rule) -> Span | None:
        """The span of this part."""
        own = None if isinstance(rule, Prerequisite) else rule.window
        return self.span if own is None or self.span is None else own.within(self.span, self.zone)


def rule_problems(rule: Rule, topics: Sequence[Topic], window: Window | None = None, key: str = "") -> list[Problem]:
    """All that cannot be meant in a rule of the right shape: unknown topics, impossible counts, names used twice.

    Without the programme's `window` nothing is said of times; `key` is the programme's own.
    """
    zone = window.zone if window else "UTC"
    around = _Around(topics=topics, span=window.span if window else None, zone=zone, programme=key)
    found = list(_in_rule(rule, ("rule",), around))
    names = Counter(part.name for _place, part in walk(rule) if part.name)
    seen: set[str] = set()
    for place, part in walk(rule):
        if part.name and names[part.name] > 1 and part.name in seen:
            why = _("the name '{name}' is used by two parts").format(name=part.name)
            found.append(Problem(place=(*place, "name"), why=why))
        seen.add(part.name or "")
    return found


def _in_rule(rule: Rule, place: Place, around: _Around) -> Iterator[Problem]:
    span = around.of(rule)
    if span is not around.span and span is not None and span[0] >= span[1]:
        yield Problem(place=(*place, "window"), why=_("the window is empty: it ends before it begins"))
        span = None
    inner = replace(around, span=span)
    if isinstance(rule, Group):
        yield from _group_problems(rule, place, inner)
    elif isinstance(rule, Counting):
        yield from _choice_problems(rule, place, around.topics)
        for field, why in _count_problems(rule, inner):
            yield Problem(place=(*place, field) if field else place, why=why)
    elif isinstance(rule, Attendance):
        yield from _twice(rule.sessions or (), (*place, "sessions"), _("the session '{key}' stands twice"))
    elif rule.programme == around.programme:
        yield Problem(place=(*place, "programme"), why=_("a programme cannot be its own prerequisite"))


def _group_problems(rule: Group, place: Place, inner: _Around) -> Iterator[Problem]:
    if rule.name is None and place != ("rule",):
        yield Problem(place=place, why=_("a part inside another needs a name"))
    for number, part in enumerate(rule.parts):
        yield from _in_rule(part, (*place, "parts", number), inner)


def _choice_problems(rule: Counting, place: Place, topics: Sequence[Topic]) -> Iterator[Problem]:
    known = [topic.key for topic in topics]
    for number, key in enumerate(rule.topics or ()):
        if key not in known:
            why = _("there is no topic '{key}'. {hint}").format(key=key, hint=nearest(key, known))
            yield Problem(place=(*place, "topics", number), why=why)
    yield from _twice(rule.topics or (), (*place, "topics"), _("the topic '{key}' stands twice"))
    tags = sorted({tag for topic in topics for tag in topic.tags})
    if rule.tag is not None and rule.tag not in tags:
        why = _("no topic has the tag '{tag}'. {hint}").format(tag=rule.tag, hint=nearest(rule.tag, tags))
        yield Problem(place=(*place, "tag"), why=why)


def _twice(keys: Sequence[str], place: Place, why: str) -> Iterator[Problem]:
    for key in sorted(key for key, times in Counter(keys).items() if times > 1):
        yield Problem(place=(*place, keys.index(key)), why=why.format(key=key))


def _count_problems(rule: Counting, around: _Around) -> Iterator[tuple[str, str]]:
    """The field at fault ('' for the part as a whole) and what is wrong with what it asks for."""
    there, span = meant(rule, around.topics), around.span
    if not there:
        yield "", _("no topic fits this part, so nobody could ever meet it")
        return
    spans = {topic.key: in_force(topic, span, around.zone) for topic in there} if span else {}
    never = [key for key, (starts_at, ends_at) in spans.items() if starts_at >= ends_at]
    for key in never:
        yield "", _("the topic '{key}' is on no day valid inside the window of this part").format(key=key)
    fit = [topic for topic in there if topic.key not in never]
    if isinstance(rule, Hours):
        yield from _hour_problems(rule, fit)
    elif needed(rule, around.topics) > len(fit) and not never:
        why = _("it asks for {need} topics, but only {there} fit")
        yield "count", why.format(need=needed(rule, around.topics), there=len(fit))
    if isinstance(rule, Grade) and rule.count is None:
        for key in (key for key, inside in spans.items() if inside != span and key not in never):
            why = _("the topic '{key}' is not valid during the whole window; say by 'count' how many are needed")
            yield "", why.format(key=key)


def _hour_problems(rule: Hours, there: Sequence[Topic]) -> Iterator[tuple[str, str]]:
    for topic in there:
        if topic.hours is None:
            yield "", _("the topic '{key}' has no hours").format(key=topic.key)
    hours = sum(topic.hours or 0 for topic in there)
    if all(topic.hours for topic in there) and rule.hours > hours:
        yield (
            "hours",
            _("it asks for {need:g} hours, but the topics that fit have only {there:g}").format(
                need=rule.hours, there=hours
            ),
        )
