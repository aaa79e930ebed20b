"""Large answers that serve several questions: a course is read once in a run, and again in the next one.

Open edX tells of a course as a whole, and a run asks in parts of some thousand people. Nobody says where a run ends,
but a run asks each thing about each person once: whoever is asked about again is a new run's, and is told what stands
now.
"""

import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

LASTS = 1800.0  # seconds after which a reading is old for everybody

Value = TypeVar("Value")


@dataclass(slots=True)
class _Reading(Generic[Value]):
    value: Value
    at: float
    told: dict[str, set[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Readings(Generic[Value]):
    """Readings by what was read."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[Hashable, _Reading[Value]] = field(default_factory=dict)

    def of(self, what: Hashable, use: str, names: Collection[str], read: Callable[[], Value]) -> Value:
        """What was read of this, or what `read` reads now, if one of these people has been asked about for this use.

        A question about a whole is one about the name ''.
        """
        found = self._kept.get(what)
        if found is None or self.clock() > found.at + LASTS or not found.told.get(use, set()).isdisjoint(names):
            self._kept.pop(what, None)  # two of them need not fit into the memory
            value = read()
            found = self._kept[what] = _Reading(value, self.clock())
        found.told.setdefault(use, set()).update(names)
        return found.value

    def forget(self) -> None:
        """The next question is asked of the platform: something has been written."""
        self._kept.clear()
