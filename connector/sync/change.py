"""One change of the platform, as a plan holds it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from connector.model import Account, Enrolment, Item, Kind


class Action(StrEnum):
    """What a change does. Leaving is an update (suspended, inactive); only memberships (also of groups) are removed."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. `before` is the value last sent (None when it is new), `after` the wanted one (None: removed).

    `adopted`: the platform is already so, only our ledger is brought up to date; nothing is sent. `consequence` says
    in the reader's language what a removal costs. A creation with `before` makes again what somebody has deleted.
    `remote_id` is the platform's number where it is known; like the consequence it is no part of a checksum.
    """

    action: Action
    kind: Kind
    key: tuple[str, ...]
    province_code: str
    before: Item | None
    after: Item | None
    consequence: str = ""
    adopted: bool = False
    remote_id: str = ""

    @property
    def username(self) -> str:
        """The account that the change is about; '' for cohorts and groups."""
        return self.key[-1] if self.kind.is_of_people else ""

    @property
    def takes_access(self) -> bool:
        """True when somebody can do less afterwards: this is what limits count, not the verb."""
        if self.adopted or self.action is Action.CREATE:
            return False
        before, after = self.before, self.after
        if isinstance(before, Account) and isinstance(after, Account):
            return after.suspended and not before.suspended
        if isinstance(before, Enrolment) and isinstance(after, Enrolment):
            return before.active and not after.active
        return self.action is Action.REMOVE and self.kind is Kind.MEMBERSHIP

    @property
    def makes_again(self) -> bool:
        """True when the change would make something that we have made before and that is gone."""
        return self.action is Action.CREATE and self.before is not None

    @property
    def renames(self) -> tuple[str, str] | None:
        """The old and the new username when the change renames an account."""
        if self.kind is not Kind.ACCOUNT or self.action is not Action.UPDATE:
            return None
        before, after = self.before, self.after
        if isinstance(before, Account) and isinstance(after, Account) and before.username != after.username:
            return before.username, after.username
        return None

    @property
    def phase(self) -> int:
        """The place in the order of work: parents before children, a mover is added before he is taken out."""
        if self.takes_access:
            return _LOSING[self.kind]
        return _ORDER[self.kind] if self.action is Action.CREATE else _ORDER[self.kind] + 1


_ORDER = {
    Kind.COHORT: 0,
    Kind.ACCOUNT: 2,
    Kind.MEMBERSHIP: 4,
    Kind.ENROLMENT: 6,
    Kind.GROUP: 8,
    Kind.GROUP_MEMBERSHIP: 10,
}
_LOSING = {Kind.ENROLMENT: 12, Kind.MEMBERSHIP: 13, Kind.ACCOUNT: 14}


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes in the order of work, the same whatever order they came in; one for each kind and key.

    What concerns our ledger alone comes first, but of somebody who is renamed it waits for the new name. Shards that
    share something (one cohort for all provinces) each ask for it. Nothing is written.
    """
    single = {(change.kind, change.key): change for change in changes}
    renamed = {change.username for change in single.values() if change.renames}

    def place(change: Change) -> tuple[bool, int, str, tuple[str, ...]]:
        first = change.adopted and change.username not in renamed
        return not first, change.phase, change.province_code, change.key

    return sorted(single.values(), key=place)
