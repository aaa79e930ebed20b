"""Cohorts of provinces that are no longer in force: who is in one moves into the cohort of the province it became.

A move adds first and takes out after, so that nobody is ever in neither. Nothing is deleted: the old cohort stays,
empty of our people, and its name says where they went. What others have put into it stays there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from connector.language import _
from connector.lms import LmsReader
from connector.model import Cohort, Kind, Membership
from connector.sync.actual import Actual, read_actual
from connector.sync.change import Action, Change
from connector.sync.decisions import NOTHING_DECIDED, Decisions
from connector.sync.diff import diff
from connector.sync.plan import Held, Plan, plan_of
from connector.sync.renames import is_same_account
from connector.sync.state import Key, Ledger, OwnedItem, State, Wanted, ledger_of, with_open

# A name on the platform is for its learners, whatever language the operator reads.
MERGED = "{old} (đã sáp nhập vào {new})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """One cohort of ours, by its idnumber, that goes into the cohort of a province in force."""

    old: str
    new: Cohort
    province_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movers:
    """All our rows of the members of the old cohorts and of cohorts, the open changes that concern them, and the lists.

    `homes` are the cohorts in which the lists want these people, by username; who is on no list is in none. `stay` are
    those who are to stay in the old cohort, since the programme takes them out of any.
    """

    owned: Sequence[OwnedItem]
    unsettled: Sequence[Change]
    homes: Mapping[str, str]
    stay: frozenset[str] = frozenset()


def draw_mergers(
    mergers: Sequence[Merger],
    movers: Movers,
    lms: LmsReader,
    *,
    programme: str,
    now: datetime,
    decisions: Decisions = NOTHING_DECIDED,
) -> Plan:
    """The plan that moves our people, before any guard has looked at it. Reads the platform; nothing is written.

    Who is in the right cohort already is only taken out of the old one. Who cannot be moved is held, and told why.
    """
    by_old = {merger.old: merger for merger in mergers}
    rows = [_in_force(row, by_old) for row in with_open(movers.owned, movers.unsettled)]
    ledger = ledger_of(rows)
    members = [row for key, row in ledger[Kind.MEMBERSHIP].items() if key[0] in by_old]
    draft = _Draft(by_old, ledger, movers)
    # Read everything that may be concerned, then want only what is possible.
    actual = read_actual(lms, draft.state(members), ledger)
    reasons = {row.key: draft.reason_to_stay(row, actual) for row in members}
    state = draft.state([row for row in members if not reasons[row.key]], actual)
    difference = diff(state, actual, ledger, now, decisions)
    plan = plan_of(
        difference, programme=programme, site=lms.name, created_at=now, people={}, short_reads=actual.warnings
    )
    held = [Held(change=_leaving(row), reason=reasons[row.key], final=True) for row in members if reasons[row.key]]
    return replace(plan, held=tuple(held))


def merged_name(old: str, new: str) -> str:
    """The name of an old cohort after the merger; one that says so already stays as it is."""
    return old if old.endswith(MERGED.format(old="", new=new)) else MERGED.format(old=old, new=new)


def _in_force(row: OwnedItem, by_old: Mapping[str, Merger]) -> OwnedItem:
    """The row under the province in force: tables know no other codes."""
    is_old = row.kind in (Kind.COHORT, Kind.MEMBERSHIP) and row.key[0] in by_old
    return replace(row, province_code=by_old[row.key[0]].province_code) if is_old else row


def _leaving(row: OwnedItem) -> Change:
    return Change(
        action=Action.REMOVE,
        kind=row.kind,
        key=row.key,
        province_code=row.province_code,
        before=row.item,
        after=None,
        remote_id=row.remote_id,
    )


class _Draft:
    """The wanted state of the cohorts concerned."""

    def __init__(self, by_old: Mapping[str, Merger], ledger: Ledger, movers: Movers) -> None:
        self._by_old = by_old
        self._ledger = ledger
        self._movers = movers

    def state(self, members: Sequence[OwnedItem], actual: Actual | None = None) -> State:
        """What is wanted for these members; once the platform has been read, only who is still in the old cohort."""
        items: dict[Kind, dict[Key, Wanted]] = {kind: {} for kind in Kind}
        for merger in self._by_old.values():
            items[Kind.COHORT][merger.new.key] = Wanted(item=merger.new, province_code=merger.province_code)
            renamed = Cohort(idnumber=merger.old, name=merged_name(self._name(merger), merger.new.name))
            wanted = Wanted(item=renamed, province_code=merger.province_code, create=False)
            items[Kind.COHORT][merger.old,] = wanted
        for row in members:
            if actual is None or row.key in actual.memberships:
                home = self._home(row)
                items[Kind.MEMBERSHIP][home.key] = self._wanted(row, home)
        return State(items=items, dropped={row.key: row for row in members}, people={})

    def reason_to_stay(self, row: OwnedItem, actual: Actual) -> str:
        """Why this member is left where he is; '' when he is moved."""
        username = row.key[-1]
        account, seen = self._ledger[Kind.ACCOUNT].get((username,)), actual.accounts.get(username)
        if row.key not in actual.memberships:
            return ""
        if account is None or seen is None or not is_same_account(account, seen):
            return _("The account is not ours: it stays where it is.")
        if username in self._movers.stay:
            return _("On no list any more, and who leaves is taken out of the cohort: stays in the old one.")
        home = self._home(row)
        if home.cohort != self._by_old[row.key[0]].new.idnumber and home.key not in actual.memberships:
            return _("The lists say another province: apply 'connector plan' first, then merge again.")
        return ""

    def _home(self, row: OwnedItem) -> Membership:
        username = row.key[-1]
        return Membership(
            cohort=self._movers.homes.get(username, self._by_old[row.key[0]].new.idnumber), username=username
        )

    def _wanted(self, row: OwnedItem, home: Membership) -> Wanted:
        known = self._ledger[Kind.MEMBERSHIP].get(home.key)
        here = home.cohort == self._by_old[row.key[0]].new.idnumber
        return Wanted(item=home, province_code=known.province_code if known else row.province_code, create=here)

    def _name(self, merger: Merger) -> str:
        return cast("Cohort", self._ledger[Kind.COHORT][merger.old,].item).name
