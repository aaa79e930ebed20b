"""All tests of the store hold on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from connector.store.store import Store
from tests.databases import KINDS, address_of


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of each kind, with the schema already in it."""
    yield from address_of(request.param, request, schema=True)


@pytest.fixture(params=KINDS)
def empty_address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of each kind without any table."""
    yield from address_of(request.param, request, schema=False)


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = Store(address)
    yield opened
    opened.close()
