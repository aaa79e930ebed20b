"""The doctor of an Open edX names what is wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from connector.lms import CertificateGate, GrantWay, Needs, Severity, Work
from connector.model import TopicRef
from tests.openedx.pretend import C1, C2, Pretend
from tests.openedx.wanted import GATE, cohorts_made


def findings(site: Pretend) -> dict[str, Severity]:
    wanted = Needs(courses=(C1,), topics=(TopicRef(course=C1),), gate=GATE)
    return {one.subject: one.severity for one in site.lms.check(wanted)}


def test_the_doctor_finds_a_good_site_good() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    found = findings(site)
    assert set(found.values()) == {Severity.OK}
    assert len(found) == 10


@pytest.mark.parametrize(
    ("subject", "spoil", "severity"),
    [
        (
            "Service account",
            lambda site: site.lower_the_service_account(),
            Severity.ERROR,
        ),
        ("New accounts", lambda site: setattr(site.features, "csv_signup", False), Severity.ERROR),
        ("Enrolment in bulk", lambda site: setattr(site.features, "bulk_enrolment", False), Severity.WARNING),
        ("Enrolment in bulk", lambda site: site.offer(C1, "audit", "honor"), Severity.WARNING),
        (f"Cohorts of {C1}", lambda site: site.set_cohorted(C1, on=False), Severity.ERROR),
        (f"Modes of {C1}", lambda site: site.offer(C1, "audit"), Severity.ERROR),
        (f"Modes of {C1}", lambda site: site.enrol(C1, "an1", mode="audit"), Severity.WARNING),
    ],
)
def test_the_doctor_names_what_is_wrong(subject: str, spoil: Callable[[Pretend], Any], severity: Severity) -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    spoil(site)
    assert findings(site)[subject] is severity


def test_dates_of_one_persons_enrolment_are_not_to_be_had() -> None:
    (found,) = [one for one in Pretend().lms.check(Needs(courses=(C1,), windows=True)) if one.subject == "Window"]
    assert (found.severity, "limit_to_window: false" in found.remedy) == (Severity.WARNING, True)


def test_certificates_that_bear_an_earlier_grade_are_found() -> None:
    """The grade is frozen at the first issue (facts section 11)."""
    site = Pretend()
    cohorts_made(site, "an1", "an2", "an3")
    for name in ("an1", "an2", "an3"):
        site.answer(C1, name, "final", 2)
    site.lms.grant_certificates(GATE, ["an1", "an2"])
    assert findings(site)["Grades on certificates"] is Severity.OK
    site.answer(C1, "an1", "hw1", 2)
    (found,) = [one for one in site.lms.check(Needs(courses=(C1,), gate=GATE)) if one.subject.startswith("Grades")]
    assert (found.severity, found.detail) == (
        Severity.WARNING,
        "1 of 2 certificates looked at bear an earlier grade.",
    )


def test_the_cost_of_reading_is_told() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2")
    refs = [TopicRef(course=C1), TopicRef(course=C1, activity="hw1"), TopicRef(course=C1, activity="doc")]

    def told(*refs: TopicRef, people: int = 0) -> str:
        wanted = Needs(courses=(C1,), topics=refs, people=people)
        return next(one.detail for one in site.lms.check(wanted) if one.subject == "Reading results")

    assert told(*refs[:2]) == "A run of the mirror costs 2 requests for grades."
    assert told(*refs) == "A full run of the mirror costs 2 requests, and up to 2 more: one a learner."
    # Before anybody is there.
    assert (
        told(*refs, people=18_000) == "A full run of the mirror costs 78 requests, and up to 18000 more: one a learner."
    )


@pytest.mark.parametrize("way", [GrantWay.GROUP, GrantWay.OWN_COMPLETION])
def test_other_gates_than_the_allowlist_are_an_error(way: GrantWay) -> None:
    gate = CertificateGate(course=C1, certificate="c", way=way)
    found = {one.subject: one.severity for one in Pretend().lms.check(Needs(courses=(C1,), gate=gate))}
    assert found["Certificate"] is Severity.ERROR


def test_the_mode_audit_earns_no_certificate() -> None:
    site = Pretend(mode="audit")
    site.offer(C1, "audit", "honor")
    found = {one.subject: one.severity for one in site.lms.check(Needs(courses=(C1,), gate=GATE))}
    assert found["Certificate"] is Severity.ERROR


def test_a_site_without_an_own_sign_up_makes_its_accounts_elsewhere() -> None:
    found = {one.subject: one.detail for one in Pretend(signs_up=False).lms.check(Needs(courses=(C1,)))}
    assert "sign_up: none" in found["New accounts"]


def test_passwords_that_nobody_is_told_are_named_by_doctor_and_plan() -> None:
    site = Pretend()
    site.addresses = "{phone_national}@hocvien.invalid"
    lms = site.anew()
    (found,) = [one for one in lms.check(Needs(courses=(C1,))) if one.subject == "New accounts"]
    assert (found.severity, "single sign-on" in found.remedy) == (Severity.WARNING, True)
    assert "528 accounts cannot log in" in "".join(lms.outlook(Work(accounts=528)))
    assert lms.outlook(Work()) == []
    assert site.lms.outlook(Work(accounts=528)) == []


def test_before_any_list_the_cost_is_told_for_a_thousand_people() -> None:
    refs = (TopicRef(course=C1), TopicRef(course=C1, activity="doc"))
    found = {one.subject: one.detail for one in Pretend().lms.check(Needs(courses=(C1,), topics=refs, gate=GATE))}
    assert "up to 1000 more" in found["Reading results"]
    assert "No list has been read" in found["Reading results"]
    assert "at most 1000" in found["Certificate"]
    counted = Pretend().lms.check(Needs(courses=(C1,), topics=refs, people=7))
    assert not any("No list" in one.detail for one in counted)


# ---- the outlook


def test_what_takes_long_is_told_before_it_is_begun() -> None:
    site = Pretend()
    work = Work(accounts=18_000, enrolments={C1: 18_000, C2: 18_000})
    assert site.lms.outlook(work) == ["18000 accounts are made by the CSV sign-up, four a second: about 75 minutes."]
    site.offer(C2, "audit", "honor")
    (words,) = site.anew().outlook(Work(enrolments=work.enrolments))
    assert words.startswith("18000 enrolments are made one by one, 120 a minute: 150 minutes at least.")
    site.features.bulk_enrolment = False
    (words,) = site.anew().outlook(Work(enrolments=work.enrolments))
    assert words.startswith("36000 enrolments")


def test_a_small_plan_asks_nothing_of_the_site() -> None:
    site = Pretend()
    assert site.lms.outlook(Work(accounts=100, enrolments={C1: 1_000})) == []
    assert site.requests == []
