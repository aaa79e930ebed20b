"""Rows and reports for the tests of this folder; all people are invented."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.reports.definition import ReportDefinition
from connector.reports.progress import Snapshot, build_progress
from connector.reports.rows import LearnerRow, ProvinceRow, Report

CONFIG = Path(__file__).parents[2] / "config" / "reports"
CUTOFF = datetime(2025, 12, 9, 17, tzinfo=UTC)  # 00:00 on 10/12/2025 in Viet Nam
SNAPSHOT = Snapshot(
    programme_key="k1",
    programme="Tập huấn <cấp xã> & khóa 1",
    cutoff=CUTOFF,
    snapshot_id="42",
    generated_at=datetime(2025, 12, 10, 1, 5, tzinfo=UTC),
)
PROVINCE_COLUMNS = (
    "row_no",
    "province_code",
    "province",
    "registered",
    "provisioned",
    "logged_in",
    "studying",
    "completed",
    "completion_rate",
    "certified",
)
LEARNER_COLUMNS = (
    "row_no",
    "full_name",
    "mobile_phone",
    "workplace",
    "position",
    "commune",
    "province_code",
    "province",
    "mandatory_done",
    "elective_done",
    "missing_topics",
    "score",
    "result",
    "completed_at",
    "register_no",
)


def content(**changes: Any) -> dict[str, Any]:
    """What a report file with all columns holds."""
    whole = {
        "key": "all",
        "title": "Báo cáo tiến độ",
        "superior": "Bộ Khoa học và Công nghệ",
        "unit": "Học viện",
        "provinces": {
            "caption": "Tổng hợp theo tỉnh",
            "columns": [{"key": key, "width": 12} for key in PROVINCE_COLUMNS],
        },
        "learners": {
            "caption": "Danh sách học viên",
            "columns": [{"key": key, "width": 12} for key in LEARNER_COLUMNS],
        },
    }
    return whole | changes


def definition(**changes: Any) -> ReportDefinition:
    return ReportDefinition.model_validate(content(**changes))


def province(code: str = "40", name: str = "Nghệ An", **counts: int) -> ProvinceRow:
    numbers = {"registered": 8, "provisioned": 8, "logged_in": 7, "studying": 3, "completed": 3, "certified": 2}
    return ProvinceRow(province_code=code, province=name, **(numbers | counts))


def learner(full_name: str = "Nguyễn Văn An", **changes: Any) -> LearnerRow:
    whole: dict[str, Any] = {
        "full_name": full_name,
        "phone": "+84912345678",
        "workplace": "UBND xã Kim Thành",
        "position": "Chuyên viên",
        "commune": "Xã Kim Thành",
        "province_code": "40",
        "province": "Nghệ An",
        "mandatory_done": 5,
        "elective_done": 6,
        "missing": "",
        "passed": True,
        "grade": 87.5,
        "completed_at": datetime(2025, 12, 4, 18, 30, tzinfo=UTC),  # the 5th in Viet Nam
        "register_no": "00001/2025/GCN",
    }
    return LearnerRow(**(whole | changes))


NASTY = '=HYPERLINK("http://x.invalid","A")'


def report(*, mask: bool = False, **changes: Any) -> Report:
    """Two provinces, one of them without people, and two learners, one with a name that is a formula."""
    provinces = [province(), province("01", "Hà Nội", registered=0, completed=0)]
    unfinished = learner(NASTY, passed=False, completed_at=None, register_no="", missing="cd02", grade=None)
    return build_progress(definition(**changes), provinces, [learner(), unfinished], SNAPSHOT, mask=mask)
