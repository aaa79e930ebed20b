"""Passwords as an operator types it, over real HTTP: what he sees, and where no password may ever be seen."""

import logging
import os
from contextlib import redirect_stdout
from io import BytesIO
from pathlib import Path

import pytest
from msoffcrypto import OfficeFile
from openpyxl import load_workbook
from pypdf import PdfReader

from connector.sandbox.rosters import write_rosters
from tests.cli.conftest import Desk

PEOPLE = 12
OPENING = "mo-tep-2025-bi-mat"


@pytest.fixture
def provisioned(desk: Desk) -> Desk:
    desk.type("roster", "import", *write_rosters(desk.folder / "rosters", PEOPLE, 1, provinces=["31", "40"]))
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    assert desk.type("apply", plan)[0] == 0
    (desk.folder / "opening").write_text(f"{OPENING}\n", encoding="utf-8")
    return desk


def accounts_in(path: Path) -> dict[str, str]:
    """Password by log-in name in a workbook of a hand-out."""
    book, opened = OfficeFile(BytesIO(path.read_bytes())), BytesIO()
    book.load_key(password=OPENING)
    book.decrypt(opened)
    rows = load_workbook(opened).worksheets[0].iter_rows(min_row=6, values_only=True)
    return {str(row[4]): str(row[5]) for row in rows}


def test_no_password_is_seen_anywhere_but_in_the_locked_files(
    provisioned: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    out = provisioned.folder / "out"
    given = ("--by", "Trần Thị Mai", "--out", out, "--password-file", provisioned.folder / "opening")
    told = [provisioned.type("passwords", "hand-out", "--province", "all", *given)]
    accounts = {name: word for path in out.glob("*.xlsx") for name, word in accounts_in(path).items()}
    assert len(accounts) == PEOPLE
    phone = min(accounts)
    told += [
        provisioned.type("passwords", "hand-out", "--province", "all", *given),
        provisioned.type("passwords", "reissue", phone, "--as", "slips", *given),
        provisioned.type("passwords", "status"),
        provisioned.type("passwords", "list"),
        provisioned.type("passwords", "expire"),
        provisioned.type("passwords", "rekey"),
        provisioned.type("roster", "list", "--stage", "informed"),
        provisioned.type("explain", phone),
    ]
    assert [code for code, _, _ in told] == [0] * len(told)
    (slip,) = out.glob("*.pdf")
    text = PdfReader(slip, password=OPENING).pages[0].extract_text()
    reissued = text.split("First password")[1].split()[0]
    assert reissued not in accounts.values()
    seen = "".join(f"{shown}{error}" for _, shown, error in told) + caplog.text
    files = [path for path in provisioned.folder.rglob("*") if path.is_file() and path.parent != out]
    stored = b"".join(path.read_bytes() for path in files if not path.name.startswith("sandbox.db"))
    assert phone.encode() in stored
    for secret in (*accounts.values(), reissued):
        assert secret not in seen
        assert secret.encode() not in stored
    assert OPENING not in seen
    assert caplog.records


def test_what_is_told_of_a_hand_out(provisioned: Desk) -> None:
    given = ("--by", "Trần Thị Mai", "--password-file", provisioned.folder / "opening")
    code, out, _ = provisioned.type("passwords", "hand-out", "--province", "40", *given)
    assert code == 0
    (path,) = (provisioned.folder / "state" / "handouts").iterdir()
    count = len(accounts_in(path))
    assert f"{path}: {count} people" in out
    assert "delete the files" in out
    assert "opens with" not in out
    code, out, _ = provisioned.type("passwords", "hand-out", "--province", "40", *given)
    assert (code, "Nobody is to be handed" in out, f"{count} were handed theirs before" in out) == (0, True, True)
    out = provisioned.type("passwords", "status")[1]
    assert "40 Nghệ An" in out
    out = provisioned.type("passwords", "list", "--phone", min(accounts_in(path)))[1]
    assert all(word in out for word in ("Trần Thị Mai", path.name, "workbook"))


def test_without_a_terminal_a_password_file_is_asked_for(provisioned: Desk) -> None:
    code, out, error = provisioned.type("passwords", "hand-out", "--province", "all", "--by", "x")
    assert (code, out, "--password-file" in error) == (6, "", True)
    code, out, error = provisioned.type("passwords", "reissue", "0912000001", "--by", "x")
    assert (code, out, "--password-file" in error) == (6, "", True)
    (provisioned.folder / "opening").write_text("short", encoding="utf-8")
    given = ("--by", "x", "--password-file", provisioned.folder / "opening")
    code, _, error = provisioned.type("passwords", "hand-out", "--province", "all", *given)
    assert (code, "at least 12" in error) == (6, True)


def on_a_terminal(desk: Desk, *words: str) -> str:
    """What a person sees who types this on a real terminal."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal, redirect_stdout(terminal):
        code, elsewhere, error = desk.type(*words)
        assert (code, elsewhere, error) == (0, "", "")
        terminal.flush()
        seen = os.read(ours, 65_536).decode()
    os.close(ours)
    return seen.replace("\r\n", "\n")


def test_on_a_terminal_what_opens_a_file_and_a_new_password_are_shown_once(provisioned: Desk) -> None:
    out = on_a_terminal(provisioned, "passwords", "hand-out", "--province", "40", "--by", "x")
    opening = out.split("opens with: ")[1].split()[0]
    (path,) = (provisioned.folder / "state" / "handouts").iterdir()
    book = OfficeFile(BytesIO(path.read_bytes()))
    book.load_key(password=opening, verify_password=True)
    assert "shown only now" in out
    opened = BytesIO()
    book.decrypt(opened)
    phone = str(load_workbook(opened).worksheets[0].cell(6, 5).value)
    out = on_a_terminal(provisioned, "passwords", "reissue", phone, "--by", "x")
    assert f"log-in name: {phone}" in out
    assert "must be changed" in out
    assert len(out.split("password: ")[1].split()[0]) == 12


def test_a_policy_that_is_too_weak_for_the_site_is_named_and_can_be_mended(desk: Desk) -> None:
    (roster,) = write_rosters(desk.folder / "rosters", 3, 1, provinces=["40"])
    desk.type("roster", "import", roster)
    sound = desk.config.read_text(encoding="utf-8")
    weak = sound + "passwords: {signs: 0}\n"
    desk.config.write_text(weak, encoding="utf-8")
    plan = desk.folder / "plan.json"
    desk.type("plan", "--out", plan)
    code, out, error = desk.type("apply", plan)
    assert code == 4
    assert "special character" in out + error
    assert "Mend 'passwords' in the configuration" in out + error
    desk.config.write_text(sound, encoding="utf-8")
    desk.type("plan", "--out", plan)
    assert desk.type("apply", plan)[0] == 0

    (desk.folder / "opening").write_text(OPENING, encoding="utf-8")
    given = ("--by", "x", "--out", desk.folder / "out", "--password-file", desk.folder / "opening")
    desk.type("passwords", "hand-out", "--province", "40", *given)
    (path,) = (desk.folder / "out").iterdir()
    phone = min(accounts_in(path))
    desk.config.write_text(weak, encoding="utf-8")
    code, out, error = desk.type("passwords", "reissue", phone, "--as", "slips", *given)
    assert (code, out, "'passwords'" in error) == (1, "", True)
    assert "1 " in desk.type("passwords", "status")[1].split("Nghệ An")[1]
    desk.config.write_text(sound, encoding="utf-8")
    assert desk.type("passwords", "reissue", phone, "--as", "slips", *given)[0] == 0
