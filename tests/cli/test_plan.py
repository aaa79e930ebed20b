"""A plan as an operator sees, overrides and approves it, over a real sandbox."""

import json

import pytest
import yaml

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk

PEOPLE = 12


def configured(desk: Desk, **sections: object) -> None:
    content = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
    desk.config.write_text(yaml.safe_dump(content | sections), encoding="utf-8")


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    """The desk with a list imported."""
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", PEOPLE, 1, provinces=["40"]))
    return desk


def test_a_plan_is_written_by_the_endings_of_its_files(stocked: Desk) -> None:
    files = [stocked.folder / f"plan.{ending}" for ending in ("json", "md", "xlsx")]
    code, out, _ = stocked.type("plan", *[word for file in files for word in ("--out", file)])
    assert code == 3
    assert f"apply it with: connector apply {files[0]}" in out
    assert all(f"To be read: {file}" in out for file in files[1:])
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    code, _, err = stocked.type("apply", files[2])
    assert (code, "the others are to be read" in err) == (1, True)
    code, _, err = stocked.type("plan", "--out", stocked.folder / "plan.pdf")
    assert (code, ".json (for apply), .md or .xlsx" in err) == (6, True)


def test_a_plan_is_printed_as_json_or_as_a_page(stocked: Desk) -> None:
    _, out, _ = stocked.type("plan", "--format", "json")
    assert json.loads(out)["format"] == "connector-plan"
    _, out, _ = stocked.type("plan", "--format", "md")
    assert out.startswith("# Plan for programme bkhcn-2025-k1 on site sandbox")


def test_an_override_without_a_reason_is_refused(stocked: Desk) -> None:
    code, _, err = stocked.type("plan", "--override", "  ")
    assert (code, "An override needs a reason" in err) == (6, True)


def test_a_plan_waits_for_a_second_person(stocked: Desk) -> None:
    configured(stocked, approval={"when": "always"})
    plan = stocked.folder / "plan.json"
    _, out, _ = stocked.type("plan", "--by", "Lan", "--out", plan)
    assert "A second person must approve the plan, not its author Lan" in out
    code, _, err = stocked.type("apply", plan)
    assert (code, "connector approve PLAN.json --by NAME" in err) == (5, True)
    code, _, err = stocked.type("approve", plan, "--by", "Lan")
    assert (code, "somebody else must approve" in err) == (5, True)
    code, out, _ = stocked.type("approve", plan, "--by", "Minh")
    assert code == 0
    assert "Nghệ An" in out
    assert f"Minh has approved it. Apply it with: connector apply {plan}" in out
    assert stocked.type("apply", plan)[0] == 0


def test_a_freeze_is_told_by_the_plan_and_kept_by_apply(stocked: Desk) -> None:
    freeze = {"starts_at": "2020-01-01T00:00", "ends_at": "2120-01-01T00:00", "why": "audit"}
    configured(stocked, freezes=[freeze])
    plan = stocked.folder / "plan.json"
    code, out, _ = stocked.type("plan", "--out", plan)
    assert (code, "Nothing may be written before 2120-01-01 00:00: audit" in out) == (3, True)
    code, _, err = stocked.type("apply", plan)
    assert (code, "Nothing is written to the site 'sandbox' now: audit" in err) == (5, True)
    assert stocked.control.state()["members"] == 0
