"""A changed phone number is a rename of the same account, never a second account. Pure decisions.

A pair is somebody who left all lists and somebody new of the same folded name and province. A wrong rename gives one
person's record to another, so a pair only waits: neither number is touched until an operator has decided.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from connector.language import _
from connector.model import Account, AccountSeen, Cohort, Group, Registration
from connector.places import folded
from connector.sync.state import OwnedItem

Person = tuple[str, str]
NOWHERE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamePair:
    """Two numbers that may be one person's: `old` has left and has an account, `new` is to get one.

    `doubts` say why the two may be different people; a pair without doubts is a sure one. `listed_in` is another
    programme whose lists still name the old number, '' when there is none.
    """

    old: Registration
    new: Registration
    doubts: tuple[str, ...]
    listed_in: str = ""

    @property
    def sure(self) -> bool:
        """True when name, province and workplace agree and no third person could be meant."""
        return not self.doubts

    @property
    def id(self) -> str:
        """A short name for the pair that holds nothing personal; the same at each look."""
        return self.id_of(self.old.learner.phone, self.new.learner.phone)

    @staticmethod
    def id_of(old_phone: str, new_phone: str) -> str:
        """The id of the pair of these two numbers."""
        return hashlib.sha256(f"{old_phone}|{new_phone}".encode()).hexdigest()[:8]


def rename_pairs(
    gone: Iterable[Registration], fresh: Iterable[Registration], listed: Mapping[str, str] = NOWHERE
) -> list[RenamePair]:
    """All pairs of the same folded name and province, the sure ones first. Nothing is written.

    `gone`: people who stand on no list any more and whose account is ours. `fresh`: people who are to have an account
    and have none. `listed`: by old phone another programme whose lists still name it. People of another name or
    province are never paired.
    """
    left = _by_person(gone)
    if not left:
        return []
    came = _by_person(one for one in fresh if one.learner.province_code in {code for _name, code in left})
    pairs = [
        _pair(old, new, (len(olds), len(came[person])), listed.get(old.learner.phone, ""))
        for person, olds in left.items()
        if person in came
        for old in olds
        for new in came[person]
    ]
    return sorted(pairs, key=lambda pair: (not pair.sure, pair.old.learner.province_code, pair.id))


def is_namesake(people: Iterable[Registration]) -> Callable[[Registration], bool]:
    """A test whether somebody has the folded name and the province of one of these people."""
    known = {_person(item) for item in people}
    return lambda item: _person(item) in known


def _pair(old: Registration, new: Registration, namesakes: tuple[int, int], listed_in: str) -> RenamePair:
    doubts = [*_doubts(old, new, *namesakes)]
    if listed_in:
        doubts.append(_("the old number is still on the lists of programme '{key}'").format(key=listed_in))
    return RenamePair(old=old, new=new, doubts=tuple(doubts), listed_in=listed_in)


def _person(item: Registration) -> Person:
    return folded(item.learner.full_name), item.learner.province_code


def _by_person(registrations: Iterable[Registration]) -> dict[Person, list[Registration]]:
    found: dict[Person, list[Registration]] = {}
    for item in registrations:
        found.setdefault(_person(item), []).append(item)
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
    """True when what was read is the account that we own: the platform's number tells, where both are known.

    An account of our username with another number was made after ours was deleted: it is somebody else's.
    """
    if row.remote_id and seen.remote_id:
        return row.remote_id == seen.remote_id
    return not row.remote_id or seen.account.username == cast("Account", row.item).username
