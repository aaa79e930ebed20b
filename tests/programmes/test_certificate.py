"""The certificate section: each way of granting names its own gate, and no other."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.programmes.samples import content, programme


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"group": None}, "needs group"),
        ({"profile_field": "cert_k1"}, "makes no use of profile_field"),
        ({"grant": "profile_field"}, "needs profile_field"),
    ],
)
def test_a_way_of_granting_names_its_own_gate(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        programme(certificate=content()["certificate"] | changes)


def test_a_time_in_which_nothing_could_be_written_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing could ever be written"):
        programme(writes={"starts_at": "2025-12-20T00:00", "ends_at": "2025-12-02T00:00"})
