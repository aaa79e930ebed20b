"""The pretend site in a fortnight's time: a clock that lets people study, and a way to the site that can be cut."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

import requests
from requests.adapters import BaseAdapter

from connector.jobs.service.clock import SteppedClock
from connector.sandbox.cron import run_cron
from connector.sandbox.mishaps import Mishap
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.site import Site
from connector.sandbox.studying import study
from tests.fakes.sandbox_door import SandboxDoor
from tests.faults.mortal import Fate

# What people have done is written so often, with the times at which they did it; the site's own tasks run then, too.
STUDIED_EVERY = timedelta(hours=4)

WRITING = (
    "core_user_create_users",
    "core_user_update_users",
    "core_cohort_create_cohorts",
    "core_cohort_add_cohort_members",
    "core_cohort_delete_cohort_members",
    "enrol_manual_enrol_users",
    "core_group_add_group_members",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A time in which the site cannot be used: closed for maintenance, or not to be reached."""

    begins: datetime
    ends: datetime
    closed: bool

    def holds(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends


class SiteClock(SteppedClock):
    """The service's clock and the site's: whoever moves it, for a wait or to the next tick, lets people study."""

    def __init__(self, site: Site, moment: datetime, lock: RLock) -> None:
        super().__init__(moment)
        self._site = site
        self._lock = lock
        self._studied = int(moment.timestamp())
        self._pass()

    def wait(self, seconds: float) -> None:
        """Let so much time pass."""
        with self._lock:
            super().wait(seconds)
            self._pass()

    def go_to(self, moment: datetime) -> None:
        """Set the clock forward."""
        with self._lock:
            super().go_to(moment)
            self._pass()

    def _pass(self) -> None:
        epoch = int(self.now().timestamp())
        self._site.set_now(epoch)
        if epoch - self._studied >= STUDIED_EVERY.total_seconds():
            study(self._site, self._studied, epoch, seed=int(self._site.config("seed", "0")))
            self._studied = epoch
            run_cron(self._site)


class Road(SandboxDoor):
    """The way to the site, which all services share. It is cut, or ends at a closed door, in these times."""

    def __init__(self, site: Site, now: Callable[[], datetime], lock: RLock, aways: Sequence[Away]) -> None:
        super().__init__(MoodleSandbox(site))
        self.count = 0
        self._now = now
        self._aways = tuple(aways)
        self._at_once = lock

    def pass_on(self, request: requests.PreparedRequest) -> requests.Response:
        """Carry one request there and its answer back, as the way is at this moment."""
        with self._at_once:
            away = next((one for one in self._aways if one.holds(self._now())), None)
            self.site.switches.maintenance = away is not None and away.closed
            self.mishaps = [Mishap.REFUSED] if away is not None and not away.closed else []
            self.count += 1
            self.requests.clear()  # each holds its body, and there are many
            return self.send(request)


class OwnWay(BaseAdapter):
    """One service's way to the site. A killed one sends nothing more; `written` is told of each write that was done."""

    def __init__(self, road: Road, fate: Fate) -> None:
        super().__init__()
        self._road = road
        self._fate = fate
        self.written: Callable[[], None] = lambda: None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        self._fate.boundary("before a request")
        answer = self._road.pass_on(request)
        if any(name in str(request.body) for name in WRITING):
            self.written()
        self._fate.boundary("before an answer")
        return answer

    def close(self) -> None:
        """The site stays open for the others."""
