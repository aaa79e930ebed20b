"""The way back from a run: what it found before is wanted again, as far as it still is as the run left it.

Nothing is ever deleted: an account that the run made is suspended (or left), an enrolment that it made is suspended, a
membership is ended, a cohort stays. What a later run or a person has changed since is kept and listed. The wanted state
goes through the same comparison as any other (connector/sync/diff.py), so hand edits are seen field by field.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

from connector.language import _
from connector.model import Account, Enrolment, Item, Kind
from connector.sync.change import Action, Change
from connector.sync.diff import Difference
from connector.sync.plan import Held
from connector.sync.state import Key, OwnedItem, State, Wanted

Place = tuple[Kind, Key]


class AccountPolicy(StrEnum):
    """What becomes of the accounts that the run made."""

    SUSPEND = "suspend"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """The state to go back to; the ledger's rows that it concerns; what is kept as it is, and why."""

    state: State
    owned: tuple[OwnedItem, ...]
    kept: tuple[Held, ...]


def way_back(made: Iterable[Change], owned: Iterable[OwnedItem], policy: AccountPolicy) -> WayBack:
    """The way back from these changes, which a run has made on the platform. Nothing is read or written.

    `owned` are all our rows of these people, and of these cohorts. A row that is not as the run left it was changed by
    a later run. An account is suspended only if all that we own of the person is of this run: others may need it.
    """
    rows = {(row.kind, row.key): row for row in owned}
    changes = [change for change in made if not change.adopted]
    draft = _Draft(rows, policy, _needed_by_others(changes, rows))
    for change in changes:
        draft.take_back(change)
    return WayBack(
        state=State(items=draft.items, dropped=draft.dropped, people={}),
        owned=tuple(draft.concerned),
        kept=tuple(draft.kept),
    )


def _needed_by_others(changes: Iterable[Change], rows: Mapping[Place, OwnedItem]) -> set[str]:
    """The people of whom we own something that this run has not made."""
    made = {(change.kind, change.key) for change in changes if change.action is Action.CREATE}
    return {row.key[-1] for place, row in rows.items() if row.kind is not Kind.COHORT and place not in made}


class _Draft:
    """The way back while it is being put together."""

    def __init__(self, rows: Mapping[Place, OwnedItem], policy: AccountPolicy, needed: set[str]) -> None:
        self.items: dict[Kind, dict[Key, Wanted]] = {kind: {} for kind in Kind}
        self.dropped: dict[Key, OwnedItem] = {}
        self.concerned: list[OwnedItem] = []
        self.kept: list[Held] = []
        self._rows = rows
        self._policy = policy
        self._needed = needed

    def take_back(self, change: Change) -> None:
        """Want again what was before this change, or keep it and say why."""
        row = self._rows.get((change.kind, change.key))
        reason = self._reason_to_keep(change, row)
        if reason:
            self.kept.append(Held(change=change, reason=reason))
            return
        if row is not None:
            self.concerned.append(row)
        if change.action is Action.CREATE and change.kind is Kind.MEMBERSHIP:
            self.dropped[change.key] = cast("OwnedItem", row)
            return
        wanted = Wanted(item=_before(change), province_code=change.province_code, create=row is None)
        self.items[change.kind][change.key] = wanted

    def _reason_to_keep(self, change: Change, row: OwnedItem | None) -> str:
        if (row.item if row else None) != change.after:
            return _("Changed by a later run since: kept.")
        if change.action is not Action.CREATE:
            return ""
        if change.kind is Kind.COHORT:
            return _("A cohort is never deleted: it stays, without the members that this run put into it.")
        if change.kind is Kind.ACCOUNT:
            if self._policy is AccountPolicy.KEEP:
                return _("The account is left as it is (--accounts keep).")
            if change.username in self._needed:
                return _("The person has other things of ours that this run did not make: the account stays active.")
        return ""


def _before(change: Change) -> Item:
    """What is wanted again: the value before, or the made thing at rest."""
    match change.action, change.after:
        case Action.CREATE, Account() as account:
            return replace(account, suspended=True)
        case Action.CREATE, Enrolment() as enrolment:
            return replace(enrolment, active=False)
        case _:
            return cast("Item", change.before)


def unreached(back: WayBack, difference: Difference) -> Iterable[Held]:
    """What is wanted again, but is neither changed nor changed by hand: it has gone from the platform."""
    known = {(change.kind, change.key) for change in difference.changes}
    known |= {(one.kind, one.key) for one in difference.by_hand}
    for row in back.owned:
        if (row.kind, row.key) not in known:
            change = Change(
                action=Action.UPDATE,
                kind=row.kind,
                key=row.key,
                province_code=row.province_code,
                before=row.item,
                after=row.item,
                remote_id=row.remote_id,
            )
            yield Held(change=change, reason=_("No longer on the platform: nothing to take back."))
