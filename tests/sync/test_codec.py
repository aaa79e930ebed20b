import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import BrokenData
from connector.model import Account, Cohort, Enrolment, Group, GroupMembership, Item, Membership
from connector.sync.change import Action, Change
from connector.sync.codec import change_from, change_values, item_from, item_values, meaning
from tests.sync.world import HOME

texts = st.text(max_size=5)
pairs = st.lists(st.tuples(texts, texts), max_size=2).map(tuple)
# Not older: Python holds no moment inside the gap of a change of clocks equal to itself in another zone.
moments = st.none() | st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.sampled_from([UTC, HOME]))  # noqa: DTZ001
items = (
    st.builds(Account, fields=pairs, profile=pairs, suspended=st.booleans())
    | st.builds(Cohort)
    | st.builds(Membership)
    | st.builds(Group)
    | st.builds(GroupMembership)
    | st.builds(Enrolment, starts_at=moments, ends_at=moments, active=st.booleans())
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    item = draw(items)
    before, after = draw(st.sampled_from([(None, item), (item, item), (item, None)]))
    return Change(
        action=draw(st.sampled_from(Action)),
        kind=item.kind,
        key=item.key,
        province_code=draw(texts),
        before=before,
        after=after,
        consequence=draw(texts),
        adopted=draw(st.booleans()),
        remote_id=draw(texts),
    )


@given(items)
def test_an_item_comes_back_from_json(item: Item) -> None:
    assert item_from(item.kind, json.loads(json.dumps(item_values(item)))) == item


@given(changes())
def test_a_change_comes_back_from_json(change: Change) -> None:
    back = change_from(json.loads(json.dumps(change_values(change))))
    assert back == change
    assert meaning(back) == meaning(change)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("group", ["a", "b"]),
        ("cohort", ["a"]),
        ("membership", None),
        ("enrolment", ["c", "u", "yesterday", "", True]),
        ("enrolment", ["c", "u", "2025-12-01T00:00:00", "", True]),
        ("account", ["u", "f", "l", "e", "i", [["only"]], [], "manual", False]),
    ],
)
def test_what_is_no_item_is_broken_data(kind: str, values: Any) -> None:
    with pytest.raises(BrokenData, match="not what its kind"):
        item_from(kind, values)


@pytest.mark.parametrize(
    "values",
    [
        [],
        None,
        ["explode", "cohort", None, ["a", "b"], "01", "", False, ""],
    ],
)
def test_what_is_no_change_is_broken_data(values: Any) -> None:
    with pytest.raises(BrokenData, match="not complete"):
        change_from(values)


def test_the_zone_of_a_moment_does_not_matter() -> None:
    moment = datetime(2025, 12, 1, tzinfo=UTC)
    here = Enrolment(course="c", username="u", starts_at=moment)
    there = Enrolment(course="c", username="u", starts_at=moment.astimezone())
    assert item_values(here) == item_values(there)
