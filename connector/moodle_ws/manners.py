"""How one Moodle site is spoken to: times, formats, connections and ceilings, out of the site's configuration."""

from dataclasses import dataclass, field
from datetime import time
from typing import Literal

from connector.settings import Site
from connector.wire.circuit import OUTAGES, PAUSE
from connector.wire.exchange import Timeouts
from connector.wire.politeness import Ceilings


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a client behaves towards its site; the meanings are those of the site's keys. Times in seconds.

    `retry_budget` may be spent on repeating one safe call; `form_variables` is the most that a plain form may hold
    where the batch function is missing, unless `probe` finds that more arrive.
    """

    timeouts: Timeouts = field(default_factory=Timeouts)
    answers: Literal["json", "xml"] = "json"
    retry_budget: float = 120.0
    outages: int = OUTAGES
    outage_pause: float = PAUSE
    connections: int = 1
    ceilings: Ceilings = field(default_factory=Ceilings)
    form_variables: int = 900
    probe: bool = False


AS_USUAL = Manners()


def manners_of(site: Site) -> Manners:
    """The manners that a site's configuration asks for."""
    begins, _dash, ends = site.office_hours.partition("-")
    return Manners(
        timeouts=Timeouts(connect=site.connect_timeout, read=site.read_timeout),
        answers=site.format,
        retry_budget=site.retry_budget,
        outages=site.outages,
        outage_pause=site.outage_pause,
        connections=site.connections,
        ceilings=Ceilings(
            always=site.requests_per_minute,
            busy=site.office_requests_per_minute,
            begins=time.fromisoformat(begins),
            ends=time.fromisoformat(ends),
        ),
        form_variables=site.form_variables,
        probe=True,
    )
