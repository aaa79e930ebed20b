"""The completion rule as a programme file states it: a small typed tree, checked against the topics.

::

    at_least   `count` topics are done, of all topics, of one `kind`, or of the named `topics`
    grade      the topics are done with a grade of at least `min` (0..100); all of them, or `count` of them
    all        every one of `parts` is met
    any        one of `parts` is met

Every part has a name, since each gives a reason in the verdict; only the outermost `all` may go without: it then gives
no reason of its own. A new kind of part is one class here, one branch in `engine.py` and one line in the table above.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connector.language import _
from connector.programmes.topics import Key, Part, Text, Topic, TopicKind, filled

TopicKeys = Annotated[tuple[Key, ...], AfterValidator(filled)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in a definition, with the place where it stands, such as ('rule', 'parts', 0)."""

    place: tuple[str | int, ...]
    why: str


class ChecksFailed(ValueError):
    """A definition has the right shape and still cannot be meant; `problems` holds all that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.why for problem in problems))
        self.problems = tuple(problems)


class AtLeast(Part):
    """At least `count` topics are done inside the window."""

    type: Literal["at_least"]
    name: Key = Field(description="Name of this part in verdicts and reports.")
    title: Text | None = Field(default=None, description="What people read instead of the name.")
    count: int = Field(ge=1, description="How many topics are needed.")
    kind: TopicKind | None = Field(default=None, description="Count only topics of this kind.")
    topics: TopicKeys | None = Field(default=None, description="Count only these topics.")


class Grade(Part):
    """Topics are done inside the window with a grade of at least `min`; all that are meant, or `count` of them."""

    type: Literal["grade"]
    name: Key = Field(description="Name of this part in verdicts and reports.")
    title: Text | None = Field(default=None, description="What people read instead of the name.")
    min: float = Field(ge=0, le=100, description="Lowest grade that counts, in 0..100.")
    count: int | None = Field(default=None, ge=1, description="How many topics are needed; left out: all of them.")
    kind: TopicKind | None = Field(default=None, description="Look only at topics of this kind.")
    topics: TopicKeys | None = Field(default=None, description="Look only at these topics.")


class AllOf(Part):
    """Every part is met."""

    type: Literal["all"]
    name: Key | None = Field(default=None, description="Name of this part; may be left out at the very top.")
    title: Text | None = Field(default=None, description="What people read instead of the name.")
    parts: Annotated[tuple["Rule", ...], AfterValidator(filled)] = Field(description="The parts, each a rule.")


class AnyOf(Part):
    """One of the parts is met."""

    type: Literal["any"]
    name: Key = Field(description="Name of this part in verdicts and reports.")
    title: Text | None = Field(default=None, description="What people read instead of the name.")
    parts: Annotated[tuple["Rule", ...], AfterValidator(filled)] = Field(description="The parts, each a rule.")


Leaf = AtLeast | Grade
Group = AllOf | AnyOf
Rule = Annotated[AtLeast | Grade | AllOf | AnyOf, Field(discriminator="type")]
Place = tuple[str | int, ...]

AllOf.model_rebuild()
AnyOf.model_rebuild()


def meant(leaf: Leaf, topics: Sequence[Topic]) -> tuple[Topic, ...]:
    """The topics that this part looks at, in the order of the programme."""
    return tuple(
        topic
        for topic in topics
        if leaf.kind in (None, topic.kind) and (leaf.topics is None or topic.key in leaf.topics)
    )


def needed(leaf: Leaf, topics: Sequence[Topic]) -> int:
    """How many of the topics that this part looks at must count."""
    return leaf.count if leaf.count is not None else len(meant(leaf, topics))


def walk(rule: Rule, place: Place = ("rule",)) -> Iterator[tuple[Place, Rule]]:
    """Every part of the rule with its place in the file, parents first, in the order of the file."""
    yield place, rule
    if isinstance(rule, Group):
        for number, part in enumerate(rule.parts):
            yield from walk(part, (*place, "parts", number))


def titles(rule: Rule) -> dict[str, str]:
    """What people read for each named part: its title, or its name where it has none."""
    return {part.name: part.title or part.name for _place, part in walk(rule) if part.name}


def rule_problems(rule: Rule, topics: Sequence[Topic]) -> list[Problem]:
    """All that cannot be meant in a rule of the right shape: unknown topics, impossible counts, names used twice."""
    found = [Problem(place=place, why=why) for place, part in walk(rule) for why in _part_problems(place, part, topics)]
    names = Counter(part.name for _place, part in walk(rule) if part.name)
    twice = sorted(name for name, times in names.items() if times > 1)
    why = _("the name '{name}' is used by two parts")
    found.extend(Problem(place=("rule",), why=why.format(name=name)) for name in twice)
    return found


def _part_problems(place: Place, part: Rule, topics: Sequence[Topic]) -> Iterator[str]:
    if isinstance(part, Group):
        if part.name is None and place != ("rule",):
            yield _("a part inside another needs a name")
        return
    known = {topic.key for topic in topics}
    for key in part.topics or ():
        if key not in known:
            yield _("there is no topic '{key}'").format(key=key)
    for key in sorted(key for key, times in Counter(part.topics or ()).items() if times > 1):
        yield _("the topic '{key}' stands twice").format(key=key)
    there = len(meant(part, topics))
    if there == 0:
        yield _("no topic fits this part, so nobody could ever meet it")
    elif needed(part, topics) > there:
        yield _("it asks for {need} topics, but only {there} fit").format(need=needed(part, topics), there=there)
