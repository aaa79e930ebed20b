"""The topics of a programme: what a learner may do, and which of it is mandatory."""

from datetime import date
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from connector.language import _
from connector.model import TopicRef

# Keys are written into hashes, reports and command lines, so they stay plain ASCII.
KEY_PATTERN = r"^[a-z0-9][a-z0-9_.-]*$"
Key = Annotated[str, Field(pattern=KEY_PATTERN, max_length=64)]
# Platform ids (idnumber of a course or activity): any text without blanks, since the site chose them.
RemoteKey = Annotated[str, Field(pattern=r"^\S+$", max_length=100)]
Text = Annotated[str, Field(min_length=1, max_length=300)]


Item = TypeVar("Item")


def filled(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items, if there are any; pydantic's own min_length also complains when all items are there but wrong."""
    if not items:
        raise ValueError(_("it is empty; at least one is needed"))
    return items


class Part(BaseModel):
    """Base of all parts of a programme file: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class TopicKind(StrEnum):
    """Whether a topic must be done (bắt buộc) or may be chosen (tự chọn)."""

    MANDATORY = "mandatory"
    ELECTIVE = "elective"


class Topic(Part):
    """One topic (chuyên đề) and where it lives on the platform.

    Without `activity` the topic is the whole course (course completion); with it, that activity's completion.
    """

    key: Key = Field(description="Our short key; rules, verdicts and reports name the topic by it.")
    name: Text = Field(description="The title that people read.")
    kind: TopicKind = Field(description="mandatory (bắt buộc) or elective (tự chọn).")
    course: RemoteKey = Field(description="Idnumber of the course on the platform.")
    activity: RemoteKey | None = Field(
        default=None, description="Idnumber of the activity; left out when the topic is the whole course."
    )
    hours: float | None = Field(default=None, gt=0, le=1000, description="Class hours (tiết), where known.")
    tags: tuple[Key, ...] = Field(default=(), description="Words of our own by which rules may choose topics.")
    valid_from: date | None = Field(
        default=None, description="First day on which the topic counts, in the programme's zone; left out: always."
    )
    valid_to: date | None = Field(
        default=None, description="Last day on which the topic counts, this day included; left out: always."
    )

    @property
    def ref(self) -> TopicRef:
        """The topic's place on the platform."""
        return TopicRef(course=self.course, activity=self.activity or "")
