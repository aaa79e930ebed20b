from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.errors import ConfigError
from connector.model import Account, Cohort, Enrolment, Item, Kind, Membership, RegistrationState
from connector.settings import AccountMapping
from connector.sync.desired import Leaving, after_leaving, desired_state
from connector.sync.state import OwnedItem, People, State
from tests.sync.world import HANOI, HUE, learner, registered, terms, username


def row(item: Item, province: str = HANOI, *, confirmed: bool = True) -> OwnedItem:
    return OwnedItem(
        kind=item.kind, key=item.key, remote_id="1", item=item, province_code=province, confirmed=confirmed
    )


def account(number: int = 1) -> Account:
    return Account(username=username(number), firstname="a", lastname="b", email="c", idnumber="d")


def everything_of(number: int = 1, cohort: str = "VN-01") -> list[OwnedItem]:
    return [
        row(Cohort(idnumber=cohort, name="old name")),
        row(account(number)),
        row(Membership(cohort=cohort, username=username(number))),
        row(Enrolment(course="course", username=username(number))),
    ]


def wanted(state: State) -> dict[Kind, list[Item]]:
    return {kind: [one.item for one in items.values()] for kind, items in state.items.items() if items}


def test_a_registered_learner_gets_cohort_account_membership_and_one_enrolment_per_course() -> None:
    provision = terms(courses=("one", "two"))
    state = desired_state(provision, registered([1], HUE), [])
    assert wanted(state)[Kind.COHORT] == [Cohort(idnumber="VN-46", name="Huế")]
    assert wanted(state)[Kind.MEMBERSHIP] == [Membership(cohort="VN-46", username=username(1))]
    assert [item.key for item in wanted(state)[Kind.ENROLMENT]] == [("one", username(1)), ("two", username(1))]
    first = wanted(state)[Kind.ENROLMENT][0]
    assert isinstance(first, Enrolment)
    assert (first.starts_at, first.active) == (datetime(2025, 11, 30, 17, tzinfo=UTC), True)
    assert all(one.create and one.province_code == HUE for items in state.items.values() for one in items.values())
    assert state.people == {HUE: People(owned=0, registered=1)}


def test_who_has_left_or_is_in_conflict_is_never_provisioned() -> None:
    people = registered([1], state=RegistrationState.LEFT) + registered([2], state=RegistrationState.CONFLICT)
    people += registered([3], state=RegistrationState.REGISTERED)  # by his own form alone
    state = desired_state(terms(), people, [])
    assert wanted(state) == {}
    assert state.people == {HANOI: People(owned=0, registered=1)}


@pytest.mark.parametrize("leaving", Leaving)
def test_what_we_own_of_somebody_in_conflict_stays_as_it_is(leaving: Leaving) -> None:
    rows = everything_of()
    state = desired_state(terms(leaving), registered([1], state=RegistrationState.CONFLICT), rows)
    assert [item for items in wanted(state).values() for item in items] == [one.item for one in rows]
    assert not any(one.create for items in state.items.values() for one in items.values())
    assert state.dropped == {}


@pytest.mark.parametrize("leaving", Leaving)
def test_leaving_changes_what_the_policy_says_and_nothing_else(leaving: Leaving) -> None:
    state = desired_state(terms(leaving), [], everything_of())
    assert (account().key in state.items[Kind.ACCOUNT]) is True
    left = state.items[Kind.ACCOUNT][account().key].item
    enrolment = state.items[Kind.ENROLMENT]["course", username(1)].item
    assert isinstance(left, Account)
    assert isinstance(enrolment, Enrolment)
    assert left == replace(account(), suspended=leaving is Leaving.SUSPEND_ACCOUNT)
    assert enrolment.active is (leaving is not Leaving.SUSPEND_ENROLMENT)
    assert list(state.dropped) == ([("VN-01", username(1))] if leaving is Leaving.LEAVE_COHORT else [])
    assert list(state.items[Kind.COHORT]) == [("VN-01",)]


def test_a_cohort_does_not_leave() -> None:
    cohort = Cohort(idnumber="VN-01", name="Hà Nội")
    assert after_leaving(cohort, Leaving.LEAVE_COHORT) == cohort


def test_a_mover_is_wanted_in_the_new_cohort_and_dropped_from_the_old() -> None:
    state = desired_state(terms(), registered([1], HUE), everything_of())
    assert ("VN-46", username(1)) in state.items[Kind.MEMBERSHIP]
    assert list(state.dropped) == [("VN-01", username(1))]


def test_who_is_registered_elsewhere_is_left_as_he_is() -> None:
    state = desired_state(terms(Leaving.SUSPEND_ACCOUNT), [], everything_of(), elsewhere={username(1)})
    assert state.items[Kind.ACCOUNT][account().key].item == account()
    assert state.dropped == {}


def test_who_is_registered_here_and_elsewhere_is_provisioned_here() -> None:
    state = desired_state(terms(), registered([1]), [], elsewhere={username(1)})
    assert len(wanted(state)) == 4


def test_cohorts_and_courses_of_other_programmes_are_left_alone() -> None:
    rows: Iterable[OwnedItem] = [
        row(Cohort(idnumber="other", name="x")),
        row(Membership(cohort="other", username=username(1))),
        row(Enrolment(course="other", username=username(1))),
    ]
    state = desired_state(terms(Leaving.LEAVE_COHORT), registered([1]), rows)
    assert state.dropped == {}
    keys = [key for items in state.items.values() for key in items]
    assert not any("other" in key for key in keys)


@pytest.mark.parametrize(
    ("leaving", "owned"),
    [(Leaving.KEEP, 2), (Leaving.LEAVE_COHORT, 2), (Leaving.SUSPEND_ENROLMENT, 1), (Leaving.SUSPEND_ACCOUNT, 1)],
)
def test_people_are_counted_by_what_leaving_changes(leaving: Leaving, owned: int) -> None:
    gone = [
        row(replace(account(2), suspended=True)),
        row(Membership(cohort="VN-01", username=username(2))),
        row(Enrolment(course="course", username=username(2), active=False)),
    ]
    open_claim = row(Membership(cohort="VN-01", username=username(3)), confirmed=False)
    state = desired_state(terms(leaving), registered([1]), [*everything_of(), *gone, open_claim])
    assert state.people == {HANOI: People(owned=owned, registered=1)}


def test_two_people_never_share_a_username() -> None:
    provision = terms(accounts=AccountMapping(username="{given_name}"))
    with pytest.raises(ConfigError, match="same name") as caught:
        desired_state(provision, registered([1, 2]), [])
    assert learner(1).phone not in str(caught.value)


def test_a_registration_given_twice_counts_once() -> None:
    state = desired_state(terms(), [*registered([1], HUE), *registered([1], HANOI)], [])
    assert list(state.items[Kind.MEMBERSHIP]) == [("VN-46", username(1))]
    assert state.people == {HUE: People(owned=0, registered=1)}


def test_one_cohort_may_serve_all_provinces() -> None:
    people = [*registered([2], HUE), *registered([1], HANOI)]
    for order in (people, people[::-1]):
        state = desired_state(terms(cohort="VN-ALL"), order, [])
        (one,) = state.items[Kind.COHORT].values()
        assert one.item == Cohort(idnumber="VN-ALL", name="Hà Nội")
        assert one.province_code == ""


def test_no_window_is_no_window() -> None:
    state = desired_state(terms(starts_at=None), registered([1]), [])
    (one,) = state.items[Kind.ENROLMENT].values()
    assert isinstance(one.item, Enrolment)
    assert one.item.starts_at is None
