"""The whole job as an operator types it, over real HTTP, command by command."""

import json
from pathlib import Path

from openpyxl import load_workbook

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk

PEOPLE = 60


def test_the_road_from_roster_to_report(desk: Desk) -> None:
    rosters = write_rosters(desk.folder / "rosters", PEOPLE, 1, provinces=["31", "40"])
    code, out, _ = desk.type("doctor")
    assert (code, "0 errors" in out) == (0, True)

    sample = Path("examples/rosters/05_hue.csv")
    code, out, _ = desk.type("roster", "check", sample, "--errors", desk.folder / "errors")
    assert (code, "42 accepted, 0 doubtful, 8 refused" in out) == (4, True)
    assert [path.name for path in (desk.folder / "errors").iterdir()] == ["05_hue-loi.xlsx"]
    code, out, _ = desk.type("roster", "import", *rosters)
    assert (code, f"{PEOPLE} new" in out) == (0, True)
    code, out, _ = desk.type("roster", "import", *rosters)
    assert (code, "0 new, 0 changed" in out) == (0, True)

    plan = desk.folder / "plan.json"
    code, out, _ = desk.type("plan", "--out", plan)
    assert code == 3
    assert str(3 * PEOPLE + 2) in out
    code, out, _ = desk.type("apply", plan)
    assert (code, f"{3 * PEOPLE + 2} done" in out) == (0, True)
    code, out, _ = desk.type("plan")
    assert (code, "No changes" in out) == (0, True)

    desk.control.move_to_day(15)
    code, out, _ = desk.type("mirror")
    assert (code, f"{PEOPLE} learners' results read" in out) == (0, True)
    code, out, _ = desk.type("evaluate")
    assert f"{PEOPLE} learners judged" in out

    code, out, _ = desk.type("certificates", "due")
    due = int(out.split(" certificates are due")[0].split()[-1])
    assert due > 10
    code, out, _ = desk.type("certificates", "push", "--wait", "30")
    assert (code, f"{due} issued and registered, 0 not issued" in out) == (0, True)
    code, out, _ = desk.type("certificates", "push")
    assert "0 decided, 0 released, 0 issued" in out

    code, out, _ = desk.type("report", "progress", "--format", "xlsx,csv", "--out", desk.folder / "reports")
    assert code == 0
    (workbook,) = (desk.folder / "reports").glob("*.xlsx")
    assert len(load_workbook(workbook).sheetnames) == 2
    assert desk.control.state()["issues"] == due


def test_a_province_can_be_planned_and_certified_by_itself(desk: Desk) -> None:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", 20, 1, provinces=["31", "40"]))
    plan = desk.folder / "plan.json"
    assert desk.type("plan", "--province", "31", "--out", plan)[0] == 3
    assert desk.type("apply", plan)[0] == 0
    assert 0 < desk.control.state()["members"] < 20
    assert desk.type("plan", "--province", "31")[0] == 0
    assert desk.type("plan")[0] == 3
    desk.control.move_to_day(15)
    desk.type("mirror")
    desk.type("evaluate")
    code, out, _ = desk.type("certificates", "due", "--province", "40")
    assert (code, "0 certificates are due" in out) == (0, True)


def test_one_persons_story_is_told(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 5, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    row = json.loads(desk.type("roster", "check", roster, "--json")[1])["accepted"][0]
    code, out, _ = desk.type("explain", row["phone"])
    assert (code, row["full_name"] in out, f"{roster.name}[{row['sheet']}]:{row['source_row']}" in out) == (
        0,
        True,
        True,
    )


def test_numbers_that_two_people_claim_are_listed_and_not_provisioned(desk: Desk) -> None:
    samples = Path("examples/rosters")
    desk.type("roster", "import", samples / "01_phu_luc_01_nghe_an.xlsx", samples / "10_bo_sung_dot_2.xlsx")
    code, out, _ = desk.type("roster", "conflicts")
    assert (code, "Phone" in out, out.count("+84*******")) == (0, True, 2)
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    assert desk.type("apply", plan)[0] == 0
    # 74 and 53 rows are accepted; one person stands in both lists, and one number is claimed by two people.
    assert desk.control.state()["members"] == 74 + 53 - 1 - 2
