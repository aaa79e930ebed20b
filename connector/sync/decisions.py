"""What operators have decided, as a comparison needs it: kept or restored hand edits, and accepted renames. Pure.

A decision speaks of one value. A kept value is what is wanted from then on; a restored one is overwritten as long as
the platform shows exactly the value that was decided on, so a later edit to something else is listed anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.language import _
from connector.model import Kind

Key = tuple[str, ...]
Value = str | bool


class Choice(StrEnum):
    """What becomes of a hand edit: the platform's value is wanted from now on, or ours is sent again."""

    KEEP = "keep"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandDecision:
    """One decision about one field of one thing; `value` is what the platform showed when it was made."""

    kind: Kind
    key: Key
    field: str
    choice: Choice
    value: Value
    by: str
    reason: str
    decided_at: datetime

    @property
    def words(self) -> str:
        """Who decided, when and why, for the plan and for a person's story."""
        return _("decided by {by} on {day}: {reason}").format(
            by=self.by, day=f"{self.decided_at:%d/%m/%Y}", reason=self.reason
        )


HandDecisions = Mapping[tuple[Kind, Key], Mapping[str, HandDecision]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All decisions that bear on one comparison; `renames` are accepted ones that are still to be made, old to new."""

    by_hand: HandDecisions = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)

    def of(self, kind: Kind, key: Key) -> Mapping[str, HandDecision]:
        """The decisions about one thing, by field."""
        return self.by_hand.get((kind, key), {})


NOTHING_DECIDED = Decisions()


def by_item(decisions: Iterable[HandDecision]) -> HandDecisions:
    """The decisions by kind and key, then by field; of two about one field the later in the order given."""
    found: dict[tuple[Kind, Key], dict[str, HandDecision]] = {}
    for one in decisions:
        found.setdefault((one.kind, one.key), {})[one.field] = one
    return found


def kept(decisions: Mapping[str, HandDecision]) -> dict[str, Value]:
    """The values that are wanted instead of ours, by field."""
    return {name: one.value for name, one in decisions.items() if one.choice is Choice.KEEP}


def restored(decisions: Mapping[str, HandDecision], now: Mapping[str, Value]) -> dict[str, HandDecision]:
    """The fields whose value on the platform is the very one that was decided to be overwritten."""
    return {
        name: one
        for name, one in decisions.items()
        if one.choice is Choice.RESTORE and name in now and now[name] == one.value
    }
