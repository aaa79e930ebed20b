"""Lists about what was done elsewhere: row by row, once, and never against another list in silence."""

from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from connector.jobs.evaluate import evaluate
from connector.jobs.mirror import mirror
from connector.jobs.outside import OutsideOutcome, import_results
from connector.model import OutsideKind, OutsideResult
from tests.jobs.world import PROGRAMME, World, learner

ATTENDANCE, RESULT = OutsideKind.ATTENDANCE, OutsideKind.RESULT
HEAD = ["STT", "Họ và tên", "Số điện thoại di động", "Chuyên đề", "Điểm", "Ngày hoàn thành"]


@pytest.fixture(autouse=True)
def _registered(world: World) -> None:
    world.register(learner(1), learner(2), learner(3))


def write(path: Path, head: list[str], *rows: list[object]) -> Path:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["KẾT QUẢ HỌC TẬP TRÊN NỀN TẢNG KHÁC"])
    table: list[list[object]] = [[*head], *rows]
    for row in table:
        sheet.append(row)
    sheet.append([])
    sheet.append(["", "Người lập biểu"])
    book.save(path)
    return path


def facts(world: World, number: int) -> list[OutsideResult]:
    phone = learner(number).phone
    with world.ctx.store.begin() as tx:
        return tx.outside.of_phones(PROGRAMME, [phone]).get(phone, [])


def take(world: World, path: Path, kind: OutsideKind = RESULT) -> OutsideOutcome:
    (outcome,) = import_results(world.ctx, PROGRAMME, [path], kind)
    return outcome


def counts(outcome: OutsideOutcome) -> tuple[int, int, int, int, int]:
    assert outcome.reading
    return outcome.new, outcome.changed, outcome.same, len(outcome.conflicts), len(outcome.reading.refused)


def test_results_are_taken_with_their_origin_and_once(world: World, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [1, "Nguyễn Văn A", "0912000001", "cd01", "85,5", "05/12/2025"],
        [2, "Nguyễn Văn B", "+84 912 000 002", "Chuyên đề 2", "", "05/12/2025 08:15"],
    ]
    path = write(tmp_path / "mooc.xlsx", HEAD, *rows)
    assert counts(take(world, path)) == (2, 0, 0, 0, 0)
    (fact,) = facts(world, 1)
    assert (fact.key, fact.value, str(fact.origin)) == ("cd01", 85.5, "mooc.xlsx[Sheet]:3")
    assert [item.key for item in facts(world, 2)] == ["cd02"]
    assert counts(take(world, path)) == (0, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("change", "code", "cell"),
    [
        ({2: "12345"}, "bad_phone", "C3"),
        ({2: "0912009999"}, "not_registered", "C3"),
        ({3: "cd77"}, "unknown_topic", "D3"),
        ({3: ""}, "missing_key", "D3"),
        ({4: "tốt"}, "bad_value", "E3"),
        ({4: 101}, "bad_value", "E3"),
        ({5: "tháng trước"}, "bad_day", "F3"),
        ({4: "=1+1"}, "formula_in_cell", "E3"),
    ],
)
def test_a_bad_row_is_refused_with_its_cell_and_the_others_go_on(
    world: World, tmp_path: Path, change: dict[int, object], code: str, cell: str
) -> None:
    row: list[object] = [1, "A", "0912000001", "cd01", 80, "05/12/2025"]
    for place, value in change.items():
        row[place] = value
    good: list[object] = [2, "B", "0912000002", "cd01", 80, "05/12/2025"]
    outcome = take(world, write(tmp_path / "mooc.xlsx", HEAD, row, good))
    assert counts(outcome) == (1, 0, 0, 0, 1)
    assert outcome.reading
    assert [(item.code, item.cell) for item in outcome.reading.refused] == [(code, cell)]
    assert outcome.error_workbook
    assert load_workbook(outcome.error_workbook).worksheets[0]["E2"].value != code


def test_the_same_person_and_topic_twice_in_a_file_count_once(world: World, tmp_path: Path) -> None:
    row: list[object] = [1, "A", "0912000001", "cd01", 80, "05/12/2025"]
    outcome = take(world, write(tmp_path / "mooc.xlsx", HEAD, row, [*row[:4], 90, row[5]]))
    assert counts(outcome) == (1, 0, 0, 0, 1)
    assert outcome.reading
    assert outcome.reading.refused[0].same_as
    assert [fact.value for fact in facts(world, 1)] == [80.0]


def test_a_mended_file_takes_what_is_new_and_another_list_contradicts_in_vain(world: World, tmp_path: Path) -> None:
    row: list[object] = [1, "A", "0912000001", "cd01", 80, "05/12/2025"]
    bad: list[object] = [2, "B", "0912000002", "cd77", 80, "05/12/2025"]
    take(world, write(tmp_path / "mooc.xlsx", HEAD, row, bad))
    mended = write(tmp_path / "mooc-loi.xlsx", HEAD, row, [*bad[:3], "cd02", *bad[4:]])
    assert counts(take(world, mended)) == (1, 0, 1, 0, 0)
    assert counts(take(world, write(tmp_path / "mooc.xlsx", HEAD, [*row[:4], 85, row[5]]))) == (0, 1, 0, 0, 0)
    outcome = take(world, write(tmp_path / "other.xlsx", HEAD, [*row[:4], 20, row[5]]))
    assert counts(outcome) == (0, 0, 0, 1, 0)
    assert [fact.value for fact in facts(world, 1)] == [85.0]


def test_attendance_is_read_by_session(world: World, tmp_path: Path) -> None:
    path = tmp_path / "buoi.csv"
    lines = ["Số điện thoại;Buổi;Ngày;Có mặt", "0912000001;Buổi 1;05/12/2025;x", "0912000002;Buổi 1;05/12/2025;vắng"]
    lines += ["0912000003;Buổi 1;05/12/2025;", "0912000001;Buổi 2;06/12/2025;2", "0912000002;Buổi 2;06/12/2025;-1"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert counts(take(world, path, ATTENDANCE)) == (4, 0, 0, 0, 1)
    assert [(fact.key, fact.value) for fact in facts(world, 1)] == [("buoi-1", 1.0), ("buoi-2", 2.0)]
    assert [fact.value for number in (2, 3) for fact in facts(world, number)] == [0.0, None]


def test_a_file_without_such_a_list_is_refused_whole(world: World, tmp_path: Path) -> None:
    outcome = take(world, write(tmp_path / "x.xlsx", ["Số điện thoại", "Họ tên"], ["0912000001", "A"]))
    assert outcome.problem
    assert outcome.problem.code == "no_table"
    assert outcome.reading is None


def test_the_rule_judges_what_was_imported(world: World, tmp_path: Path) -> None:
    world.provision()
    world.complete(learner(1), topics=9)
    mirror(world.ctx, PROGRAMME)
    assert evaluate(world.ctx, PROGRAMME).passed == 0
    take(world, write(tmp_path / "m.xlsx", HEAD, [1, "A", "0912000001", "cd10", 80, "05/12/2025"]))
    assert evaluate(world.ctx, PROGRAMME).passed == 1
