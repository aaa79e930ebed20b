"""Long lists cut for `IN (...)`: SQLite takes at most 32,766 variables in a statement."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

SIZE = 5_000

T = TypeVar("T")


def chunks(values: Sequence[T], size: int = SIZE) -> Iterator[list[T]]:
    """The values in lists of at most `size`."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])
