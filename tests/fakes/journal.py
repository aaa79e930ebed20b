"""A journal and ledger in memory that keeps the promises of connector.sync.journal.Journal."""

from collections.abc import Sequence

from connector.lms import ItemResult, Outcome
from connector.model import Kind
from connector.sync.change import Change
from connector.sync.outcome import ApplyOutcome
from connector.sync.plan import Plan
from connector.sync.renames import renamed
from connector.sync.state import Key, OwnedItem

Place = tuple[Kind, Key]


class InMemoryJournal:
    """The ledger's rows by place, each run's changes with their state, and how each run ended."""

    def __init__(self) -> None:
        self.rows: dict[Place, OwnedItem] = {}
        self.checksums: dict[int, str] = {}
        self.outcomes: dict[int, ApplyOutcome] = {}
        self.refused: list[tuple[Change, ItemResult]] = []
        self.lines: dict[int, dict[Place, tuple[Change, str]]] = {}
        self._open: dict[Place, tuple[int, Change]] = {}

    @property
    def owned(self) -> list[OwnedItem]:
        return list(self.rows.values())

    def begin(self, plan: Plan) -> int:
        run_id = len(self.checksums) + 1
        self.checksums[run_id] = plan.checksum
        self.lines[run_id] = {(change.kind, change.key): (change, "planned") for change in plan.changes}
        return run_id

    def in_state(self, run_id: int, *states: str) -> list[Change]:
        """The changes of a run, as it planned them, that are in one of these states."""
        return [change for change, state in self.lines[run_id].values() if state in states]

    def sending(self, run_id: int, changes: Sequence[Change]) -> None:
        for change in changes:
            self._open.pop((change.kind, change.key), None)
            self._mark(run_id, change, "sent")
            self._open[change.kind, change.key] = (run_id, self.lines[run_id][change.kind, change.key][0])

    def settled(self, run_id: int, results: Sequence[tuple[Change, ItemResult]]) -> None:
        for change, result in results:
            place = (change.kind, change.key)
            if result.outcome is Outcome.UNKNOWN:
                continue
            self._mark(run_id, change, result.outcome.value)
            opened = self._open.get(place)
            if opened is not None and opened[0] == run_id:
                del self._open[place]
            if result.outcome is Outcome.REFUSED:
                self.refused.append((change, result))
            else:
                self._own(place, change, result)

    def unsettled(self, run_id: int | None = None) -> list[Change]:
        return [change for run, change in self._open.values() if run_id in (None, run)]

    def finish(self, run_id: int, outcome: ApplyOutcome) -> None:
        self.outcomes[run_id] = outcome

    def _mark(self, run_id: int, change: Change, state: str) -> None:
        planned, _state = self.lines[run_id][change.kind, change.key]
        self.lines[run_id][change.kind, change.key] = (planned, state)

    def _own(self, place: Place, change: Change, result: ItemResult) -> None:
        if change.renames:
            rows = renamed(self.rows.values(), dict([change.renames]))
            self.rows = {(row.kind, row.key): row for row in rows}
        if change.after is None:
            self.rows.pop(place, None)
            return
        old = self.rows.get(place)
        row = OwnedItem(
            kind=change.kind,
            key=change.key,
            remote_id=result.remote_id or change.remote_id or (old.remote_id if old else ""),
            item=change.after,
            province_code=change.province_code,
        )
        self.rows[place] = row
