"""Taking over accounts that we did not make: whose they surely are, and what a person must look at first. Pure.

Sure is only an account that bears exactly the username that the learner would get and his name, in either order of its
parts, when no other account could be meant, it is active, and its ID number says nothing else. Staff never.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.language import _
from connector.model import Account, AccountSeen, Enrolment, Item, Kind, Learner
from connector.places import folded
from connector.sync.actual import Actual
from connector.sync.change import Action, Change
from connector.sync.state import Ledger, State

KEPT = ("email", "auth")
"""What an adopted account keeps as it is: a person's own address, and the way in which he logs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One account that may be a learner's. `wanted` is the one he would get; `doubts` say why it may not be his."""

    learner: Learner
    wanted: Account
    seen: AccountSeen
    doubts: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """True when no person need look at it."""
        return not self.doubts

    @property
    def id(self) -> str:
        """A short name for the pair that holds nothing personal; the same at each look."""
        return hashlib.sha256(f"{self.learner.phone}|{self.seen.remote_id}".encode()).hexdigest()[:8]

    @property
    def kept(self) -> dict[str, str]:
        """The values that stay as they are on the platform, by field."""
        return {
            name: str(getattr(self.seen.account, name))
            for name in KEPT
            if getattr(self.seen.account, name) not in ("", getattr(self.wanted, name))
        }


def spellings(phone: str) -> tuple[str, ...]:
    """How a number is written where people make accounts by hand: '0912...', '84912...', '912...', '+84912...'."""
    bare = phone.removeprefix("+84")
    return (f"0{bare}", f"84{bare}", bare, phone)


def candidates(
    people: Mapping[str, tuple[Learner, Account]], found: Mapping[str, Sequence[AccountSeen]], staff: Collection[str]
) -> list[Candidate]:
    """The accounts that may be taken over, sure ones first. `people` and `found` are by phone; staff is left out."""
    owners: dict[str, set[str]] = {}
    for phone, accounts in found.items():
        for seen in accounts:
            owners.setdefault(seen.remote_id, set()).add(phone)
    made = [
        Candidate(
            learner=learner,
            wanted=wanted,
            seen=seen,
            doubts=tuple(_doubts(learner, wanted, seen, len(found[phone]), len(owners[seen.remote_id]))),
        )
        for phone, (learner, wanted) in people.items()
        for seen in found.get(phone, ())
        if seen.account.username not in staff
    ]
    return sorted(made, key=lambda one: (not one.sure, one.learner.province_code, one.learner.phone, one.id))


def _doubts(learner: Learner, wanted: Account, seen: AccountSeen, accounts: int, owners: int) -> Iterator[str]:
    there = seen.account
    if there.username != wanted.username:
        yield _("the account is called otherwise; taking it over renames it")
    if not _same_name(learner.full_name, there):
        yield _("another name")
    if accounts > 1:
        yield _("{count} accounts may be his").format(count=accounts)
    if owners > 1:
        yield _("{count} people may own the account").format(count=owners)
    if there.suspended:
        yield _("the account is suspended; taking it over makes it active")
    if there.idnumber not in ("", wanted.idnumber, *spellings(learner.phone)):
        yield _("another ID number")


def _same_name(full_name: str, account: Account) -> bool:
    orders = (f"{account.lastname} {account.firstname}", f"{account.firstname} {account.lastname}")
    return folded(full_name) in {folded(order) for order in orders}


def account_changes(chosen: Iterable[Candidate]) -> Iterator[Change]:
    """The accounts as they are, to be recorded as ours; nothing is sent by these."""
    for one in chosen:
        yield _recorded(one.seen.account, one.learner.province_code, one.seen.remote_id)


def belongings(desired: State, actual: Actual, owned: Ledger, usernames: Collection[str]) -> Iterator[Change]:
    """Memberships and enrolments of these people that are wanted and there already, to be recorded as ours.

    The window of an enrolment cannot be read: it is recorded as none, so the next plan sends ours.
    """
    for key, wanted in desired.items[Kind.MEMBERSHIP].items():
        if key[-1] in usernames and key in actual.memberships and key not in owned[Kind.MEMBERSHIP]:
            yield _recorded(wanted.item, wanted.province_code)
    for key, wanted in desired.items[Kind.ENROLMENT].items():
        seen = actual.enrolments.get(key)
        if key[-1] in usernames and seen is not None and key not in owned[Kind.ENROLMENT]:
            item = Enrolment(course=key[0], username=key[1], active=seen.active is not False)
            yield _recorded(item, wanted.province_code)


def _recorded(item: Item, province_code: str, remote_id: str = "") -> Change:
    return Change(
        action=Action.CREATE,
        kind=item.kind,
        key=item.key,
        province_code=province_code,
        before=None,
        after=item,
        adopted=True,
        remote_id=remote_id,
    )
