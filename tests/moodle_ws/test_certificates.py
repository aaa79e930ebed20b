"""Releasing certificates and reading issues: sets, not sends; pages that shift while they are read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.lms import CertificateGate, Outcome
from connector.model import Enrolment
from connector.moodle_ws.certificates import ISSUES, ISSUES_PER_PAGE, Certificates
from connector.moodle_ws.enrolments import Enrolments
from connector.moodle_ws.groups import ADD, MEMBERS
from connector.moodle_ws.ids import Activity
from connector.moodle_ws.lms import MoodleLms
from connector.wire.oddities import Oddities
from tests.contract.worlds import COURSE, GATE
from tests.fakes.sandbox_door import Mishap, SandboxDoor
from tests.moodle_ws.conftest import account, functions_since, new
from tests.moodle_ws.scripted import ScriptedDoor, good, ids_of, recorded_body, site_info


@pytest.fixture
def learners(lms: MoodleLms) -> list[str]:
    lms.create_accounts([new(number) for number in range(6)])
    names = [account(number).username for number in range(6)]
    lms.enrol([Enrolment(course=COURSE, username=name) for name in names])
    return names


def issue_row(number: int, certificate: int = 1) -> dict[str, Any]:
    return {
        "issue": {"id": number, "customcertid": certificate, "code": f"c{number}", "timecreated": 1795317966},
        "user": {"id": 3, "username": "0912000001"},
    }


def scripted(*script: Any) -> tuple[Certificates, ScriptedDoor]:
    """Certificates of a course 'c' whose certificate is instance 1 and whose group is known to the script."""
    door = ScriptedDoor(site_info(), *script)
    ids = ids_of(door)
    ids._courses["c"] = 2
    ids._activities["c"] = {"cert": Activity(cmid=6, module="customcert", instance=1, name="x", completion=False)}
    odd = Oddities()
    return Certificates(ids.ws, ids, odd, Enrolments(ids.ws, ids, odd, 5)), door


SCRIPTED = CertificateGate(course="c", certificate="cert", group="eligible")


def test_people_are_released_in_lists_and_read_back_once(lms: MoodleLms, learners: list[str]) -> None:
    before = dict(lms.calls.by_function)
    assert {result.outcome for result in lms.grant_certificates(GATE, learners)} == {Outcome.DONE}
    made = functions_since(lms, before)
    assert (made[ADD], made[MEMBERS]) == (1, 2)
    assert {result.outcome for result in lms.grant_certificates(GATE, learners)} == {Outcome.ALREADY}
    assert functions_since(lms, before)[ADD] == 1


def test_somebody_who_is_not_enrolled_does_not_stop_the_others(lms: MoodleLms, learners: list[str]) -> None:
    lms.create_accounts([new(77)])
    stranger = account(77).username
    results = lms.grant_certificates(GATE, [*learners[:3], stranger, *learners[3:]])
    assert [result.key[0] for result in results if result.outcome is Outcome.REFUSED] == [stranger]
    assert set(lms.granted(GATE, [*learners, stranger])) == set(learners)


@pytest.mark.parametrize("mishap", [Mishap.LOST, Mishap.RESET])
def test_a_lost_release_is_read_back(mishap: Mishap, lms: MoodleLms, learners: list[str], door: SandboxDoor) -> None:
    list(lms.granted(GATE, learners))
    before = dict(lms.calls.by_function)
    door.mishaps = [None, None, mishap]  # the group, its members, then the release itself
    assert {result.outcome for result in lms.grant_certificates(GATE, learners)} == {Outcome.DONE}
    assert functions_since(lms, before)[ADD] == 1


def test_a_release_that_did_not_happen_is_refused() -> None:
    groups = good(recorded_body("groups.course.json"))
    nobody = good([{"groupid": 2, "userids": []}])
    certificates, _door = scripted(groups, nobody, good(None), nobody)
    certificates.ids.users["07"] = 7
    result = certificates.grant(SCRIPTED, ["07"])[0]
    assert (result.outcome, result.code) == (Outcome.REFUSED, "not_granted")


def test_members_are_recorded_numbers() -> None:
    groups, members = good(recorded_body("groups.course.json")), good(recorded_body("groups.members.json"))
    certificates, door = scripted(groups, members)
    certificates.ids.users |= {"0912000001": 3, "0912000009": 9}
    assert list(certificates.granted(SCRIPTED, ["0912000001", "0912000009"])) == ["0912000001"]
    assert door.inner(2) == [(MEMBERS, {"groupids": [2]})]


def test_issues_that_come_twice_are_told_once() -> None:
    """New issues stand first and push others to the next page, where they come again (facts 13.1)."""
    first = [issue_row(number) for number in range(ISSUES_PER_PAGE, 0, -1)]
    certificates, door = scripted(good(first), good([issue_row(1), issue_row(0)]))
    found = list(certificates.issues(SCRIPTED, datetime.fromtimestamp(1795317000, UTC)))
    assert [int(issue.issue_id) for issue in found] == list(range(ISSUES_PER_PAGE, -1, -1))
    assert [door.inner(index)[0] for index in (1, 2)] == [
        (ISSUES, {"timecreatedfrom": 1795317000, "customcertid": 1, "limit": ISSUES_PER_PAGE, "offset": offset})
        for offset in (0, ISSUES_PER_PAGE)
    ]


def test_issues_of_another_certificate_are_left_out() -> None:
    certificates, _door = scripted(good([issue_row(1), issue_row(2, certificate=9)]))
    assert [issue.issue_id for issue in certificates.issues(SCRIPTED, None)] == ["1"]


def test_the_recorded_issues() -> None:
    certificates, _door = scripted(good(recorded_body("issues.all.json")))
    assert [(issue.username, issue.code) for issue in certificates.issues(SCRIPTED, None)] == [
        ("0912000001", "wrKlKZAnwH"),
        ("0912000002", "yBOZGfvowP"),
    ]
