"""Long lists cut for `IN (...)`: SQLite takes at most 32,766 variables in a statement."""

from collections.abc import Iterator, Sequence

SIZE = 5_000


def chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """The values in lists of at most SIZE."""
    for start in range(0, len(values), SIZE):
        yield list(values[start : start + SIZE])
