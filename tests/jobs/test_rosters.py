"""Lists of departments become registrations; the files are made here, row by row."""

from pathlib import Path

from connector.jobs.rosters import ImportOutcome, import_rosters, registered_conflicts
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
    assert (counts(outcome), outcome.partly_refused) == ((0, 1, 0, 1), True)
    claims = registered_conflicts(world.ctx, PROGRAMME)
    assert [[row.full_name for row in rows] for rows in claims.values()] == [["Nguyễn Văn An", "Phạm Văn Em"]]
    mended = import_rosters(world.ctx, PROGRAMME, [listed(tmp_path, "b.csv", BINH)])
    assert counts(mended) == (1, 1, 0, 0)
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
