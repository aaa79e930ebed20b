"""Items and changes as plain JSON values, short enough for 54,000 of them, for plan files, ledger and journal.

An item is the list of its fields in the order of its class; the kind stands beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from connector.errors import BrokenData
from connector.language import _
from connector.model import Account, Cohort, Enrolment, Group, GroupMembership, Item, Kind, Membership
from connector.sync.change import Action, Change

Pairs = tuple[tuple[str, str], ...]


def item_values(item: Item) -> list[Any]:
    """The item's fields as JSON values; `item_from` with the item's kind gives the item back."""
    match item:
        case Account():
            names = [item.username, item.firstname, item.lastname, item.email, item.idnumber]
            return [*names, item.fields, item.profile, item.auth, item.suspended]
        case Enrolment():
            return [item.course, item.username, _text(item.starts_at), _text(item.ends_at), item.active]
        case Membership():
            return [item.cohort, item.username]
        case GroupMembership():
            return [item.course, item.group, item.username]
        case Group():
            return [item.course, item.idnumber, item.name]
        case _:
            return [item.idnumber, item.name]


def item_from(kind: str, values: Sequence[Any]) -> Item:
    """The item that `item_values` gave these values for. Raises BrokenData when they are not an item's."""
    try:
        return _BUILDERS[kind](values)
    except (KeyError, TypeError, ValueError):
        raise BrokenData(
            _("A stored value is not what its kind '{kind}' must hold.").format(kind=kind),
            hint=_("The file or database was edited or comes from another version; make a new plan."),
        ) from None


def change_values(change: Change) -> list[Any]:
    """The change as JSON values; `change_from` gives it back. The key is that of its items."""
    return [*meaning(change), change.province_code, change.consequence, change.adopted, change.remote_id]


def meaning(change: Change) -> list[Any]:
    """What matters of the change, for checksums: action, kind, before, after (and in these, the key)."""
    before, after = change.before, change.after
    return [
        change.action,
        change.kind,
        None if before is None else item_values(before),
        None if after is None else item_values(after),
    ]


def change_from(values: Sequence[Any]) -> Change:
    """The change that `change_values` gave these values for. Raises BrokenData when they are not a change's."""
    try:
        action, kind, before, after, province_code, consequence, adopted, remote_id = values
        item = item_from(kind, before if after is None else after)
        return Change(
            action=_ACTIONS[action],
            kind=item.kind,
            key=item.key,
            province_code=province_code,
            before=None if before is None else item_from(kind, before),
            after=None if after is None else item,
            consequence=consequence,
            adopted=adopted,
            remote_id=remote_id,
        )
    except (KeyError, TypeError, ValueError):
        raise BrokenData(
            _("A stored change is not complete."),
            hint=_("The file or database was edited or comes from another version; make a new plan."),
        ) from None


def _account(values: Sequence[Any]) -> Account:
    username, firstname, lastname, email, idnumber, fields, profile, auth, suspended = values
    return Account(
        username=username,
        firstname=firstname,
        lastname=lastname,
        email=email,
        idnumber=idnumber,
        fields=_pairs(fields),
        profile=_pairs(profile),
        auth=auth,
        suspended=suspended,
    )


def _enrolment(values: Sequence[Any]) -> Enrolment:
    course, username, starts_at, ends_at, active = values
    return Enrolment(
        course=course, username=username, starts_at=_moment(starts_at), ends_at=_moment(ends_at), active=active
    )


def _membership(values: Sequence[Any]) -> Membership:
    cohort, username = values
    return Membership(cohort=cohort, username=username)


def _cohort(values: Sequence[Any]) -> Cohort:
    idnumber, name = values
    return Cohort(idnumber=idnumber, name=name)


def _group(values: Sequence[Any]) -> Group:
    course, idnumber, name = values
    return Group(course=course, idnumber=idnumber, name=name)


def _group_membership(values: Sequence[Any]) -> GroupMembership:
    course, group, username = values
    return GroupMembership(course=course, group=group, username=username)


def _pairs(values: Sequence[Sequence[str]]) -> Pairs:
    return tuple([(name, value) for name, value in values])


@lru_cache(maxsize=64)
def _text(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


@lru_cache(maxsize=64)
def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


_ACTIONS: Mapping[str, Action] = {str(action): action for action in Action}
_BUILDERS: Mapping[str, Callable[[Sequence[Any]], Item]] = {
    Kind.ACCOUNT: _account,
    Kind.COHORT: _cohort,
    Kind.MEMBERSHIP: _membership,
    Kind.ENROLMENT: _enrolment,
    Kind.GROUP: _group,
    Kind.GROUP_MEMBERSHIP: _group_membership,
}
