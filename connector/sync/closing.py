"""The plan that closes what one person has on the platform, for somebody who asked to be erased.

Nothing is ever deleted: account and enrolments are suspended, memberships end. Deleting is the operator's.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from connector.lms import LmsReader
from connector.model import Account, Enrolment, Item, Kind
from connector.sync.actual import read_actual
from connector.sync.diff import diff
from connector.sync.plan import Plan, plan_of
from connector.sync.state import Key, OwnedItem, State, Wanted, ledger_of


def still_open(owned: Iterable[OwnedItem]) -> list[OwnedItem]:
    """The rows by which a person can still do something on the platform, as the ledger has them."""
    return [row for row in owned if _closed(row.item) != row.item]


def draw_closing(owned: Iterable[OwnedItem], programme: str, lms: LmsReader, now: datetime) -> Plan:
    """The plan that closes all these rows of one person. Reads the platform; nothing is written.

    What has gone from the platform is left aside; what was changed there by hand is listed as in any other plan.
    """
    rows = still_open(owned)
    items: dict[Kind, dict[Key, Wanted]] = {kind: {} for kind in Kind}
    dropped: dict[Key, OwnedItem] = {}
    for row in rows:
        closed = _closed(row.item)
        if closed is None:
            dropped[row.key] = row
        else:
            items[row.kind][row.key] = Wanted(item=closed, province_code=row.province_code, create=False)
    ledger = ledger_of(rows)
    state = State(items=items, dropped=dropped, people={})
    difference = diff(state, read_actual(lms, state, ledger), ledger, now)
    return plan_of(difference, programme=programme, site=lms.name, created_at=now, people={}, short_reads=())


def _closed(item: Item) -> Item | None:
    """The item when it is closed; None where closing takes it away."""
    match item:
        case Account():
            return replace(item, suspended=True)
        case Enrolment():
            return replace(item, active=False)
        case _:
            return None
