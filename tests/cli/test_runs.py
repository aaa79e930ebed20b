"""Runs at the command line: real processes that are stopped by real signals, and two that want the same site."""

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connector.cli.progress import Lines
from connector.cli.stopping import stop_requests
from connector.errors import Interrupted
from connector.sandbox.content import seed_site
from connector.sandbox.control import SandboxControl
from connector.sandbox.mishaps import Mishap, Weather
from connector.sandbox.moodle import MoodleSandbox
from connector.sandbox.rosters import write_rosters
from connector.sandbox.server import SandboxServer
from connector.sandbox.serving import write_token
from connector.sandbox.site import Site
from tests.cli.conftest import Desk

PATIENCE = 60
TOKEN = "5ec2e7" * 5 + "00"


class Gate(Weather):
    """Fair weather that keeps a request waiting once the journal holds something sent, until it is opened."""

    def __init__(self, database: Path) -> None:
        super().__init__(0, 0.0)
        self._database = database
        self.closed = False
        self.reached, self.opened = threading.Event(), threading.Event()

    def next(self) -> Mishap | None:
        if self.closed and self._something_is_sent():
            self.reached.set()
            self.opened.wait(PATIENCE)
        return None

    def _something_is_sent(self) -> bool:
        with sqlite3.connect(self._database) as connection:
            (count,) = connection.execute("SELECT count(*) FROM journal WHERE state = 'sent'").fetchone()
        return bool(count)


