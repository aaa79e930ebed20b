"""Rows of Moodle's custom report `connector-completions`: texts for people, read once and strictly.

`core_reportbuilder_retrieve_report` gives no numbers: times are localised text with the minute as smallest unit, in
the time zone of the account (reference/moodle-ws-facts.md section 9). So the text is asked for in English, and the
zone is found by comparing rows with their exact times (`zone_of`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from connector.errors import ConfigError
from connector.language import _
from connector.mappers.moodle import plain

REPORT = "connector-completions"
HEADERS = {"course": "Course ID number", "username": "Username", "done": "Completed", "time": "Time completed"}
_MONTHS = {
    "January": 1,
    "February": 2,
    "March": 3,
    "April": 4,
    "May": 5,
    "June": 6,
    "July": 7,
    "August": 8,
    "September": 9,
    "October": 10,
    "November": 11,
    "December": 12,
}
_TIME = re.compile(r"\w+,\s(\d{1,2})\s([A-Z][a-z]+)\s(\d{4}),\s(\d{1,2}):(\d\d)\s([AP])M")
_QUARTER = 15 * 60
_WIDEST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """One completed course of one learner; `wall_time` is the clock on the account's wall, marked as UTC."""

    course: str
    username: str
    wall_time: datetime


def columns(headers: Sequence[str]) -> dict[str, int]:
    """Where the four columns stand. Raises ConfigError that names the one that is missing."""
    for header in HEADERS.values():
        if header not in headers:
            raise ConfigError(
                _("The report {report} has no column '{column}'.").format(report=REPORT, column=header),
                hint=_("An administrator adds the column to the report, with its standard heading."),
            )
    return {name: headers.index(header) for name, header in HEADERS.items()}


def completion(cells: Sequence[str | None], places: Mapping[str, int]) -> CompletionRow | None:
    """The completed course in one row; None for courses that are not completed."""
    text = str(cells[places["time"]] or "")
    if not text.strip():
        return None
    return CompletionRow(plain(cells[places["course"]]), str(cells[places["username"]] or ""), wall_time(text))


def wall_time(text: str) -> datetime:
    """'Sunday, 22 November 2026, 2:46 AM' as a time marked UTC. Raises ConfigError for any other form."""
    found = _TIME.fullmatch(text.strip())
    month = _MONTHS.get(found.group(2)) if found else None
    if found is None or month is None:
        raise ConfigError(
            _("The report {report} writes a time as '{text}', which is not known.").format(report=REPORT, text=text),
            hint=_("An administrator leaves the column 'Time completed' in its standard English form."),
        )
    hour = int(found.group(4)) % 12 + (12 if found.group(6) == "P" else 0)
    return datetime(int(found.group(3)), month, int(found.group(1)), hour, int(found.group(5)), tzinfo=UTC)


def zone_of(wall: datetime, exact: datetime) -> timezone | None:
    """The zone whose clock shows `wall` at the moment `exact`; None when no zone does, so the two are not one event."""
    seconds = (wall - exact.replace(second=0, microsecond=0)).total_seconds()
    offset = timedelta(seconds=seconds)
    if seconds % _QUARTER or abs(offset) > _WIDEST:
        return None
    return timezone(offset)
