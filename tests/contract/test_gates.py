"""Each way of releasing a certificate keeps the same promises, on the fake, on Moodle and on Open edX."""

from collections.abc import Iterator

import pytest

from connector.lms import CertificateGate, GrantWay, LmsClient, Outcome
from connector.model import Enrolment
from connector.sandbox.building import (
    AUTOMATIC,
    Activity,
    add_activity,
    add_profile_field,
    restrict_by_completion,
    restrict_by_field,
    track,
)
from connector.sandbox.cron import run_cron
from connector.sandbox.site import Site
from tests.contract.platforms import PLATFORMS, fresh
from tests.contract.steps import people
from tests.contract.worlds import COURSE, WORLDS, FakeWorld, SandboxWorld

FIELD, SWITCH = "cert_k1", "lock"
GATES = {
    GrantWay.GROUP: CertificateGate(course=COURSE, certificate="cert", group="eligible"),
    GrantWay.PROFILE_FIELD: CertificateGate(
        course=COURSE, certificate="cert", way=GrantWay.PROFILE_FIELD, profile_field=FIELD
    ),
    GrantWay.GATE_ACTIVITY: CertificateGate(
        course=COURSE, certificate="cert", way=GrantWay.GATE_ACTIVITY, gate_activity=SWITCH
    ),
    GrantWay.OWN_COMPLETION: CertificateGate(course=COURSE, certificate="cert", way=GrantWay.OWN_COMPLETION),
}


def prepare(site: Site, way: GrantWay) -> None:
    """What an administrator does on the site's pages; the group is there already."""
    row = site.one("SELECT id, course FROM modules WHERE modname = 'customcert'")
    assert row is not None
    cert, course = row
    if way is GrantWay.PROFILE_FIELD:
        add_profile_field(site, FIELD, "Chứng nhận", 9)
        restrict_by_field(site, cert, FIELD, "1")
    elif way is GrantWay.GATE_ACTIVITY:
        lock = add_activity(site, course, Activity(modname="quiz", name="Khóa", idnumber=SWITCH, completion=AUTOMATIC))
        restrict_by_completion(site, cert, lock)
    elif way is GrantWay.OWN_COMPLETION:
        track(site, cert, AUTOMATIC)


class Prepared:
    """A world whose certificate is restricted in one way, with three enrolled people and one who is not."""

    def __init__(self, name: str, way: GrantWay) -> None:
        self.world = fresh(name)
        self.gate = GATES.get(way, self.world.gate)
        if isinstance(self.world, SandboxWorld):
            prepare(self.world.door.site, way)
        elif isinstance(self.world, FakeWorld):
            self.world.lms.courses[COURSE].activities.add(SWITCH)
        *self.names, self.stranger = people(self.world, 4)
        self.lms.enrol([Enrolment(course=self.gate.course, username=name) for name in self.names])

    @property
    def lms(self) -> LmsClient:
        return self.world.lms

    def cron(self) -> None:
        if isinstance(self.world, SandboxWorld):
            run_cron(self.world.door.site)
        elif isinstance(self.world, FakeWorld):
            self.world.lms.issue_certificates(self.gate, self.world.now)

    def issued(self) -> set[str]:
        """Those of our people who have a certificate; a real site has others too."""
        ours = {*self.names, self.stranger}
        return {issue.username for issue in self.lms.certificate_issues(self.gate, None)} & ours


PAIRS = [
    *((name, way) for name in WORLDS for way in GATES),
    *((name, GrantWay.ALLOWLIST) for name in PLATFORMS if name.startswith("openedx")),
]


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def prepared(request: pytest.FixtureRequest) -> Iterator[Prepared]:
    made = Prepared(*request.param)
    yield made
    made.world.close()


def test_who_is_let_through_gets_a_certificate_and_nobody_else(prepared: Prepared) -> None:
    first, second, third = prepared.names
    results = prepared.lms.grant_certificates(prepared.gate, [first, "0999999999", second])
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert set(prepared.lms.granted(prepared.gate, [*prepared.names, prepared.stranger])) == {first, second}
    again = prepared.lms.grant_certificates(prepared.gate, [second, third])
    assert [result.outcome for result in again] == [Outcome.ALREADY, Outcome.DONE]
    prepared.cron()
    assert prepared.issued() == {first, second, third}


def test_somebody_who_is_not_enrolled_gets_none(prepared: Prepared) -> None:
    """A profile field takes him, since it belongs to no course; the others refuse him and let the rest pass."""
    first = prepared.names[0]
    stranger, enrolled = prepared.lms.grant_certificates(prepared.gate, [prepared.stranger, first])
    assert enrolled.outcome is Outcome.DONE
    if prepared.gate.way is not GrantWay.PROFILE_FIELD:
        assert stranger.outcome is Outcome.REFUSED
        assert set(prepared.lms.granted(prepared.gate, [prepared.stranger])) == set()
        prepared.cron()
        assert prepared.issued() == {first}


def test_what_is_taken_back_is_not_issued_again(prepared: Prepared) -> None:
    first, second, third = prepared.names
    prepared.lms.grant_certificates(prepared.gate, [first, second])
    prepared.cron()
    mine = [issue.issue_id for issue in prepared.lms.certificate_issues(prepared.gate, None) if issue.username == first]
    closed = prepared.lms.withdraw_certificates(prepared.gate, [first, third, "0999999999"])
    assert [result.outcome for result in closed] == [Outcome.DONE, Outcome.ALREADY, Outcome.ALREADY]
    deleted = prepared.lms.delete_issues(prepared.gate, [*mine, "999999"])
    # Taking somebody off Open edX's allowlist makes his certificate unavailable at once.
    gone = Outcome.ALREADY if prepared.gate.way is GrantWay.ALLOWLIST else Outcome.DONE
    assert [(result.key, result.outcome) for result in deleted] == [
        ((mine[0],), gone),
        (("999999",), Outcome.ALREADY),
    ]
    prepared.cron()
    assert prepared.issued() == {second}
    assert set(prepared.lms.granted(prepared.gate, prepared.names)) == {second}


def test_nothing_is_asked_for_nobody(prepared: Prepared) -> None:
    assert prepared.lms.delete_issues(prepared.gate, []) == []
    assert prepared.lms.withdraw_certificates(prepared.gate, []) == []
    assert prepared.lms.grant_certificates(prepared.gate, []) == []
