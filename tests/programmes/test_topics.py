import pytest
from pydantic import ValidationError

from connector.model import TopicRef
from connector.programmes.topics import Topic, TopicKind
from tests.programmes.samples import topic


def test_a_topic_is_an_activity_or_a_whole_course() -> None:
    activity = Topic.model_validate(topic("m1"))
    course = Topic(key="cd01", name="Chuyên đề 1", kind=TopicKind.MANDATORY, course="cd-01", hours=2.5)
    assert activity.ref == TopicRef(course="bkhcn-2025-01", activity="m1")
    assert course.ref == TopicRef(course="cd-01")


@pytest.mark.parametrize("change", [{"key": "CD 1"}, {"course": "two words"}, {"hours": 0}, {"name": "  "}, {"x": 1}])
def test_what_a_topic_cannot_be(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Topic.model_validate(topic("m1") | change)
