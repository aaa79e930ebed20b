"""A plan is a value: sorted changes, what is held back and why, counts, and a checksum over what matters."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from connector.model import Kind
from connector.sync.actual import ShortRead
from connector.sync.change import Action, Change
from connector.sync.codec import meaning
from connector.sync.diff import ByHand, Difference, Foreign
from connector.sync.state import People

Count = tuple[Kind, Action, str]
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A change that a guard keeps back. `reason` says in words why and what to do."""

    change: Change
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an apply would do on `site` for `programme`, and what it would not do and why.

    `provinces` are the codes it was limited to, none when it is for all. `recipe` says how it is made anew, to see
    whether the world has moved: () from the rosters, ('undo', run, accounts) from a run's before-values. `changes` are
    in the order of work. `people` (by province code) and `short_reads` are what the guards judge by.
    """

    programme: str
    site: str
    created_at: datetime
    changes: tuple[Change, ...]
    foreign: tuple[Foreign, ...]
    by_hand: tuple[ByHand, ...]
    made_by_others: Mapping[Kind, int]
    people: Mapping[str, People]
    short_reads: tuple[ShortRead, ...]
    held: tuple[Held, ...] = ()
    provinces: tuple[str, ...] = ()
    recipe: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when an apply would do nothing."""
        return not self.changes

    @property
    def counts(self) -> Counter[Count]:
        """How many changes there are by kind, action and province code."""
        return Counter((change.kind, change.action, change.province_code) for change in self.changes)

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) of what an apply would do: site, programme, and each change's action, kind and values.

        Not of the date, the origin of rows or texts, so moving a line in a roster does not void a plan. Computed at
        each call: some tenths of a second for 54,000 changes.
        """
        digest = hashlib.sha256(_ENCODE([self.programme, self.site, *self.recipe]).encode())
        for change in self.changes:
            digest.update(_ENCODE(meaning(change)).encode())
        return digest.hexdigest()

    def holding_back(self, reasons: Mapping[int, str]) -> "Plan":
        """The plan without the changes at these places in `changes`, which are listed as held for these reasons."""
        if not reasons:
            return self
        held = [Held(change=self.changes[place], reason=reason) for place, reason in sorted(reasons.items())]
        kept = [change for place, change in enumerate(self.changes) if place not in reasons]
        return replace(self, changes=tuple(kept), held=(*self.held, *held))


def plan_of(
    difference: Difference,
    *,
    programme: str,
    site: str,
    created_at: datetime,
    people: Mapping[str, People],
    short_reads: tuple[ShortRead, ...],
) -> Plan:
    """The plan that a difference amounts to, before any guard has looked at it. Nothing is written."""
    return Plan(
        programme=programme,
        site=site,
        created_at=created_at,
        changes=difference.changes,
        foreign=difference.foreign,
        by_hand=difference.by_hand,
        made_by_others=difference.made_by_others,
        people=people,
        short_reads=short_reads,
    )
