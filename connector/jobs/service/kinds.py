"""What the service can do: the kinds of jobs, when each has a meaning, and how long a missed tick is made up for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from connector.context import Context
from connector.programmes.definition import Programme
from connector.settings import ScheduledJob

# Courses are graded late and certificates issued late: so long after the window is looked after them.
AFTERWARDS = timedelta(days=21)


class Ended(StrEnum):
    """How a tick can end. The first four are good ends."""

    DONE = "done"
    NOTHING = "nothing"
    WAITING = "waiting"
    PARTLY = "partly"
    UNSAFE = "unsafe"
    FAILED = "failed"
    MISSED = "missed"
    SUPERSEDED = "superseded"


GOOD = (Ended.DONE.value, Ended.NOTHING.value, Ended.WAITING.value, Ended.PARTLY.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one tick is to do: the declared job, its programme, and the province if it is run by province.

    Of a programme on several sites, what asks the platform has the programme as one of them has it.
    """

    job: ScheduledJob
    programme: Programme
    province_code: str = ""

    @property
    def site(self) -> str:
        """The site that the work keeps to, of a programme on several; '' where there is nothing to choose."""
        return (self.programme.site_key or "") if self.programme.sites else ""

    @property
    def provinces(self) -> tuple[str, ...]:
        """The province as the jobs take it; empty for the whole country."""
        return (self.province_code,) if self.province_code else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the work ended. `needs` says what a person has to do: for each need a short name, always the same, and words.

    Each need is an incident of its own, so that a second one is told while the first lasts.
    """

    ended: Ended
    message: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    run_id: int | None = None
    file: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)


Span = tuple[datetime | None, datetime | None]


def _always(_programme: Programme) -> Span:
    """Always."""
    return None, None


def _while_written(programme: Programme) -> Span:
    """While the programme's `writes` are open."""
    return programme.writes_span


def _until_written(programme: Programme) -> Span:
    """Until the programme's `writes` end."""
    return None, programme.writes_span[1]


def _window(programme: Programme) -> Span:
    """From the beginning of `writes` (or of the window) to 21 days after the end of both."""
    first, last = programme.writes_span
    if last is None:
        return first or programme.window.starts_at, None
    return first or programme.window.starts_at, max(programme.window.ends_at, last) + AFTERWARDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of job. `asks_platform`: it speaks to the platform; `writes`: it changes it, so it rests in freezes."""

    act: Callable[[Context, Work], Result]
    span: Callable[[Programme], Span]
    grace: timedelta
    asks_platform: bool = False
    writes: bool = False


def kinds() -> Mapping[str, Kind]:
    """The kinds by the word that the configuration uses."""
    from connector.jobs.pick_up import pick_up
    from connector.jobs.service import acts, unattended
    from connector.jobs.service.quiet import Resting

    hour = timedelta(hours=1)
    return {
        "pick-up": Kind(act=pick_up, span=_until_written, grace=hour),
        "plan": Kind(act=Resting(unattended.plan), span=_while_written, grace=6 * hour, asks_platform=True),
        "apply": Kind(
            act=Resting(unattended.apply), span=_while_written, grace=6 * hour, asks_platform=True, writes=True
        ),
        "mirror": Kind(act=acts.mirror_moved, span=_window, grace=hour, asks_platform=True),
        "mirror-rolling": Kind(act=acts.mirror_rolling, span=_window, grace=12 * hour, asks_platform=True),
        "mirror-full": Kind(act=acts.mirror_full, span=_window, grace=12 * hour, asks_platform=True),
        "evaluate": Kind(act=acts.evaluate, span=_window, grace=12 * hour),
        "push": Kind(act=acts.push, span=_window, grace=12 * hour, asks_platform=True, writes=True),
        "report": Kind(act=acts.report, span=_window, grace=24 * hour),
        "expire-passwords": Kind(act=acts.expire, span=_always, grace=24 * hour),
        "retention": Kind(act=acts.retention, span=_always, grace=24 * hour),
    }
