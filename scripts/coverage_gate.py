"""The coverage gate: 95 % over all, 100 % where decisions are made; branches count. Silent when all is well."""

import json
import sys
from pathlib import Path
from typing import Any

OVERALL = 95.0
COMPLETE = 100.0
WHOLE = (
    "connector/model.py",
    "connector/places/",
    "connector/programmes/",
    "connector/sync/",
    "connector/mappers/",
    "connector/certificates/",
)


def shortfalls(report: dict[str, Any]) -> list[str]:
    """What is below its mark in coverage's JSON report, one line each."""
    overall = report["totals"]["percent_covered"]
    lines = [] if overall >= OVERALL else [f"coverage over all is {overall:.1f} %, wanted {OVERALL:.0f} %"]
    lines += [
        f"no coverage was measured in {part}"
        for part in WHOLE
        if not any(name.startswith(part) for name in report["files"])
    ]
    for name, file in sorted(report["files"].items()):
        if name.startswith(WHOLE) and file["summary"]["percent_covered"] < COMPLETE:
            lines.append(
                f"{name} must be covered wholly: lines {file['missing_lines']}, branches {file['missing_branches']}"
            )
    return lines


def main(path: Path) -> int:
    """1 when something is below its mark; each shortfall is told on stderr."""
    found = shortfalls(json.loads(path.read_text(encoding="utf-8")))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
