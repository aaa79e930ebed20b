"""A plan made true: in order of dependency, in batches, each journaled before it is sent and settled afterwards.

One refused item never stops the others. An outage stops the run; what was settled is kept, what was sent and not
answered stays open in the journal, and the next plan holds exactly the rest. Nothing is ever sent twice from here.
A run that was broken off may be resumed with the rest of its plan (connector/sync/resuming.py).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, cast

from connector.errors import ConnectorError, ProtocolError
from connector.language import _
from connector.lms import AccountUpdate, ItemResult, LmsClient, NewAccount, Outcome
from connector.model import Account, Cohort, Kind
from connector.sync.change import Action, Change
from connector.sync.guards import check_capable
from connector.sync.journal import Journal
from connector.sync.outcome import ApplyOutcome, Refusal, refusal_of
from connector.sync.plan import Plan
from connector.sync.state import Key
from connector.sync.words import kind_word

Passwords = Callable[[Sequence[Account]], Mapping[str, str]]
Progress = Callable[[int, int], None]
# Members and enrolments are small, and each write of enrolments reads the course back once, in pages of thousands.
BATCHES = {
    Kind.COHORT: 500,
    Kind.ACCOUNT: 600,
    Kind.MEMBERSHIP: 2_500,
    Kind.ENROLMENT: 2_500,
    Kind.GROUP: 500,
    Kind.GROUP_MEMBERSHIP: 2_500,
}


def apply_plan(
    plan: Plan,
    lms: LmsClient,
    journal: Journal,
    passwords: Passwords,
    on_progress: Progress = lambda _settled, _total: None,
    *,
    batch: int | None = None,
    run_id: int | None = None,
    safe_point: Callable[[], None] = lambda: None,
) -> ApplyOutcome:
    """What became of each change of the plan. Writes to the platform, the journal and, through it, the ledger.

    `passwords` gets the accounts of a batch before they are sent, stores a first password for each where it cannot be
    lost, and gives them back by username (none for sites that need none); asked again, it gives the same ones.
    `batch` is the number of changes in one write, by kind when it is not given. `on_progress` gets the settled and
    the total number of changes. `run_id` is the reopened run that the plan is the rest of; without it a run is begun.
    `safe_point` is called before each batch and may raise Interrupted. Raises UnsafePlanError, before anything is
    written, when the platform cannot do what the plan holds; an outage on the way, or that Interrupted, is
    `ApplyOutcome.stopped_by`.
    """
    check_capable(plan, lms.capabilities)
    number = journal.begin(plan) if run_id is None else run_id
    run = _Run(lms, journal, passwords, on_progress, run_id=number, total=len(plan.changes))
    stopped_by: ConnectorError | None = None
    try:
        for changes in _batches(plan.changes, batch):
            safe_point()
            run.make(changes)
    except ConnectorError as error:
        stopped_by = error
    outcome = run.outcome(stopped_by)
    journal.finish(run.run_id, outcome)
    return outcome


def _batches(changes: Sequence[Change], batch: int | None) -> Iterator[list[Change]]:
    """Stretches of the plan that one write can take; the order of the plan is kept."""
    for _same, group in groupby(changes, key=lambda change: (change.adopted, change.phase)):
        alike = list(group)
        step = batch or BATCHES[alike[0].kind]
        for start in range(0, len(alike), step):
            yield alike[start : start + step]


class _Run:
    """One apply while it goes on."""

    def __init__(
        self,
        lms: LmsClient,
        journal: Journal,
        passwords: Passwords,
        on_progress: Progress,
        *,
        run_id: int,
        total: int,
    ) -> None:
        self.run_id = run_id
        self._lms = lms
        self._journal = journal
        self._passwords = passwords
        self._on_progress = on_progress
        self._total = total
        self._open = 0
        self._counts: Counter[Outcome] = Counter()
        self._refusals: list[Refusal] = []
        self._failed: dict[tuple[Kind, Key], str] = {}

    def make(self, changes: list[Change]) -> None:
        """Make these changes of one phase, or settle without a request what cannot be made any more."""
        blocked = [(change, self._obstacle(change)) for change in changes]
        self._settle([(change, obstacle) for change, obstacle in blocked if obstacle is not None])
        possible = [change for change, obstacle in blocked if obstacle is None]
        if not possible:
            return
        if possible[0].adopted:
            self._send(
                possible, lambda: [_result(change, Outcome.ALREADY, remote_id=change.remote_id) for change in possible]
            )
        elif possible[0].kind is Kind.ACCOUNT and possible[0].action is Action.CREATE:
            accounts = [cast("Account", change.after) for change in possible]
            self._send(possible, lambda: self._lms.create_accounts(self._with_passwords(accounts)))
        else:
            self._send(possible, lambda: _write(self._lms, possible))

    def _with_passwords(self, accounts: list[Account]) -> list[NewAccount]:
        secret = self._passwords(accounts)
        return [NewAccount(account=account, password=secret.get(account.username, "")) for account in accounts]

    def _send(self, changes: list[Change], write: Callable[[], list[ItemResult]]) -> None:
        self._journal.sending(self.run_id, changes)
        self._open = len(changes)
        results = write()
        if [result.key for result in results] != [change.key for change in changes]:
            raise ProtocolError(
                _("The platform's client gave {got} results for {sent} changes, or not in their order.").format(
                    got=len(results), sent=len(changes)
                ),
                hint=_("Make a new plan: it reads back what was done. Then report this as a fault."),
            )
        self._open = 0
        self._settle([(change, _trusted(change, result)) for change, result in zip(changes, results, strict=True)])

    def _settle(self, results: list[tuple[Change, ItemResult]]) -> None:
        if not results:
            return
        self._journal.settled(self.run_id, results)
        for change, result in results:
            self._counts[result.outcome] += 1
            if not result.ok:
                self._refusals.append(refusal_of(change, result))
                self._remember(change, result)
        self._on_progress(self._counts.total(), self._total)

    def _remember(self, change: Change, result: ItemResult) -> None:
        """Note what later changes hang on: what was not made, a new name not given, a mover not added."""
        if change.action is Action.CREATE or change.renames:
            known = "refused" if result.outcome is Outcome.REFUSED else "unknown"
            self._failed[change.kind, _standing(change)] = known

    def _obstacle(self, change: Change) -> ItemResult | None:
        """The result of a change that can no longer be made, since what it needs was not made."""
        for kind, key in _needs(change):
            known = self._failed.get((kind, key))
            if known is not None:
                message = _("Not sent: the {kind} that it needs was not made.").format(kind=kind_word(kind))
                return _result(change, Outcome.REFUSED, code=f"{kind}_{known}", message=message)
        return None

    def outcome(self, stopped_by: ConnectorError | None) -> ApplyOutcome:
        """The outcome as it stands; a batch whose answer never came counts as unknown."""
        unknown = self._counts[Outcome.UNKNOWN] + self._open
        return ApplyOutcome(
            run_id=self.run_id,
            done=self._counts[Outcome.DONE],
            already=self._counts[Outcome.ALREADY],
            refused=self._counts[Outcome.REFUSED],
            unknown=unknown,
            left=self._total - self._counts.total() - self._open,
            refusals=tuple(self._refusals),
            stopped_by=stopped_by,
        )


def _standing(change: Change) -> Key:
    """The key of what later changes hang on: for a membership who it is of (and in which course), not of what."""
    is_membership = change.kind in (Kind.MEMBERSHIP, Kind.GROUP_MEMBERSHIP)
    return (*change.key[:-2], change.key[-1]) if is_membership else change.key


def _needs(change: Change) -> Iterator[tuple[Kind, Key]]:
    if change.kind is Kind.ACCOUNT or not change.kind.is_of_people:
        return
    yield Kind.ACCOUNT, (change.username,)
    if change.adopted or change.kind is Kind.ENROLMENT:
        return
    if change.action is Action.REMOVE:
        # A mover who could not be added to the new cohort or group stays in the old one: never in none.
        yield change.kind, _standing(change)
    elif change.kind is Kind.MEMBERSHIP:
        yield Kind.COHORT, change.key[:1]
    else:
        yield Kind.GROUP, change.key[:2]
        yield Kind.ENROLMENT, (change.key[0], change.username)


def _trusted(change: Change, result: ItemResult) -> ItemResult:
    """The result, but an account that was suddenly there stays open: the next plan reads whether it is ours."""
    created = change.kind is Kind.ACCOUNT and change.action is Action.CREATE and not change.adopted
    if not created or result.outcome is not Outcome.ALREADY:
        return result
    message = _("An account of this name was there already; the next plan finds out whose it is.")
    return replace(result, outcome=Outcome.UNKNOWN, code="account_was_there", message=message)


def _result(change: Change, outcome: Outcome, *, code: str = "", message: str = "", remote_id: str = "") -> ItemResult:
    return ItemResult(key=change.key, outcome=outcome, remote_id=remote_id, code=code, message=message)


def _write(lms: LmsClient, changes: Sequence[Change]) -> list[ItemResult]:
    """Send changes of one phase that need no password."""
    kind, action = changes[0].kind, changes[0].action
    if kind is Kind.ACCOUNT:
        pairs = [(cast("Account", change.before), cast("Account", change.after)) for change in changes]
        return lms.update_accounts([AccountUpdate(before=before, after=after) for before, after in pairs])
    if action is Action.REMOVE:
        return _REMOVALS[kind](lms)([change.before for change in changes])
    if kind is Kind.COHORT and action is Action.UPDATE:
        return lms.update_cohorts([cast("Cohort", change.after) for change in changes])
    return _WRITES[kind](lms)([change.after for change in changes])


_Write = Callable[[LmsClient], Callable[[Any], list[ItemResult]]]
_WRITES: Mapping[Kind, _Write] = {
    Kind.COHORT: lambda lms: lms.create_cohorts,
    Kind.MEMBERSHIP: lambda lms: lms.add_members,
    Kind.ENROLMENT: lambda lms: lms.enrol,
    Kind.GROUP: lambda lms: lms.create_groups,
    Kind.GROUP_MEMBERSHIP: lambda lms: lms.add_to_groups,
}
_REMOVALS: Mapping[Kind, _Write] = {
    Kind.MEMBERSHIP: lambda lms: lms.remove_members,
    Kind.GROUP_MEMBERSHIP: lambda lms: lms.remove_from_groups,
}
