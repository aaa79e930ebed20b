"""The tree of errors is the one that its docstring draws, and each says what the caller must do."""

import inspect
import re

import pytest

from connector import errors
from connector.errors import (
    ConfigError,
    ConnectorError,
    FatalError,
    OutcomeUnknown,
    PlatformUnavailable,
    RequestRefused,
    RetryableError,
    RosterFileError,
    SkipError,
    UnsafePlanError,
)

CLASSES = [item for _name, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, ConnectorError)]


def drawn_tree() -> dict[str, str]:
    """The parent of each class as the docstring draws it: two depths of '+--'."""
    parents: dict[str, str] = {}
    above = ["ConnectorError"]
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([ |]*)\+-- (\w+)", line)
        if found:
            depth = 1 if found[1].strip() == "" and len(found[1]) == 5 else 2
            above = [*above[:depth], found[2]]
            parents[found[2]] = above[depth - 1]
    return parents


def test_the_drawn_tree_is_the_real_tree() -> None:
    real = {item.__name__: item.__bases__[0].__name__ for item in CLASSES if item is not ConnectorError}
    assert drawn_tree() == real


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 6),
        (UnsafePlanError("x"), 5),
        (FatalError("x"), 1),
        (RetryableError("x"), 1),
        (SkipError("x"), 1),
    ],
)
def test_exit_codes_follow_the_kind(error: ConnectorError, code: int) -> None:
    assert error.exit_code == code


@pytest.mark.parametrize("item", CLASSES, ids=lambda item: str(item.__name__))
def test_exit_codes_are_those_of_the_docstring(item: type[ConnectorError]) -> None:
    drawn = dict(re.findall(r"\+-- (\w+) .*exit (\d+)", errors.__doc__ or ""))
    branch = next((parent.__name__ for parent in item.__mro__ if parent.__name__ in drawn), None)
    assert item.exit_code == (int(drawn[branch]) if branch else 1)


def test_an_error_reads_as_message_and_hint() -> None:
    assert str(ConfigError("There is no programme 'x'.", hint="Known: y.")) == "There is no programme 'x'. Known: y."
    assert str(ConfigError("There is no programme 'x'.")) == "There is no programme 'x'."


def test_codes_for_programs_travel_with_refusals() -> None:
    assert RosterFileError("not_a_workbook", "a.xlsx is no workbook", hint="Save it anew.").code == "not_a_workbook"
    assert RequestRefused("invalidparameter", "refused", hint="Look.").code == "invalidparameter"
    assert RequestRefused("", "refused").hint == ""


def test_the_wait_that_the_platform_asked_for_is_kept() -> None:
    assert PlatformUnavailable("closed", retry_after=30.0).retry_after == 30.0
    assert PlatformUnavailable("closed", hint="later").retry_after is None
    assert isinstance(OutcomeUnknown("no answer"), RetryableError)
