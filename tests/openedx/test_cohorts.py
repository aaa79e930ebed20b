"""Cohorts stand in every course; members are added, moved and removed there."""

import pytest

from connector.model import (
    Cohort,
    Membership,
)
from connector.sandbox.mishaps import Mishap
from tests.openedx.pretend import C1, C2, Pretend
from tests.openedx.wanted import ALREADY, AN, DONE, REFUSED, cohorts_made, outcomes


def test_a_cohort_stands_in_every_course_under_a_name_with_our_key() -> None:
    site = Pretend()
    site.cohort(C1, "Nhóm của cô")
    site.cohort(C1, "Nghệ An (VN-40)")
    assert list(site.lms.cohorts()) == []  # not in every course yet
    assert outcomes(site.lms.create_cohorts([AN])) == [DONE]
    assert site.cohorts(C2) == ["Nghệ An (VN-40)"]
    assert list(site.lms.cohorts()) == [AN]
    assert outcomes(site.lms.create_cohorts([AN])) == [ALREADY]


def test_a_lost_answer_of_a_new_cohort_is_looked_up_since_a_repeat_would_be_a_fault() -> None:
    site = Pretend()
    site.lose.append(("POST", "/cohorts/"))
    assert outcomes(site.lms.create_cohorts([AN])) == [DONE]
    assert [site.cohorts(course) for course in (C1, C2)] == [["Nghệ An (VN-40)"]] * 2
    assert len(site.sent("/cohorts/", "POST")) == 2


def test_cohorts_that_are_switched_off_are_not_switched_on() -> None:
    site = Pretend()
    site.set_cohorted(C2, on=False)
    assert [result.code for result in site.lms.create_cohorts([AN])] == ["cohorts_off"]
    refused = site.lms.add_members([Membership(cohort="VN-40", username="a")])
    assert [result.code for result in refused] == ["cohorts_off"]
    assert not [*site.sent("cohorts", "PUT"), *site.sent("cohorts", "POST")]


def test_a_cohort_is_renamed_in_every_course_and_an_odd_name_is_seen() -> None:
    site = Pretend()
    cohorts_made(site)
    site.site.db.execute("UPDATE cohorts SET name = 'Nghe An (VN-40)' WHERE course = ? AND name LIKE '%40)'", (C2,))
    assert Cohort(idnumber="VN-40", name="Nghe An") in list(site.lms.cohorts())
    assert outcomes(site.lms.update_cohorts([AN, Cohort(idnumber="VN-99", name="x")])) == [DONE, REFUSED]
    assert AN in list(site.lms.cohorts())
    assert outcomes(site.lms.update_cohorts([AN])) == [ALREADY]


def test_members_are_added_in_every_course_moved_between_ours_and_removed() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    here, there = (Membership(cohort=cohort, username="an1") for cohort in ("VN-40", "VN-42"))

    def read() -> list[Membership]:
        return list(site.lms.memberships(["VN-40", "VN-42"], ["an1", "ghost"]))

    assert outcomes(site.lms.add_members([here, Membership(cohort="VN-40", username="ghost")])) == [DONE, REFUSED]
    assert read() == [here]
    assert outcomes(site.lms.add_members([here])) == [ALREADY]
    assert outcomes(site.lms.add_members([there])) == [DONE]
    assert read() == [there]
    assert outcomes(site.lms.remove_members([there, here])) == [DONE, ALREADY]
    assert read() == []


def test_a_member_who_is_not_enrolled_is_found_in_the_cohorts_own_lists() -> None:
    site = Pretend()
    cohorts_made(site)
    site.person("late")
    item = Membership(cohort="VN-40", username="late")
    assert outcomes(site.lms.add_members([item])) == [DONE]
    assert list(site.lms.memberships(["VN-40"], ["late"])) == [item]


@pytest.mark.parametrize("enrolled", [True, False])
def test_who_sits_in_a_foreign_cohort_is_refused_and_not_moved(enrolled: bool) -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    site.enrol(C1, "an1", active=enrolled)
    site.cohort(C1, "Lớp cô Hoa", "an1")
    result = site.lms.add_members([Membership(cohort="VN-40", username="an1")])[0]
    assert (result.code, "Lớp cô Hoa" in result.message) == ("foreign_cohort", True)
    assert site.cohort_of(C1, "an1") == "Lớp cô Hoa"


def test_who_was_put_into_a_cohort_by_open_edx_itself_is_moved() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    site.cohort(C1, "Default Group", "an1", kind="random")
    assert outcomes(site.lms.add_members([Membership(cohort="VN-40", username="an1")])) == [DONE]


def test_a_lost_answer_of_new_members_is_read_back() -> None:
    site = Pretend()
    cohorts_made(site, "an1")
    site.lose.append(("POST", "/users/"))
    assert outcomes(site.lms.add_members([Membership(cohort="VN-40", username="an1")])) == [DONE]
    assert len(site.sent("/users/", "POST")) == 2  # one a course


def test_a_cohort_that_the_site_makes_after_our_patience_is_not_told_as_refused() -> None:
    """A refusal closes its line in the journal, and what is made later would be nobody's."""
    twin = Pretend()
    twin.lms.create_cohorts([AN])
    first = [request.method == "POST" and "/cohorts/" in str(request.url) for request in twin.requests].index(True)
    site = Pretend()
    site.mishaps, site.late_by = [*[None] * first, Mishap.LATE], 99
    assert outcomes(site.lms.create_cohorts([AN])) == [DONE]  # sent once more after three looks
    site.do_late_work()
    assert [site.cohorts(course) for course in (C1, C2)] == [["Nghệ An (VN-40)"]] * 2
