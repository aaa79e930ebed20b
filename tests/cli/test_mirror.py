"""How fresh the mirror is, as an operator reads it."""

from datetime import UTC, datetime

import pytest

from connector.cli.mirror import SHOWN, print_mirror, print_status
from connector.jobs.freshness import MirrorStatus
from connector.jobs.mirror import MirrorOutcome
from connector.lms import Oddity
from connector.sandbox.rosters import write_rosters
from connector.store.mirror_marks import PartRead
from connector.store.quarantine import Quarantined
from tests.cli.conftest import Desk

NOW = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)


def test_freshness_is_told_by_part_and_in_one_line(desk: Desk) -> None:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", 8, 1, provinces=["40"]))
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    desk.type("apply", plan)
    assert "nothing has been read yet" in desk.type("mirror", "status")[1]
    assert "8 learners' results read" in desk.type("mirror")[1]
    assert "2 learners' results read" in desk.type("mirror", "--rolling")[1]
    assert "8 learners' results read" in desk.type("mirror", "--full")[1]
    code, out, _ = desk.type("mirror", "status")
    assert (code, "topic results" in out, "could not be understood" in out) == (0, True, False)
    assert "Mirror: accounts" in desk.type("evaluate")[1]
    assert "Mirror: accounts" in desk.type("certificates", "due")[1]


def test_rows_in_quarantine_are_shown_with_people_masked(capsys: pytest.CaptureFixture[str]) -> None:
    part = PartRead(part="results", read_at=NOW, whole_at=None, bookmark=None, seen=7, run_id=3)
    row = Quarantined(
        part="results",
        place="k1/cd01",
        username="0912000001",
        why="unknown completion state 7",
        raw='{"state": [7]}',
        first_seen=NOW,
        last_seen=NOW,
        times=2,
    )
    print_status(MirrorStatus(parts=(part,), quarantine=(row,) * (SHOWN + 2), holds=(), zone=UTC))
    out = capsys.readouterr().out
    assert "unknown completion state 7" in out
    assert '{"state": [7]}' in out
    assert "... and 2 more" in out
    assert "0912000001" not in out


def test_a_run_says_that_rows_were_left_aside(capsys: pytest.CaptureFixture[str]) -> None:
    odd = Oddity(part="results", place="x", username="", why="?", raw="")
    print_mirror(MirrorOutcome(run_id=1, at=NOW, parts=(), learners_read=0, requests=1, odd=(odd,), held=()))
    assert "1 rows could not be understood" in capsys.readouterr().out
