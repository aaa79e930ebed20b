"""The completion rule as a programme file states it: a small typed tree, checked against the topics by `checks.py`.

::

    at_least       `count` topics are done: of all topics, of one `kind`, of one `tag`, or of the named `topics`
    grade          the topics are done with a grade of at least `min` (0..100); all of them, or `count` of them
    hours          the topics that are done have at least `hours` class hours (tiết) together
    attendance     at least `count` sessions were attended, of all or of the named `sessions` (from imported lists)
    prerequisite   another `programme` has been completed
    all            every one of `parts` is met
    any            one of `parts` is met

Every part but `prerequisite` may have a `window` of its own. Every part has a name, since each gives a reason in the
verdict; only the outermost `all` may go without: it then gives no reason of its own. A new kind of part is one class
here, one branch in `meaning.py` and `engine.py`, and one line in the table above.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connector.programmes.topics import Key, Part, Text, Topic, TopicKind, filled
from connector.programmes.window import PartWindow

TopicKeys = Annotated[tuple[Key, ...], AfterValidator(filled)]
SessionKeys = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], AfterValidator(filled)]


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


class Named(Part):
    """What every part has that gives a reason."""

    name: Key = Field(description="Name of this part in verdicts and reports.")
    title: Text | None = Field(default=None, description="What people read instead of the name.")


class Timed(Named):
    """A part that may have a window of its own."""

    window: PartWindow | None = Field(
        default=None, description="When completions count for this part; left out: as around it."
    )


class OfTopics(Timed):
    """A part that looks at topics: at all of them, or at those that fit every one of the keys that are given."""

    kind: TopicKind | None = Field(default=None, description="Only topics of this kind.")
    tag: Key | None = Field(default=None, description="Only topics with this tag.")
    topics: TopicKeys | None = Field(default=None, description="Only these topics.")


class AtLeast(OfTopics):
    """At least `count` topics are done inside the window."""

    type: Literal["at_least"]
    count: int = Field(ge=1, description="How many topics are needed.")


class Grade(OfTopics):
    """Topics are done inside the window with a grade of at least `min`; all that are meant, or `count` of them."""

    type: Literal["grade"]
    min: float = Field(ge=0, le=100, description="Lowest grade that counts, in 0..100.")
    count: int | None = Field(default=None, ge=1, description="How many topics are needed; left out: all of them.")


class Hours(OfTopics):
    """The topics that are done inside the window have at least `hours` class hours (tiết) together."""

    type: Literal["hours"]
    hours: float = Field(gt=0, le=100_000, description="How many class hours are needed; three decimals count.")


class Attendance(Timed):
    """At least `count` sessions were attended inside the window, as imported lists say."""

    type: Literal["attendance"]
    count: int = Field(ge=1, description="How many sessions are needed.")
    sessions: SessionKeys | None = Field(default=None, description="Only these sessions; left out: any.")


class Prerequisite(Named):
    """Another programme has been completed, whenever that was."""

    type: Literal["prerequisite"]
    programme: Key = Field(description="Key of the other programme.")


class AllOf(Part):
    """Every part is met."""

    name: Key | None = Field(default=None, description="Name of this part; may be left out at the very top.")
    title: Text | None = Field(default=None, description="What people read instead of the name.")
    window: PartWindow | None = Field(default=None, description="When completions count for the parts inside.")
    type: Literal["all"]
    parts: Annotated[tuple["Rule", ...], AfterValidator(filled)] = Field(description="The parts, each a rule.")


class AnyOf(Timed):
    """One of the parts is met."""

    type: Literal["any"]
    parts: Annotated[tuple["Rule", ...], AfterValidator(filled)] = Field(description="The parts, each a rule.")


Counting = AtLeast | Grade | Hours
Group = AllOf | AnyOf
Rule = Annotated[
    AtLeast | Grade | Hours | Attendance | Prerequisite | AllOf | AnyOf,
    Field(discriminator="type"),
]
Place = tuple[str | int, ...]

AllOf.model_rebuild()
AnyOf.model_rebuild()


def meant(leaf: Counting, topics: Sequence[Topic]) -> tuple[Topic, ...]:
    """The topics that this part looks at, in the order of the programme."""
    return tuple(
        topic
        for topic in topics
        if leaf.kind in (None, topic.kind)
        and (leaf.tag is None or leaf.tag in topic.tags)
        and (leaf.topics is None or topic.key in leaf.topics)
    )


def needed(leaf: Counting, topics: Sequence[Topic]) -> float:
    """How many of the topics that this part looks at must count; how many hours, where it counts hours."""
    if isinstance(leaf, Hours):
        return leaf.hours
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


def depths(rule: Rule) -> dict[str, int]:
    """How deep each named part stands below the outermost one that has a name, for showing a verdict as a tree."""
    top = 0 if rule.name else 1
    return {part.name: len(place) // 2 - top for place, part in walk(rule) if part.name}
