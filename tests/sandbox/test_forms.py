"""PHP's reading of form variables."""

from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.sandbox.forms import read_form
from tests.sandbox.replay import flat

KEYS = st.text("abcdefghij", min_size=1, max_size=3)
LEAVES = st.text(max_size=8)
TREES = st.dictionaries(
    KEYS,
    st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=2), max_leaves=6),
    max_size=4,
)


@given(TREES)
@settings(max_examples=40)
def test_what_is_written_in_php_notation_is_read_back(tree: dict[str, Any]) -> None:
    assert read_form(urlencode(list(flat(tree))), limit=5000) == tree


def test_nested_lists_become_arrays_with_number_keys() -> None:
    text = "users[0][customfields][0][type]=province&users[0][customfields][0][value]=H%E1%BA%A3i+Ph%C3%B2ng"
    field = {"type": "province", "value": "Hải Phòng"}
    assert read_form(text, limit=10) == {"users": {"0": {"customfields": {"0": field}}}}


def test_empty_brackets_append() -> None:
    assert read_form("a[]=x&a[]=y&a[7]=z&a[]=w", limit=10) == {"a": {"0": "x", "1": "y", "7": "z", "8": "w"}}


def test_empty_brackets_in_the_middle_begin_a_new_array() -> None:
    assert read_form("a[][x]=1&a[][x]=2", limit=10) == {"a": {"0": {"x": "1"}, "1": {"x": "2"}}}


def test_the_last_of_equal_names_wins_and_an_array_replaces_a_text() -> None:
    assert read_form("a=1&a=2&b=1&b[x]=2", limit=10) == {"a": "2", "b": {"x": "2"}}


def test_names_without_a_value_and_nameless_pairs() -> None:
    assert read_form("a&=x&b=&", limit=10) == {"a": "", "b": ""}
    assert read_form("", limit=10) == {}


def test_what_stands_after_the_limit_is_dropped_without_a_sign() -> None:
    text = "&".join(f"v[{number}]={number}" for number in range(10)) + "&last=1"
    assert list(read_form(text, limit=4)["v"]) == ["0", "1", "2", "3"]
    assert "last" not in read_form(text, limit=10)
    assert read_form(text, limit=11)["last"] == "1"
