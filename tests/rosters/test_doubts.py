"""Lists as careful clerks meet them: what is proved is accepted, the rest is asked about, nobody disappears."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from connector.mappers.roster_doubts import doubt_text, is_spelled_like_a_name, name_doubts, phone_doubts
from connector.rosters.error_workbook import write_error_workbook
from connector.rosters.reader import ClerkAnswers, RosterReading, read_roster
from connector.rosters.reading_json import as_json
from tests.rosters.making import write_csv

HARD = Path(__file__).parent / "hard"
TRUTH = json.loads((HARD / "truth.json").read_text(encoding="utf-8"))["files"]
READ = [name for name in TRUTH if (HARD / name).exists()]
HEAD = ("STT", "Họ và tên", "SĐT", "Đơn vị", "Tỉnh")
Values = tuple[str, int, str, str, str, str | None]


def wanted(people: Sequence[dict[str, object]]) -> set[tuple[object, ...]]:
    keys = ("sheet", "source_row", "full_name", "phone", "province_code", "commune_code")
    return {tuple(one[key] for key in keys) for one in people}


def accepted(reading: RosterReading) -> set[Values]:
    return {
        (one.origin.sheet, one.origin.row, one.full_name, one.phone, one.province_code, one.commune_code)
        for one in reading.accepted
    }


@pytest.mark.parametrize("name", READ)
def test_of_a_hard_list_all_that_is_accepted_is_true_and_nobody_is_lost(name: str) -> None:
    reading, truth = read_roster(HARD / name), TRUTH[name]
    assert accepted(reading) <= wanted(truth["accepted"])
    waiting = {(row.origin.sheet, row.origin.row) for row in reading.to_mend}
    missing = wanted(truth["accepted"]) - accepted(reading)
    assert {one[:2] for one in missing} <= waiting
    assert reading.is_complete


def test_most_of_the_hard_lists_need_no_question() -> None:
    readings = [(read_roster(HARD / name), TRUTH[name]) for name in READ]
    people = sum(len(truth["accepted"]) for _reading, truth in readings)
    assert sum(len(reading.accepted) for reading, _truth in readings) > 0.9 * people


def test_which_number_is_the_learners_is_asked_and_the_answer_taken() -> None:
    name = "can_tho_so_cu_moi.xlsx"
    reading = read_roster(HARD / name)
    (question,) = reading.questions
    assert (question.code, [choice.head for choice in question.choices]) == (
        "phone_column",
        ["Số điện thoại cũ", "Số điện thoại mới"],
    )
    assert {choice.people for choice in question.choices} == {8}
    assert reading.accepted == ()
    answered = read_roster(HARD / name, answers=ClerkAnswers(columns={"phone_column": 6}))
    assert accepted(answered) == wanted(TRUTH[name]["accepted"])
    printed = as_json(reading)
    assert [one["column"] for one in printed["questions"][0]["answers"]] == ["E", "F"]
    assert {doubt["code"] for row in printed["doubtful"] for doubt in row["doubts"]} == {"phone_column"}


def doubts_of(tmp_path: Path, *rows: Sequence[str], head: Sequence[str] = HEAD) -> list[tuple[int, str]]:
    reading = read_roster(write_csv(tmp_path / "a.csv", head, *rows))
    assert reading.is_complete
    return [(row.learner.origin.row, doubt.code) for row in reading.doubtful for doubt in row.doubts]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nguyễn Văn An và Lê Thị Bình", "not_one_name"),
        ("Nguyễn Văn An/Lê Thị Bình", "not_one_name"),
        ("Nguyễn Văn An (Chủ tịch)", "words_in_name"),
        ("Nguyễn Văn An, Phó Chủ tịch", "words_in_name"),
        ("Nguyễn Văn An công chức văn hóa", "words_in_name"),
        ("Chưa có", "placeholder_name"),
        ("Khuyết", "placeholder_name"),
        ("nt", "placeholder_name"),
        ("Nguyễn Văn A", "placeholder_name"),
        ("Nguyeãn Vaên Huøng", "odd_name"),
        ("Traàn Thò Lan", "odd_name"),
        ("NguyÔn V¨n Hïng", "odd_name"),
        ("Nguyá»…n VÄƒn HÃ¹ng", "words_in_name"),
        ("Nguye^~n Va(n Hu`ng", "words_in_name"),
        ("Nguy?n V?n Hùng", "odd_name"),
        ("Nguy\ufffdn Văn Hùng", "odd_name"),
        ("Lê Thị Lan 😀", "odd_name"),
        ("Lê <b>Lan</b>", "not_one_name"),
        ("Lan", "name_length"),
    ],
)
def test_names_that_are_asked_about(name: str, code: str) -> None:
    assert [doubt.code for doubt in name_doubts(name)] == [code]
    assert doubt_text(code) != code


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Thùy Dương",
        "Y Bhin Niê",
        "H'Nghiêm Byă",
        "K'Brơi Ka",
        "Thạch Sa Rây",
        "Đoàn Khuyên",
        "Huỳnh Thị Thuở",
        "Nguyễn Hoàng Phương-Uyên",
        "Giàng A Páo",
        "Quách Công Lịch",
    ],
)
def test_names_of_all_peoples_are_names(name: str) -> None:
    assert is_spelled_like_a_name(name)
    assert list(name_doubts(name)) == []


@pytest.mark.parametrize(
    ("text", "phone", "codes"),
    [
        ("0912345679 (nhờ đ/c Lan)", "+84912345679", ["phone_of_another"]),
        ("0912345679 vợ", "+84912345679", ["phone_of_another"]),
        ("0912345679 đã hủy", "+84912345679", ["phone_of_another"]),
        ("số cũ 0912345679", "+84912345679", ["phone_of_another"]),
        ("ĐT di động: 0912345679 (Zalo)", "+84912345679", []),
        ("0988888888", "+84988888888", ["invented_phone"]),
        ("0987654321", "+84987654321", ["invented_phone"]),
    ],
)
def test_numbers_that_are_asked_about(text: str, phone: str, codes: list[str]) -> None:
    assert [doubt.code for doubt in phone_doubts(text, phone)] == codes


@pytest.mark.parametrize(
    "remark",
    ["Đã nghỉ hưu từ 01/10/2025", "Chuyển công tác", "Thay bằng đ/c Lan", "Không tham gia", "Xin rút", "Từ trần"],
)
def test_a_remark_of_having_left_is_asked_about(tmp_path: Path, remark: str) -> None:
    rows = (
        ("1", "Lê Lan", "0912345678", "UBND xã", "Nghệ An", remark),
        ("2", "Lê Nam", "0912345679", "", "Nghệ An", ""),
    )
    assert doubts_of(tmp_path, *rows, head=(*HEAD, "Ghi chú")) == [(2, "may_not_take_part")]


def test_a_confirmed_row_is_taken_and_one_of_an_open_question_is_not(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "a.csv", HEAD, ("1", "Lan", "0912345678", "", "Nghệ An"))
    assert read_roster(file).accepted == ()
    confirmed = ClerkAnswers(confirmed=frozenset({("", 2)}))
    assert [one.full_name for one in read_roster(file, answers=confirmed).accepted] == ["Lan"]
    hard = HARD / "can_tho_so_cu_moi.xlsx"
    assert read_roster(hard, answers=ClerkAnswers(confirmed=frozenset({("DS", 2)}))).accepted == ()


def test_a_person_is_not_put_under_a_heading_before_one_that_was_not_understood(tmp_path: Path) -> None:
    rows = (
        ("I", "UBND xã Nhân Hòa", "", "", ""),
        ("1", "Lê Lan", "0912345678", "", "Nghệ An"),
        ("II", "Liên gia số bảy", "", "", ""),
        ("2", "Lê Nam", "0912345679", "", "Nghệ An"),
    )
    assert doubts_of(tmp_path, *rows) == [(5, "section_unclear")]


def test_a_commune_of_another_province_is_asked_about_but_not_beside_a_former_province(tmp_path: Path) -> None:
    rows = (
        ("1", "Lê Lan", "0912345678", "UBND phường Liên Chiểu", "Nghệ An"),
        ("2", "Lê Nam", "0912345679", "UBND xã Tam Dương", "Hải Dương"),
    )
    assert doubts_of(tmp_path, *rows) == [(2, "commune_of_another_province")]


def test_a_column_of_names_without_names_is_asked_about(tmp_path: Path) -> None:
    head = ("Họ và tên", "Người tham dự lớp", "SĐT", "Tỉnh")
    rows = (("NV01", "Lê Thị Lan", "0912345678", "Nghệ An"), ("NV02", "Lê Văn Nam", "0912345679", "Nghệ An"))
    reading = read_roster(write_csv(tmp_path / "a.csv", head, *rows))
    assert [question.code for question in reading.questions] == ["name_column"]
    answered = read_roster(tmp_path / "a.csv", answers=ClerkAnswers(columns={"name_column": 2}))
    assert [one.full_name for one in answered.accepted] == ["Lê Thị Lan", "Lê Văn Nam"]


def test_a_column_of_numbers_without_numbers_is_asked_about(tmp_path: Path) -> None:
    head = ("Họ và tên", "SĐT", "Liên lạc", "Tỉnh")
    rows = (("Lê Thị Lan", "123", "0912345678", "Nghệ An"), ("Lê Văn Nam", "124", "0912345679", "Nghệ An"))
    reading = read_roster(write_csv(tmp_path / "a.csv", head, *rows))
    assert [(one.code, [choice.column for choice in one.choices]) for one in reading.questions] == [
        ("phone_column", [2, 3])
    ]


def test_a_province_under_an_unknown_head_is_found_by_its_values(tmp_path: Path) -> None:
    head = ("Họ và tên", "SĐT", "Thuộc địa bàn")
    rows = (("Lê Thị Lan", "0912345678", "Nghệ An"), ("Lê Văn Nam", "0912345679", "Huế"))
    reading = read_roster(write_csv(tmp_path / "a.csv", head, *rows))
    assert [one.province_code for one in reading.accepted] == ["40", "46"]


def test_a_cell_of_any_length_is_asked_about(tmp_path: Path) -> None:
    assert doubts_of(tmp_path, ("1", "Lê Lan", "0912345678", "x" * 300, "Nghệ An")) == [(2, "text_too_long")]


@pytest.mark.parametrize("name", READ)
def test_the_answer_sent_back_as_it_is_leaves_the_same_rows_waiting(tmp_path: Path, name: str) -> None:
    reading = read_roster(HARD / name)
    write_error_workbook(reading, HARD / name, tmp_path / "answer.xlsx")
    again = read_roster(tmp_path / "answer.xlsx")
    assert [(one.full_name, one.phone) for one in again.accepted] == [
        (one.full_name, one.phone) for one in reading.accepted
    ]
    assert len(again.to_mend) == len(reading.to_mend)
