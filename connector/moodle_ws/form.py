"""Parameters in PHP's array notation, the only way to say a list in a plain form (facts 1.1)."""

from collections.abc import Iterator, Mapping
from typing import Any


def pairs(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The form variables of these parameters, in order: `{"users": [{"id": 3}]}` gives `("users[0][id]", "3")`.

    Booleans become 1 and 0. None, empty lists and empty mappings have no form and are left out, so a function whose
    required list may be empty must not be called with it.
    """
    for name, value in parameters.items():
        yield from _leaves(name, value)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{name}[{key}]", inner)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(f"{name}[{index}]", inner)
    elif isinstance(value, bool):
        yield name, str(int(value))
    elif value is not None:
        yield name, str(value)
