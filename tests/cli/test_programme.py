"""Commands on programmes, rules and cases as an operator types them."""

import json
from pathlib import Path

import yaml

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk
from tests.programmes.samples import content


def test_a_programme_file_is_checked_without_anything_else(desk: Desk) -> None:
    code, out, _ = desk.type("programme", "check")
    assert code == 0
    assert "at least 10 of 19 topics done" in out
    code, out, _ = desk.type("programme", "check", "bkhcn-2025-k1", "--json")
    assert (code, json.loads(out)[0]["problems"]) == (0, [])
    wrong = desk.folder / "small.yaml"
    rule = {"type": "at_least", "name": "total", "count": 9}
    wrong.write_text(yaml.safe_dump(content(rule=rule, leaving="delete"), sort_keys=False), encoding="utf-8")
    code, out, _ = desk.type("programme", "check", wrong)
    assert (code, "2 problems" in out) == (6, True)
    code, out, _ = desk.type("programme", "check", wrong, "--json")
    (found,) = json.loads(out)
    lines = wrong.read_text(encoding="utf-8").splitlines()
    assert code == 6
    assert [lines[problem["line"] - 1].strip() for problem in found["problems"]] == ["count: 9", "leaving: delete"]
    code, out, err = desk.type("programme", "check", "bkhcn-2025-k2")
    assert (code, "Did you mean 'bkhcn-2025-k1'" in err) == (6, True)


def test_rules_from_exemption_to_case(desk: Desk) -> None:
    rosters = write_rosters(desk.folder / "rosters", 40, 1, provinces=["31", "40"])
    desk.type("roster", "import", *rosters)
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    desk.type("apply", plan)
    desk.control.move_to_day(15)
    desk.type("mirror")
    desk.type("evaluate")
    code, out, _ = desk.type("programme", "versions")
    assert (code, out.count("first used")) == (0, 1)

    code, out, _ = desk.type("whatif", "--set", "total=9", "--set", "elective=4")
    assert (code, "Would pass" in out, "Total" in out) == (0, True, True)
    code, _, err = desk.type("whatif", "--set", "at_least=9")
    assert (code, "Name the part" in err) == (6, True)
    assert desk.type("whatif")[0] == 2
    code, out, _ = desk.type("whatif", "--as-of", "2025-12-09")
    assert (code, "As of 23:59 09/12/2025" in out) == (0, True)

    folder = desk.folder / "out"
    code, out, _ = desk.type("report", "at-risk", "--as-of", "2025-12-09T12:00", "--out", folder)
    assert (code, "of 40 learners are at risk" in out) == (0, True)
    assert [path.suffix for path in folder.iterdir()] == [".xlsx"]

    phone, *_ = phones(desk)
    words = ("programme", "exempt", phone, "--topic", "cd03", "--by", "An")
    assert desk.type(*words)[0] == 2, "without a decision there is none"
    code, out, _ = desk.type(*words, "--decision", "7/QĐ-SNV", "--on", "2025-12-03")
    assert (code, "exempt from cd03 by decision 7/QĐ-SNV" in out, phone in out) == (0, True, False)
    code, out, _ = desk.type("programme", "exemptions")
    assert (code, "7/QĐ-SNV" in out, "1 exemptions" in out) == (0, True, True)
    desk.type("evaluate")
    code, out, _ = desk.type("explain", phone)
    assert "Exempt: cd03 by decision 7/QĐ-SNV" in out
    code, out, _ = desk.type(*words, "--lift")
    assert (code, "ended" in out) == (0, True)
    assert desk.type(*words, "--lift")[0] == 6
    listed = desk.folder / "exempt.txt"
    listed.write_text("\n".join(phones(desk)[:3]), encoding="utf-8")
    several = ("programme", "exempt", "--file", listed, "--topic", "cd03", "--by", "An")
    code, out, _ = desk.type(*several, "--decision", "8/QĐ-SNV", "--on", "2025-12-03")
    assert (code, out.count("by decision 8/QĐ-SNV")) == (0, 3)
    assert desk.type("programme", "exempt", "--topic", "cd03", "--by", "An", "--lift")[0] == 2
    listed.write_bytes("0912345678".encode("utf-16"))
    code, _, err = desk.type(*several, "--lift")
    assert (code, "no text file in UTF-8" in err) == (6, True)

    code, out, _ = desk.type("cases", "list")
    assert (code, out.strip()) == (0, "0 open cases")
    assert desk.type("cases", "settle", "1", "--by", "An", "--reason", "x")[0] == 6


def phones(desk: Desk) -> list[str]:
    code, out, _ = desk.type("roster", "list", "--json")
    assert code == 0
    return [json.loads(line)["phone"] for line in out.splitlines()]


def test_a_case_is_listed_and_settled(desk: Desk, tmp_path: Path) -> None:
    rosters = write_rosters(desk.folder / "rosters", 20, 1, provinces=["40"])
    desk.type("roster", "import", *rosters)
    desk.type("plan", "--out", tmp_path / "plan.json")
    desk.type("apply", tmp_path / "plan.json")
    desk.control.move_to_day(16)
    desk.type("mirror")
    desk.type("evaluate")
    desk.type("certificates", "push")
    folder = desk.folder / "programmes"
    folder.mkdir()
    whole = yaml.safe_load(Path("config/programmes/bkhcn-2025-k1.yaml").read_text(encoding="utf-8"))
    whole["rule"] = {"type": "at_least", "name": "total", "count": 19}
    (folder / "bkhcn-2025-k1.yaml").write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    settings = yaml.safe_load(desk.config.read_text(encoding="utf-8"))
    desk.config.write_text(yaml.safe_dump(settings | {"programmes_dir": str(folder)}), encoding="utf-8")
    _, out, _ = desk.type("evaluate")
    assert "cases are open" in out
    code, out, _ = desk.type("cases", "list")
    assert (code, "the rule was changed" in out, "does not meet the rule" in out) == (0, True, True)
    code, out, _ = desk.type("cases", "settle", "1", "--by", "Lê An", "--reason", "kept")
    assert (code, "Case 1 is settled by Lê An: kept" in out) == (0, True)
    assert desk.type("cases", "settle", "1", "--by", "Lê An", "--reason", "kept")[0] == 6
    code, out, _ = desk.type("cases", "list", "--all", "--json")
    first = json.loads(out)[0]
    assert (first["case"], first["settled_by"], first["meets_the_rule_now"]) == (1, "Lê An", False)
    assert "Lê An: kept" in desk.type("cases", "list", "--all")[1]
