"""Passwords on their way to people: who gets one, in which file, and what is written down of it."""

from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from msoffcrypto import OfficeFile
from openpyxl import load_workbook
from pypdf import PdfReader

from connector.errors import ConfigError
from connector.jobs.expire_passwords import Expired, expire_passwords
from connector.jobs.hand_out import Delivery, Form, HandedFile, LeftOut, hand_out
from connector.jobs.mirror import mirror
from connector.jobs.password_status import Count, handouts_made, password_status
from connector.jobs.registered import Stage, registered_people
from connector.model import Learner, RegistrationState
from connector.settings import Passwords
from tests.jobs.world import PROGRAMME, World, learner

BINH, AN, THUY = learner(1, name="Lê Văn Bình"), learner(2, name="Lê Văn An"), learner(3, name="Vũ Thị Thủy")
FAR = learner(4, province="31")
BY = "Trần Thị Mai"


@pytest.fixture
def provisioned(world: World) -> World:
    world.register(BINH, AN, THUY, FAR)
    world.provision()
    return world


def delivery(form: Form = Form.WORKBOOK, **more: object) -> Delivery:
    return replace(Delivery(form=form, by=BY), **more)  # type: ignore[arg-type]  # the fields' own types


def rows_in(file: HandedFile) -> list[tuple[str, str, str]]:
    """Name, log-in name and password of each line."""
    book = OfficeFile(BytesIO(file.path.read_bytes()))
    book.load_key(password=file.opening_password)
    opened = BytesIO()
    book.decrypt(opened)
    rows = load_workbook(opened).worksheets[0].iter_rows(min_row=6, values_only=True)
    return [(str(row[1]), str(row[4]), str(row[5])) for row in rows]


def stage_of(world: World, one: Learner) -> Stage:
    (found,) = [item for item in registered_people(world.ctx, PROGRAMME) if item.registration.learner == one]
    return found.stage


def test_each_province_gets_a_locked_file_in_the_order_of_names(provisioned: World) -> None:
    outcome = hand_out(provisioned.ctx, delivery())
    assert [(file.province_code, file.count) for file in outcome.files] == [("31", 1), ("40", 3)]
    assert [name for name, _, _ in rows_in(outcome.files[1])] == ["Lê Văn An", "Lê Văn Bình", "Vũ Thị Thủy"]
    shown = {username: password for file in outcome.files for _, username, password in rows_in(file)}
    assert shown == provisioned.lms.passwords
    assert outcome.files[0].opening_password != outcome.files[1].opening_password
    assert all(file.path.stat().st_mode & 0o777 == 0o600 for file in outcome.files)
    assert outcome.files[1].path.name == "tai_khoan_20251201_080000_40_nghe_an.xlsx"


def test_whoever_was_handed_his_password_is_informed_and_not_handed_it_again(provisioned: World) -> None:
    assert stage_of(provisioned, AN) is Stage.PROVISIONED
    hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"])
    assert stage_of(provisioned, AN) is Stage.INFORMED
    assert stage_of(provisioned, FAR) is Stage.PROVISIONED
    late = learner(5)
    provisioned.register(late)
    provisioned.provision()
    second = hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"])
    assert [username for _, username, _ in rows_in(second.files[0])] == ["0912000005"]
    assert second.left_out == {LeftOut.HANDED_OUT: 3}
    assert hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"]).files == ()
    again = hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"], again=True)
    assert again.files[0].count == 4


def test_slips_are_made_of_the_same_people_and_many_become_several_files(
    provisioned: World,
) -> None:
    opening = delivery(Form.SLIPS, opening_password="mo-tep-2025")
    outcome = hand_out(provisioned.ctx, opening, PROGRAMME, ["40"], most={Form.SLIPS: 2})
    assert [(file.path.name, file.count) for file in outcome.files] == [
        ("phieu_20251201_080000_40_nghe_an.pdf", 2),
        ("phieu_20251201_080000_40_nghe_an_2.pdf", 1),
    ]
    pages = [PdfReader(file.path, password="mo-tep-2025").pages[0].extract_text() for file in outcome.files]
    assert provisioned.lms.passwords["0912000003"] in pages[1]


def test_who_has_logged_in_has_left_or_has_no_stored_password_is_left_out(provisioned: World) -> None:
    provisioned.pass_time(hours=1)
    provisioned.visit(BINH, provisioned.now)
    mirror(provisioned.ctx, PROGRAMME)
    provisioned.register(AN, state=RegistrationState.LEFT)
    with provisioned.ctx.store.begin() as tx:
        tx.passwords.drop("sandbox", ["0912000003"])
    outcome = hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"], again=True)
    assert outcome.files == ()
    assert outcome.left_out == {LeftOut.LOGGED_IN: 1, LeftOut.NONE_STORED: 1}


