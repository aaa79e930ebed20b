"""One call from registrations to a plan that no guard has looked at yet: the steps of this folder in their order."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from connector.lms import LmsReader
from connector.model import Registration
from connector.sync.actual import CourseReadings, read_actual
from connector.sync.change import Change
from connector.sync.decisions import NOTHING_DECIDED, Decisions
from connector.sync.desired import Provision, desired_state
from connector.sync.diff import diff
from connector.sync.plan import Plan, plan_of
from connector.sync.renames import renamed
from connector.sync.state import OwnedItem, ledger_of, with_open, with_sign_up


def compare(
    terms: Provision,
    registrations: Iterable[Registration],
    owned: Iterable[OwnedItem],
    unsettled: Iterable[Change],
    lms: LmsReader,
    *,
    now: datetime,
    elsewhere: Collection[str] = (),
    readings: CourseReadings | None = None,
    decisions: Decisions = NOTHING_DECIDED,
) -> Plan:
    """The plan for these registrations before any guard has looked at it. Reads the platform; nothing is written.

    See `desired_state` for what `owned` and `elsewhere` must hold; `unsettled` comes from `Journal.unsettled`.
    Raises ConfigError for wrong patterns and what the platform raises when it cannot be read.
    """
    known = with_open(renamed(owned, decisions.renames) if decisions.renames else owned, unsettled)
    rows = with_sign_up(known, lms.sign_up_course)
    desired = desired_state(terms, registrations, rows, elsewhere)
    ledger = ledger_of(rows)
    actual = read_actual(lms, desired, ledger, readings, decisions.renames)
    return plan_of(
        diff(desired, actual, ledger, now, decisions),
        programme=terms.programme,
        site=lms.name,
        created_at=now,
        people=desired.people,
        short_reads=actual.warnings,
        enrols=terms.enrols,
    )


def hold_waiting(plan: Plan, reason_of: Callable[[Change], str]) -> Plan:
    """The plan without the changes that wait for a person's decision: no override lets them through.

    `reason_of` says in words what a change waits for, '' when for nothing.
    """
    reasons = {place: reason for place, change in enumerate(plan.changes) if (reason := reason_of(change))}
    return plan.holding_back(reasons, final=True)
