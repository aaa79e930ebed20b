"""`make bench`: the house's claims about size and speed, measured here and now.

Times depend on the machine; requests and ratios do not. The connector's own CPU time is that of its process alone: the
sandbox runs in another.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import edx, evaluate, mirror, peers, plans, rosters
from benchmarks.claims import claims, table
from benchmarks.nightly import nightly_run

SMALL = 600


def main() -> int:
    """Measure, print, write; 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--learners", type=int, default=18_000, help="size of the large run")
    parser.add_argument("--out", type=Path, default=Path("var/bench.json"), help="where the figures are written")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="connector-bench-") as folder:
        figures = measure(Path(folder), options.learners)
    found = claims(figures)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(figures | {"claims": [claim.as_json() for claim in found]}, indent=1) + "\n")
    print(table(figures, found))
    print(f"figures: {options.out}")
    return 0 if all(claim.holds for claim in found) else 1


def measure(folder: Path, learners: int) -> dict[str, Any]:
    """All figures; takes some minutes."""
    lists = rosters.measure()  # first: a process inherits the peak of the one that starts it
    shards = plans.run_shards()
    small = demo(folder / "small", SMALL)
    large = demo(folder / "large", learners)
    nightly = nightly_run(folder / "large")
    on_sandbox = plans.measure_on_sandbox(folder / "large")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "learners": learners,
        "demo_small": small | {"learners": SMALL},
        "demo_large": large,
        "nightly": nightly,
        "plans": {"sandbox": on_sandbox, "shards": shards},
        "peers": peers.measure(),
        "edx": edx.measure(),
        "rosters": lists,
        "mirror": mirror.run(),
        "evaluate": {str(count): evaluate.measure(count) for count in evaluate.LIMITS},
    }


def demo(folder: Path, learners: int) -> dict[str, Any]:
    """The demo in a process of its own: wall time, and the figures that it writes itself."""
    figures = folder.with_suffix(".json")
    command = [sys.executable, "-m", "connector", "demo", "--dir", str(folder), "--learners", str(learners)]
    started = time.perf_counter()
    subprocess.run([*command, "--figures", str(figures)], check=True, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(figures.read_text())
    return found | {"wall": time.perf_counter() - started}


if __name__ == "__main__":
    sys.exit(main())
