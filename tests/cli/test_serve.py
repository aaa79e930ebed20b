"""`connector serve` as a process that is stopped by SIGTERM, and `connector jobs` as a person types it."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from urllib.error import URLError
from urllib.request import urlopen

import yaml

from tests.cli.conftest import Desk

LIST = Path("examples/rosters/05_hue.csv")
DEADLINE = 40.0
JOBS = [
    {"name": "lists", "job": "pick-up", "trigger": {"every": "1s"}, "quiet": "0s"},
    {"name": "sync", "job": "apply", "trigger": {"cron": "0 3 * * *"}},
    {"name": "by-province", "job": "plan", "trigger": {"every": "1d"}, "provinces": "all", "spread": "30m"},
]


def declare(desk: Desk, jobs: object = JOBS, port: int = 0) -> None:
    content = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
    content |= {"jobs": jobs, "serve": {"port": port, "look_every": "1s"}}
    desk.config.write_text(yaml.safe_dump(content), encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.1)


def asked(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except URLError as error:
        return getattr(error, "code", 0), ""


def test_the_check_tells_everything_that_is_in_the_way(desk: Desk) -> None:
    share = desk.folder / "share"
    elsewhere = {"name": "y", "job": "pick-up", "trigger": {"every": "1h"}, "folder": str(share)}
    declare(
        desk, [{"name": "x", "job": "mirror", "trigger": {"every": "1h"}, "programme": "nothing"}, elsewhere, *JOBS]
    )
    code, out, _err = desk.type("serve", "--check")
    assert code == 6
    assert "x: There is no programme 'nothing'" in out
    assert f"y: The folder {share} is not there" in out
    declare(desk)
    code, out, _err = desk.type("serve", "--check")
    assert (code, "Everything is ready" in out) == (0, True)


def test_a_job_is_listed_run_paused_and_resumed_by_hand(desk: Desk) -> None:
    declare(desk)
    pickup = desk.folder / "state" / "pickup"
    assert desk.type("jobs", "run", "lists")[0] == 0  # makes the folder
    assert "never watched" in desk.type("jobs", "list")[1]
    assert desk.type("jobs", "pause", "sync")[0] == 6
    assert desk.type("jobs", "pause", "sync", "--reason", "an upgrade", "--by", "lan")[0] == 0
    assert "paused by lan" in desk.type("jobs", "list")[1]
    copyfile(LIST, pickup / LIST.name)
    assert "lists taken: 1" in desk.type("jobs", "run", "lists")[1]
    code, out, _err = desk.type("jobs", "run", "sync")
    assert code == 0
    assert "waits for approval" in out
    assert "waits for approval" in desk.type("jobs", "history", "sync")[1]
    assert desk.type("jobs", "resume", "sync")[0] == 0
    listed = desk.type("jobs", "list")[1]
    assert "paused" not in listed
    assert "plan, 34 provinces" in listed
    code, _out, err = desk.type("jobs", "run", "other")
    assert (code, "Known jobs: lists, sync, by-province" in err) == (6, True)


def test_what_does_not_come_to_a_safe_point_is_cut_off(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        desk.configure(url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        declare(desk, [{"name": "copy", "job": "mirror", "trigger": {"every": "1s"}}])
        content = yaml.safe_load(desk.config.read_text("utf-8"))
        content["serve"] |= {"stop_within": "1s"}
        desk.config.write_text(yaml.safe_dump(content), "utf-8")
        words = [sys.executable, "-m", "connector", "--config", str(desk.config), "serve"]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
            silent.settimeout(DEADLINE)
            caller, _address = silent.accept()
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _out, log = process.communicate(timeout=DEADLINE)
            caller.close()
    assert (process.returncode, time.monotonic() - begun < 10) == (1, True)
    assert json.loads(log.splitlines()[-1])["event"] == "cut off"


def test_the_service_takes_a_list_tells_its_health_and_stops_in_time(desk: Desk) -> None:
    port = free_port()
    declare(desk, port=port)
    pickup = desk.folder / "state" / "pickup"
    pickup.mkdir(parents=True)
    copyfile(LIST, pickup / LIST.name)
    with subprocess.Popen(
        [sys.executable, "-m", "connector", "--config", str(desk.config), "serve"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            wait_for(lambda: not (pickup / LIST.name).exists())
            wait_for(lambda: asked(port, "/readyz")[0] == 200)
            assert asked(port, "/healthz")[0] == 200
            assert asked(port, "/else")[0] == 404
            wait_for(lambda: 'connector_job_runs_total{job="lists",state="' in asked(port, "/metrics")[1])
        finally:
            process.send_signal(signal.SIGTERM)
        _out, log = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["event"] for line in lines][-1] == "stopped"
    assert {"begun", "ended"} <= {line["event"] for line in lines}
    for line in LIST.read_text(encoding="utf-8-sig").splitlines()[3:13]:
        name, phone = line.split(";")[1:3]
        assert name.strip() not in log
        assert phone.replace(" ", "")[-6:] not in log
