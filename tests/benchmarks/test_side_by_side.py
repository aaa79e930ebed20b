"""The tool that plays random calls refuses foreign hosts, and changes nothing unless it is told to."""

import subprocess
import sys
from pathlib import Path

from benchmarks.side_by_side import Calls, comparable, pretend


def test_a_site_elsewhere_is_refused(tmp_path: Path) -> None:
    arguments = ["--url", "https://mooc.example.vn", "--token-file", str(tmp_path / "none")]
    command = [sys.executable, "-m", "benchmarks.side_by_side", *arguments]
    played = subprocess.run(command, capture_output=True, text=True, check=False)
    assert played.returncode == 2
    assert "only a site on this machine" in played.stderr


def test_the_same_seed_plays_the_same_calls_and_only_reads_unless_told() -> None:
    reading, again = Calls(1, write=False), Calls(1, write=False)
    calls = [reading.next() for _ in range(200)]
    assert calls == [again.next() for _ in range(200)]
    assert not [name for name, _params in calls if "_get_" not in name]


def test_a_difference_is_seen() -> None:
    ask = pretend()
    there = ask("core_course_get_course_module", {"cmid": 1})
    assert comparable(there) != comparable(ask("core_course_get_course_module", {"cmid": 2}))
