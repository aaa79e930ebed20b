from pathlib import Path

import pytest

from connector.handouts.handout import GUIDANCE, SLIP, Credentials, Handout, read_text

TEXTS = Path("config/handout")
VALUES = {
    "programme": "Tập huấn khoa học, công nghệ cho cán bộ cấp xã - khóa 1",
    "province": "Nghệ An",
    "address": "https://mooc.example.vn",
    "first_day": "01/12/2025",
    "last_day": "15/12/2025",
}


def person(number: int, **changes: str) -> Credentials:
    fixed = {"full_name": "Đặng Thị Ướt Ỗng Ặn", "workplace": "UBND xã Đông Hiếu", "commune": "Đông Hiếu"}
    own = {"username": f"09120{number:05d}", "password": f"Abc@{number:05d}"}
    return Credentials(**(fixed | own | changes))


@pytest.fixture
def handout() -> Handout:
    people = [
        person(1),
        person(2, full_name="=1+1", workplace="#strong[x] *đậm* $y$", commune="Kim Bảng"),
        *(person(number) for number in range(3, 10)),
    ]
    return Handout(
        programme=VALUES["programme"],
        short_name="KHCN cấp xã - khóa 1",
        province="Tỉnh Nghệ An",
        address=VALUES["address"],
        people=tuple(people),
        guidance=read_text(TEXTS, GUIDANCE, VALUES),
        slip=read_text(TEXTS, SLIP, VALUES),
    )
