"""A site of the configuration."""

import pytest
from pydantic import SecretStr

from connector.errors import ConfigError
from connector.openedx.lms import open_openedx
from connector.settings import Site
from tests.openedx.pretend import C1, Pretend
from tests.openedx.scripted import CLIENT, SECRET
from tests.openedx.wanted import account


def test_a_site_of_the_configuration_speaks_as_its_application() -> None:
    site = Pretend()
    site.person("an1")
    configured = Site.model_validate({"platform": "openedx", "url": "https://lms.example.vn", "client_id": CLIENT})
    with pytest.raises(ConfigError, match=r"no client_secret.*CLIENT_SECRET"):
        open_openedx("edx", configured, [C1], adapter=site)
    with pytest.raises(ConfigError, match="no client_id"):
        open_openedx("edx", configured.model_copy(update={"client_id": ""}), [C1], adapter=site)
    lms = open_openedx("edx", configured.model_copy(update={"client_secret": SecretStr(SECRET)}), [C1], adapter=site)
    assert [seen.account for seen in lms.accounts(["an1"])] == [account("an1")]
    assert (lms.name, lms.calls.requests, lms.take_oddities()) == ("edx", 2, [])


def test_an_account_that_cannot_be_understood_is_noted() -> None:
    site = Pretend()
    site.person("an1")
    site.spoil = lambda body: body.replace(b'"last_login":null', b'"last_login":"yesterday"')
    assert list(site.lms.accounts(["an1"])) == []
    assert [(odd.part, odd.username) for odd in site.lms.take_oddities()] == [("accounts", "an1")]