def test_the_journal_says_who_got_which_file_of_whom(provisioned: World) -> None:
    (file,) = hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"]).files
    hand_out(provisioned.ctx, delivery(Form.SLIPS), PROGRAMME, ["31"])
    (mine,) = handouts_made(provisioned.ctx, PROGRAMME, "0912 000 001")
    assert (mine.handed_by, mine.form, mine.count, mine.province_code) == (BY, "workbook", 3, "40")
    assert (mine.file, mine.sha256) == (file.path.name, sha256(file.path.read_bytes()).hexdigest())
    assert mine.at == provisioned.now
    assert len(handouts_made(provisioned.ctx, PROGRAMME)) == 2


def test_a_file_that_cannot_be_written_hands_out_nothing(provisioned: World, tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        hand_out(provisioned.ctx, delivery(folder=tmp_path / "in the way"), PROGRAMME, ["40"])
    assert handouts_made(provisioned.ctx, PROGRAMME) == []
    assert stage_of(provisioned, AN) is Stage.PROVISIONED


def test_an_unknown_province_is_refused(provisioned: World) -> None:
    with pytest.raises(ConfigError, match="99"):
        hand_out(provisioned.ctx, delivery(), PROGRAMME, ["99"])


def test_passwords_are_destroyed_after_their_time(provisioned: World) -> None:
    hand_out(provisioned.ctx, delivery(), PROGRAMME, ["31"])
    assert expire_passwords(provisioned.ctx) == Expired(handed_out=0, logged_in=0, old=0)
    provisioned.pass_time(days=1)
    provisioned.visit(BINH, provisioned.now)
    mirror(provisioned.ctx, PROGRAMME)
    assert expire_passwords(provisioned.ctx) == Expired(handed_out=0, logged_in=1, old=0)
    provisioned.pass_time(days=29)
    assert expire_passwords(provisioned.ctx) == Expired(handed_out=1, logged_in=0, old=0)
    provisioned.pass_time(days=90)
    assert expire_passwords(provisioned.ctx) == Expired(handed_out=0, logged_in=0, old=2)
    outcome = hand_out(provisioned.ctx, delivery(), again=True)
    assert outcome.left_out == {LeftOut.NONE_STORED: 4}
    assert len(provisioned.lms.passwords) == 4  # those of the platform go on to work


def test_who_has_logged_in_keeps_his_if_the_settings_say_so(provisioned: World) -> None:
    keeping = provisioned.ctx.settings.model_copy(update={"passwords": Passwords(destroy_after_login=False)})
    provisioned.ctx = replace(provisioned.ctx, settings=keeping)
    provisioned.pass_time(days=1)
    provisioned.visit(BINH, provisioned.now)
    mirror(provisioned.ctx, PROGRAMME)
    assert expire_passwords(provisioned.ctx).logged_in == 0


def test_the_status_counts_each_province(provisioned: World) -> None:
    hand_out(provisioned.ctx, delivery(), PROGRAMME, ["40"])
    provisioned.pass_time(days=31)
    provisioned.visit(BINH, provisioned.now)
    mirror(provisioned.ctx, PROGRAMME)
    expire_passwords(provisioned.ctx)
    status = password_status(provisioned.ctx, PROGRAMME)
    assert status["40"] == {
        Count.ACCOUNTS: 3,
        Count.KEPT: 0,
        Count.HANDED_OUT: 3,
        Count.TO_HAND_OUT: 0,
        Count.REISSUED: 0,
        Count.REISSUE_OPEN: 0,
        Count.DESTROYED: 3,
        Count.NEVER_LOGGED_IN: 2,
    }
    assert (status["31"][Count.KEPT], status["31"][Count.TO_HAND_OUT]) == (1, 1)
    assert set(password_status(provisioned.ctx, PROGRAMME, ["31"])) == {"31"}


def test_an_account_that_got_another_name_is_handed_out_under_it(provisioned: World) -> None:
    with provisioned.ctx.store.begin() as tx:
        run_id = tx.runs.start("apply", site="sandbox", programme=PROGRAMME, now=provisioned.now)
        tx.moving.rename("sandbox", "0912000004", "0912000005", run_id, provisioned.now)
    provisioned.register(FAR, state=RegistrationState.LEFT)
    provisioned.register(learner(5, province="31"))
    (file,) = hand_out(provisioned.ctx, delivery(), PROGRAMME, ["31"]).files
    assert [row[1:] for row in rows_in(file)] == [("0912000005", provisioned.lms.passwords["0912000004"])]
