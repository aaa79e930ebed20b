"""The log of the service: a JSON object a line, and nothing in it that could name a person."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from connector.jobs.service.json_log import log_as_json

NAME = "Nguyễn Thị Bích Mai"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("connector")
    before = root.handlers[:], root.level, ours.level
    yield io.StringIO()  # each test begins to log by itself: pytest sets the levels anew between set-up and test
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_tells_what_and_where_and_only_known_keys(stream: io.StringIO) -> None:
    log_as_json(stream)
    logging.getLogger("connector.service").info("ended", extra={"slot": "sync", "run": 7, "learner": NAME})
    (line,) = lines(stream)
    assert {key: line[key] for key in ("level", "logger", "event", "slot", "run")} == {
        "level": "info",
        "logger": "connector.service",
        "event": "ended",
        "slot": "sync",
        "run": 7,
    }
    assert "learner" not in line


def test_of_other_libraries_only_the_place_is_told(stream: io.StringIO) -> None:
    log_as_json(stream)
    logging.getLogger("a_library").warning("cannot post %s", NAME)
    logging.getLogger("a_library").info("not even that")
    (line,) = lines(stream)
    assert NAME not in stream.getvalue()
    assert str(line["event"]).startswith("test_json_log:")


def test_of_an_error_only_its_kind_is_told(stream: io.StringIO) -> None:
    log_as_json(stream)
    try:
        int(NAME)
    except ValueError:
        logging.getLogger("connector.service").exception("failed")
    (line,) = lines(stream)
    assert (line["error"], NAME in stream.getvalue()) == ("ValueError", False)
