"""Cohorts stand in every course; members are added, moved and removed there."""

import pytest

from connector.model import (
    Cohort,
    Membership,
)
from tests.openedx.box import C1, C2, Box
from tests.openedx.wanted import ALREADY, AN, DONE, REFUSED, cohorts_made, outcomes


def test_a_cohort_stands_in_every_course_under_a_name_with_our_key() -> None:
    box = Box()
    box.courses[C1].cohorts = {"Nhóm của cô": (7, "manual", set()), "Nghệ An (VN-40)": (8, "manual", set())}
    assert list(box.lms.cohorts()) == []  # not in every course yet
    assert outcomes(box.lms.create_cohorts([AN])) == [DONE]
    assert list(box.courses[C2].cohorts) == ["Nghệ An (VN-40)"]
    assert list(box.lms.cohorts()) == [AN]
    assert outcomes(box.lms.create_cohorts([AN])) == [ALREADY]


def test_a_lost_answer_of_a_new_cohort_is_looked_up_since_a_repeat_would_be_a_fault() -> None:
    box = Box()
    box.lose.append(("POST", "/cohorts/"))
    assert outcomes(box.lms.create_cohorts([AN])) == [DONE]
    assert [list(course.cohorts) for course in box.courses.values()] == [["Nghệ An (VN-40)"]] * 2
    assert len([asked for asked in box.sent("/cohorts/") if asked.method == "POST"]) == 2


def test_cohorts_that_are_switched_off_are_not_switched_on() -> None:
    box = Box()
    box.courses[C2].cohorted = False
    assert [result.code for result in box.lms.create_cohorts([AN])] == ["cohorts_off"]
    refused = box.lms.add_members([Membership(cohort="VN-40", username="a")])
    assert [result.code for result in refused] == ["cohorts_off"]
    assert not [asked for asked in box.asked if asked.method in ("PUT", "POST") and "cohorts" in asked.path]


def test_a_cohort_is_renamed_in_every_course_and_an_odd_name_is_seen() -> None:
    box = Box()
    cohorts_made(box)
    box.courses[C2].cohorts["Nghe An (VN-40)"] = box.courses[C2].cohorts.pop("Nghệ An (VN-40)")
    assert Cohort(idnumber="VN-40", name="Nghe An") in list(box.lms.cohorts())
    assert outcomes(box.lms.update_cohorts([AN, Cohort(idnumber="VN-99", name="x")])) == [DONE, REFUSED]
    assert AN in list(box.lms.cohorts())
    assert outcomes(box.lms.update_cohorts([AN])) == [ALREADY]


def test_members_are_added_in_every_course_moved_between_ours_and_removed() -> None:
    box = Box()
    cohorts_made(box, "an1")
    here, there = (Membership(cohort=cohort, username="an1") for cohort in ("VN-40", "VN-42"))

    def read() -> list[Membership]:
        return list(box.lms.memberships(["VN-40", "VN-42"], ["an1", "ghost"]))

    assert outcomes(box.lms.add_members([here, Membership(cohort="VN-40", username="ghost")])) == [DONE, REFUSED]
    assert read() == [here]
    assert outcomes(box.lms.add_members([here])) == [ALREADY]
    assert outcomes(box.lms.add_members([there])) == [DONE]
    assert read() == [there]
    assert outcomes(box.lms.remove_members([there, here])) == [DONE, ALREADY]
    assert read() == []


def test_a_member_who_is_not_enrolled_is_found_in_the_cohorts_own_lists() -> None:
    box = Box()
    cohorts_made(box)
    box.person("late")
    item = Membership(cohort="VN-40", username="late")
    assert outcomes(box.lms.add_members([item])) == [DONE]
    assert list(box.lms.memberships(["VN-40"], ["late"])) == [item]


@pytest.mark.parametrize("enrolled", [True, False])
def test_who_sits_in_a_foreign_cohort_is_refused_and_not_moved(enrolled: bool) -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.courses[C1].enrolments["an1"][1] = enrolled
    box.courses[C1].cohorts["Lớp cô Hoa"] = (50, "manual", {"an1"})
    result = box.lms.add_members([Membership(cohort="VN-40", username="an1")])[0]
    assert (result.code, "Lớp cô Hoa" in result.message) == ("foreign_cohort", True)
    assert box.courses[C1].cohort_of("an1") == "Lớp cô Hoa"


def test_who_was_put_into_a_cohort_by_open_edx_itself_is_moved() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.courses[C1].cohorts["Default Group"] = (50, "random", {"an1"})
    assert outcomes(box.lms.add_members([Membership(cohort="VN-40", username="an1")])) == [DONE]


def test_a_lost_answer_of_new_members_is_read_back() -> None:
    box = Box()
    cohorts_made(box, "an1")
    box.lose.append(("POST", "/users/"))
    assert outcomes(box.lms.add_members([Membership(cohort="VN-40", username="an1")])) == [DONE]
    assert len([asked for asked in box.sent("/users/") if asked.method == "POST"]) == 2  # one a course
