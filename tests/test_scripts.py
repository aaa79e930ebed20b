"""The scripts that gate a change can themselves say no."""

from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from scripts import coverage_gate, direct_requirements
from scripts.coverage_gate import WHOLE, shortfalls


def report(overall: float, **files: float) -> dict[str, Any]:
    """Coverage's JSON report in its shape, every gated folder covered unless said otherwise."""
    measured = {(part + "x.py" if part.endswith("/") else part): 100.0 for part in WHOLE}
    measured |= {name.replace("__", "/") + ".py": percent for name, percent in files.items()}
    return {
        "totals": {"percent_covered": overall},
        "files": {
            name: {"summary": {"percent_covered": percent}, "missing_lines": [7], "missing_branches": [[7, 9]]}
            for name, percent in measured.items()
        },
    }


def test_the_gate_is_silent_when_all_is_covered() -> None:
    assert shortfalls(report(95.0, connector__cli__demo=40.0)) == []


def test_the_gate_names_what_is_below_its_mark() -> None:
    assert "94.9 %" in shortfalls(report(94.9))[0]
    (line,) = shortfalls(report(99.0, connector__sync__plan=99.5))
    assert "connector/sync/plan.py" in line
    assert "[7, 9]" in line


def test_a_gated_folder_that_was_not_measured_is_a_shortfall() -> None:
    whole = report(99.0)
    del whole["files"]["connector/sync/x.py"]
    assert shortfalls(whole) == ["no coverage was measured in connector/sync/"]


def test_the_gate_fails_the_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "coverage.json"
    file.write_text('{"totals": {"percent_covered": 10.0}, "files": {}}', encoding="utf-8")
    assert coverage_gate.main(file) == 1
    assert "wanted 95 %" in capsys.readouterr().err


def test_deptry_sees_the_dependencies_of_setup_cfg(tmp_path: Path) -> None:
    direct_requirements.main(tmp_path)
    setup = ConfigParser()
    setup.read(direct_requirements.SETUP, encoding="utf-8")
    run = (tmp_path / "run.txt").read_text(encoding="utf-8").split()
    assert run == setup["options"]["install_requires"].split()
    extra = (tmp_path / "extra.txt").read_text(encoding="utf-8").split()
    assert {"pytest>=8.3", "ruff", "pymoodle"} <= set(extra)


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_lock_is_hashed_and_names_no_index(name: str) -> None:
    text = (direct_requirements.SETUP.parent / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 30
    assert [line for line in pins if "==" not in line or not line.endswith("\\")] == []
    assert "://" not in text


def test_the_lock_holds_every_direct_dependency(tmp_path: Path) -> None:
    direct_requirements.main(tmp_path)
    locks = {"run.txt": "run", "extra.txt": "dev"}
    for file, lock in locks.items():
        wanted = (tmp_path / file).read_text(encoding="utf-8").lower().replace("_", "-").split()
        pinned = (direct_requirements.SETUP.parent / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
        names = {line.partition("==")[0] for line in pinned.splitlines() if "==" in line}
        assert {item.partition(">")[0].partition("[")[0] for item in wanted} <= names
