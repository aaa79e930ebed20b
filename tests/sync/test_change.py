from dataclasses import replace

import pytest

from connector.model import Account, Cohort, Enrolment, Item, Membership
from connector.sync.change import Action, Change, in_order
from tests.sync.test_desired import account
from tests.sync.world import username

ENROLMENT = Enrolment(course="course", username=username(1))
MEMBERSHIP = Membership(cohort="VN-01", username=username(1))
COHORT = Cohort(idnumber="VN-01", name="x")
SUSPENDED = replace(account(), suspended=True)
INACTIVE = replace(ENROLMENT, active=False)


def change(before: Item | None, after: Item | None, *, adopted: bool = False, province: str = "01") -> Change:
    item = after or before
    assert item is not None
    action = Action.REMOVE if after is None else Action.CREATE if before is None else Action.UPDATE
    return Change(
        action=action,
        kind=item.kind,
        key=item.key,
        province_code=province,
        before=before,
        after=after,
        adopted=adopted,
    )


@pytest.mark.parametrize(
    ("before", "after", "takes"),
    [
        (account(), SUSPENDED, True),
        (SUSPENDED, account(), False),
        (SUSPENDED, SUSPENDED, False),
        (ENROLMENT, INACTIVE, True),
        (INACTIVE, ENROLMENT, False),
        (MEMBERSHIP, None, True),
        (None, MEMBERSHIP, False),
        (None, INACTIVE, False),
        (None, COHORT, False),
    ],
)
def test_what_hurts_counts_and_not_the_verb(before: Item | None, after: Item | None, takes: bool) -> None:
    assert change(before, after).takes_access is takes
    assert change(before, after, adopted=True).takes_access is False


def test_whom_a_change_is_about() -> None:
    assert change(None, COHORT).username == ""
    assert {change(None, item).username for item in (account(), MEMBERSHIP, ENROLMENT)} == {username(1)}


def test_making_again_is_a_creation_of_what_we_have_sent_before() -> None:
    again = replace(change(account(), account()), action=Action.CREATE)
    assert again.makes_again
    assert not change(None, account()).makes_again
    assert not change(account(), SUSPENDED).makes_again


def test_parents_come_first_and_losses_last() -> None:
    wanted = [
        change(None, COHORT),
        change(None, account()),
        change(SUSPENDED, account(2)),
        change(None, MEMBERSHIP),
        change(None, ENROLMENT),
        change(INACTIVE, replace(ENROLMENT, username=username(2))),
        change(ENROLMENT, replace(INACTIVE, username=username(3))),
        change(Membership(cohort="VN-46", username=username(1)), None),
        change(account(3), replace(SUSPENDED, username=username(3))),
    ]
    assert in_order(reversed(wanted)) == wanted


def test_one_thing_is_changed_once_and_provinces_stand_together() -> None:
    far = change(None, replace(account(), username="a"), province="46")
    near = change(None, replace(account(), username="b"), province="01")
    assert in_order([far, near, near]) == [near, far]


def test_an_account_is_an_item_like_others() -> None:
    assert isinstance(change(None, account()).after, Account)
