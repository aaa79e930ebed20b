"""Opening a site from its settings, and what holds for the adapter as a whole."""

import re
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl, SecretStr

from connector.errors import ConfigError
from connector.lms import Capability
from connector.moodle_ws.functions import FUNCTIONS
from connector.moodle_ws.lms import MoodleLms, open_moodle
from connector.settings import AccountMapping, Site
from tests.moodle_ws.scripted import ScriptedDoor

FOLDER = Path(__file__).parents[2] / "connector" / "moodle_ws"
URL = AnyHttpUrl("https://moodle.test")


def test_opening_asks_nothing() -> None:
    door = ScriptedDoor()
    lms = open_moodle("national", Site(url=URL, token=SecretStr("t")), adapter=door)
    assert (lms.name, lms.calls.requests, door.asked) == ("national", 0, [])
    assert Capability.CERTIFICATES in lms.capabilities


def test_a_site_without_token_cannot_be_opened() -> None:
    with pytest.raises(ConfigError, match="has no token"):
        open_moodle("national", Site(url=URL))


def test_a_field_that_moodle_does_not_give_back_is_a_wrong_setting() -> None:
    site = Site(url=URL, token=SecretStr("t"), accounts=AccountMapping(fields={"skype": "{phone}"}))
    with pytest.raises(ConfigError, match="'skype'"):
        open_moodle("national", site)


def test_every_function_that_is_called_is_in_the_table() -> None:
    named = {function.name for function in FUNCTIONS}
    literal = re.compile(r"\"((?:core|enrol|mod|tool|gradereport)_[a-z_]+)\"")
    called = {name for file in FOLDER.glob("*.py") for name in literal.findall(file.read_text(encoding="utf-8"))}
    assert called == named


def test_nobody_writes_without_saying_so() -> None:
    """Each call says whether it writes: `client.call` has no default for it, and the names of functions agree."""
    reading = re.compile(r"\b(CREATE|UPDATE|ADD|REMOVE|ENROL)\b[^)]*writes=False")
    writing = re.compile(r"\b(LOOKUP|MEMBERS|ENROLLED|ISSUES|LIST|RETRIEVE|GRADES|COURSE|ACTIVITIES)\b[^)]*writes=True")
    for file in FOLDER.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not reading.search(text), file
        assert not writing.search(text), file


def test_two_adapters_share_nothing(lms: MoodleLms) -> None:
    other = open_moodle("other", Site(url=URL, token=SecretStr("t")), adapter=ScriptedDoor())
    lms.create_cohorts([])
    list(lms.cohorts())
    assert other.calls.requests == 0
