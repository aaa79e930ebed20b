"""A changed phone number is a rename of the same account, never a second account. Pure decisions.

A pair is somebody who left all lists and somebody new of the same folded name and province. A wrong rename gives one
person's record to another, so a pair only waits: neither number is touched until an operator has decided.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from connector.language import _
from connector.model import Account, AccountSeen, Cohort, Group, Registration
from connector.places import folded
from connector.sync.state import OwnedItem

Person = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamePair:
    """Two numbers that may be one person's: `old` has left and has an account, `new` is to get one.

    `doubts` say why the two may be different people; a pair without doubts is a sure one.
    """

    old: Registration
    new: Registration
    doubts: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """True when name, province and workplace agree and no third person could be meant."""
        return not self.doubts

    @property
    def id(self) -> str:
        """A short name for the pair that holds nothing personal; the same at each look."""
        phones = f"{self.old.learner.phone}|{self.new.learner.phone}"
        return hashlib.sha256(phones.encode()).hexdigest()[:8]


def rename_pairs(gone: Iterable[Registration], fresh: Iterable[Registration]) -> list[RenamePair]:
    """All pairs of the same folded name and province, the sure ones first. Nothing is written.

    `gone`: people who stand on no list any more and whose account is ours. `fresh`: people who are to have an account
    and have none. People of another name or province are never paired: marriage and removal are for `accept` by hand.
    """
    left = _by_person(gone)
    if not left:
        return []
    came = _by_person(one for one in fresh if one.learner.province_code in {code for _name, code in left})
    pairs = [
        RenamePair(old=old, new=new, doubts=tuple(_doubts(old, new, len(olds), len(came[person]))))
        for person, olds in left.items()
        if person in came
        for old in olds
        for new in came[person]
    ]
    return sorted(pairs, key=lambda pair: (not pair.sure, pair.old.learner.province_code, pair.id))


def _by_person(registrations: Iterable[Registration]) -> dict[Person, list[Registration]]:
    found: dict[Person, list[Registration]] = {}
    for item in registrations:
        found.setdefault((folded(item.learner.full_name), item.learner.province_code), []).append(item)
    return found


def _doubts(old: Registration, new: Registration, olds: int, news: int) -> Iterator[str]:
    if olds > 1:
        yield _("{count} people of this name have left").format(count=olds)
    if news > 1:
        yield _("{count} people of this name are new").format(count=news)
    if folded(old.learner.workplace) != folded(new.learner.workplace):
        yield _("another workplace")


def renamed(rows: Iterable[OwnedItem], renames: Mapping[str, str]) -> list[OwnedItem]:
    """The ledger's rows under the new usernames; the account itself still says under which name it was last sent."""
    return [_renamed(row, renames.get(row.key[-1])) if row.kind.is_of_people else row for row in rows]


def _renamed(row: OwnedItem, new: str | None) -> OwnedItem:
    if new is None:
        return row
    item = row.item
    if not isinstance(item, Account | Cohort | Group):
        item = replace(item, username=new)
    return replace(row, key=(*row.key[:-1], new), item=item)


def under_new_names(found: Mapping[str, AccountSeen], renames: Mapping[str, str]) -> dict[str, AccountSeen]:
    """The accounts that were read, those of old names under their new ones; a name that is taken stays taken."""
    names = {old: new for old, new in renames.items() if new not in found}
    return {names.get(name, name): seen for name, seen in found.items() if name in names or name not in renames}


def is_same_account(row: OwnedItem, seen: AccountSeen) -> bool:
    """True when what was read is the account that we own: found under the name last sent, or by its number.

    An account of the new name with another number is somebody else's.
    """
    last = cast("Account", row.item).username
    return seen.account.username == last or not row.remote_id or row.remote_id == seen.remote_id


def undecided_usernames(pairs: Collection[RenamePair], username_of: Mapping[str, str]) -> dict[str, str]:
    """The usernames of both people of each pair, each with the id of a pair."""
    return {username_of[one.learner.phone]: pair.id for pair in pairs for one in (pair.old, pair.new)}
