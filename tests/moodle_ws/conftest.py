"""The adapter on a fresh sandbox, and a small stock of invented people."""

from collections.abc import Callable
from urllib.parse import unquote_plus

import pytest
from pydantic import AnyHttpUrl, SecretStr
from requests import PreparedRequest

from connector.lms import NewAccount
from connector.model import Account
from connector.moodle_ws.lms import MoodleLms, open_moodle
from connector.settings import Site
from tests.fakes.sandbox_door import TOKEN, SandboxDoor, open_sandbox


@pytest.fixture
def door() -> SandboxDoor:
    return open_sandbox()


@pytest.fixture
def lms(door: SandboxDoor) -> MoodleLms:
    return over(door)


def over(door: SandboxDoor, known_username: str = "") -> MoodleLms:
    """A new adapter over this door; it never really sleeps."""
    site = Site(url=AnyHttpUrl("https://moodle.test"), token=SecretStr(TOKEN), known_username=known_username)
    return open_moodle("sandbox", site, adapter=door, sleep=lambda _seconds: None)


def sent(request: PreparedRequest) -> str:
    """The form of one request as text, decoded."""
    body = request.body or b""
    return unquote_plus(body.decode() if isinstance(body, bytes) else body)


def account(number: int) -> Account:
    name = f"09120{number:05d}"
    return Account(
        username=name,
        firstname="An",
        lastname="Nguyễn Văn",
        email=f"{name}@hocvien.invalid",
        idnumber=f"VN-{name}",
        fields=(
            ("city", "Hải Phòng"),
            ("country", "VN"),
            ("institution", "UBND xã Kim Thành"),
            ("phone2", name),
            ("timezone", "Asia/Ho_Chi_Minh"),
        ),
        profile=(("commune", "Kim Thành"), ("position", ""), ("province", "Hải Phòng")),
    )


def new(number: int, password: str = "Abc@12345") -> NewAccount:
    return NewAccount(account=account(number), password=password)


@pytest.fixture
def people(lms: MoodleLms) -> Callable[[int], list[str]]:
    """Makes so many accounts and gives their usernames."""

    def make(count: int) -> list[str]:
        results = lms.create_accounts([new(number) for number in range(count)])
        assert all(result.ok for result in results)
        return [result.key[0] for result in results]

    return make


def functions_since(lms: MoodleLms, before: dict[str, int]) -> dict[str, int]:
    """How often each function has been called since `before`."""
    now = dict(lms.calls.by_function)
    return {name: count - before.get(name, 0) for name, count in now.items() if count > before.get(name, 0)}
