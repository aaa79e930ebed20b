"""The journal of applies on the database; `connector.sync.journal.Journal` says what it promises."""

from collections.abc import Callable, Sequence
from datetime import datetime

from connector.errors import UnsafePlanError
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.model import Kind
from connector.store.caller import Caller, this_process
from connector.store.journal_lines import PLANNED, SENT, Span, Tally
from connector.store.leases import Lease
from connector.store.store import Store, Transaction
from connector.sync.change import Action, Change
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.planfile import terms_of
from connector.sync.state import Key, OwnedItem

JOB = "apply"


class StoreJournal:
    """The journal of one site and programme; each method is one committed transaction.

    With a `lease`, nothing is announced as sent once that is lost to somebody else.
    """

    def __init__(
        self,
        store: Store,
        *,
        site: str,
        programme: str,
        now: Callable[[], datetime],
        caller: Caller | None = None,
        lease: Lease | None = None,
    ) -> None:
        self._store = store
        self._site = site
        self._programme = programme
        self._now = now
        self._caller = caller or this_process()
        self._lease = lease
        self._in_one_span = True
        self._span: Span = (0, 0)
        self._announced: set[tuple[str, Key]] = set()

    def begin(self, plan: Plan) -> int:
        """Write a new run with the plan and all its changes; its number."""
        with self._store.begin() as tx:
            run_id = tx.runs.start(
                JOB,
                site=self._site,
                programme=self._programme,
                now=self._now(),
                checksum=plan.checksum,
                caller=self._caller,
                terms=terms_of(plan),
            )
            tx.journal.plan(run_id, plan.changes)
            self._beat(tx, run_id)
        return run_id

    def reopen(self, run_id: int) -> None:
        """Write that a run that was broken off goes on; its changes no longer come in the order of its plan."""
        self._in_one_span = False
        with self._store.begin() as tx:
            tx.runs.reopen(run_id, self._caller)
            self._beat(tx, run_id)

    def sending(self, run_id: int, changes: Sequence[Change]) -> None:
        """Write that these changes are about to be sent. Raises UnsafePlanError when the lease is lost."""
        with self._store.begin() as tx:
            self._beat(tx, run_id)
            tx.journal.supersede(self._site, run_id, changes, self._now())
            if self._in_one_span:
                self._span = tx.journal.send_span(run_id, changes, self._now())
            else:
                tx.journal.send(run_id, changes, self._now())
        self._announced = {(change.kind, change.key) for change in changes}

    def settled(self, run_id: int, results: Sequence[tuple[Change, ItemResult]]) -> None:
        """Write what became of these changes, and what we own by them; an unknown outcome stays open."""
        known = [(change, result) for change, result in results if result.outcome is not Outcome.UNKNOWN]
        made = [pair for pair in known if pair[1].ok]
        with self._store.begin() as tx:
            if self._in_one_span and self._is_one_answer(known):
                tx.journal.close_span(run_id, self._span, known[0][1], self._now())
            else:
                tx.journal.close(run_id, known, self._now())
            for old, new in [change.renames for change, _result in made if change.renames]:
                tx.moving.rename(self._site, old, new, run_id, self._now())
            tx.ledger.own(self._site, run_id, [_owned(*pair) for pair in made if pair[0].after], self._now())
            tx.passwords.drop(self._site, [change.username for change, result in known if _never_made(change, result)])
            tx.ledger.disown(self._site, [(change.kind, change.key) for change, _ in made if not change.after])

    def _is_one_answer(self, known: Sequence[tuple[Change, ItemResult]]) -> bool:
        """True when all that was announced last, and nothing else, has one and the same result."""
        said = {(result.outcome, result.code, result.message) for _change, result in known}
        return len(said) == 1 and {(change.kind, change.key) for change, _result in known} == self._announced

    def unsettled(self, run_id: int | None = None) -> list[Change]:
        """The changes whose outcome is open, of one run or of all of the site. Reads only."""
        with self._store.begin() as tx:
            return tx.journal.unsettled(self._site, run_id)

    def finish(self, run_id: int, outcome: ApplyOutcome) -> None:
        """Write how the run ended, with the counts of all of it: a part may have been done before a break."""
        with self._store.begin() as tx:
            counts = counts_of(tx.journal.tally(run_id))
            ending = outcome.state
            if ending != "stopped":
                ending = "partly" if any(counts[name] for name in ("refused", "unknown", "left")) else "done"
            tx.runs.finish(run_id, ending, counts, self._now(), str(outcome.stopped_by or ""))

    def _beat(self, tx: Transaction, run_id: int) -> None:
        lease = self._lease
        if lease is not None and not tx.leases.beat(lease.name, lease.token, self._now(), run_id):
            raise lost(self._site, tx.leases.find(lease.name))


def lost(site: str, holder: Lease | None) -> UnsafePlanError:
    """The error of a writer whose lease somebody else has taken over."""
    who = _("{who} on {host}").format(who=holder.who, host=holder.host) if holder else _("nobody any more")
    return UnsafePlanError(
        _("The site '{site}' is no longer ours to write to: it is held by {who}; nothing more was sent.").format(
            site=site, who=who
        ),
        hint=_("This process was silent for more than a minute. Make a new plan when the other one has ended."),
    )


def counts_of(tallies: Sequence[Tally]) -> dict[str, int]:
    """The five counts of a run: done, already so, refused, of unknown outcome, and left untried."""
    names = {SENT: "unknown", PLANNED: "left"}
    counts = dict.fromkeys(("done", "already", "refused", "unknown", "left"), 0)
    for tally in tallies:
        name = names.get(tally.state, tally.state)
        counts[name if name in counts else "unknown"] += tally.count
    return counts


def _never_made(change: Change, result: ItemResult) -> bool:
    """An account that was refused: nobody may be handed its password, and the next try makes a new one."""
    created = change.kind is Kind.ACCOUNT and change.action is Action.CREATE
    return created and result.outcome is Outcome.REFUSED


def _owned(change: Change, result: ItemResult) -> OwnedItem:
    assert change.after is not None  # noqa: S101 - asked before
    return OwnedItem(
        kind=change.kind,
        key=change.key,
        remote_id=result.remote_id or change.remote_id,
        item=change.after,
        province_code=change.province_code,
    )
