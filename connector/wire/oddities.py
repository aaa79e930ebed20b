"""Rows of a platform's answers that cannot be understood: each is left out by itself, noted, and told to whoever asks.

A plugin, an upgrade or a hand in the database brings states and types that no documentation knows. One such row must
not stop the reading of all others, and nobody may take its absence for an answer.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connector.errors import ConnectorError
from connector.lms import Oddity

ODD = (KeyError, TypeError, ValueError, OverflowError, OSError, AttributeError)
LONGEST, LONGEST_TEXT, MOST_TEXTS = 300, 40, 1_000
# Whatever else a row says of a person by name does not belong into a list of technical faults.
_NAMING = ("name", "mail", "phone", "address", "picture", "image", "description", "idnumber")

Made = TypeVar("Made")


@dataclass(slots=True)
class Oddities:
    """What one site has answered that could not be understood, since it was last taken."""

    _found: list[Oddity] = field(default_factory=list)

    def understood(
        self, make: Callable[[], Made], raw: Any, *, part: str, place: str = "", username: str = ""
    ) -> Made | None:
        """What `make` makes of the row; None, and the row is noted, when it cannot make anything of it."""
        try:
            return make()
        except ODD as error:
            self.add(_why(error), raw, part=part, place=place, username=username)
        except ConnectorError as error:
            self.add(str(error), raw, part=part, place=place, username=username)
        return None

    def add(self, why: str, raw: Any, *, part: str, place: str = "", username: str = "") -> None:
        """Note one row; of a flood, when a type has changed for everybody, only the first rows are kept as text."""
        text = shortened(raw) if len(self._found) < MOST_TEXTS else ""
        self._found.append(Oddity(part=part, place=place, username=username, why=why, raw=text))

    def take(self) -> list[Oddity]:
        """All that was noted; from now on it counts as told."""
        found, self._found = self._found, []
        return found


def shortened(raw: Any) -> str:
    """The row as text of at most 300 characters, without what names a person."""
    return json.dumps(_harmless(raw), ensure_ascii=False, default=str)[:LONGEST]


def _harmless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): "…" if any(part in str(key).lower() for part in _NAMING) else _harmless(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_harmless(inner) for inner in value]
    return value[:LONGEST_TEXT] if isinstance(value, str) else value


def _why(error: Exception) -> str:
    return f"missing {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"[:200]
