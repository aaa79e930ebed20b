"""Small programmes and facts for the tests of this folder; all people are invented."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.model import TopicRef, TopicResult
from connector.programmes.definition import Programme

CONFIG = Path(__file__).parents[2] / "config" / "programmes"
PHONE = "+84912345678"
START = datetime(2025, 11, 30, 17, tzinfo=UTC)  # 2025-12-01T00:00 in Viet Nam
END = datetime(2025, 12, 15, 17, tzinfo=UTC)  # 2025-12-16T00:00 in Viet Nam
COURSE = "bkhcn-2025-01"


def content(**changes: Any) -> dict[str, Any]:
    """What a small programme file holds: topics m1, m2 (mandatory), e1, e2, e3 (elective)."""
    whole = {
        "key": "small",
        "name": "A small programme",
        "short_name": "Small",
        "site": "sandbox",
        "window": {"zone": "Asia/Ho_Chi_Minh", "starts_at": "2025-12-01T00:00", "ends_at": "2025-12-16T00:00"},
        "enrolment": {"courses": [COURSE]},
        "topics": [topic("m1"), topic("m2"), topic("e1"), topic("e2"), topic("e3")],
        "rule": {"type": "at_least", "name": "total", "count": 2},
        "certificate": {
            "course": COURSE,
            "certificate": "cert",
            "group": "eligible",
            "title": "Giấy chứng nhận",
            "register_no": "{seq:03d}/GCN",
        },
    }
    return whole | changes


def topic(key: str) -> dict[str, Any]:
    kind = "mandatory" if key.startswith("m") else "elective"
    return {"key": key, "name": f"Topic {key}", "kind": kind, "course": COURSE, "activity": key}


def programme(**changes: Any) -> Programme:
    return Programme.model_validate(content(**changes))


def done(key: str, hours: float = 1.0, grade: float | None = None, *, course: str = COURSE) -> TopicResult:
    """The topic done so many hours after the window opened."""
    moment = START + timedelta(hours=hours)
    ref = TopicRef(course=course, activity=key)
    return TopicResult(ref=ref, username="0912345678", done=True, completed_at=moment, grade=grade)
