"""Results of courses, of graded sections, and of other sections."""

import pytest

from connector.errors import ConfigError
from connector.model import (
    TopicRef,
    TopicResult,
)
from tests.openedx.pretend import C1, Pretend
from tests.openedx.wanted import cohorts_made


def test_a_course_is_done_when_its_grade_passes_and_no_time_is_told() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2", "an3", "other")
    for name, points in (("an1", 2), ("an2", 1), ("other", 2)):
        site.answer(C1, name, "final", points)
    ref = TopicRef(course=C1)
    assert list(site.lms.topic_results([ref], ["an1", "an2", "an3"])) == [
        TopicResult(ref=ref, username="an1", done=True, completed_at=None, grade=60.0),
        TopicResult(ref=ref, username="an2", done=False, completed_at=None, grade=30.0),
    ]


def test_graded_subsections_are_read_from_the_gradebook_and_others_from_each_learners_completion() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2")
    site.log_in("an1")
    for name, points in (("an1", 2), ("an2", 1)):
        site.answer(C1, name, "hw1", points)
        site.read(C1, name, "doc")
    hw1, doc = TopicRef(course=C1, activity="hw1"), TopicRef(course=C1, activity="doc")
    results = site.lms.topic_results([hw1, doc], ["an1", "an2"])
    found = {(one.username, one.ref.activity): (one.done, one.grade) for one in results}
    assert found == {("an1", "hw1"): (True, 100.0), ("an2", "hw1"): (False, 50.0), ("an1", "doc"): (True, None)}
    assert len(site.sent("username=an")) == 1  # an2 never logged in


def test_topics_are_named_and_missing_ones_refused() -> None:
    site = Pretend()
    whole, part = site.lms.topics([TopicRef(course=C1), TopicRef(course=C1, activity="doc")])
    assert (whole.remote_id, whole.name, part.name) == (C1, "Kỹ năng số", "Đọc thêm")
    no_section = (TopicRef(course=C1, activity="no"), TopicRef(course="x", activity="no"))
    for ref in (TopicRef(course="course-v1:no"), *no_section):
        with pytest.raises(ConfigError):
            list(site.lms.topics([ref]))
