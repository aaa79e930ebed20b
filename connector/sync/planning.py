"""One call from registrations to a guarded plan: the steps of this folder in their order."""

from collections.abc import Collection, Iterable
from datetime import datetime

from connector.lms import LmsReader
from connector.model import Registration
from connector.settings import Limits
from connector.sync.actual import CourseReadings, read_actual
from connector.sync.change import Change
from connector.sync.desired import Provision, desired_state
from connector.sync.diff import diff
from connector.sync.guards import guarded
from connector.sync.plan import Plan, plan_of
from connector.sync.state import OwnedItem, ledger_of, with_open


def draw_plan(
    terms: Provision,
    registrations: Iterable[Registration],
    owned: Iterable[OwnedItem],
    unsettled: Iterable[Change],
    lms: LmsReader,
    *,
    limits: Limits,
    now: datetime,
    elsewhere: Collection[str] = (),
    readings: CourseReadings | None = None,
) -> Plan:
    """The guarded plan for these registrations. Reads the platform; nothing is written. See `compare`."""
    plan = compare(terms, registrations, owned, unsettled, lms, now=now, elsewhere=elsewhere, readings=readings)
    return guarded(plan, limits)


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
) -> Plan:
    """The plan for these registrations before any guard has looked at it. Reads the platform; nothing is written.

    See `desired_state` for what `owned` and `elsewhere` must hold; `unsettled` comes from `Journal.unsettled`.
    Raises ConfigError for wrong patterns and what the platform raises when it cannot be read.
    """
    rows = with_open(owned, unsettled)
    desired = desired_state(terms, registrations, rows, elsewhere)
    ledger = ledger_of(rows)
    actual = read_actual(lms, desired, ledger, readings)
    return plan_of(
        diff(desired, actual, ledger, now),
        programme=terms.programme,
        site=lms.name,
        created_at=now,
        people=desired.people,
        short_reads=actual.warnings,
    )
