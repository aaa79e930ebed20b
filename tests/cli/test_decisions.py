"""Hand edits and changed numbers as an operator decides about them, over real HTTP."""

import json
import re
from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook
from pydantic import AnyHttpUrl

from connector.lms import AccountUpdate, NewAccount
from connector.model import Account
from connector.moodle_ws.lms import open_moodle
from connector.sandbox.rosters import write_rosters
from connector.settings import Site
from tests.cli.conftest import Desk


def provisioned(desk: Desk) -> Path:
    (roster,) = write_rosters(desk.folder / "rosters", 12, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    sync(desk)
    return roster


def sync(desk: Desk) -> None:
    plan = desk.folder / "plan.json"
    assert desk.type("plan", "--out", plan)[0] in (0, 3)
    assert desk.type("apply", plan)[0] == 0


def set_email(desk: Desk, username: str) -> None:
    """As the person himself does in his profile."""
    site = Site(url=AnyHttpUrl(desk.url), token_file=desk.token_file)
    lms = open_moodle("sandbox", site)
    (seen,) = lms.accounts([username])
    after = replace(seen.account, email=f"own{username}@example.org")
    assert lms.update_accounts([AccountUpdate(before=seen.account, after=after)])[0].ok


def change_number(roster: Path, phone: str, new: str) -> None:
    """As a department does in its list: one cell."""
    book = load_workbook(roster)
    cells = [
        cell
        for row in book.worksheets[0].iter_rows()
        for cell in row
        if re.sub(r"\D", "", str(cell.value))[-9:] == phone[3:]
    ]
    assert len(cells) == 1
    cells[0].value = new
    book.save(roster)


def accepted(desk: Desk, roster: Path) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads(desk.type("roster", "check", roster, "--json")[1])["accepted"]
    return rows


def test_a_hand_edit_waits_and_is_kept_or_restored(desk: Desk) -> None:
    roster = provisioned(desk)
    people = accepted(desk, roster)[:2]
    for person in people:
        set_email(desk, "0" + person["phone"][3:])
    code, out, _ = desk.type("by-hand", "list")
    assert (code, out.count("email")) == (0, 2)
    assert desk.type("by-hand", "keep", "--reason", "x")[0] == 2
    assert (
        desk.type("by-hand", "keep", "--who", people[0]["phone"], "--by", "An", "--reason", "his own address")[0] == 0
    )
    assert desk.type("by-hand", "restore", "--field", "email", "--by", "An", "--reason", "a slip")[0] == 0
    code, out, _ = desk.type("by-hand", "list")
    assert ("No hand edit waits" in out, "his own address" in out, "a slip" in out) == (True, True, True)
    sync(desk)
    code, out, _ = desk.type("plan")
    assert (code, "No changes" in out, "by-hand" in out) == (0, True, False)
    code, out, _ = desk.type("by-hand", "revoke", "--who", people[0]["phone"])
    assert (code, "email: ended" in out) == (0, True)
    assert desk.type("plan")[0] == 3
    assert desk.type("by-hand", "revoke", "--who", people[0]["phone"])[0] == 6


def test_a_new_number_is_accepted_and_the_account_renamed(desk: Desk) -> None:
    roster = provisioned(desk)
    person = accepted(desk, roster)[0]
    members = desk.control.state()["members"]
    change_number(roster, person["phone"], "0987654322")
    code, out, _ = desk.type("roster", "import", roster)
    assert (code, "1 new" in out, "1 left" in out) == (0, True, True)
    code, out, _ = desk.type("plan")
    assert (code, "renames list" in out) == (0, True)
    code, out, _ = desk.type("renames", "list")
    assert (code, person["full_name"] in out, "+84*******22" in out) == (0, True, True)
    assert desk.type("renames", "accept", "--reason", "x")[0] == 2
    assert desk.type("renames", "accept", "00000000", "--reason", "x")[0] == 6
    code, out, _ = desk.type("renames", "accept", "--sure", "--by", "An", "--reason", "asked by phone")
    assert (code, "1 pairs accepted" in out) == (0, True)
    pair = out.split(":")[0]
    assert desk.type("renames", "reopen", pair)[0] == 0
    assert desk.type("renames", "accept", pair, "--by", "An", "--reason", "asked by phone")[0] == 0
    sync(desk)
    assert desk.control.state()["members"] == members
    assert desk.type("plan")[0] == 0
    code, out, _ = desk.type("renames", "list")
    assert ("No pair waits" in out, "renamed" in out, "asked by phone" in out) == (True, True, True)
    code, out, _ = desk.type("explain", "0987654322")
    assert (code, "asked by phone" in out, "account made" in out) == (0, True, True)
    assert person["phone"][3:] not in out


def test_refused_pairs_are_two_people(desk: Desk) -> None:
    roster = provisioned(desk)
    change_number(roster, accepted(desk, roster)[0]["phone"], "0987654322")
    desk.type("roster", "import", roster)
    pair = next(
        word for word in desk.type("renames", "list")[1].split() if len(word) == 8 and word.isalnum() and word.islower()
    )
    code, out, _ = desk.type("renames", "refuse", pair, "--reason", "two people")
    assert (code, pair in out) == (0, True)
    code, out, _ = desk.type("plan")
    assert (code, "renames list" in out) == (3, False)


def test_accounts_that_were_there_before_are_taken_over(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 12, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    sure, doubtful = accepted(desk, roster)[:2]
    make_account(desk, sure, sure["full_name"])
    make_account(desk, doubtful, "Somebody Else")
    code, out, _ = desk.type("plan")
    assert (code, "connector adopt" in out) == (3, True)
    code, out, _ = desk.type("adopt")
    assert (code, "1 sure, 1 doubtful" in out, "--yes" in out) == (3, True, True)
    code, out, _ = desk.type("adopt", "--yes", "--by", "An")
    assert (code, "1 accounts taken over" in out, sure["full_name"] in out) == (0, True, True)
    (review, *_more) = sorted((desk.folder / "state" / "adopt").glob("*.csv"))
    lines = review.read_text(encoding="utf-8-sig").splitlines()
    review.write_text("\n".join([lines[0], f"{lines[1]}adopt"]), encoding="utf-8")
    code, out, _ = desk.type("adopt", "--decisions", review)
    assert (code, doubtful["full_name"] in out) == (0, True)
    sync(desk)
    code, out, _ = desk.type("plan")
    assert (code, "adopt" in out) == (0, False)
    code, out, _ = desk.type("adopt")
    assert (code, "0 sure, 0 doubtful" in out) == (0, True)


def make_account(desk: Desk, person: dict[str, str], full_name: str) -> None:
    """As an administrator did by hand years ago."""
    lms = open_moodle("sandbox", Site(url=AnyHttpUrl(desk.url), token_file=desk.token_file))
    family, _space, given = full_name.rpartition(" ")
    username = "0" + person["phone"][3:]
    account = Account(username=username, firstname=given, lastname=family, email=f"{username}@example.org", idnumber="")
    assert lms.create_accounts([NewAccount(account=account, password="Abc@12345")])[0].ok
