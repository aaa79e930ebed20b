"""What holds for every test: no settings from the developer's shell, English messages, repeatable examples in CI."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from connector.language import use_language
from tests.databases import postgres, sqlite_template

__all__ = ["postgres", "sqlite_template"]  # fixtures of all tests, made once for a run

# Slow machines must not fail a law: time is bounded by pytest-timeout, not for each example.
settings.register_profile("house", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("house"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("CONNECTOR_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


@pytest.fixture
def vietnamese() -> None:
    """Messages in Vietnamese for this test."""
    use_language("vi")
