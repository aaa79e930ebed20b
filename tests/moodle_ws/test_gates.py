"""What the doctor says of each gate, and what a gate does with Moodle's silences and refusals."""

from typing import Any

import pytest

from connector.lms import CertificateGate, Finding, GrantWay, Needs, Outcome, Severity
from connector.model import Enrolment
from connector.moodle_ws.gates import OVERRIDE
from connector.moodle_ws.lms import MoodleLms
from connector.sandbox.building import MANUAL, track
from connector.sandbox.site import Site
from tests.contract.test_gates import GATES, SWITCH, prepare
from tests.contract.worlds import COURSE
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import account, functions_since, new

SUBJECTS = {
    GrantWay.GROUP: "Certificate's group",
    GrantWay.PROFILE_FIELD: "Certificate's profile field",
    GrantWay.GATE_ACTIVITY: "Certificate's gate",
    GrantWay.OWN_COMPLETION: "Certificate's completion",
}


def finding(lms: MoodleLms, gate: CertificateGate, subject: str = "") -> Finding:
    (found,) = [one for one in lms.check(Needs(gate=gate)) if one.subject == (subject or SUBJECTS[gate.way])]
    return found


def certificate(site: Site) -> int:
    row = site.one("SELECT id FROM modules WHERE modname = 'customcert'")
    assert row is not None
    return int(row[0])


@pytest.fixture
def learners(lms: MoodleLms) -> list[str]:
    lms.create_accounts([new(number) for number in range(6)])
    names = [account(number).username for number in range(6)]
    lms.enrol([Enrolment(course=COURSE, username=name) for name in names])
    return names


@pytest.mark.parametrize("way", GATES)
def test_a_gate_that_is_set_up_is_good(way: GrantWay, lms: MoodleLms, door: SandboxDoor) -> None:
    prepare(door.site, way)
    assert finding(lms, GATES[way]).severity is Severity.OK
    assert finding(lms, GATES[way], "Certificate").severity is Severity.OK


@pytest.mark.parametrize("way", [GrantWay.PROFILE_FIELD, GrantWay.GATE_ACTIVITY])
def test_a_certificate_that_is_restricted_to_something_else_is_an_error(
    way: GrantWay, lms: MoodleLms, door: SandboxDoor
) -> None:
    prepare(door.site, way)
    door.site.db.execute("DELETE FROM restrictions")
    door.site.memory.clear()
    assert "not restricted to it" in finding(lms, GATES[way]).detail


def test_a_certificate_that_is_open_to_everybody_is_an_error(lms: MoodleLms, door: SandboxDoor) -> None:
    door.site.db.execute("UPDATE modules SET groupid = NULL WHERE modname = 'customcert'")
    door.site.memory.clear()
    assert finding(lms, GATES[GrantWay.GROUP]).severity is Severity.ERROR


def test_a_gate_that_learners_can_tick_themselves_is_an_error(lms: MoodleLms, door: SandboxDoor) -> None:
    prepare(door.site, GrantWay.GATE_ACTIVITY)
    door.site.db.execute("UPDATE modules SET completion = ? WHERE idnumber = ?", (MANUAL, SWITCH))
    door.site.memory.clear()
    assert "complete 'Khóa' themselves" in finding(lms, GATES[GrantWay.GATE_ACTIVITY]).detail
    assert finding(lms, GATES[GrantWay.OWN_COMPLETION]).severity is Severity.ERROR  # not tracked at all


def test_a_tracked_certificate_behind_a_group_issues_to_nobody(lms: MoodleLms, door: SandboxDoor) -> None:
    door.site.db.execute("UPDATE modules SET completion = 2 WHERE id = ?", (certificate(door.site),))
    door.site.memory.clear()
    assert finding(lms, GATES[GrantWay.GROUP], "Certificate").severity is Severity.WARNING


def test_a_field_that_the_site_does_not_have_is_dropped_in_silence_and_seen(
    lms: MoodleLms, learners: list[str]
) -> None:
    (result, *_rest) = lms.grant_certificates(GATES[GrantWay.PROFILE_FIELD], learners)
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_granted")


def test_a_warning_about_one_person_refuses_him_alone(lms: MoodleLms, learners: list[str], door: SandboxDoor) -> None:
    prepare(door.site, GrantWay.PROFILE_FIELD)
    door.site.db.execute("UPDATE users SET deleted = 1 WHERE username = ?", (learners[1],))
    results = lms.grant_certificates(GATES[GrantWay.PROFILE_FIELD], learners[:3])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_a_lost_override_is_read_back(mishap: Mishap, lms: MoodleLms, learners: list[str], door: SandboxDoor) -> None:
    gate = GATES[GrantWay.OWN_COMPLETION]
    track(door.site, certificate(door.site), 2)
    list(lms.granted(gate, learners))
    lms.grant_certificates(gate, learners[:1])  # who is enrolled is known from here on
    before: dict[str, Any] = dict(lms.calls.by_function)
    door.mishaps = [None, mishap]  # who is through, then the override itself
    assert {result.outcome for result in lms.grant_certificates(gate, learners[1:])} == {Outcome.DONE}
    assert functions_since(lms, before)[OVERRIDE] == len(learners) - 1


def test_a_batch_that_stops_at_a_refusal_goes_on_behind_it(
    lms: MoodleLms, learners: list[str], door: SandboxDoor
) -> None:
    """Moodle runs nothing behind a refused call (facts 1.7): here the activity is gone when the calls arrive."""
    gate = GATES[GrantWay.OWN_COMPLETION]
    track(door.site, certificate(door.site), 2)
    list(lms.granted(gate, learners))
    door.site.db.execute("UPDATE modules SET id = 9999 WHERE modname = 'customcert'")
    results = lms.grant_certificates(gate, learners)
    assert {(result.outcome, result.code) for result in results} == {(Outcome.REFUSED, "invalidcoursemodule")}
    assert [result.key for result in results] == [(name,) for name in learners]
