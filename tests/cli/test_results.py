"""Importing results as a person types it."""

from pathlib import Path

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk


def test_refused_rows_and_conflicts_are_told(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 3, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    code, out, _ = desk.type("roster", "check", roster, "--json")
    phone = out.split('"phone": "')[1].split('"')[0]
    first = _list(desk.folder / "a.csv", f"{phone};cd01;80;05/12/2025")
    code, out, _ = desk.type("results", "import", first, "--kind", "result")
    assert (code, "a.csv: 1 new, 0 changed" in out) == (0, True)
    second = _list(desk.folder / "b.csv", f"{phone};cd01;20;05/12/2025", "123;cd01;20;05/12/2025")
    code, out, _ = desk.type("results", "import", second, "--kind", "result")
    assert (code, "1 in conflict, 1 refused" in out) == (4, True)
    assert "a.csv:2 stands, b.csv:2 says otherwise" in out
    assert "A3: This is not one valid" in out
    assert phone not in out
    (desk.folder / "c.csv").write_text("Họ tên\nA\n", encoding="utf-8")
    code, out, _ = desk.type("results", "import", desk.folder / "c.csv", "--kind", "attendance")
    assert (code, "has no such list" in out) == (4, True)


def _list(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["Số điện thoại;Chuyên đề;Điểm;Ngày", *rows]), encoding="utf-8")
    return path
