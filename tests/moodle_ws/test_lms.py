"""Opening a site from its settings, and what holds for the adapter as a whole."""

import re
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import AnyHttpUrl, SecretStr, ValidationError

from connector.errors import ConfigError
from connector.lms import Capability
from connector.model import Enrolment
from connector.moodle_ws.functions import FUNCTIONS
from connector.moodle_ws.lms import MoodleLms, open_moodle
from connector.moodle_ws.manners import Manners, manners_of
from connector.settings import AccountMapping, Site
from connector.wire.exchange import Timeouts
from connector.wire.politeness import Ceilings
from tests.contract.worlds import PAGE, QUIZ, WHOLE
from tests.fakes.sandbox_door import TOKEN, SandboxDoor
from tests.moodle_ws.conftest import new, over
from tests.moodle_ws.scripted import ScriptedDoor, Told

FOLDER = Path(__file__).parents[2] / "connector" / "moodle_ws"
URL = AnyHttpUrl("https://moodle.test")


def test_opening_asks_nothing() -> None:
    door = ScriptedDoor()
    lms = open_moodle("national", Site(url=URL, token=SecretStr("t")), adapter=door)
    assert (lms.name, lms.calls.requests, door.asked) == ("national", 0, [])


def test_certificates_are_a_capability_of_sites_that_list_their_issues(door: SandboxDoor) -> None:
    certificates = Capability.CERTIFICATES | Capability.ISSUE_LIST
    assert over(door).capabilities == ~Capability(0)
    door.site.switches.lists_issues = False  # every mod_customcert for Moodle 4.1 to 4.3
    assert over(door).capabilities == ~certificates


def test_a_service_that_tells_nothing_of_itself_is_believed_to_list_issues() -> None:
    door = ScriptedDoor(Told(body={"exception": "x", "errorcode": "accessexception", "message": "no"}))
    lms = open_moodle("national", Site(url=URL, token=SecretStr("t")), adapter=door)
    assert lms.capabilities == ~Capability(0)


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


def test_the_keys_of_a_site_become_its_manners() -> None:
    site = Site(
        url=URL,
        format="xml",
        connect_timeout=3,
        read_timeout=9,
        retry_budget=7,
        form_variables=300,
        connections=1,
        outages=2,
        outage_pause=4,
        requests_per_minute=60,
        office_requests_per_minute=6,
        office_hours="08:00-11:30",
    )
    assert manners_of(site) == Manners(
        timeouts=Timeouts(connect=3, read=9),
        answers="xml",
        retry_budget=7,
        form_variables=300,
        probe=True,
        connections=1,
        outages=2,
        outage_pause=4,
        ceilings=Ceilings(always=60, busy=6, begins=time(8, 0), ends=time(11, 30)),
    )


@pytest.mark.parametrize("hours", ["7:30-17:00", "07:30", "24:00-25:00", ""])
def test_office_hours_are_checked_when_the_configuration_is_read(hours: str) -> None:
    with pytest.raises(ValidationError):
        Site(url=URL, office_hours=hours)


def test_the_same_is_read_over_one_and_over_four_connections(door: SandboxDoor) -> None:
    def opened(connections: int) -> MoodleLms:
        site = Site(url=URL, token=SecretStr(TOKEN), connections=connections)
        return open_moodle("sandbox", site, adapter=door, sleep=lambda _seconds: None)

    lms = opened(1)
    names = [result.key[0] for result in lms.create_accounts([new(number) for number in range(30)])]
    lms.enrol([Enrolment(course=PAGE.course, username=name, active=name != names[3]) for name in names])

    def all_of(some: MoodleLms) -> list[Any]:
        return [
            list(some.accounts(names)),
            list(some.enrolments(PAGE.course)),
            list(some.topic_results([PAGE, QUIZ, WHOLE], names)),
        ]

    assert all_of(opened(1)) == all_of(opened(4))
