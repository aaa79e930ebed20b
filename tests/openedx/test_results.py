"""Results of courses, of graded sections, and of other sections."""

import pytest

from connector.errors import ConfigError
from connector.model import (
    TopicRef,
    TopicResult,
)
from tests.openedx.box import C1, Box
from tests.openedx.wanted import cohorts_made


def test_a_course_is_done_when_its_grade_passes_and_no_time_is_told() -> None:
    box = Box()
    cohorts_made(box, "an1", "an2", "an3", "other")
    box.courses[C1].grades = {"an1": 0.7, "an2": 0.2, "other": 1.0}
    ref = TopicRef(course=C1)
    assert list(box.lms.topic_results([ref], ["an1", "an2", "an3"])) == [
        TopicResult(ref=ref, username="an1", done=True, completed_at=None, grade=70.0),
        TopicResult(ref=ref, username="an2", done=False, completed_at=None, grade=20.0),
    ]


def test_graded_subsections_are_read_from_the_gradebook_and_others_from_each_learners_completion() -> None:
    box = Box()
    cohorts_made(box, "an1", "an2")
    box.people["an1"]["last_login"] = "2026-11-22T02:58:31.111Z"
    box.courses[C1].sections = {"an1": {"hw1": 0.6}, "an2": {"hw1": 0.5}}
    box.courses[C1].complete = {("an1", "doc"), ("an2", "doc")}
    hw1, doc = TopicRef(course=C1, activity="hw1"), TopicRef(course=C1, activity="doc")
    results = box.lms.topic_results([hw1, doc], ["an1", "an2"])
    found = {(one.username, one.ref.activity): (one.done, one.grade) for one in results}
    assert found == {("an1", "hw1"): (True, 60.0), ("an2", "hw1"): (False, 50.0), ("an1", "doc"): (True, None)}
    assert len([asked for asked in box.sent("blocks") if "username" in asked.path]) == 1  # an2 never logged in


def test_topics_are_named_and_missing_ones_refused() -> None:
    box = Box()
    whole, part = box.lms.topics([TopicRef(course=C1), TopicRef(course=C1, activity="doc")])
    assert (whole.remote_id, whole.name, part.name) == (C1, "Kỹ năng số", "doc")
    no_section = (TopicRef(course=C1, activity="no"), TopicRef(course="x", activity="no"))
    for ref in (TopicRef(course="course-v1:no"), *no_section):
        with pytest.raises(ConfigError):
            list(box.lms.topics([ref]))
