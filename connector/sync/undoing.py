"""The way back from a run: what it found before is wanted again, as far as it still is as the run left it.

Nothing is ever deleted: an account that the run made is suspended (or left), an enrolment that it made is suspended, a
membership is ended, cohorts and groups stay. What a later run or a person has changed since is kept and listed. The
wanted state goes through the same comparison as any other (connector/sync/diff.py), so hand edits are seen field by
field.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import cast

from connector.language import _
from connector.lms import LmsReader
from connector.model import Account, Enrolment, Item, Kind
from connector.sync.actual import read_actual
from connector.sync.change import Action, Change
from connector.sync.diff import Difference, diff
from connector.sync.plan import Held, Plan, plan_of
from connector.sync.state import Key, OwnedItem, State, Wanted, ledger_of, with_open

Place = tuple[Kind, Key]


class AccountPolicy(StrEnum):
    """What becomes of the accounts that the run made."""

    SUSPEND = "suspend"
    KEEP = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What a run has left: its changes that it made, those of open outcome, and all our rows of these people.

    `unsettled` are the open changes of all runs, as `Journal.unsettled` gives them.
    """

    programme: str
    made: Sequence[Change]
    opened: Sequence[Change]
    owned: Sequence[OwnedItem]
    unsettled: Sequence[Change]


def draw_undo(footprint: Footprint, policy: AccountPolicy, lms: LmsReader, now: datetime) -> Plan:
    """The plan that takes the run back. Reads the platform; nothing is written. What is kept, and why, is held.

    A row that is not as the run left it was changed by a later run. An account is suspended only if all that we own of
    the person is of this run: others may need it.
    """
    made = [change for change in footprint.made if not change.adopted]
    places = {(change.kind, change.key) for change in made}
    mine = [change for change in footprint.unsettled if (change.kind, change.key) in places]
    rows = with_open(footprint.owned, mine)
    draft = _Draft({(row.kind, row.key): row for row in rows}, policy, _needed_by_others(made, rows))
    for change in made:
        draft.take_back(change)
    ledger = ledger_of(draft.concerned)
    state = State(items=draft.items, dropped=draft.dropped, people={})
    difference = diff(state, read_actual(lms, state, ledger), ledger, now)
    plan = plan_of(difference, programme=footprint.programme, site=lms.name, created_at=now, people={}, short_reads=())
    return replace(plan, held=(*_open(footprint), *draft.kept, *_gone(draft.concerned, difference)))


def _open(footprint: Footprint) -> Iterator[Held]:
    reason = _("It is not known whether this was done: resume the run, or make a new plan and apply it, then undo.")
    return (Held(change=change, reason=reason, final=True) for change in footprint.opened)


def _gone(concerned: Iterable[OwnedItem], difference: Difference) -> Iterator[Held]:
    """What is wanted again, but is neither changed nor changed by hand: it has gone from the platform."""
    known = {(change.kind, change.key) for change in difference.changes}
    known |= {(one.kind, one.key) for one in difference.by_hand}
    for row in concerned:
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
            yield Held(change=change, reason=_("No longer on the platform: nothing to take back."), final=True)


def _needed_by_others(changes: Iterable[Change], rows: Iterable[OwnedItem]) -> set[str]:
    """The people of whom we own something that this run has not made."""
    made = {(change.kind, change.key) for change in changes if change.action is Action.CREATE}
    return {row.key[-1] for row in rows if row.confirmed and (row.kind, row.key) not in made}


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
            self.kept.append(Held(change=change, reason=reason, final=True))
            return
        if row is not None:
            self.concerned.append(row)
        if change.action is Action.CREATE and change.kind in (Kind.MEMBERSHIP, Kind.GROUP_MEMBERSHIP):
            self.dropped[change.key] = cast("OwnedItem", row)
            return
        wanted = Wanted(item=_before(change), province_code=change.province_code, create=change.after is None)
        self.items[change.kind][change.key] = wanted

    def _reason_to_keep(self, change: Change, row: OwnedItem | None) -> str:
        if (row.item if row is not None and row.confirmed else None) != change.after:
            return _("Changed by a later run since: kept.")
        if change.action is not Action.CREATE:
            return ""
        if not change.kind.is_of_people:
            return _("A cohort or group is never deleted: it stays, without the members that this run put into it.")
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
