"""`connector demo` from end to end, twice, with a sandbox in a process of its own."""

import csv
import json
from pathlib import Path

import pytest

from connector.cli.main import main


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as leave:
        main(["demo", *words])
    assert leave.value.code == 0
    return capsys.readouterr().out


FOLDERS = {"moodle": "var/demo", "openedx": "var/demo-openedx"}
SHOWN = {"moodle": ("<!-- demo: begin", 50), "openedx": ("<!-- demo openedx: begin", 15)}


@pytest.mark.timeout(300)
def test_the_readme_shows_what_the_demo_prints_and_both_platforms_report_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for platform, (mark, least) in SHOWN.items():
        folder = tmp_path / platform
        printed = run(capsys, "--dir", str(folder), "--platform", platform).replace(str(folder), FOLDERS[platform])
        lines = {line.rstrip() for line in printed.splitlines()}
        readme = Path("README.md").read_text(encoding="utf-8").partition(mark)[2]
        shown = readme.partition("```text\n")[2].partition("\n```\n<!-- demo")[0].splitlines()
        assert len(shown) > least
        assert [line for line in shown if line not in lines and line != "…"] == []
    moodle, openedx = (rows(tmp_path / platform) for platform in SHOWN)
    assert len(moodle) > 500
    assert openedx == moodle


def rows(folder: Path) -> list[dict[str, str]]:
    """Every row of the report's two tables; the moment of a completion, which Open edX does not tell, left out."""
    found = []
    for table in ("provinces", "learners"):
        (file,) = (folder / "reports").glob(f"*-{table}.csv")
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found += [{name: cell for name, cell in row.items() if name != DAY} for row in csv.DictReader(lines)]
    return found


DAY = "Ngày hoàn thành"


@pytest.mark.timeout(300)
def test_the_demo_can_be_run_twice_and_ends_with_nothing_left_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = tmp_path / "figures.json"
    words = ("--dir", str(tmp_path / "demo"), "--learners", "40", "--figures", str(figures))
    first = run(capsys, *words)
    assert first.rstrip().splitlines()[-1].startswith("second plan: no changes")
    second = run(capsys, *words)
    assert "00001/2025/GCN-BKHCN" in first
    assert second.rstrip().splitlines()[-1].startswith("second plan: no changes")
    names = [step["name"] for step in json.loads(figures.read_text())["steps"]]
    assert names == [
        "doctor",
        "import",
        "plan",
        "apply",
        "mirror, day 9",
        "evaluate, day 9",
        "mirror, day 16",
        "evaluate, day 16",
        "certificates",
        "certificates again",
        "report",
        "explain",
        "second plan",
    ]
    for made in ("plan.json", "connector.yaml", "connector.db", "reports"):
        assert (tmp_path / "demo" / made).exists()
