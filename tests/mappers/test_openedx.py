"""Open edX's people and our accounts, both ways."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.mappers.openedx import AccountMapper, cohort_name, cohort_parts, full_name, moment
from connector.model import (
    Learner,
    Origin,
)
from tests.openedx.wanted import account

WORDS = st.lists(st.text("aăâbcđeêAĂÂ", min_size=1, max_size=5), min_size=1, max_size=5).map(" ".join)


@given(WORDS)
def test_a_name_comes_back_as_it_was_split(name: str) -> None:
    learner = Learner(
        phone="+84912345678",
        full_name=name,
        province_code="40",
        commune_code=None,
        workplace="",
        position="",
        origin=Origin(file="f", sheet="", row=1),
    )
    sent = account("an1", firstname=learner.given_name, lastname=learner.family_and_middle)
    row = {"id": 1, "username": "an1", "email": sent.email, "name": full_name(sent), "country": "VN"}
    assert AccountMapper(idnumber="", fields=["country"], profile=[]).seen(row).account == sent


@given(WORDS, st.from_regex(r"[A-Z]{2}-[0-9]{2}", fullmatch=True))
def test_a_cohorts_name_carries_its_key(name: str, key: str) -> None:
    assert cohort_parts(cohort_name(name, key)) == (name, key)
    assert cohort_parts(name) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"idnumber": "VN-1", "fields": [], "profile": []},
        {"idnumber": "", "fields": ["city"], "profile": []},
        {"idnumber": "", "fields": [], "profile": [], "auth": "manual"},
        {"idnumber": "", "fields": [], "profile": ["province"]},
    ],
)
def test_what_open_edx_does_not_keep_cannot_be_managed(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="does not keep"):
        AccountMapper(**wrong)


def test_times_are_aware_and_nothing_is_no_time() -> None:
    assert moment("2026-11-22T02:58:31.111Z") == datetime(2026, 11, 22, 2, 58, 31, 111000, UTC)
    assert [moment(value) for value in (None, "", "None")] == [None] * 3
    with pytest.raises(ValueError, match="without a zone"):
        moment("2026-11-22T02:58:31")
