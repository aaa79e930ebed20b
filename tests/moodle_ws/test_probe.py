"""How many form variables arrive whole: found out on a site that really cuts, once, and only where it matters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.moodle_ws.client import MoodleWs
from connector.moodle_ws.lms import MoodleLms
from connector.moodle_ws.probe import FUNCTION, SMALLEST, STEPS, largest, parameters
from tests.contract.worlds import SandboxWorld
from tests.fakes.sandbox_door import TOKEN
from tests.moodle_ws.conftest import new, sent
from tests.moodle_ws.scripted import ScriptedDoor, Told, client, site_info

ARRIVED = Told(body={"exception": "x", "errorcode": "invalidparameter", "message": "Invalid parameter value detected"})
CUT = Told(body={"release": "4.5"})


@given(st.integers(1, 12000), st.sampled_from([50, 300, 900, 1900, 5000]))
def test_what_is_found_arrives(limit: int, first: int) -> None:
    asked: list[int] = []

    def arrives(variables: int) -> bool:
        asked.append(variables)
        return variables <= limit

    found = largest(first, arrives)
    assert found <= limit or found == min(SMALLEST, first)
    assert found in {first, *STEPS} or found < first
    assert len(asked) <= 9


def test_a_probe_has_exactly_so_many_variables_and_the_unknown_name_last() -> None:
    asked = list(parameters(900))
    assert len(asked) == 900 - 3
    assert asked[-1][0] == "connectorprobe"
    assert {name.partition("[")[0] for name, _value in asked[:-1]} == {"serviceshortnames"}


def forms(limit: int) -> tuple[MoodleLms, SandboxWorld]:
    """A site without the batch function that cuts forms after so many variables."""
    world = SandboxWorld(form_only=True)
    world.door.site.switches.max_input_vars = limit
    lms = world.forget()
    assert isinstance(lms, MoodleLms)
    return lms, world


def probes_in(world: SandboxWorld, since: int = 0) -> list[str]:
    """The forms that were sent as probes."""
    return [text for text in map(sent, world.door.requests[since:]) if "connectorprobe" in text]


@pytest.mark.parametrize(
    ("limit", "wanted", "probes"), [(1000, 900, 2), (5000, 4900, 4), (20000, 9900, 4), (600, 450, 2), (100, 56, 5)]
)
def test_the_limit_of_a_real_form_is_found(limit: int, wanted: int, probes: int) -> None:
    lms, world = forms(limit)
    before = len(world.door.requests)
    assert lms._ws.fit(20, 100, 10**6) == (wanted - 4) // 20
    probing = probes_in(world, before)
    assert len(probing) == probes
    assert all(text.startswith(f"wstoken={TOKEN}&wsfunction={FUNCTION}&moodlewsrestformat=json&") for text in probing)
    lms._ws.fit(20, 100, 10**6)
    assert len(probes_in(world)) == probes


def test_accounts_in_forms_arrive_whole_on_a_site_with_small_forms() -> None:
    """The configured 900 variables would be cut here, and the last accounts would lose their fields in silence."""
    lms, world = forms(600)
    results = lms.create_accounts([new(number) for number in range(60)])
    assert all(result.ok for result in results)
    wanted = [new(number).account for number in range(60)]
    assert [seen.account for seen in lms.accounts([account.username for account in wanted])] == wanted
    assert world.door.site.one("SELECT count(*) FROM users WHERE idnumber LIKE 'VN-09120%'") == (60,)


def test_a_list_that_fits_needs_no_probe() -> None:
    lms, world = forms(1000)
    assert lms._ws.fit(2, 100, 10**6) == 448
    assert probes_in(world) == []


def probing(*script: Told) -> tuple[MoodleWs, ScriptedDoor]:
    door = ScriptedDoor(site_info(batches=False), *script)
    return client(door, probe=True, form_variables=1900), door


def test_an_answer_that_is_no_proof_counts_as_cut() -> None:
    speaker, door = probing(ARRIVED, Told(status=413))
    assert speaker.fit(10, 300, 10**6) == 189
    assert len(door.asked) == 3


def test_a_site_that_tells_nothing_of_itself_keeps_the_configured_number(caplog: pytest.LogCaptureFixture) -> None:
    denied = Told(body={"exception": "x", "errorcode": "accessexception", "message": "no"})
    speaker, _door = probing(denied)
    assert speaker.fit(10, 300, 10**6) == 189
    assert "cannot be probed" in caplog.text


def test_no_site_is_probed_that_takes_lists_as_json() -> None:
    door = ScriptedDoor(site_info())
    assert client(door, probe=True).fit(20, 100, 400) == 400
    assert len(door.asked) == 1
