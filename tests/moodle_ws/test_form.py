"""PHP's array notation: what is written is what the sandbox, which reads it as PHP does, finds again."""

from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from connector.moodle_ws.form import pairs
from connector.sandbox.forms import read_form

words = st.text(st.characters(codec="utf-8", exclude_characters="\x00[]"), min_size=1, max_size=5).filter(
    lambda word: word.isalpha()
)
leaves = st.text(st.characters(codec="utf-8", exclude_characters="\x00")) | st.integers() | st.booleans()
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(words, inner, min_size=1, max_size=3),
)


def as_text(tree: Any) -> Any:
    """The tree as PHP has it: lists are maps from numbers, leaves are texts."""
    if isinstance(tree, dict):
        return {name: as_text(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return {str(index): as_text(value) for index, value in enumerate(tree)}
    return str(int(tree)) if isinstance(tree, bool) else str(tree)


def as_map(tree: Any) -> Any:
    """What the sandbox read, with its lists as maps from numbers too."""
    if isinstance(tree, dict):
        return {str(name): as_map(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return {str(index): as_map(value) for index, value in enumerate(tree)}
    return tree


@given(st.dictionaries(words, trees, max_size=4))
def test_what_is_written_is_read(parameters: dict[str, Any]) -> None:
    assert as_map(read_form(urlencode(list(pairs(parameters))), limit=100_000)) == as_text(parameters)


def test_nested_lists_have_indices() -> None:
    user = {"username": "0912", "customfields": [{"type": "province", "value": "Huế"}]}
    assert list(pairs({"users": [user]})) == [
        ("users[0][username]", "0912"),
        ("users[0][customfields][0][type]", "province"),
        ("users[0][customfields][0][value]", "Huế"),
    ]


def test_what_has_no_form_is_left_out() -> None:
    assert list(pairs({"a": None, "b": [], "c": {}, "d": False})) == [("d", "0")]
