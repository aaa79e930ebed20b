from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.errors import AccessDenied, ConnectorError, OutcomeUnknown, PlatformUnavailable, UnsafePlanError
from connector.lms import AccountUpdate, Capability, ItemResult, NewAccount
from connector.model import Kind, Membership
from connector.sync.apply import apply_plan
from connector.sync.desired import Leaving
from connector.sync.outcome import Refusal
from tests.fakes.journal import InMemoryJournal
from tests.sync.platform import Platform
from tests.sync.world import HANOI, HUE, World, registered, summary, terms, username

ONE, TWO = username(1), username(2)


def test_a_plan_is_made_in_batches_by_order_of_dependency() -> None:
    world = World(terms(courses=("one", "two")))
    outcome = world.apply(world.plan(registered(range(3))), batch=2)
    assert [len(keys) for keys in world.platform.writes] == [1, 2, 1, 2, 1, 2, 2, 2]
    assert outcome.counts == {"done": 13, "already": 0, "refused": 0, "unknown": 0, "left": 0}
    assert (outcome.complete, outcome.state, outcome.stopped_by) == (True, "done", None)
    assert world.progress[-1] == (13, 13)
    assert [settled for settled, _total in world.progress] == [1, 3, 4, 6, 7, 9, 11, 13]
    assert world.journal.outcomes == {1: outcome}
    assert world.journal.rows[Kind.ACCOUNT, (ONE,)].remote_id == "id-" + ONE


def test_each_new_account_is_sent_with_the_password_that_was_stored() -> None:
    world = World()
    world.sync(registered([1, 2]))
    assert world.asked == [ONE, TWO]
    assert world.platform.passwords == {ONE: f"secret of {ONE}", TWO: f"secret of {TWO}"}
    world.sync(registered([1, 2], HUE))
    assert world.asked == [ONE, TWO]


def test_a_site_that_needs_no_passwords_gets_none() -> None:
    world = World()
    apply_plan(world.plan(registered([1])), world.platform, world.journal, lambda _accounts: {})
    assert world.platform.passwords == {ONE: ""}


class Watched(Platform):
    """Notes what the journal holds open at the moment of each write."""

    def __init__(self, journal: InMemoryJournal) -> None:
        super().__init__()
        self.journal = journal
        self.open_at_write: list[list[tuple[str, ...]]] = []

    def create_accounts(self, accounts: Sequence[NewAccount]) -> list[ItemResult]:
        self.open_at_write.append([change.key for change in self.journal.unsettled()])
        return super().create_accounts(accounts)

    def add_members(self, memberships: Sequence[Membership]) -> list[ItemResult]:
        self.open_at_write.append([change.key for change in self.journal.unsettled()])
        return super().add_members(memberships)


def test_every_batch_is_journaled_before_it_is_sent_and_settled_after() -> None:
    world = World()
    watched = Watched(world.journal)
    world.platform = watched
    world.apply(world.plan(registered([1, 2, 3])), batch=2)
    assert watched.open_at_write == [
        [(ONE,), (TWO,)],
        [(username(3),)],
        [("VN-01", ONE), ("VN-01", TWO)],
        [("VN-01", username(3))],
    ]
    assert world.journal.unsettled() == []


def test_one_refused_account_stops_nobody_else_and_takes_what_hangs_on_it() -> None:
    world = World()
    world.platform.refuse[ONE,] = "invalidemail"
    outcome = world.sync(registered([1, 2]))
    assert outcome.counts == {"done": 4, "already": 0, "refused": 3, "unknown": 0, "left": 0}
    assert (outcome.state, outcome.complete) == ("partly", False)
    assert [(one.kind, one.code) for one in outcome.refusals] == [
        (Kind.ACCOUNT, "invalidemail"),
        (Kind.MEMBERSHIP, "account_refused"),
        (Kind.ENROLMENT, "account_refused"),
    ]
    assert all(ONE not in key for keys in world.platform.writes[2:] for key in keys)
    assert set(world.platform.people) == {TWO}
    assert world.journal.unsettled() == []
    del world.platform.refuse[ONE,]
    assert world.sync(registered([1, 2])).counts["done"] == 3


def test_a_refusal_names_nobody() -> None:
    world = World()
    world.platform.refuse[ONE,] = "invalidemail"
    first = world.sync(registered([1])).refusals[0]
    assert first == Refusal(
        kind=Kind.ACCOUNT,
        action=world.plan(registered([1])).changes[0].action,
        subject="090*****01",
        province_code=HANOI,
        code="invalidemail",
        message="refused by the platform",
    )


def test_without_its_cohort_nobody_becomes_a_member() -> None:
    world = World()
    world.platform.refuse["VN-01",] = "nopermission"
    outcome = world.sync([*registered([1]), *registered([2], HUE)])
    assert [(one.subject, one.code) for one in outcome.refusals] == [
        ("VN-01", "nopermission"),
        ("090*****01", "cohort_refused"),
    ]
    assert world.platform.members == {("VN-46", TWO)}
    assert len(world.platform.enrolled) == 2


