"""The journal of applies on the database; `connector.sync.journal.Journal` says what it promises."""

from collections.abc import Callable, Sequence
from datetime import datetime

from connector.lms import ItemResult, Outcome
from connector.store.store import Store
from connector.sync.change import Change
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.state import Key, OwnedItem

JOB = "apply"


class StoreJournal:
    """The journal of one site and programme; each method is one committed transaction."""

    def __init__(self, store: Store, *, site: str, programme: str, now: Callable[[], datetime]) -> None:
        self._store = store
        self._site = site
        self._programme = programme
        self._now = now
        self._announced: set[tuple[str, Key]] = set()
        self._line_before = 0

    def begin(self, plan: Plan) -> int:
        """Write a new run with the plan's checksum; its number."""
        with self._store.begin() as tx:
            return tx.runs.start(
                JOB, site=self._site, programme=self._programme, now=self._now(), checksum=plan.checksum
            )

    def sending(self, run_id: int, changes: Sequence[Change]) -> None:
        """Write that these changes are about to be sent."""
        with self._store.begin() as tx:
            tx.journal.supersede(self._site, changes, self._now())
            self._line_before = tx.journal.announce(run_id, changes, self._now())
        self._announced = {(change.kind, change.key) for change in changes}

    def settled(self, run_id: int, results: Sequence[tuple[Change, ItemResult]]) -> None:
        """Write what became of these changes, and what we own by them; an unknown outcome stays open."""
        known = [(change, result) for change, result in results if result.ok or result.outcome is Outcome.REFUSED]
        announced = [pair for pair in known if (pair[0].kind, pair[0].key) in self._announced]
        others = [pair for pair in known if (pair[0].kind, pair[0].key) not in self._announced]
        made = [pair for pair in known if pair[1].ok]
        with self._store.begin() as tx:
            if len(announced) == len(self._announced) and len({_said(result) for _, result in announced}) == 1:
                tx.journal.close_since(run_id, self._line_before, announced[0][1], self._now())
            else:
                tx.journal.close(run_id, announced, self._now())
            tx.journal.note(run_id, others, self._now())
            tx.ledger.own(self._site, run_id, [_owned(*pair) for pair in made if pair[0].after], self._now())
            tx.ledger.disown(self._site, [(change.kind, change.key) for change, _ in made if not change.after])

    def unsettled(self, run_id: int | None = None) -> list[Change]:
        """The changes whose outcome is open, of one run or of all of the site. Reads only."""
        with self._store.begin() as tx:
            return [change for _, change in tx.journal.unsettled(self._site, run_id)]

    def finish(self, run_id: int, outcome: ApplyOutcome) -> None:
        """Write how the run ended."""
        with self._store.begin() as tx:
            tx.runs.finish(run_id, _ending(outcome), _counts(outcome), self._now())


def _said(result: ItemResult) -> tuple[str, str, str]:
    return result.outcome.value, result.code, result.message


def _owned(change: Change, result: ItemResult) -> OwnedItem:
    assert change.after is not None  # noqa: S101 - asked before
    return OwnedItem(
        kind=change.kind,
        key=change.key,
        remote_id=result.remote_id or change.remote_id,
        item=change.after,
        province_code=change.province_code,
    )


def _ending(outcome: ApplyOutcome) -> str:
    if outcome.stopped_by is not None:
        return "stopped"
    return "done" if outcome.complete else "partly"


def _counts(outcome: ApplyOutcome) -> dict[str, int]:
    return {
        "done": outcome.done,
        "already": outcome.already,
        "refused": outcome.refused,
        "unknown": outcome.unknown,
        "left": outcome.left,
    }
