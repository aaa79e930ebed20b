"""Results of courses, of graded sections, and of other sections."""

from dataclasses import replace

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
    (asked,) = site.sent("username=an")  # an2 never logged in
    assert "block_types_filter=sequential&" in asked


def test_topics_are_named_and_missing_ones_refused() -> None:
    site = Pretend()
    whole, part = site.lms.topics([TopicRef(course=C1), TopicRef(course=C1, activity="doc")])
    assert (whole.remote_id, whole.name, part.name) == (C1, "Kỹ năng số", "Đọc thêm")
    no_section = (TopicRef(course=C1, activity="no"), TopicRef(course="x", activity="no"))
    for ref in (TopicRef(course="course-v1:no"), *no_section):
        with pytest.raises(ConfigError):
            list(site.lms.topics([ref]))


def test_grades_are_read_once_in_a_run_whatever_its_parts() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2")
    whole, hw1 = TopicRef(course=C1), TopicRef(course=C1, activity="hw1")
    for name in ("an1", "an2"):
        site.answer(C1, name, "hw1", 2)

    def run() -> tuple[int, int]:
        for name in ("an1", "an2", "ghost"):
            told = {(one.ref, one.grade) for one in site.lms.topic_results([whole, hw1], [name])}
            assert told == (set() if name == "ghost" else {(whole, 40.0), (hw1, 100.0)})
        return len(site.sent("/grades/v1/courses/")), len(site.sent("/gradebook/", "GET")) - len(
            site.sent("grading-info")
        )

    assert run() == (1, 1)
    assert run() == (2, 2)


def test_a_grade_that_is_not_understood_is_noted_when_its_learner_is_asked_for() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2")
    for name in ("an1", "an2"):
        site.answer(C1, name, "final", 2)
    site.spoil = lambda body: body.replace(
        b'"username":"an2","email":"","course_id":"%s","passed":true' % C1.encode(),
        b'"username":"an2","email":"","course_id":"%s","passed":"yes"' % C1.encode(),
    )
    ref = TopicRef(course=C1)
    assert [one.username for one in site.lms.topic_results([ref], ["an1"])] == ["an1"]
    assert site.lms.take_oddities() == []
    assert list(site.lms.topic_results([ref], ["an2"])) == []
    assert [(odd.place, odd.username) for odd in site.lms.take_oddities()] == [(C1, "an2")]


def test_only_sections_without_grades_cost_a_request_for_each_learner() -> None:
    lms = Pretend().lms
    assert not lms.reads_each([TopicRef(course=C1), TopicRef(course=C1, activity="hw1")])
    assert lms.reads_each([TopicRef(course=C1, activity="doc")])


def test_a_list_without_last_log_ins_is_an_anomaly_and_nobody_never_logged_in() -> None:
    site = Pretend()
    cohorts_made(site, "an1", "an2")
    site.log_in("an1")
    site.read(C1, "an1", "doc")
    hidden = frozenset({"last_login", "enrollment_mode"})
    site.site.features = replace(site.site.features, hidden_student_columns=hidden)
    (done,) = site.lms.topic_results([TopicRef(course=C1, activity="doc")], ["an1", "an2"])
    assert (done.username, done.done) == ("an1", True)
    assert ["last_login, enrollment_mode" in item.why for item in site.lms.take_oddities()] == [True]
    seen = {one.account.username: one.last_access for one in site.lms.accounts(["an1"])}
    assert seen["an1"] is not None
