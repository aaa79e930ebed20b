"""The pretend site's clock: it stands still until it is moved, and while it moves forward, people study."""

from datetime import datetime

from connector.sandbox.content import day
from connector.sandbox.cron import run_cron
from connector.sandbox.site import Site
from connector.sandbox.studying import study


def set_time(site: Site, moment: datetime) -> None:
    """Move the clock to an aware moment: forward, people study and cron runs; backward, only the clock changes."""
    move(site, int(moment.timestamp()))


def set_day(site: Site, number: int) -> None:
    """Move the clock to 08:00 Viet Nam time of a day of the programme; day 1 is 2025-12-01."""
    move(site, day(number))


def move(site: Site, until: int) -> None:
    """Move the clock to an epoch."""
    since = site.now()
    if until > since:
        study(site, since, until, seed=int(site.config("seed", "0")))
    site.set_now(until)
    run_cron(site)
