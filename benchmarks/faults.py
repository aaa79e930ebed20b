"""`make faults`: the fault campaign. Runs of plan, apply, mirror and certificates under seeded faults and kills.

Each run ends with one clean run and is then compared with its roster, by the platform's own tables. Then applies,
mirror runs and pushes are killed at random points (benchmarks/kills.py), and database or platform are set back to a
copy (benchmarks/restores.py). Exits with 1 when anything was found. What a
run is: tests/faults/campaign.py; what is compared: tests/faults/checks.py.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

from benchmarks.kills import LEARNERS as KILL_LEARNERS
from benchmarks.kills import kills
from benchmarks.kills import table as kills_table
from benchmarks.restores import restores
from benchmarks.restores import table as restores_table
from connector.language import use_language
from tests.faults.campaign import LEARNERS, Report, run
from tests.faults.grounds import GROUNDS
from tests.faults.slain import run as run_slain

# Every so many runs one is made over real HTTP with a process that is really killed (SIGKILL).
SLAIN_EVERY = 25


def main() -> int:
    """Run the campaign, print its table, write its figures; 1 when something was found."""
    parser = argparse.ArgumentParser(description="The fault campaign.")
    parser.add_argument("--platform", choices=list(GROUNDS), default="moodle")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first run's seed; the next ones count on")
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument("--kills", type=int, default=300, help="so many kills of applies")
    parser.add_argument("--kill-learners", type=int, default=KILL_LEARNERS, help="learners of an apply that is killed")
    parser.add_argument("--restores", type=int, default=60, help="so many lives in which something is set back")
    parser.add_argument("--out", type=Path, default=Path("var/faults.json"), help="where the figures are written")
    options = parser.parse_args()
    started = time.perf_counter()
    seeds = range(options.seed, options.seed + options.runs)
    with ProcessPoolExecutor(options.jobs, initializer=_quiet) as pool:
        reports = list(told(pool.map(one_run, seeds, repeat(options.learners), repeat(options.platform)), len(seeds)))
    seconds = time.perf_counter() - started
    made = list(kills(options.kills, options.jobs, options.kill_learners, options.platform)) if options.kills else []
    killing = time.perf_counter() - started - seconds
    set_back = list(restores(options.restores, options.jobs, options.platform)) if options.restores else []
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "runs": [as_json(report) for report in reports],
        "kill_seconds": round(killing, 1),
        "kills": [asdict(kill) for kill in made],
        "restores": [asdict(restore) for restore in set_back],
    }
    options.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if reports:
        print(table(reports))
        print(f"\n{len(reports)} runs in {seconds:.0f} s.\n")
    if made:
        print(kills_table(made))
        print(f"\n{len(made)} kills in {killing:.0f} s.")
    if set_back:
        print(f"\n{restores_table(set_back)}\n\n{len(set_back)} lives in which something was set back.")
    print(f"Figures: {options.out}")
    found = [*(one.findings for one in reports), *(one.findings for one in made), *(one.findings for one in set_back)]
    return 1 if any(found) else 0


def told(reports: Iterable[Report], total: int) -> Iterator[Report]:
    """The reports as they come, with a word on the screen now and then and for every run with a finding."""
    for done, report in enumerate(reports, 1):
        if report.findings or done % 20 == 0:
            print(f"{done} of {total} runs; seed {report.seed}: {report.findings or 'as it should be'}", flush=True)
        yield report


def _quiet() -> None:
    """Messages in English; what is logged is collected by the run itself and nowhere else."""
    use_language("en")
    logging.lastResort = None


def one_run(seed: int, learners: int, platform: str) -> Report:
    """One run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="connector-faults-") as folder:
        kind = run_slain if seed % SLAIN_EVERY == SLAIN_EVERY - 1 else run
        return kind(seed, Path(folder), learners, GROUNDS[platform])


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {field.name: getattr(report, field.name) for field in fields(report)}


def table(reports: Iterable[Report]) -> str:
    """What was met and what was found, as Markdown."""
    found = list(reports)
    lines = ["| | |", "|---|---:|"]
    lines += [
        f"| runs, each with {found[0].learners} learners and more who join later | {len(found)} |",
        f"| lives of the connector (a life ends well, by an error or by a kill) | {sum(r.tries for r in found)} |",
        f"| requests to the platform | {sum(r.requests for r in found)} |",
        f"| mishaps met | {sum(r.mishaps.total() for r in found)} |",
        f"| kills | {sum(r.kills.total() for r in found)} |",
        f"| runs with a finding | {sum(bool(r.findings) for r in found)} |",
        f"| certificates issued, each once | {sum(r.certificates for r in found)} |",
        f"| people who got the welcome message of the course again | {sum(r.welcomes_repeated for r in found)} |",
    ]
    for title, part in (("mishap", "mishaps"), ("killed", "kills"), ("error that ended a job", "errors")):
        total: Counter[str] = sum((getattr(report, part) for report in found), Counter())
        lines += ["", f"| {title} | times |", "|---|---:|"]
        lines += [f"| {name} | {count} |" for name, count in sorted(total.items(), key=lambda item: -item[1])]
    lines += [f"\nseed {report.seed}: {finding}" for report in found for finding in report.findings]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
