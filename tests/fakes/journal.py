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
    """The ledger's rows by place, the open changes, and how each run ended."""

    def __init__(self) -> None:
        self.rows: dict[Place, OwnedItem] = {}
        self.checksums: dict[int, str] = {}
        self.outcomes: dict[int, ApplyOutcome] = {}
        self.refused: list[tuple[Change, ItemResult]] = []
        self._open: dict[Place, tuple[int, Change]] = {}

    @property
    def owned(self) -> list[OwnedItem]:
        return list(self.rows.values())

    def begin(self, plan: Plan) -> int:
        run_id = len(self.checksums) + 1
        self.checksums[run_id] = plan.checksum
        return run_id

    def sending(self, run_id: int, changes: Sequence[Change]) -> None:
        for change in changes:
            self._open.pop((change.kind, change.key), None)
            self._open[change.kind, change.key] = (run_id, change)

    def settled(self, run_id: int, results: Sequence[tuple[Change, ItemResult]]) -> None:
        for change, result in results:
            place = (change.kind, change.key)
            if result.outcome is Outcome.UNKNOWN:
                continue
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
