"""The worlds of the contract suite, as a fixture."""

from collections.abc import Iterator

import pytest

from tests.contract.platforms import PLATFORMS, fresh
from tests.contract.worlds import World


@pytest.fixture(params=PLATFORMS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh world of every platform; `tests.contract.steps.on` names those that can do more."""
    made = fresh(str(request.param))
    yield made
    made.close()
