"""Windows of time: when a completion counts. The start is included, the end is not."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from connector.language import _
from connector.programmes.topics import Part, Topic

# From the first moment that counts to the first that no longer does, both aware.
Span = tuple[datetime, datetime]


@cache
def _zones() -> set[str]:
    return available_timezones()  # walks through all its files, each time


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(_("there is no time zone '{name}'; in Viet Nam it is Asia/Ho_Chi_Minh").format(name=name))
    return name


def _without_offset(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise ValueError(_("write the time without an offset, such as 2025-12-01T00:00; the zone stands in 'zone'"))
    return moment


Zone = Annotated[str, AfterValidator(_known_zone)]
LocalTime = Annotated[datetime, AfterValidator(_without_offset)]


class Window(Part):
    """When a completion counts: from `starts_at` (included) to `ends_at` (excluded), both aware."""

    zone: Zone = Field(default="Asia/Ho_Chi_Minh", description="Time zone of the two times below.")
    starts_at: LocalTime = Field(description="First moment that counts.")
    ends_at: LocalTime = Field(description="First moment that no longer counts.")

    @field_validator("starts_at", "ends_at")
    @classmethod
    def _in_zone(cls, moment: datetime, info: ValidationInfo) -> datetime:
        return moment.replace(tzinfo=ZoneInfo(info.data.get("zone", "Asia/Ho_Chi_Minh")))

    @property
    def span(self) -> Span:
        """Both ends, in UTC."""
        return self.starts_at.astimezone(UTC), self.ends_at.astimezone(UTC)

    def contains(self, moment: datetime) -> bool:
        """True when something that happened at this aware moment counts."""
        return self.starts_at <= moment < self.ends_at


class PartWindow(Part):
    """The window of one part of a rule; what it leaves out is taken from the window around the part."""

    zone: Zone | None = Field(default=None, description="Time zone of the two times below.")
    starts_at: LocalTime | None = Field(default=None, description="First moment that counts.")
    ends_at: LocalTime | None = Field(default=None, description="First moment that no longer counts.")

    def within(self, outer: Span, zone: str) -> Span:
        """Both ends in UTC; `outer` is the span around the part, `zone` the programme's."""
        own = ZoneInfo(self.zone or zone)
        starts_at, ends_at = (
            moment.replace(tzinfo=own).astimezone(UTC) if moment is not None else around
            for moment, around in zip((self.starts_at, self.ends_at), outer, strict=True)
        )
        return starts_at, ends_at


def in_force(topic: Topic, span: Span, zone: str) -> Span:
    """The part of the span in which the topic may be done, in UTC; it is empty where the end is not after the start."""
    starts_at, ends_at = span
    if topic.valid_from is not None:
        starts_at = max(starts_at, first_moment(topic.valid_from, zone))
    if topic.valid_to is not None:
        ends_at = min(ends_at, first_moment(topic.valid_to + timedelta(days=1), zone))
    return starts_at, ends_at


def first_moment(day: date, zone: str) -> datetime:
    """The moment at which the day begins in the zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


class Writes(Part):
    """When accounts, cohorts and enrolments may be changed on the platform, in the window's zone."""

    starts_at: LocalTime | None = Field(default=None, description="First moment (left out: from now on).")
    ends_at: LocalTime | Literal["open"] | None = Field(
        default=None,
        description="First moment at which nothing is changed any more, or open (left out: the end of the window).",
    )

    def span(self, window: Window) -> tuple[datetime | None, datetime | None]:
        """Both ends, aware; None where there is none."""
        zone = ZoneInfo(window.zone)
        first = self.starts_at and self.starts_at.replace(tzinfo=zone)
        if self.ends_at == "open":
            return first, None
        return first, self.ends_at.replace(tzinfo=zone) if isinstance(self.ends_at, datetime) else window.ends_at
