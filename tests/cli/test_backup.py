"""Backup, restore, recover and the bond to a site, as an operator types them."""

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk

WHO = ("--by", "An", "--reason", "ổ đĩa hỏng")


def set_up(desk: Desk) -> None:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", 12, 1, provinces=["40"]))
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    assert desk.type("apply", plan)[0] == 0


def certify(desk: Desk) -> int:
    desk.control.move_to_day(15)
    desk.type("mirror")
    desk.type("evaluate")
    code, out, _ = desk.type("certificates", "push", "--wait", "30")
    assert code == 0
    return int(out.split(" issued and registered")[0].split()[-1])


def test_a_backup_is_taken_looked_into_restored_and_brought_up_to_date(desk: Desk) -> None:
    set_up(desk)
    backup = desk.folder / "copy.zip"
    code, out, _ = desk.type("backup", backup)
    assert (code, str(backup) in out, "sqlite" in out) == (0, True, True)
    issued = certify(desk)
    assert issued > 0
    code, out, _ = desk.type("restore", "--check", backup)
    assert (code, f"{issued} numbers were given since" in out) == (5, True)
    code, _, err = desk.type("restore", backup)
    assert (code, "Nothing was restored" in err) == (6, True)
    code, out, _ = desk.type("restore", backup, "--yes")
    assert (code, "before-restore" in out, "connector recover" in out) == (0, True, True)
    code, _, err = desk.type("certificates", "push")
    assert (code, "older than what was done" in err) == (5, True)
    code, out, _ = desk.type("recover")
    assert (code, f"{issued} numbers were given since" in out) == (5, True)
    assert desk.type("recover", "--apply")[0] == 2
    code, out, _ = desk.type("recover", "--apply", *WHO)
    assert (code, "Recovered." in out) == (0, True)
    code, out, _ = desk.type("recover")
    assert (code, "knows all that was done" in out) == (0, True)
    code, out, _ = desk.type("certificates", "push")
    assert (code, "0 issued" in out) == (0, True)
    assert desk.control.state()["issues"] == issued


def test_the_bond_is_shown_and_a_moved_site_is_accepted(desk: Desk) -> None:
    code, out, _ = desk.type("site", "show")
    assert (code, "bears no mark of a connector yet" in out) == (0, True)
    set_up(desk)
    code, out, _ = desk.type("site", "show")
    assert (code, "bears the mark of this database's run 1" in out, "127.0.0.1" in out) == (0, True, True)
    code, _, err = desk.type("site", "accept", "sandbox", *WHO)
    assert (code, "nothing to settle" in err) == (6, True)
    (desk.folder / "state" / "connector.db").unlink()
    code, out, _ = desk.type("site", "show")
    assert (code, "mark of another database (run 1)" in out) == (5, True)
    code, out, _ = desk.type("doctor")
    assert (code, "mark of another database" in " ".join(out.split())) == (1, True)
    code, out, _ = desk.type("site", "accept", "sandbox", *WHO)
    assert (code, "Accepted by An" in out) == (0, True)
    assert desk.type("site", "show")[0] == 0


def test_lost_first_passwords_are_counted_and_renewed(desk: Desk) -> None:
    set_up(desk)
    desk.type("mirror")
    code, out, _ = desk.type("passwords", "renew")
    assert (code, "0 people never logged in" in out) == (0, True)
    code, out, _ = desk.type("passwords", "renew", "--by", "An")
    assert (code, "0 new first passwords" in out) == (0, True)
