from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from connector.programmes.definition import Programme
from connector.programmes.wording import in_words, known_keys, nearest
from tests.programmes.samples import content


@pytest.mark.parametrize(
    ("place", "some"),
    [
        ((), {"key", "window", "rule"}),
        (("window",), {"zone", "starts_at", "ends_at"}),
        (("topics", 0), {"key", "kind", "activity"}),
        (("rule", "at_least"), {"type", "name", "count", "kind", "topics", "title"}),
        (("rule", "all", "parts", 0, "grade"), {"type", "name", "min", "count", "kind", "topics", "title"}),
    ],
)
def test_known_keys_are_those_of_the_place(place: tuple[str | int, ...], some: set[str]) -> None:
    found = set(known_keys(Programme, place))
    assert some <= found
    if place:
        assert found != set(known_keys(Programme, ()))


def test_a_misspelt_key_deep_in_the_rule_is_told_with_line_and_nearest_key() -> None:
    text = yaml.safe_dump(
        content(
            rule={
                "type": "all",
                "parts": [
                    {"type": "any", "name": "x", "parts": [{"type": "at_least", "name": "a", "count": 1, "knd": 1}]}
                ],
            }
        ),
        sort_keys=False,
    )
    with pytest.raises(ValidationError) as caught:
        Programme.model_validate(yaml.safe_load(text))
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "knd" in line)
    told = str(in_words(caught.value, Path("p.yaml"), node, Programme))
    assert told == f"p.yaml, line {line}: rule.parts.0.parts.0.knd: unknown key. Did you mean 'kind'?"


def test_places_beyond_the_file_are_told_at_its_start() -> None:
    with pytest.raises(ValidationError) as caught:
        Programme.model_validate(content(topics=[{}]))
    told = str(in_words(caught.value, Path("p.yaml"), None, Programme))
    assert "p.yaml, line 1: key: this key is needed and missing" in told


def test_nearest_lists_all_where_none_is_near() -> None:
    assert nearest("kee", ["key", "name"]) == "Did you mean 'key'?"
    assert nearest("zzz", ["key", "name"]) == "Known: key, name."
    assert nearest("zzz", []) == "Known: -."
