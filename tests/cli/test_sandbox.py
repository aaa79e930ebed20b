"""`connector sandbox` as a person starts it: with faults, and with the pace of a real site."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests


@contextmanager
def started(folder: Path, *options: str) -> Iterator[str]:
    """The address of a sandbox in a process of its own."""
    command = [sys.executable, "-m", "connector", "sandbox", "--port", "0", "--state", str(folder / "s.db")]
    command += ["--token-file", str(folder / "token"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def test_faults_are_brought_at_the_rate_that_is_asked_for(tmp_path: Path) -> None:
    with started(tmp_path, "--faults", "3", "--fault-rate", "1") as url:
        whole = 0
        for _ in range(20):
            try:
                answer = requests.get(url + "/", timeout=0.2)
            except requests.RequestException:
                continue
            whole += "Log in to the site" in answer.text
        assert whole < 15


@pytest.mark.parametrize(("speed", "least", "most"), [("0.2", 0.2, 1.0), ("100", 0.0, 0.15)])
def test_a_realistic_site_takes_its_time(tmp_path: Path, speed: str, least: float, most: float) -> None:
    with started(tmp_path, "--realistic", "--speed", speed) as url:
        began = time.perf_counter()
        assert requests.get(url + "/", timeout=5).status_code == 200
        assert least <= time.perf_counter() - began < most


EDX = ("--platform", "openedx")


def test_an_open_edx_is_served_with_its_own_secret(tmp_path: Path) -> None:
    with started(tmp_path, *EDX) as url:
        secret = (tmp_path / "token").read_text(encoding="utf-8").strip()
        form = {"grant_type": "client_credentials", "client_id": "connector", "client_secret": secret}
        answer = requests.post(f"{url}/oauth2/access_token", data=form, timeout=5)
        assert answer.json()["token_type"] == "Bearer"


def test_an_open_edx_meets_faults_and_takes_its_time(tmp_path: Path) -> None:
    with started(tmp_path, *EDX, "--faults", "3", "--fault-rate", "1", "--realistic", "--speed", "0.2") as url:
        whole, began = 0, time.perf_counter()
        for _ in range(10):
            try:
                answer = requests.get(f"{url}/heartbeat", timeout=0.3)
            except requests.RequestException:
                continue
            whole += answer.text.startswith('{"modulestore"')
        assert whole < 8
        assert time.perf_counter() - began > 10 * 0.025 / 0.2 / 2
