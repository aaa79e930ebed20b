"""YAML read with care: a key that stands twice in one section is an error, where YAML takes the last without a word."""

from collections.abc import Iterator
from typing import Any

import yaml

from connector.language import _


def read_yaml(text: str) -> Any:
    """The content of a YAML text. Raises yaml.YAMLError, for a repeated key too, with its line."""
    loader = yaml.SafeLoader(text)
    node = loader.get_single_node()
    for key in _repeated(node):
        why = _("the key '{key}' stands twice (line {line})")
        raise yaml.YAMLError(why.format(key=key.value, line=key.start_mark.line + 1))
    return None if node is None else loader.construct_document(node)


def _repeated(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """The keys that stand in their section for the second time, wherever that section stands."""
    if isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from _repeated(inner)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, inner in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _repeated(inner)
