"""The journal of applies: what a store must promise so that a run may be killed at any point.

Each method is one committed transaction of its own: when it returns, it is on the disk. The rules:

- `begin` writes the plan's changes as planned, in their order; apply sends them in that order.
- `sending` opens changes before the request goes out (or before the ledger alone is brought up to date: `adopted`);
  an older run's open change of the same kind and key is closed by it. It raises UnsafePlanError when somebody else has
  become the only writer of the site.
- `settled` closes changes with their results and brings the ledger up to date in the same transaction. A refused
  change may be settled without having been opened (what it needs was not made). By `ItemResult.outcome`:
  DONE, ALREADY: the ledger row of (kind, key) becomes `change.after` with `change.province_code` and the result's
  remote_id (else the change's, else the row's own), or is removed when `change.after` is None; the change is closed.
  A change that renames an account takes along all rows of the old username, and whatever else is kept of it.
  REFUSED: the ledger is as before; the change is closed. UNKNOWN: the change stays open.
- `unsettled` gives the open changes of all runs, oldest first, for `state.with_open` before the next plan.
"""

from collections.abc import Sequence
from typing import Protocol

from connector.lms import ItemResult
from connector.sync.change import Change
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan


class Journal(Protocol):
    """What apply writes, bound to one site and programme by the one who makes it."""

    def begin(self, plan: Plan) -> int:
        """Write a new run with the plan's checksum and changes; its number."""
        ...

    def sending(self, run_id: int, changes: Sequence[Change]) -> None:
        """Write that these changes are about to be sent."""
        ...

    def settled(self, run_id: int, results: Sequence[tuple[Change, ItemResult]]) -> None:
        """Write what became of these changes, and what we own by them."""
        ...

    def unsettled(self, run_id: int | None = None) -> list[Change]:
        """The changes whose outcome is open, of one run or of all. Reads only."""
        ...

    def finish(self, run_id: int, outcome: ApplyOutcome) -> None:
        """Write how the run ended."""
        ...
