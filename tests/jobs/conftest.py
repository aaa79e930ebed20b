from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from tests.jobs.country import Country, both, make_country
from tests.jobs.world import World, make_world


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    copyfile(sqlite_template, tmp_path / "connector.db")  # migrations take longer than most tests
    made = make_world(tmp_path)
    yield made
    made.ctx.store.close()


@pytest.fixture
def country(tmp_path: Path) -> Iterator[Country]:
    made = make_country(tmp_path / "two", sites=both())
    yield made
    made.ctx.store.close()
