"""Enrolments, always with the wanted mode."""

import pytest

from connector.model import (
    Enrolment,
)
from tests.openedx.pretend import C1, Pretend
from tests.openedx.wanted import ALREADY, DONE, REFUSED, outcomes


def test_people_are_enrolled_in_bulk_where_the_default_mode_is_the_wanted_one() -> None:
    site = Pretend()
    items = [Enrolment(course=C1, username=site.person(f"u{number}")) for number in range(3)]
    ghost = Enrolment(course=C1, username="ghost")
    assert outcomes(site.lms.enrol([*items, ghost])) == [DONE, DONE, DONE, REFUSED]
    assert (len(site.sent("bulk_enroll")), len(site.sent("/enrollment/v1/enrollment"))) == (1, 2)
    assert outcomes(site.lms.enrol(items)) == [ALREADY] * 3
    seen = sorted(site.lms.enrolments(C1), key=lambda one: one.username)
    assert [(one.username, one.active, one.last_course_access) for one in seen] == [
        (item.username, True, None) for item in items
    ]


@pytest.mark.parametrize("why", ["off", "audit"])
def test_they_are_enrolled_one_by_one_with_the_mode_elsewhere(why: str) -> None:
    site = Pretend()
    if why == "off":
        site.features.bulk_enrolment = False
    else:
        site.offer(C1, "audit", "honor")
    items = [Enrolment(course=C1, username=site.person(f"u{number}")) for number in range(3)]
    assert outcomes(site.lms.enrol(items)) == [DONE] * 3
    assert set(site.enrolments(C1).values()) == {("honor", True)}
    assert len(site.sent("bulk_enroll")) == (1 if why == "off" else 0)


def test_who_leaves_is_unenrolled_with_the_mode_that_was_read() -> None:
    """The wrong mode would not unenrol; a repeat without one would rewrite it (facts section 4)."""
    site = Pretend()
    site.offer(C1, "audit", "honor")
    site.enrol(C1, site.person("an1"), mode="audit")
    leave = Enrolment(course=C1, username="an1", active=False)
    assert outcomes(site.lms.enrol([leave])) == [DONE]
    assert outcomes(site.lms.enrol([leave])) == [ALREADY]
    assert site.enrolments(C1)["an1"] == ("audit", False)
    assert list(site.lms.enrolments(C1)) == []
    assert [(seen.username, seen.active) for seen in site.lms.past_enrolments(C1, ["an1", "ghost"])] == [("an1", False)]


def test_a_mode_that_the_course_lacks_is_refused_before_anything_is_sent() -> None:
    site = Pretend()
    site.offer(C1, "audit")
    assert [result.code for result in site.lms.enrol([Enrolment(course=C1, username="an1")])] == ["no_mode"]


@pytest.mark.parametrize("path", ["bulk_enroll", "/enrollment/v1/enrollment"])
def test_a_lost_answer_of_an_enrolment_is_read_back(path: str) -> None:
    site = Pretend()
    if "bulk" not in path:
        site.offer(C1, "audit", "honor")
    site.lose.append(("POST", path))
    assert outcomes(site.lms.enrol([Enrolment(course=C1, username=site.person("an1"))])) == [DONE]
    assert len(site.sent("enroll", "POST")) == 1


def test_the_sites_limits_are_kept_without_ever_being_told_to_slow_down() -> None:
    site = Pretend()
    site.features.bulk_enrolment = False
    items = [Enrolment(course=C1, username=site.person(f"u{number}")) for number in range(130)]
    began = site.clock.now
    assert outcomes(site.lms.enrol(items)) == [DONE] * 130
    assert 429 not in site.statuses
    assert 60 < site.clock.now - began < 70  # 120 a minute: one wait


def test_an_enrolment_in_audit_is_neither_what_is_wanted_nor_over() -> None:
    """It earns no certificate; another mode is a person's own choice (facts section 4)."""
    site = Pretend()
    site.offer(C1, "audit", "honor", "verified")
    for name, mode in (("a1", "audit"), ("h1", "honor"), ("v1", "verified")):
        site.enrol(C1, site.person(name), mode=mode)
    assert {one.username: one.active for one in site.lms.enrolments(C1)} == {"a1": None, "h1": True, "v1": True}
