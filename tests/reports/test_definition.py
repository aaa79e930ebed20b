from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.errors import ConfigError
from connector.reports.columns import LEARNER_COLUMNS, PROVINCE_COLUMNS
from connector.reports.definition import find_report, known_reports, load_report
from tests.reports.samples import CONFIG, content


def refusal(tmp_path: Path, **changes: Any) -> str:
    path = tmp_path / "all.yaml"
    path.write_text(yaml.safe_dump(content(**changes), allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_report(path)
    return str(caught.value)


def test_the_shipped_report_has_what_the_department_asks_for() -> None:
    # reference/vietnam-facts.md section 4.2, tables 1 and 2
    assert known_reports(CONFIG) == ("progress",)
    found = find_report(CONFIG, "progress")
    assert [column.key for column in found.provinces.columns][2:] == [
        "province",
        "registered",
        "provisioned",
        "logged_in",
        "studying",
        "completed",
        "completion_rate",
        "certified",
    ]
    wanted = {"full_name", "mobile_phone", "mandatory_done", "elective_done", "missing_topics", "result", "register_no"}
    assert wanted <= {column.key for column in found.learners.columns}


def test_every_column_has_a_place_in_the_shipped_file_or_is_named_there() -> None:
    text = (CONFIG / "progress.yaml").read_text(encoding="utf-8")
    missing = [key for key in [*PROVINCE_COLUMNS, *LEARNER_COLUMNS] if f"key: {key}" not in text]
    assert missing == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"titel": "x"}, "titel: unknown key. Did you mean 'title'?"),
        ({"unit": ""}, "unit: String should have at least 1 character"),
        ({"zone": "Asia/Hanoi"}, "there is no time zone 'Asia/Hanoi'"),
        ({"learners": {"caption": "x", "columns": []}}, "learners: Value error, it is empty"),
        ({"learners": {"caption": "x"}}, "learners.columns: this key is needed and missing"),
        ({"learners": {"caption": "x", "colums": []}}, "learners.colums: unknown key. Did you mean 'columns'?"),
        (
            {"learners": {"caption": "x", "columns": [{"key": "full_name", "with": 3}]}},
            "learners.columns.0.with: unknown key. Did you mean 'width'?",
        ),
        (
            {"learners": {"caption": "x", "columns": [{"key": "fullname", "width": 3}]}},
            "unknown column 'fullname'. Did you mean 'full_name'?",
        ),
        (
            {"provinces": {"caption": "x", "columns": [{"key": "full_name", "width": 3}]}},
            "unknown column 'full_name'. Known: row_no, province_code",
        ),
        (
            {"provinces": {"caption": "x", "columns": [{"key": "row_no", "width": 3}] * 2}},
            "the column 'row_no' stands twice",
        ),
        ({"key": "other"}, "defines the report 'other'. Name the file other.yaml."),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    assert told in refusal(tmp_path, **changes)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, titel="x", zone="Asia/Hanoi", unit="").splitlines()) == 3


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- 1", encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("a: [", encoding="utf-8")
    for name, told in (("list", "must be a list of keys"), ("broken", "is not YAML"), ("none", "cannot be read")):
        with pytest.raises(ConfigError, match=told):
            load_report(tmp_path / f"{name}.yaml")


def test_an_unknown_report_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Did you mean 'progress'\?"):
        find_report(CONFIG, "progres")
    with pytest.raises(ConfigError, match="Known: -"):
        find_report(tmp_path, "progress")


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(yaml.safe_dump(content(), allow_unicode=True) + "title: {vi: A, en: B}\ntitle: {vi: C, en: D}\n")
    with pytest.raises(ConfigError, match="'title' stands twice"):
        load_report(path)
