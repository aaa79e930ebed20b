"""`python -m benchmarks.rosters`: reading 34 provincial files with 18,000 rows, against pandas with openpyxl alone.

Each reader runs in a process of its own, so that peak memory is its own. Ours decides about every cell and person and
writes an error workbook for each file with a bad row; pandas only turns the sheets into frames.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.reader import read_roster
from connector.sandbox.rosters import write_rosters

ROWS, SEED = 18_000, 4
SECONDS, MEGABYTES = 15, 300


def ours(files: list[Path], folder: Path) -> int:
    """Read and judge all files, and answer those with bad rows; the number of rows about people."""
    rows = 0
    for file in files:
        reading = read_roster(file)
        if not reading.is_complete:
            raise AssertionError(f"rows of {file.name} are lost")
        if reading.refused:
            write_error_workbook(reading, file, folder / f"{file.stem}-loi.xlsx")
        rows += len(reading.accepted) + len(reading.refused)
    return rows


def reading_alone(files: list[Path], _folder: Path) -> int:
    """Read and judge all files without answering any; the number of rows about people."""
    readings = [read_roster(file) for file in files]
    return sum(len(reading.accepted) + len(reading.refused) for reading in readings)


def peer(files: list[Path], _folder: Path) -> int:
    """Read all files with pandas.read_excel and openpyxl; the number of rows."""
    import pandas  # here, so that our own process does not carry its memory

    return sum(len(pandas.read_excel(file, engine="openpyxl", header=None, dtype=str)) for file in files)


READERS: dict[str, Callable[[list[Path], Path], int]] = {
    "connector": ours,
    "connector, no answers": reading_alone,
    "pandas": peer,
}


def measure_one(name: str, folder: Path) -> dict[str, Any]:
    """Read the files in `folder` in this process: rows, seconds, own CPU seconds, peak megabytes."""
    files = sorted(folder.glob("*.xlsx"))
    answers = folder / "answers"
    answers.mkdir(exist_ok=True)
    started, cpu = time.perf_counter(), time.process_time()
    rows = READERS[name](files, answers)
    return {
        "files": len(files),
        "rows": rows,
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(rows: int = ROWS) -> dict[str, dict[str, Any]]:
    """The figures of both readers on the same invented files, each in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="connector-rosters-") as name:
        write_rosters(Path(name), rows, SEED)
        found = {}
        for reader in READERS:
            command = [sys.executable, "-m", "benchmarks.rosters", "--only", reader, "--folder", name]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[reader] = json.loads(done.stdout)
        return found


def table(figures: dict[str, dict[str, Any]]) -> str:
    """The figures as Markdown, with the ratio of the times."""
    lines = ["| reader | files | rows | wall s | CPU s | peak MB |", "|---|---|---|---|---|---|"]
    for name, one in figures.items():
        cost = f"{one['seconds']:.1f} | {one['cpu']:.1f} | {one['megabytes']:.0f}"
        lines.append(f"| {name} | {one['files']} | {one['rows']} | {cost} |")
    peers = figures["pandas"]["seconds"]
    lines += ["", "Times over pandas, which only reads:"]
    lines += [f"{name} {one['seconds'] / peers:.2f} x" for name, one in figures.items() if name != "pandas"]
    return "\n".join(lines)


def holds(figures: dict[str, dict[str, Any]]) -> bool:
    """True when our reader keeps within the limits of time and memory."""
    own = figures["connector"]
    return bool(own["seconds"] <= SECONDS and own["megabytes"] <= MEGABYTES)


def main() -> int:
    """Measure and print; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure_one(options.only, options.folder)))
        return 0
    figures = measure(options.rows)
    print(table(figures))
    print(f"limits: {SECONDS} s, {MEGABYTES} MB: {'hold' if holds(figures) else 'FAIL'}")
    return 0 if holds(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
