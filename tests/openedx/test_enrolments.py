"""Enrolments, always with the wanted mode."""

import pytest

from connector.model import (
    Enrolment,
)
from tests.openedx.box import C1, Box
from tests.openedx.wanted import ALREADY, DONE, REFUSED, outcomes


def test_people_are_enrolled_in_bulk_where_the_default_mode_is_the_wanted_one() -> None:
    box = Box()
    items = [Enrolment(course=C1, username=box.person(f"u{number}")) for number in range(3)]
    ghost = Enrolment(course=C1, username="ghost")
    assert outcomes(box.lms.enrol([*items, ghost])) == [DONE, DONE, DONE, REFUSED]
    assert (len(box.sent("bulk_enroll")), len(box.sent("/enrollment/v1/enrollment"))) == (1, 2)
    assert outcomes(box.lms.enrol(items)) == [ALREADY] * 3
    seen = list(box.lms.enrolments(C1))
    assert [(one.username, one.active, one.last_course_access) for one in seen] == [
        (item.username, True, None) for item in items
    ]


@pytest.mark.parametrize("why", ["off", "audit"])
def test_they_are_enrolled_one_by_one_with_the_mode_elsewhere(why: str) -> None:
    box = Box()
    if why == "off":
        box.off.add("bulk")
    else:
        box.courses[C1].modes = ["audit", "honor"]
    items = [Enrolment(course=C1, username=box.person(f"u{number}")) for number in range(3)]
    assert outcomes(box.lms.enrol(items)) == [DONE] * 3
    assert set(map(tuple, box.courses[C1].enrolments.values())) == {("honor", True)}
    assert len(box.sent("bulk_enroll")) == (1 if why == "off" else 0)


def test_who_leaves_is_unenrolled_with_the_mode_that_was_read() -> None:
    """The wrong mode would not unenrol; a repeat without one would rewrite it (facts section 4)."""
    box = Box()
    box.courses[C1].modes = ["audit", "honor"]
    box.courses[C1].enrolments[box.person("an1")] = ["audit", True]
    leave = Enrolment(course=C1, username="an1", active=False)
    assert outcomes(box.lms.enrol([leave])) == [DONE]
    assert outcomes(box.lms.enrol([leave])) == [ALREADY]
    assert box.courses[C1].enrolments["an1"] == ["audit", False]
    assert [seen.active for seen in box.lms.enrolments(C1)] == [False]


def test_a_mode_that_the_course_lacks_is_refused_before_anything_is_sent() -> None:
    box = Box()
    box.courses[C1].modes = ["audit"]
    assert [result.code for result in box.lms.enrol([Enrolment(course=C1, username="an1")])] == ["no_mode"]


@pytest.mark.parametrize("path", ["bulk_enroll", "/enrollment/v1/enrollment"])
def test_a_lost_answer_of_an_enrolment_is_read_back(path: str) -> None:
    box = Box()
    if "bulk" not in path:
        box.courses[C1].modes = ["audit", "honor"]
    box.lose.append(("POST", path))
    assert outcomes(box.lms.enrol([Enrolment(course=C1, username=box.person("an1"))])) == [DONE]
    assert len([asked for asked in box.sent("enroll") if asked.method == "POST"]) == 1
