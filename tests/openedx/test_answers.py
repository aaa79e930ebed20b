"""Answers of Open edX sorted: the recorded shapes, and what each of them means."""

import pytest

from connector.errors import (
    AccessDenied,
    ConnectorError,
    OutcomeUnknown,
    PlatformUnavailable,
    ProtocolError,
    RequestRefused,
)
from connector.openedx.answers import Answer, answer_of, code_of, words_of
from connector.wire.exchange import Reply

HTML = b"<!DOCTYPE html><html><body>Page not found</body></html>"


def reply(
    status: int, body: bytes = b"", content_type: str = "application/json", *, retry_after: float | None = None
) -> Reply:
    return Reply(status=status, content_type=content_type if body else "", body=body, retry_after=retry_after)


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ({"detail": "Not found."}, "", "Not found."),
        ({"developer_message": "x", "error_code": "user-not-in-cohort"}, "user-not-in-cohort", "x"),
        ({"field_errors": {"f": {"developer_message": "bad"}}, "developer_message": "all"}, "", "bad; all"),
        ({"message": "The user 0912345678 does not exist.", "course_details": {"course_name": "N"}}, "", None),
        ({"courses": ["This field is required."]}, "", "This field is required."),
        ({"email": [{"user_message": "taken"}], "error_code": "duplicate-email"}, "duplicate-email", "taken"),
        ({"error": "invalid_scope"}, "invalid_scope", ""),
        ([], "", ""),
        (None, "", ""),
    ],
)
def test_the_shapes_of_errors(value: object, code: str, words: str | None) -> None:
    assert code_of(value) == code
    if words is not None:
        assert words_of(value) == words


def test_words_hold_no_number_and_no_address() -> None:
    said = words_of({"message": "The user 0912345678 (a.b@c.vn) <b>does not</b> exist."})
    assert said == "The user 091*****78 *** does not exist."


def test_good_answers() -> None:
    assert answer_of(reply(200, b'{"a": 1}'), writes=False) == Answer(status=200, value={"a": 1})
    assert answer_of(reply(204), writes=True) == Answer(status=204)


def test_expected_statuses_are_answers() -> None:
    """404 with a page says that a feature is off; with nothing, that nobody is there."""
    assert answer_of(reply(404, HTML, "text/html"), writes=False, expected=[404]) == Answer(status=404, is_page=True)
    assert answer_of(reply(404), writes=False, expected=[404]) == Answer(status=404)
    refused = answer_of(reply(409, b'{"error_code": "duplicate-email"}'), writes=True, expected=[409])
    assert (refused.ok, refused.code, refused.words) == (False, "duplicate-email", "")


@pytest.mark.parametrize(
    ("told", "writes", "error"),
    [
        (reply(200, HTML, "text/html"), False, ProtocolError),
        (reply(200, b'{"a": '), False, PlatformUnavailable),
        (reply(200, b'{"a": '), True, OutcomeUnknown),
        (reply(302), True, ProtocolError),
        (reply(400, b'{"message": "bad"}'), True, RequestRefused),
        (reply(404, HTML, "text/html"), False, RequestRefused),
        (reply(400, b'{"cut'), True, RequestRefused),
        (reply(403), True, AccessDenied),
        (reply(403, b'{"detail": "You do not have permission"}'), False, AccessDenied),
        (reply(429, b'{"developer_message": "Request was throttled."}'), True, PlatformUnavailable),
        (reply(500, HTML, "text/html"), True, OutcomeUnknown),
        (reply(500, HTML, "text/html"), False, PlatformUnavailable),
        (reply(503), True, OutcomeUnknown),
        (reply(503), False, PlatformUnavailable),
        (reply(503, retry_after=5.0), True, PlatformUnavailable),
    ],
)
def test_what_is_an_error(told: Reply, writes: bool, error: type[ConnectorError]) -> None:
    with pytest.raises(error):
        answer_of(told, writes=writes)


def test_a_throttle_that_does_not_say_how_long_is_a_minute() -> None:
    with pytest.raises(PlatformUnavailable) as caught:
        answer_of(reply(429, b'{"developer_message": "Request was throttled."}'), writes=False)
    assert caught.value.retry_after == 60


@pytest.mark.parametrize(("writes", "error"), [(False, PlatformUnavailable), (True, OutcomeUnknown)])
def test_a_200_without_a_word_is_a_broken_answer(writes: bool, error: type[Exception]) -> None:
    with pytest.raises(error):
        answer_of(reply(200), writes=writes)
