"""Lists of departments become registrations; the files are made here, row by row."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from connector.errors import ConfigError
from connector.jobs.rosters import (
    ImportOutcome,
    import_rosters,
    lists_in_force,
    people_only_in,
    registered_conflicts,
    withdraw_list,
)
from connector.model import RegistrationState
from tests.jobs.world import PROGRAMME, World

HEAD = "STT,Họ và tên,Số ĐTDĐ,Đơn vị công tác,Chức vụ,Tỉnh/Thành phố\n"
AN = "Nguyễn Văn An,0912000001,UBND xã Nhân Hòa,Chuyên viên,Nghệ An"
BINH = "Trần Thị Bình,0912000002,UBND xã Nhân Hòa,Chuyên viên,Nghệ An"
CHI = "Lê Thị Chi,0912000003,,,Hải Phòng"


def listed(folder: Path, name: str, *people: str) -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(f"{number},{person}\n" for number, person in enumerate(people, 1)), "utf-8")
    return path


def counts(outcome: ImportOutcome) -> tuple[int, int, int, int]:
    return outcome.new, outcome.changed, outcome.left, len(outcome.conflicts)


def test_a_list_becomes_registrations_once(world: World, tmp_path: Path) -> None:
    path = listed(tmp_path, "a.csv", AN, BINH)
    assert counts(import_rosters(world.ctx, PROGRAMME, [path])) == (2, 0, 0, 0)
    again = import_rosters(world.ctx, PROGRAMME, [path])
    assert counts(again) == (0, 0, 0, 0)
    assert not again.partly_refused


def test_a_mended_file_of_the_same_name_replaces_the_first(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, BINH)])
    mended = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, CHI)])
    assert counts(mended) == (1, 1, 1, 0)


def test_another_file_adds_and_a_complete_one_ends_what_it_leaves_out(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, CHI)])
    late = listed(tmp_path, "b.csv", BINH)
    assert counts(import_rosters(world.ctx, PROGRAMME, [late])) == (1, 0, 0, 0)
    complete = import_rosters(world.ctx, PROGRAMME, [late], complete=True)
    assert counts(complete) == (0, 1, 1, 0)  # An has left; Chi's province is not in the file


def test_two_names_on_one_number_are_a_conflict_until_a_list_is_mended(world: World, tmp_path: Path) -> None:
    other = AN.replace("Nguyễn Văn An", "Phạm Văn Em")
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN)])
    outcome = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "b.csv", other)])
    assert (counts(outcome), outcome.partly_refused) == ((0, 0, 0, 1), True)
    with world.ctx.store.begin() as tx:
        (holder,) = tx.registrations.of_programme(PROGRAMME)
    assert (holder.learner.full_name, holder.state) == ("Nguyễn Văn An", RegistrationState.CONFIRMED)
    claims = registered_conflicts(world.ctx, PROGRAMME)
    assert [[row.full_name for row in rows] for rows in claims.values()] == [["Nguyễn Văn An", "Phạm Văn Em"]]
    mended = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "b.csv", BINH)])
    assert counts(mended) == (1, 0, 0, 0)
    assert registered_conflicts(world.ctx, PROGRAMME) == {}


def test_the_order_of_files_decides_no_conflict(world: World, tmp_path: Path) -> None:
    other = AN.replace("Nguyễn Văn An", "Phạm Văn Em")
    paths = [listed(tmp_path, "a.csv", AN), listed(tmp_path, "b.csv", other)]
    assert len(import_rosters(world.ctx, PROGRAMME, paths[::-1]).conflicts) == 1


def test_refused_rows_come_back_as_a_workbook_and_a_bad_file_stops_nobody(world: World, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xlsx"
    bad.write_text("no workbook", "utf-8")
    good = listed(tmp_path, "a.csv", AN, BINH.replace("0912000002", ""))
    outcome = import_rosters(world.ctx, PROGRAMME, [bad, good])
    assert (counts(outcome), outcome.partly_refused) == ((1, 0, 0, 0), True)
    assert outcome.files[0].problem is not None
    assert outcome.files[1].error_workbook is not None
    assert outcome.files[1].error_workbook.exists()


def test_the_mended_answer_takes_the_place_of_its_file_under_any_name(world: World, tmp_path: Path) -> None:
    bad = BINH.replace("0912000002", "")
    first = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, bad)]).files[0].error_workbook
    assert first is not None
    book = load_workbook(first)
    sheet = book.worksheets[1]
    sheet["B2"], sheet["C3"] = "Lê Văn Em", "0912000002"
    book.save(tmp_path / "gửi lại.xlsx")
    outcome = import_rosters(world.ctx, PROGRAMME, [tmp_path / "gửi lại.xlsx"])
    assert counts(outcome) == (1, 1, 0, 0)  # beside the first list, An would be in conflict with Em


def people(*numbers: int, province: str = "Nghệ An") -> list[str]:
    letters = "ABCDEGHIKLMN"
    return [f"Nguyễn Văn {letters[n]}a,09120001{n:02},UBND xã Nhân Hòa,,{province}" for n in numbers]


TWELVE = range(12)


def test_two_files_of_one_name_and_province_in_one_import_both_hold(world: World, tmp_path: Path) -> None:
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir()
    paths = [listed(folders[0], "a.csv", *people(*range(10))), listed(folders[1], "a.csv", *people(10, 11))]
    assert counts(import_rosters(world.ctx, PROGRAMME, paths)) == (12, 0, 0, 0)
    assert [one.holding for one in lists_in_force(world.ctx, PROGRAMME)] == [10, 2]


def test_a_supplement_under_the_old_name_ends_nobody_and_is_told(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", *people(*range(10)))])
    outcome = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", *people(10, 11))])
    assert counts(outcome) == (2, 0, 0, 0)
    ((beside,),) = [one.beside for one in outcome.files]
    assert (beside.name, beside.missing) == ("a.csv", 10)


def test_a_second_version_with_three_people_less_ends_three_by_name(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "Danh sách.csv", *people(*TWELVE))])
    outcome = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "danh sách (1).csv", *people(*range(9)))])
    assert counts(outcome) == (0, 3, 3, 0)
    assert [item.learner.full_name for item in outcome.gone] == ["Nguyễn Văn La", "Nguyễn Văn Ma", "Nguyễn Văn Na"]


def test_a_stray_row_of_another_province_replaces_no_list_there(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", *people(*range(5)), *people(5, province="Huế"))])
    outcome = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", *people(6, 7, 8, province="Huế"))])
    assert counts(outcome) == (3, 0, 0, 0)
    assert outcome.files[0].beside == ()


def test_a_row_refused_in_the_second_version_goes_on_holding_until_a_third_leaves_it_out(
    world: World, tmp_path: Path
) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, BINH, CHI)])
    broken = listed(tmp_path, "a.csv", AN, BINH.replace("0912000002", "chưa có"), CHI)
    assert counts(import_rosters(world.ctx, PROGRAMME, [broken])) == (0, 0, 0, 0)
    assert [one.holding for one in lists_in_force(world.ctx, PROGRAMME)] == [1, 2]
    third = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, CHI)])
    assert [item.learner.full_name for item in third.gone] == ["Trần Thị Bình"]


def test_a_list_that_holds_in_part_only_is_no_unchanged_one(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, BINH)])
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", BINH.replace("0912000002", ""), *people(3))])
    again = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, BINH)])
    assert not again.files[0].unchanged
    assert [item.learner.full_name for item in again.gone] == ["Nguyễn Văn Da"]


def test_a_list_is_withdrawn_and_others_go_on_counting(world: World, tmp_path: Path) -> None:
    import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "a.csv", AN, BINH), listed(tmp_path, "b.csv", BINH, CHI)])
    first, second = lists_in_force(world.ctx, PROGRAMME)
    assert [row.full_name for row in people_only_in(world.ctx, PROGRAMME, first.id)] == ["Nguyễn Văn An"]
    gone = withdraw_list(world.ctx, PROGRAMME, first.id).gone
    assert [item.learner.full_name for item in gone] == ["Nguyễn Văn An"]
    assert lists_in_force(world.ctx, PROGRAMME) == [second]
    with pytest.raises(ConfigError, match="No list in force"):
        withdraw_list(world.ctx, PROGRAMME, first.id)
