from collections.abc import Iterator

import pytest

from connector.store.store import Store


@pytest.fixture
def store(tmp_path: object) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/connector.db")
    yield opened
    opened.close()
