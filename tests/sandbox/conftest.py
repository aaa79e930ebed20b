"""A fresh pretend site for each test."""

from collections.abc import Iterator

import pytest

from tests.sandbox.client import Api, fresh


@pytest.fixture
def api() -> Iterator[Api]:
    caller = fresh()
    yield caller
    caller.site.close()
