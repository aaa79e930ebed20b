"""Lists that are dropped into folders are taken once, archived, answered; those of the wrong folder are set aside."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import openpyxl
import pytest

from connector.errors import ConfigError
from connector.jobs.pick_up import ASIDE, TAKEN, is_list, pick_up
from connector.jobs.service.kinds import Ended, Result, Work
from tests.jobs.service.timetable import job
from tests.jobs.world import World

GOOD = Path("examples/rosters/05_hue.csv")
QUIET = timedelta(seconds=30)
Take = Callable[[], Result]


@pytest.fixture
def folder(world: World) -> Path:
    made = world.ctx.settings.state_dir / "pickup"
    made.mkdir()
    return made


@pytest.fixture
def take(world: World) -> Take:
    """Pick up a minute after everything has been dropped."""
    work = Work(job=job("in", "pick-up"), programme=world.programme)

    def taken() -> Result:
        from datetime import UTC, datetime

        later = datetime.now(UTC) + 2 * QUIET
        return pick_up(replace(world.ctx, now=lambda: later), work)

    return taken


def drop(folder: Path, name: str = "05_hue.csv", source: Path = GOOD) -> Path:
    folder.mkdir(exist_ok=True)
    copyfile(source, folder / name)
    return folder / name


def registered(world: World) -> int:
    with world.ctx.store.begin() as tx:
        return len(list(tx.registrations.of_programme(world.programme.key)))


def province_of(world: World) -> str:
    with world.ctx.store.begin() as tx:
        codes = {item.learner.province_code for item in tx.registrations.of_programme(world.programme.key)}
    (code,) = codes
    return code


def archived(folder: Path, state: str = TAKEN) -> list[str]:
    return sorted(path.name[25:] for path in (folder / state).iterdir() if path.suffix != ".txt")


def test_a_list_is_taken_once_and_lies_in_the_archive_with_its_result(world: World, folder: Path, take: Take) -> None:
    path = drop(folder)
    result = take()
    assert (result.ended, result.counts["taken"]) in ((Ended.DONE, 1), (Ended.PARTLY, 1))
    assert not path.exists()
    assert archived(folder) == ["05_hue.csv"]
    (text,) = (folder / TAKEN).glob("*.txt")
    assert "accepted" in text.read_text(encoding="utf-8")
    count = registered(world)
    assert count > 0
    assert take().ended is Ended.NOTHING
    drop(folder)
    assert dict(take().counts) == {"answers": 1, "known": 1}
    assert registered(world) == count


def test_a_file_that_is_still_written_is_waited_for(world: World, folder: Path, take: Take) -> None:
    work = Work(job=job("in", "pick-up"), programme=world.programme)
    path = drop(folder)
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    assert dict(pick_up(replace(world.ctx, now=lambda: now), work).counts) == {"in_use": 1}
    lock = folder / "~$05_hue.csv"
    lock.write_text("x", encoding="utf-8")
    assert dict(take().counts) == {"in_use": 1}
    lock.unlink()
    os.truncate(path, 0)
    assert dict(take().counts) == {"in_use": 1}
    assert registered(world) == 0


def test_a_list_with_a_date_in_the_future_is_taken(folder: Path, take: Take) -> None:
    path = drop(folder)
    ahead = path.stat().st_mtime + 365 * 24 * 3600  # the clerk's clock is wrong, and the copy keeps its date
    os.utime(path, (ahead, ahead))
    assert take().counts["taken"] == 1


def test_a_share_that_is_not_there_is_no_day_without_lists(world: World, tmp_path: Path) -> None:
    work = Work(job=job("in", "pick-up", folder=str(tmp_path / "share")), programme=world.programme)
    with pytest.raises(ConfigError, match="share is not there"):
        pick_up(world.ctx, work)


@pytest.mark.parametrize("name", ["~$a.xlsx", ".a.xlsx", "a.xlsx.part", "a.tmp", "a.xlsx.crdownload"])
def test_locks_and_unfinished_copies_are_no_lists(name: str) -> None:
    assert not is_list(name)
    assert is_list("Phụ lục 01.XLSX")


def test_a_list_in_another_provinces_folder_is_set_aside_and_told(world: World, folder: Path, take: Take) -> None:
    drop(folder)
    take()
    right, before = province_of(world), registered(world)
    wrong = "01" if right != "01" else "04"
    drop(folder / wrong, "new.csv")
    result = take()
    assert (result.ended, result.counts["aside"]) == (Ended.PARTLY, 1)
    assert "of other provinces" in " ".join(result.needs.values())
    assert archived(folder / wrong, ASIDE) == ["new.csv"]
    assert registered(world) == before
    assert take().needs == result.needs  # it lies there still, and nobody has seen to it
    drop(folder / right, "new.csv")
    result = take()
    assert (result.counts["taken"], result.needs) == (1, {})


def test_what_is_no_list_at_all_is_set_aside_with_its_reason(folder: Path, take: Take) -> None:
    (folder / "broken.xlsx").write_bytes(b"nothing")
    result = take()
    assert dict(result.counts) == {"aside": 1}
    assert archived(folder, ASIDE) == ["broken.xlsx"]


def settle_by_the_same_name(folder: Path) -> None:
    drop(folder, "a.csv")


def settle_by_moving_it_away(folder: Path) -> None:
    for path in (folder / ASIDE).iterdir():
        path.unlink()


@pytest.mark.parametrize("settle", [settle_by_the_same_name, settle_by_moving_it_away])
def test_a_list_that_was_set_aside_is_told_until_it_is_settled(
    folder: Path, take: Take, settle: Callable[[Path], None]
) -> None:
    (folder / "a.csv").write_bytes(b"nothing")
    told = take().needs
    drop(folder, "another.csv")  # in the folder for all, this may be another province's
    assert take().needs == told != {}
    settle(folder)
    assert take().needs == {}


def test_in_a_provinces_folder_its_next_list_settles_what_was_set_aside(world: World, folder: Path, take: Take) -> None:
    drop(folder)
    take()
    own = folder / province_of(world)
    own.mkdir()
    (own / "a.csv").write_bytes(b"nothing")
    assert take().needs
    drop(own, "b.csv")
    assert take().needs == {}


def test_the_error_workbook_comes_back_and_is_taken_only_when_it_was_mended(
    world: World, folder: Path, take: Take
) -> None:
    drop(folder)
    take()
    answer = folder / "05_hue-loi.xlsx"
    assert dict(take().counts) == {"answers": 1}
    before = registered(world)
    book = openpyxl.load_workbook(answer)
    mended = [
        cell
        for sheet in book.worksheets[1:]
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value).startswith("(0236)")
    ]
    assert len(mended) == 1
    mended[0].value = "0912000777"
    book.save(answer)
    assert take().counts["taken"] == 1
    assert registered(world) == before + 1
    assert "05_hue-loi.xlsx" in archived(folder)
