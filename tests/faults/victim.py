"""The connector that is killed: `python -m tests.faults.victim FOLDER URL NOW TIMEOUT JOB...`, over real HTTP.

It does these jobs once, in their order, and waits so many seconds for an answer. Its log of all levels is
FOLDER/victim.log. Exit code 1 when a job failed; what failed is printed.
"""

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AnyHttpUrl

from connector.context import Context, open_context
from connector.errors import ConnectorError
from connector.jobs.resume import resume
from connector.language import use_language
from connector.moodle_ws.lms import open_moodle
from connector.settings import Settings, Site
from connector.sync.outcome import ApplyOutcome
from connector.wire.caller import SLEEP
from tests.faults.campaign import judge, provide, push, read_all

HASTE = 50.0  # so many times shorter are its waits than those of a real connector
JOBS = {"provide": provide, "read_all": read_all, "judge": judge, "push": push, "resume": resume}


def open_victim(folder: Path, url: str, now: int, read_timeout: float = 0.7) -> Context:
    """A context over the folder's database and this address; it waits shortly."""
    site = Site(
        url=AnyHttpUrl(url),
        token_file=folder / "token",
        known_username="admin",
        read_timeout=read_timeout,
        retry_budget=60,
        outage_pause=30 / HASTE,
    )
    settings = Settings(state_dir=folder, sites={"sandbox": site})
    return replace(
        open_context(settings),
        open_site=lambda key, one: open_moodle(key, one, sleep=lambda seconds: SLEEP(seconds / HASTE)),
        now=lambda: datetime.fromtimestamp(now, UTC),
    )


def main(folder: Path, url: str, now: int, read_timeout: float, jobs: Sequence[str]) -> int:
    """Do these jobs once, in their order."""
    use_language("en")
    logging.basicConfig(filename=folder / "victim.log", level=logging.DEBUG)
    ctx = open_victim(folder, url, now, read_timeout)
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
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:]))
