"""Invented people and times for the store's tests."""

from datetime import UTC, datetime

from connector.model import Learner, Origin, Registration, RegistrationState
from connector.store.registrations import RosterFile

NOW = datetime(2025, 12, 1, 1, 0, tzinfo=UTC)
LATER = datetime(2025, 12, 2, 1, 0, tzinfo=UTC)
PROGRAMME = "bkhcn-2025-k1"


def learner(number: int, *, file: str = "a.xlsx", row: int = 0, name: str = "", province: str = "40") -> Learner:
    return Learner(
        phone=f"+8491200{number:04d}",
        full_name=name or f"Nguyễn Văn {chr(65 + number % 26)}",
        province_code=province,
        commune_code="17344",
        workplace="UBND xã Nhân Hòa",
        position="Chuyên viên",
        origin=Origin(file=file, sheet="Sheet1", row=row or number + 10),
        notices=("lost_leading_zero",),
    )


def registration(number: int, state: RegistrationState = RegistrationState.CONFIRMED, **more: str) -> Registration:
    return Registration(programme=PROGRAMME, learner=learner(number, **more), state=state)  # type: ignore[arg-type]


def roster_file(name: str, learners: list[Learner], sha256: str = "") -> RosterFile:
    return RosterFile(
        programme=PROGRAMME,
        name=name,
        sha256=sha256 or name.ljust(64, "0"),
        accepted=learners,
        refused=[("Sheet1", 99, "missing_phone", "phone")],
        skipped=4,
    )
