"""The comparison on Open edX at a small size, and the claims about it. The peer itself is measured by `make bench`."""

from pathlib import Path
from typing import Any

from benchmarks import edx
from benchmarks.claims import on_openedx


def test_the_connectors_side_is_measured_at_the_door(tmp_path: Path) -> None:
    stand = edx.make_stand(tmp_path, edx.SIZES["one course"], 40)
    enrolled, again, grades = edx.connector_requests(stand)
    assert enrolled > again > 0
    assert grades == 1
    stand.ctx.store.close()
    stand.door.close()


def test_the_claims_hold_the_shares() -> None:
    found = {"connector": 10, edx.PEER: 100}
    figures: dict[str, Any] = {
        "people": 2,
        "version": "1",
        "sizes": {"one course": {task: dict(found) for task in edx.TASKS}},
    }
    assert [claim.holds for claim in on_openedx(figures)] == [True] * 3
    figures["sizes"]["one course"]["unchanged second run"]["connector"] = 16
    assert [claim.name for claim in on_openedx(figures) if not claim.holds] == [
        f"Open edX, one course, unchanged second run: requests over {edx.PEER}'s"
    ]
    assert "| one course | unchanged second run | 16 | 100 | 16.0 % |" in edx.table(figures)
