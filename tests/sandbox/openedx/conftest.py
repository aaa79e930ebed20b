"""A pretend Open edX in memory and a caller who has its token."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connector.sandbox.openedx.site import EdxSite, Features
from tests.fakes.edx_door import CLIENT, SECRET, URL, EdxDoor, open_edx


class Caller:
    """Sends requests to the pretend site, with the service account's token unless told otherwise."""

    def __init__(self, door: EdxDoor) -> None:
        self.door = door
        self.session = requests.Session()
        self.session.mount("https://", door)
        self.authorization = ""
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, "token_type": "jwt"}
        self.authorization = f"JWT {self('POST', '/oauth2/access_token', data=form).json()['access_token']}"

    @property
    def site(self) -> EdxSite:
        return self.door.site

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request that follows no redirect; no cookie is kept."""
        headers = {"Authorization": self.authorization} | more.pop("headers", {})
        answer = self.session.request(method, URL + path, headers=headers, allow_redirects=False, **more)
        self.session.cookies.clear()
        return answer

    def register(self, username: str, **more: str) -> requests.Response:
        """Make an account by the public form."""
        form = {
            "username": username,
            "email": f"{username}@example.com",
            "name": "Nguyễn Văn A",
            "password": "long-enough",
        }
        form |= {"honor_code": "true", "terms_of_service": "true"} | more
        return self("POST", "/api/user/v1/account/registration/", data=form)


@pytest.fixture
def stock() -> Iterator[Caller]:
    """A site as Tutor makes it."""
    door = open_edx()
    yield Caller(door)
    door.close()


@pytest.fixture
def site() -> Iterator[Caller]:
    """A site with everything on that a connector can use."""
    door = open_edx(Features.measured())
    yield Caller(door)
    door.close()
