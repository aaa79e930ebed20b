"""Restores and copies in their short form; `make faults` lives through 60."""

from pathlib import Path

import pytest

from tests.faults.grounds import GROUNDS
from tests.faults.restores import restore_once

FEW = 20


@pytest.mark.parametrize("platform", GROUNDS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_was_set_back_is_said_before_a_write_and_made_good(platform: str, seed: int, tmp_path: Path) -> None:
    restored = restore_once(seed, tmp_path / "life", GROUNDS[platform], FEW)
    assert restored.findings == ()
    assert restored.said