def test_an_account_of_unknown_outcome_waits_for_the_next_plan() -> None:
    world = World()
    world.platform.unknown = {(ONE,)}
    outcome = world.sync(registered([1]))
    assert outcome.counts == {"done": 1, "already": 0, "refused": 2, "unknown": 1, "left": 0}
    assert [one.code for one in outcome.refusals] == ["timeout", "account_unknown", "account_unknown"]
    world.platform.unknown = set()
    assert summary(world.plan(registered([1])).changes)[0] == ("create", "account", (ONE,), True)
    assert world.sync(registered([1])).complete


@pytest.mark.parametrize("ours", [True, False])
def test_an_account_that_was_suddenly_there_is_not_ours_before_it_has_been_read(ours: bool) -> None:
    world = World()
    plan = world.plan(registered([1]))
    other = World()
    other.sync(registered([1 if ours else 2]))
    (account,) = other.platform.people.values()
    world.platform.people[ONE] = replace(account, username=ONE)
    outcome = world.apply(plan)
    assert [one.code for one in outcome.refusals] == ["account_was_there", "account_unknown", "account_unknown"]
    assert (Kind.ACCOUNT, (ONE,)) not in world.journal.rows
    again = world.plan(registered([1]))
    if ours:
        assert world.apply(again).complete
        assert (Kind.ACCOUNT, (ONE,)) in world.journal.rows
    else:
        assert [one.username for one in again.foreign] == [ONE]


def test_a_mover_who_cannot_be_added_is_not_taken_out() -> None:
    world = World()
    world.sync(registered([1, 2]))
    world.platform.refuse["VN-46", ONE] = "nopermission"
    outcome = world.sync(registered([1, 2], HUE))
    assert [one.code for one in outcome.refusals] == ["nopermission", "membership_refused"]
    assert world.platform.members == {("VN-01", ONE), ("VN-46", TWO)}


@pytest.mark.parametrize("error", [PlatformUnavailable("closed"), OutcomeUnknown("no answer"), AccessDenied("token")])
def test_an_outage_stops_the_run_and_keeps_what_was_settled(error: ConnectorError) -> None:
    world = World()
    plan = world.plan(registered(range(10)))
    world.platform.break_after(2, error, 0.5)
    outcome = world.apply(plan, batch=4)
    assert outcome.stopped_by is error
    assert outcome.state == "stopped"
    assert outcome.counts == {"done": 5, "already": 0, "refused": 0, "unknown": 4, "left": 22}
    assert len(world.journal.unsettled(outcome.run_id)) == 4
    assert world.journal.outcomes[outcome.run_id] is outcome
    rest = world.plan(registered(range(10)))
    assert sum(change.adopted for change in rest.changes) == 2
    assert world.apply(rest).complete
    assert world.plan(registered(range(10))).empty
    assert len(world.platform.passwords) == 10


class Careless(Platform):
    """A client that breaks its promise of one result for each item."""

    def update_accounts(self, updates: Sequence[AccountUpdate]) -> list[ItemResult]:
        return super().update_accounts(updates)[:-1]


def test_results_that_do_not_fit_stop_the_run() -> None:
    world = World()
    world.platform = Careless()
    world.sync(registered([1, 2]))
    outcome = world.sync(registered([1, 2], HUE))
    assert "1 results for 2 changes" in str(outcome.stopped_by)
    assert outcome.unknown == 2
    assert world.journal.rows[Kind.ACCOUNT, (ONE,)].province_code == HANOI


def test_a_fault_of_our_own_is_not_hidden_and_leaves_an_open_run() -> None:
    world = World()
    plan = world.plan(registered([1]))

    def broken(_accounts: object) -> dict[str, str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        apply_plan(plan, world.platform, world.journal, broken)
    assert world.journal.outcomes == {}
    assert world.sync(registered([1])).complete


def test_nothing_is_written_when_the_platform_cannot_do_it() -> None:
    world = World(terms(Leaving.KEEP))
    world.platform.capabilities = Capability.ACCOUNTS
    plan = world.plan(registered([1]))
    with pytest.raises(UnsafePlanError):
        world.apply(plan)
    assert world.platform.writes == []
    assert world.journal.checksums == {}


def test_an_empty_plan_is_a_run_that_did_nothing() -> None:
    world = World()
    outcome = world.sync([])
    assert (outcome.complete, sum(outcome.counts.values())) == (True, 0)
    assert world.platform.writes == []


def test_a_member_who_was_there_already_is_right_and_ours() -> None:
    world = World()
    plan = world.plan(registered([1]))
    world.platform.members.add(("VN-01", ONE))
    outcome = world.apply(plan)
    assert (outcome.already, outcome.complete) == (1, True)
    assert (Kind.MEMBERSHIP, ("VN-01", ONE)) in world.journal.rows