@dataclass(frozen=True)
class GatedDesk(Desk):
    """A desk whose platform can be made to keep the connector waiting for an answer to a write."""

    gate: Gate = field(kw_only=True)
    processes: list[subprocess.Popen[str]] = field(default_factory=list, kw_only=True)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        command = [sys.executable, "-m", "connector", "--config", str(self.config), *map(str, words)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def planned(self) -> Path:
        """The plan for 20 people, with the gate closed for whoever writes."""
        self.type("roster", "import", *write_rosters(self.folder / "rosters", 20, 1, provinces=["40"]))
        plan = self.folder / "plan.json"
        assert self.type("plan", "--out", plan)[0] == 3
        self.gate.closed = True
        return plan

    def open_gate(self) -> None:
        self.gate.closed = False
        self.gate.opened.set()


@pytest.fixture
def gated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[GatedDesk]:
    site = Site(str(tmp_path / "sandbox.db"))
    seed_site(site, token=TOKEN, seed=1)
    token_file = tmp_path / "token"
    write_token(token_file, TOKEN)
    gate = Gate(tmp_path / "state" / "connector.db")
    server = SandboxServer(MoodleSandbox(site), TOKEN, 0, 0, weather=gate)
    thread = threading.Thread(target=server.run, args=(lambda _url: None,))
    thread.start()
    desk = GatedDesk(tmp_path, server.url, token_file, SandboxControl(server.url, TOKEN), capsys, gate=gate)
    desk.configure()
    yield desk
    desk.open_gate()
    for process in desk.processes:
        process.kill()
        process.communicate()
    server.shutdown()
    thread.join()
    site.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_lets_the_batch_in_flight_end_and_the_run_is_resumed(
    gated: GatedDesk, number: signal.Signals, code: int
) -> None:
    apply = gated.start("apply", gated.planned(), "--by", "Lan")
    assert gated.gate.reached.wait(PATIENCE)
    apply.send_signal(number)
    assert apply.stderr is not None
    while "Stopping as soon as nothing is in flight" not in apply.stderr.readline():
        assert apply.poll() is None
    gated.open_gate()
    said, complained = apply.communicate(timeout=PATIENCE)
    assert apply.returncode == code, complained
    assert "0 refused, 0 unknown, 60 not tried" in said  # the cohort was in flight, and was settled
    assert "Go on with: connector resume 1" in complained
    out = gated.type("runs")[1]
    assert "stopped on the way" in out
    assert "Lan" in out
    exit_code, out, _ = gated.type("resume")
    assert (exit_code, "Run 1: 60 changes are left" in out, "60 done" in out) == (0, True, True)
    assert gated.type("plan")[0] == 0
    assert gated.type("resume")[0] == 6


def test_a_second_signal_stops_at_once(gated: GatedDesk) -> None:
    apply = gated.start("apply", gated.planned())
    assert gated.gate.reached.wait(PATIENCE)
    apply.send_signal(signal.SIGTERM)
    assert apply.stderr is not None
    while "once more stops at once" not in apply.stderr.readline():
        assert apply.poll() is None
    apply.send_signal(signal.SIGTERM)
    assert apply.wait(PATIENCE) == -signal.SIGTERM
    gated.open_gate()
    assert "broken off" in gated.type("runs")[1]
    code, out, _ = gated.type("resume")
    assert (code, "Of 1 that were never answered" in out) == (0, True)
    assert gated.type("plan")[0] == 0


def test_of_two_applies_at_the_same_time_one_is_refused_and_told_by_whom(gated: GatedDesk) -> None:
    plan = gated.planned()
    first = gated.start("apply", plan, "--by", "Lan Anh")
    assert gated.gate.reached.wait(PATIENCE)
    refused = gated.start("apply", plan)
    _said, complained = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 5
    assert "is running: run 1, by Lan Anh on " in complained
    assert f"process {first.pid}, since " in complained
    assert "running" in gated.type("runs")[1]
    first.kill()  # and one that is gone gives way at once
    first.wait(PATIENCE)
    gated.open_gate()
    assert gated.type("resume")[0] == 0
    assert gated.type("plan")[0] == 0


def test_runs_are_listed_and_told_and_taken_back(desk: Desk) -> None:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", 6, 1, provinces=["40"]))
    plan, undo = desk.folder / "plan.json", desk.folder / "undo.json"
    desk.type("plan", "--province", "40", "--out", plan, "--by", "Lan")
    assert desk.type("approve", plan, "--by", "Minh")[0] == 0
    desk.type("--scheduled", "apply", plan)
    desk.type("mirror")
    listed = json.loads(desk.type("runs", "--json")[1])
    assert [(one["run"], one["job"], one["outcome"], one["trigger"]) for one in listed] == [
        (2, "mirror", "done", "hand"),
        (1, "apply", "done", "schedule"),
    ]
    assert [one["job"] for one in json.loads(desk.type("runs", "--job", "apply", "--last", "1", "--json")[1])] == [
        "apply"
    ]
    assert "(by schedule)" in desk.type("runs", "--job", "apply")[1]

    code, out, _ = desk.type("runs", "show", "1", "--changes")
    assert (code, out.count("account (create) "), "Nghệ An" in out) == (0, 6, True)
    assert all(words in out for words in (" by Lan\n", "Approved by Minh, ", "Only for the provinces 40"))
    assert "accounts" in desk.type("runs", "show", "2")[1]
    story = json.loads(desk.type("runs", "show", "1", "--json", "--changes")[1])
    assert sum(one["count"] for one in story["by_kind_and_province"]) == len(story["changes"]) == 19
    assert all("*" in one["subject"] for one in story["changes"] if one["kind"] != "cohort")

    code, out, _ = desk.type("undo", "1", "--out", undo)
    assert (code, "18 changes" in out, "connector plan' wants these things again" in out) == (3, True, True)
    assert desk.type("apply", undo)[0] == 0
    assert desk.control.state()["members"] == 0
    assert "It takes back run 1" in desk.type("runs", "show", "3")[1]
    code, out, _ = desk.type("undo", "1")
    assert (code, "Changed by a later run" in out) == (0, True)
    assert desk.type("runs", "show", "9")[0] == 6


def test_a_word_that_let_held_changes_through_is_told(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 30, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    desk.type("apply", plan)
    (fewer,) = write_rosters(desk.folder / "fewer", 10, 1, provinces=["40"])
    desk.type("roster", "import", "--complete", fewer)  # one of its rows is refused, so one of the first list stays
    assert "held back" in desk.type("plan")[1]
    desk.type("plan", "--override", "the list was too long", "--by", "Lan", "--out", plan)
    assert desk.type("apply", plan)[0] == 0
    assert "Lan let 19 held changes through: the list was too long" in desk.type("runs", "show", "2")[1]


def test_all_that_was_refused_is_told_with_the_platforms_words(desk: Desk) -> None:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", 3, 1, provinces=["40"]))
    plan = desk.folder / "plan.json"
    desk.configure(accounts={"fields": {"country": "Nowhere"}})
    desk.type("plan", "--out", plan)
    assert desk.type("apply", plan)[0] == 4
    out = desk.type("runs", "show", "1")[1]
    assert "Refused:" in out
    assert out.count("account (create) ") == 3
    assert "Not sent: the account that it needs was not made." in out


def test_without_a_signal_a_safe_point_lets_pass_and_handlers_are_put_back() -> None:
    former = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with stop_requests() as safe_point:
        safe_point()
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted) as stop:
            safe_point()
    assert stop.value.exit_code == 143
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == former


def test_in_a_log_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([0.0, 5.0, 31.0, 40.0, 120.0])
    lines = Lines("Apply", lambda: next(moments))
    lines.step(500, 9000)
    lines.step(1000, 9000)
    lines.part("results", 3, 9)
    lines.step(9000, 9000)
    assert capsys.readouterr().err.splitlines() == [
        "Apply: 1000 of 9000 in 1 minutes",
        "Apply: 9000 of 9000 in 2 minutes",
    ]
