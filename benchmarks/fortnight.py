"""`make fortnight`: the whole service through the days of a programme, in accelerated time, judged from outside.

What happens in it: tests/fortnight/scenery.py and run.py; what must hold at its end: tests/fortnight/oracle.py. Exits
with 1 when anything was not as it must be, or when it took too long.
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from connector.language import use_language
from connector.settings import HOME
from tests.fortnight.run import Report, run
from tests.fortnight.table import table

MOST_SECONDS = 300


def main() -> int:
    """Run the fortnight and print its table; 1 when something was found."""
    parser = argparse.ArgumentParser(description="A simulated fortnight of the service.")
    parser.add_argument("--learners", type=int, default=3000)
    parser.add_argument("--provinces", type=int, default=34)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    use_language("en")
    logging.lastResort = None
    began, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="connector-fortnight-") as folder:
        report = run(Path(folder), learners=options.learners, provinces=options.provinces, seed=options.seed)
    seconds = time.perf_counter() - began
    print(told(report))
    print(f"\n{seconds:.0f} s, of them {time.process_time() - worked:.0f} s at work.")
    return 1 if report.findings or worked_too_long(time.process_time() - worked) else 0


def worked_too_long(seconds: float) -> bool:
    """Whether the bound was passed; by its own work, since a machine may do other things besides."""
    if seconds > MOST_SECONDS:
        print(f"That is more than {MOST_SECONDS} s.")
    return seconds > MOST_SECONDS


def told(report: Report) -> str:
    """The table, who was called, the quiet hour, and what was found."""
    quiet = report.quiet
    lines = [table(report.days), "", "| alert | told at | what |", "|---|---|---|"]
    for moment, one in report.alerts:
        text = "over" if one.over else one.text.partition("\n")[0]
        lines.append(f"| {one.key} | {moment.astimezone(HOME):%d/%m %H:%M} | {text} |")
    lines += [
        "",
        f"Quiet hour: {quiet.ticks.total()} ticks, {quiet.requests} requests, {quiet.by_mirror} of them the mirror's.",
        f"Two services side by side: {report.beside[0]} and {report.beside[1]} ticks.",
        *(f"FOUND: {one}" for one in report.findings),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
