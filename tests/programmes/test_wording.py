from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from connector.programmes.definition import Programme
from connector.programmes.wording import Definition, known_keys, located, nearest, problems_of
from tests.programmes.samples import content


def definition(text: str) -> Definition:
    return Definition(
        path=Path("p.yaml"), content=yaml.safe_load(text), node=yaml.compose(text, Loader=yaml.SafeLoader)
    )


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
    line = next(number for number, line in enumerate(text.splitlines(), start=1) if "knd" in line)
    (told,) = located(problems_of(caught.value, Programme), definition(text))
    assert str(told) == f"p.yaml, line {line}: rule.parts.0.parts.0.knd: unknown key. Did you mean 'kind'?"


def test_places_beyond_the_file_are_told_at_its_start() -> None:
    with pytest.raises(ValidationError) as caught:
        Programme.model_validate(content(topics=[{}]))
    told = located(problems_of(caught.value, Programme), replace(definition("a: 1"), node=None))
    assert "p.yaml, line 1: key: this key is needed and missing" in map(str, told)


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    found = definition("a: 1\nb:\n- c: 1\n  c: 2\na: 3\n")
    assert [str(one) for one in located(found.repeated(), found)] == [
        "p.yaml, line 1: a: this key stands twice",
        "p.yaml, line 3: b.0.c: this key stands twice",
    ]


def test_nearest_lists_all_where_none_is_near() -> None:
    assert nearest("kee", ["key", "name"]) == "Did you mean 'key'?"
    assert nearest("zzz", ["key", "name"]) == "Known: key, name."
    assert nearest("zzz", []) == "Known: -."
