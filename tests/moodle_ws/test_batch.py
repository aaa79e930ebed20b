"""The batch function: what goes in is proved, what comes out is compared with what was asked."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import OutcomeUnknown, PlatformUnavailable, ProtocolError, RequestRefused
from connector.moodle_ws.batch import NOT_RUN, InnerCall, answers, encoded, question
from tests.moodle_ws.scripted import recorded_body

CALLS = [InnerCall("a", {}), InnerCall("b", {}), InnerCall("c", {}), InnerCall("d", {})]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=3))
def test_arguments_survive(arguments: dict[str, Any]) -> None:
    assert json.loads(encoded(arguments)) == arguments


@pytest.mark.parametrize("arguments", [{"x": (1, 2)}, {"x": float("nan")}, {3: "x"}])
def test_arguments_that_would_change_are_never_sent(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        encoded(arguments)


def test_a_language_is_asked_for_call_by_call() -> None:
    asked = question([InnerCall("a", {"x": 1}, "en"), InnerCall("b", {})])
    assert asked == {
        "requests": [
            {"function": "a", "arguments": '{"x":1}', "settinglang": "en"},
            {"function": "b", "arguments": "{}"},
        ]
    }


def test_the_recorded_batch_stops_at_its_second_call() -> None:
    found = answers(recorded_body("batch.mixed"), CALLS, writes=False)
    assert found[0].result()["statuses"][0]["cmid"] == 5
    assert isinstance(found[1].error, RequestRefused)
    assert found[1].error.code == "invaliduser"
    assert found[2:] == [NOT_RUN, NOT_RUN]
    with pytest.raises(RequestRefused):
        found[1].result()
    with pytest.raises(ProtocolError, match="before this call"):
        found[2].result()


def test_a_function_without_return_leaves_its_data_out() -> None:
    found = answers({"responses": [{"error": False}, {"error": False, "data": ""}]}, CALLS[:2], writes=True)
    assert [answer.result() for answer in found] == [None, None]


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"responses": []},
        {"responses": [{"error": False}] * 5},
        {"responses": [{"error": False}] * 3},
        {"responses": [{"error": False, "data": "{cut"}] * 4},
    ],
)
def test_an_answer_that_does_not_fit_is_never_taken_for_one(value: Any) -> None:
    with pytest.raises(PlatformUnavailable):
        answers(value, CALLS, writes=False)
    with pytest.raises(OutcomeUnknown):
        answers(value, CALLS, writes=True)


def test_a_failure_without_words_is_still_a_failure() -> None:
    found = answers({"responses": [{"error": True}]}, CALLS[:1], writes=True)
    assert isinstance(found[0].error, RequestRefused)
