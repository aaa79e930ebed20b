"""The connector that is killed: `python -m tests.faults.victim PLATFORM FOLDER URL NOW TIMEOUT JOB...`, over real HTTP.

It does these jobs once, in their order, and waits so many seconds for an answer. Its log of all levels is
FOLDER/victim.log. Exit code 1 when a job failed; what failed is printed.
"""

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from connector.context import Context, open_context
from connector.errors import ConnectorError
from connector.jobs.resume import resume
from connector.language import use_language
from connector.settings import Settings
from connector.sync.outcome import ApplyOutcome
from connector.wire.caller import SLEEP
from tests.faults.campaign import judge, provide, push, read_all
from tests.faults.grounds import GROUNDS, Ground

HASTE = 50.0  # so many times shorter are its waits than those of a real connector
JOBS = {"provide": provide, "read_all": read_all, "judge": judge, "push": push, "resume": resume}


def open_victim(ground: Ground, folder: Path, url: str, now: int, read_timeout: float = 0.7) -> Context:
    """A context over the folder's database and this address; it waits shortly."""
    more = {"read_timeout": read_timeout, "retry_budget": 60, "outage_pause": 30 / HASTE}
    site = ground.settings(url, folder / "token", **more)
    settings = Settings(state_dir=folder, sites={ground.site_key: site}, default_programme=ground.programme)
    return replace(
        open_context(settings),
        open_site=lambda key, one: ground.open(key, one, sleep=lambda seconds: SLEEP(seconds / HASTE)),
        now=lambda: datetime.fromtimestamp(now, UTC),
    )


def main(platform: str, folder: Path, url: str, now: int, read_timeout: float, jobs: Sequence[str]) -> int:
    """Do these jobs once, in their order."""
    use_language("en")
    logging.basicConfig(filename=folder / "victim.log", level=logging.DEBUG)
    ctx = open_victim(GROUNDS[platform], folder, url, now, read_timeout)
    code = 0
    for job in jobs:
        try:
            outcome = JOBS[job](ctx)
        except ConnectorError as error:
            sys.stdout.write(f"{error}\n")
            code = 1
            continue
        if isinstance(outcome, ApplyOutcome) and not outcome.complete:
            sys.stdout.write(f"{outcome.counts} {outcome.stopped_by}\n")
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]), sys.argv[6:]))
