"""The journal of a run on both databases: in the order of its plan, and as the rest of a run that was broken off."""

from dataclasses import replace

import pytest

from connector.errors import BrokenData
from connector.lms import ItemResult, Outcome
from connector.store.journal import StoreJournal, counts_of
from connector.store.store import Store
from connector.sync.change import Change
from connector.sync.outcome import ApplyOutcome
from tests.store.people import NOW
from tests.sync.world import World, registered

PLAN = World().plan(registered(range(3)))
COHORT, ACCOUNTS, MEMBERS = PLAN.changes[:1], PLAN.changes[1:4], PLAN.changes[4:7]


def journal_of(store: Store) -> StoreJournal:
    return StoreJournal(store, site="sandbox", programme="k1", now=lambda: NOW)


def results(changes: tuple[Change, ...], outcome: Outcome = Outcome.DONE) -> list[tuple[Change, ItemResult]]:
    return [(change, ItemResult(key=change.key, outcome=outcome)) for change in changes]


def counts(store: Store, run_id: int) -> dict[str, int]:
    with store.begin() as tx:
        return {name: count for name, count in counts_of(tx.journal.tally(run_id)).items() if count}


def test_a_plan_is_in_the_journal_before_anything_is_sent(store: Store) -> None:
    run_id = journal_of(store).begin(PLAN)
    assert counts(store, run_id) == {"left": len(PLAN.changes)}
    with store.begin() as tx:
        assert [line.change for line in tx.journal.of_run(run_id)] == list(PLAN.changes)
        assert tx.journal.unsettled("sandbox") == []
        run = tx.runs.find(run_id)
        assert run is not None
        assert (run.checksum, run.terms["created_at"]) == (PLAN.checksum, PLAN.created_at.isoformat())


def test_what_is_refused_before_it_is_sent_is_stepped_over(store: Store) -> None:
    journal = journal_of(store)
    run_id = journal.begin(PLAN)
    journal.sending(run_id, COHORT)
    journal.settled(run_id, results(COHORT))
    journal.settled(run_id, results(MEMBERS[1:2], Outcome.REFUSED))
    journal.sending(run_id, [MEMBERS[0], MEMBERS[2]])
    assert journal.unsettled(run_id) == [MEMBERS[0], MEMBERS[2]]
    journal.settled(run_id, [*results(MEMBERS[:1]), *results(MEMBERS[2:], Outcome.UNKNOWN)])
    assert journal.unsettled(run_id) == [MEMBERS[2]]
    assert counts(store, run_id) == {"done": 2, "refused": 1, "unknown": 1, "left": len(PLAN.changes) - 4}


def test_what_is_not_the_next_part_of_the_plan_is_not_sent(store: Store) -> None:
    journal = journal_of(store)
    run_id = journal.begin(PLAN)
    stranger = replace(MEMBERS[0], key=("VN-99", "0999000001"))
    for changes in ([MEMBERS[0], MEMBERS[2]], [stranger]):
        with pytest.raises(BrokenData, match="does not hold what was to be sent"):
            journal.sending(run_id, changes)
    assert journal.unsettled() == []


def test_the_rest_of_a_run_is_sent_in_any_order(store: Store) -> None:
    first = journal_of(store)
    run_id = first.begin(PLAN)
    first.sending(run_id, ACCOUNTS)
    first.settled(run_id, results(ACCOUNTS[:1]) + results(ACCOUNTS[1:2], Outcome.REFUSED))
    again = journal_of(store)
    again.reopen(run_id)
    again.sending(run_id, [MEMBERS[2], ACCOUNTS[2], ACCOUNTS[1]])
    assert again.unsettled() == [ACCOUNTS[1], ACCOUNTS[2], MEMBERS[2]]
    again.settled(run_id, results((MEMBERS[2], ACCOUNTS[2], ACCOUNTS[1])))
    assert counts(store, run_id) == {"done": 4, "left": len(PLAN.changes) - 4}
    ended = ApplyOutcome(run_id=run_id, done=3, already=0, refused=0, unknown=0, left=0, refusals=(), stopped_by=None)
    again.finish(run_id, ended)
    with store.begin() as tx:
        run = tx.runs.find(run_id)
    assert run is not None
    assert (run.outcome, run.counts["done"], run.finished_at) == ("partly", 4, NOW)  # of the whole run, not of its rest


def test_what_a_later_run_sends_again_closes_what_an_earlier_one_left_open(store: Store) -> None:
    first, second = journal_of(store), journal_of(store)
    old = first.begin(PLAN)
    first.sending(old, COHORT)
    new = second.begin(PLAN)
    second.sending(new, COHORT)
    assert (second.unsettled(old), second.unsettled(new)) == ([], list(COHORT))
    with store.begin() as tx:
        assert [line.change for line in tx.journal.of_run(old, ["superseded"])] == list(COHORT)
