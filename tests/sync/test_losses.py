"""What a plan costs: words for each person, counts for each province, and the limit on grades."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.model import CertificateState
from connector.settings import Limits
from connector.sync.consequences import Stakes
from connector.sync.desired import Leaving
from connector.sync.guards import approval_needed
from connector.sync.limits import hold_grade_losses
from connector.sync.losses import Losses, loss_notices, losses_of
from connector.sync.plan import Plan
from tests.sync.world import World, registered, terms, username

STUDIED = Stakes(
    done={"course": 5, "other": 2},
    grades={"course": 4, "other": 2},
    certificate=CertificateState.ISSUED,
    last_visit=datetime(2025, 12, 4, tzinfo=UTC),
)


def leaving(policy: Leaving, numbers: int = 2) -> Plan:
    """The plan by which so many of three people of Hà Nội leave."""
    world = World(terms(policy))
    world.sync(registered(range(3)))
    return world.plan(registered(range(numbers, 3)))


def told(plan: Plan, stakes: Stakes, cohort_unenrol: str = "unknown") -> str:
    return plan.weighing({username(0): stakes}, cohort_unenrol).changes[0].consequence


def test_an_enrolments_loss_counts_what_was_done_in_its_course() -> None:
    assert told(leaving(Leaving.SUSPEND_ENROLMENT), STUDIED).endswith(
        "So far: 5 topics done, 4 grades, certificate issued."
    )


def test_an_accounts_loss_counts_what_was_done_anywhere() -> None:
    due = replace(STUDIED, certificate=CertificateState.DUE)
    assert told(leaving(Leaving.SUSPEND_ACCOUNT), due).endswith("So far: 7 topics done, 6 grades, certificate due.")
    granted = replace(STUDIED, certificate=CertificateState.GRANTED)
    assert "certificate released" in told(leaving(Leaving.SUSPEND_ACCOUNT), granted)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("unknown", "is not known (sites.<key>.cohort_unenrol). 6 grades may be dropped."),
        ("unenrol", "Courses that enrol this cohort unenrol him. 6 grades are dropped."),
        ("suspend", "Courses that enrol this cohort suspend him; grades are kept. So far:"),
        ("keep", "Courses keep him. So far:"),
    ],
)
def test_leaving_a_cohort_costs_what_the_site_does_then(setting: str, words: str) -> None:
    assert words in told(leaving(Leaving.LEAVE_COHORT), STUDIED, setting)


def test_grades_of_courses_in_which_we_enrolled_him_ourselves_are_safe() -> None:
    enrolled = replace(STUDIED, enrolled=frozenset({"course"}))
    assert "2 grades are dropped" in told(leaving(Leaving.LEAVE_COHORT), enrolled, "unenrol")
    enrolled = replace(STUDIED, enrolled=frozenset({"course", "other"}))
    assert "grades are dropped" not in told(leaving(Leaving.LEAVE_COHORT), enrolled, "unenrol")


def test_nothing_done_and_nothing_known_are_told_apart() -> None:
    plan = leaving(Leaving.SUSPEND_ENROLMENT)
    assert told(plan, Stakes()).endswith("Nothing done so far.")
    assert plan.weighing({}, "unknown").changes[0].consequence.endswith("The mirror does not know him yet.")


def test_what_takes_nothing_is_left_as_it_is_and_costs_are_no_part_of_the_checksum() -> None:
    plan = World().plan(registered([1]))
    assert plan.weighing({username(1): STUDIED}, "unenrol").changes == plan.changes
    losing = leaving(Leaving.LEAVE_COHORT)
    assert losing.weighing({username(0): STUDIED}, "unenrol").checksum == losing.checksum


def test_losses_are_counted_by_province() -> None:
    plan = leaving(Leaving.LEAVE_COHORT).weighing({username(0): STUDIED, username(1): Stakes()}, "unenrol")
    assert losses_of(plan) == [Losses(province_code="01", people=2, studied=1, certified=1, dropping=1, grades=6)]
    (told,) = loss_notices(plan)
    assert told.startswith("Hà Nội: 2 people lose access, 1 of them have done topics, 1 have a certificate, ")
    assert told.endswith("6 grades of 1 people are dropped.")
    unknown = replace(plan, cohort_unenrol="unknown")
    assert "6 grades of 1 people may be dropped" in next(loss_notices(unknown))
    assert losses_of(replace(plan, cohort_unenrol="suspend"))[0].grades == 0
    assert losses_of(World().plan(registered([1]))) == []


def test_grades_are_lost_for_good_only_when_a_person_says_so() -> None:
    plan = leaving(Leaving.LEAVE_COHORT).weighing({username(0): STUDIED, username(1): Stakes()}, "unenrol")
    held = hold_grade_losses(plan, Limits())
    assert [one.change.username for one in held.held] == [username(0)]
    assert "1 people would lose grades for good" in held.held[0].reason
    assert hold_grade_losses(plan, Limits(grade_losses=1)) is plan
    assert hold_grade_losses(replace(plan, cohort_unenrol="unknown"), Limits()).held == ()
    assert len(held.overridden("Lan", "agreed").changes) == 2


def test_an_approval_is_asked_for_as_the_policy_says() -> None:
    losing, gaining = leaving(Leaving.LEAVE_COHORT), World().plan(registered([1]))
    cases = [(losing, "never"), (losing, "losses"), (losing, "always"), (gaining, "losses"), (gaining, "always")]
    assert [approval_needed(plan, when) for plan, when in cases] == [False, True, True, False, True]
    assert not approval_needed(replace(gaining, changes=()), "always")
    overridden = gaining.holding_back({0: "why"}).overridden("Lan", "meant")
    assert approval_needed(overridden, "losses")
