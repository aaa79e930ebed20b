"""What would refuse a whole list is found before it is sent."""

from dataclasses import replace
from typing import Any

import pytest

from connector.mappers.moodle_limits import is_username, refusal
from connector.model import Account

GOOD = Account(
    username="0912345678",
    firstname="An",
    lastname="Nguyễn Văn",
    email="0912345678@hocvien.invalid",
    idnumber="VN-0912345678",
    fields=(("city", "Hải Phòng"), ("phone2", "0912345678")),
)


def test_a_good_account_passes() -> None:
    assert refusal(GOOD) is None
    assert refusal(replace(GOOD, idnumber="", fields=(("city", ""),))) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "+84912345678"}, "bad_username"),
        ({"username": "ABC"}, "bad_username"),
        ({"username": ""}, "bad_username"),
        ({"email": "nope"}, "bad_email"),
        ({"email": "a b@c.vn"}, "bad_email"),
        ({"firstname": " "}, "empty_firstname"),
        ({"lastname": "A" * 101}, "long_lastname"),
        ({"idnumber": "A" * 256}, "long_idnumber"),
        ({"fields": (("phone2", "0" * 21),)}, "long_phone2"),
        ({"fields": (("institution", "Sở <cũ>"),)}, "markup_institution"),
    ],
)
def test_each_rule_has_its_code(changes: dict[str, Any], code: str) -> None:
    found = refusal(replace(GOOD, **changes))
    assert found is not None
    assert found[0] == code
    assert found[1].endswith(".") or "refuse" in found[1]


@pytest.mark.parametrize(("name", "possible"), [("0912", True), ("a.b_c-d@e", True), ("A", False), ("a b", False)])
def test_usernames(name: str, possible: bool) -> None:
    assert is_username(name) is possible
