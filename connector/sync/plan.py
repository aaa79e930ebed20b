"""A plan is a value: sorted changes, what is held back and why, counts, and a checksum over what matters."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.lms import Work
from connector.model import Kind
from connector.sync.actual import ShortRead
from connector.sync.change import Action, Change, in_order
from connector.sync.codec import meaning
from connector.sync.consequences import UNKNOWN, Stakes, weighed
from connector.sync.diff import ByHand, Difference, Foreign
from connector.sync.state import People

Count = tuple[Kind, Action, str]
MERGE = "merge"
"""The first word of the recipe of a plan that merges cohorts."""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A change that a guard keeps back. `reason` says in words why and what to do; `final`: no word lets it through."""

    change: Change
    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's word that held changes are meant: who, why, and how many for which reason of a guard."""

    by: str
    reason: str
    let_through: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A freeze in which the plan was made: nothing may be written until `until`, and why."""

    why: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an apply would do on `site` for `programme`, and what it would not do and why.

    `provinces` are the codes it was limited to, none when it is for all. `recipe` says how it is made anew, to see
    whether the world has moved: () from the rosters, ('undo', run, accounts) from a run's before-values,
    ('merge', pairs) a merger of cohorts, ('close', site, number) one person's account. `changes` are in the order of
    work. `enrols` is False where the platform enrols by itself. `people` (by province code) and `short_reads` are what
    the guards judge by. `author` made it. `stakes` holds by username what those have who lose something,
    `cohort_unenrol` what the site does to who leaves a cohort. `needs_approval` and `pause` tell the reader what an
    apply will ask for; it asks again itself.
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
    enrols: bool = True
    author: str = ""
    override: Override | None = None
    stakes: Mapping[str, Stakes] = field(default_factory=dict)
    cohort_unenrol: str = "unknown"
    needs_approval: bool = False
    pause: Pause | None = None
    remarks: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """True when all who leave a cohort are in another one then, so that a removal is no loss."""
        return self.recipe[:1] == (MERGE,)

    @property
    def empty(self) -> bool:
        """True when an apply would do nothing."""
        return not self.changes

    @property
    def counts(self) -> Counter[Count]:
        """How many changes there are by kind, action and province code."""
        return Counter((change.kind, change.action, change.province_code) for change in self.changes)

    @property
    def work(self) -> Work:
        """What an apply would send of the kinds that a platform may be slow at."""
        sent = [change for change in self.changes if not change.adopted and change.action is not Action.REMOVE]
        made = [change for change in sent if change.kind is Kind.ACCOUNT and change.action is Action.CREATE]
        courses = Counter(change.key[0] for change in sent if change.kind is Kind.ENROLMENT)
        return Work(accounts=len(made), enrolments=courses)

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) of what an apply would do: site, programme, override, each change's action, kind and values.

        Not of the date, the origin of rows or texts, so moving a line in a roster does not void a plan. Computed at
        each call: some tenths of a second for 54,000 changes.
        """
        word = [self.override.by, self.override.reason] if self.override else []
        digest = hashlib.sha256(_ENCODE([self.programme, self.site, *self.recipe, *word]).encode())
        for change in self.changes:
            digest.update(_ENCODE(meaning(change)).encode())
        return digest.hexdigest()

    @property
    def losers(self) -> list[str]:
        """The usernames of all who would lose something, also those whose changes are held back; sorted."""
        every = (*self.changes, *(held.change for held in self.held))
        return sorted({change.username for change in every if change.takes_access})

    def holding_back(self, reasons: Mapping[int, str], *, final: bool = False) -> "Plan":
        """The plan without the changes at these places in `changes`, which are listed as held for these reasons."""
        if not reasons:
            return self
        held = [
            Held(change=self.changes[place], reason=reason, final=final) for place, reason in sorted(reasons.items())
        ]
        kept = [change for place, change in enumerate(self.changes) if place not in reasons]
        return replace(self, changes=tuple(kept), held=(*self.held, *held))

    def weighing(self, stakes: Mapping[str, Stakes], cohort_unenrol: str) -> "Plan":
        """The plan with what everybody who loses something has, and with that in the consequences of his changes."""
        changes = [weighed(one, stakes.get(one.username, UNKNOWN), cohort_unenrol) for one in self.changes]
        return replace(self, changes=tuple(changes), stakes=stakes, cohort_unenrol=cohort_unenrol)

    def overridden(self, by: str, reason: str) -> "Plan":
        """The plan with what guards held back let through, but for what is final; the same plan where nothing was."""
        let = [held for held in self.held if not held.final]
        if not let:
            return self
        counts = Counter(held.reason for held in let)
        return replace(
            self,
            changes=tuple(in_order([*self.changes, *(held.change for held in let)])),
            held=tuple(held for held in self.held if held.final),
            override=Override(by=by, reason=reason, let_through=tuple(sorted(counts.items()))),
        )


def plan_of(
    difference: Difference,
    *,
    programme: str,
    site: str,
    created_at: datetime,
    people: Mapping[str, People],
    short_reads: tuple[ShortRead, ...],
    enrols: bool = True,
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
        enrols=enrols,
    )
