"""Use case: who has earned a certificate gets it: decided, released, read back, registered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from connector.certificates.due import EVERYBODY, Selection
from connector.certificates.entry import RegisterEntry
from connector.certificates.grant import release, to_grant
from connector.certificates.overdue import Overdue, overdue
from connector.certificates.settle import Double, Settlement, settle
from connector.certificates.states import to_withdraw, withdrawn
from connector.context import Context
from connector.jobs.approve import check_no_freeze
from connector.jobs.astray import note_strays, unsure_codes, void_codes
from connector.jobs.certificate_facts import book_of, decide
from connector.jobs.fence import check_fence, leave_mark
from connector.jobs.issuing_sites import Issuers
from connector.jobs.numbering import as_written, check_numbers, check_same, checked, given, number_book
from connector.jobs.people import people_on, registrations_of
from connector.jobs.recorded_run import recorded_run
from connector.lms import ItemResult
from connector.model import (
    CertificateIssue,
    CertificateState,
    Registration,
)
from connector.programmes.certificate import Approval
from connector.programmes.definition import Programme
from connector.store.store import Transaction

JOB = "certify"
GRANTS_AT_ONCE = 400
POLL_SECONDS = 2.0

_SETTLED = frozenset({CertificateState.ISSUED, CertificateState.DELIVERED, CertificateState.REVOKED})

Refusal = tuple[RegisterEntry, ItemResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOutcome:
    """What a push did: entries newly decided, taken back, granted and issued now, and what a person should look at.

    `unapproved` wait for an approval; `without_learner` are the phones of people who have passed but are registered no
    more: a person must decide.
    """

    run_id: int
    decided: int
    granted: int
    issued: tuple[RegisterEntry, ...]
    waiting: int
    withdrawn: int
    unapproved: int
    refused: tuple[Refusal, ...]
    doubles: tuple[Double, ...]
    unexpected: tuple[CertificateIssue, ...]
    overdue: tuple[Overdue, ...]
    without_learner: tuple[str, ...]


def certificates_due(
    ctx: Context, programme_key: str | None = None, chosen: Selection = EVERYBODY
) -> list[RegisterEntry]:
    """The entries of this selection that are not released yet: newly earned, due, approved and to be reissued ones.

    Where a site is chosen, those of that site. Nothing is written and the platform is not asked.
    """
    whole = ctx.whole_programme(programme_key)
    registrations = registrations_of(ctx, whole)
    entered, register = decide(ctx, whole, registrations)
    issuers = Issuers(ctx, ctx.programme(programme_key), registrations)
    found = to_grant([*register.values(), *entered.entries])
    return [entry for entry in found if chosen.holds(entry) and issuers.hold(entry)]


def push_certificates(
    ctx: Context,
    programme_key: str | None = None,
    chosen: Selection = EVERYBODY,
    *,
    wait: float = 0.0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PushOutcome:
    """Release the certificates of this selection and register those that have been issued.

    The decision is stored before anything is sent, and a release may be repeated, so pushing again, or from several
    places at once, grants nothing twice. `wait` is how many seconds to poll for the platform's own task to issue; what
    is not issued by then stays granted and is registered by a later push. What was revoked is taken back first.
    Where a site is chosen, the certificates of that site. Raises UnsafePlanError in a freeze of a site, and before
    anything is sent when this database and a site do not belong together as they are (connector/jobs/fence.py), or when
    it has forgotten what the book of numbers has.
    """
    # Who has earned one is known by all sites together; what is asked of platforms may be one site's.
    whole, programme = ctx.whole_programme(programme_key), ctx.programme(programme_key)
    for here in programme.by_site if programme.certificate.gate is not None else ():
        check_no_freeze(ctx, here.site)
    check_numbers(ctx, book_of(whole))
    registrations = registrations_of(ctx, whole)
    entered, register = decide(ctx, whole, registrations)
    push = _Push(ctx, programme, registrations, progress)
    push.check_sites([*register.values(), *entered.entries])
    new = [entry for entry in entered.entries if chosen.holds(entry) and push.issuers.hold(entry)]
    asked = [e for e in [*register.values(), *new] if chosen.holds(e) and push.issuers.hold(e)]
    with recorded_run(ctx, JOB, programme) as run:
        with ctx.store.begin() as tx:
            tx.register.add(new)
        withdrawn, stuck = push.withdraw([entry for entry in asked if to_withdraw(entry)])
        ready = to_grant(asked, approval=push.approval)
        granted, refused = push.grant([entry for entry in ready if entry.phone not in {e.phone for e, _r in stuck}])
        settlement, issued, waiting = push.confirm(wait)
        run.counts = {"decided": len(new), "granted": granted, "issued": len(issued), "withdrawn": withdrawn}
        return PushOutcome(
            run_id=run.id,
            decided=len(new),
            granted=granted,
            issued=tuple(issued),
            waiting=len(waiting),
            withdrawn=withdrawn,
            unapproved=len(to_grant(asked)) - len(ready),
            refused=(*stuck, *refused),
            doubles=settlement.doubles,
            unexpected=settlement.unexpected,
            overdue=tuple(overdue(waiting, ctx.now(), late_after(programme))),
            without_learner=entered.without_learner,
        )


def late_after(programme: Programme) -> timedelta:
    """How long after its release a certificate may take to be issued."""
    return timedelta(hours=programme.certificate.late_after_hours)


class _Push:
    """The steps of one push; each writes as soon as it knows, on entries taken for itself."""

    def __init__(
        self,
        ctx: Context,
        programme: Programme,
        registrations: Sequence[Registration],
        progress: Callable[[int, int], None],
    ) -> None:
        self._ctx = ctx
        self._programme = programme
        self._progress = progress
        self.issuers = Issuers(ctx, programme, registrations)
        self._people = [(here, people_on(ctx, here, registrations)) for here in programme.by_site]
        self.approval = programme.certificate.approval is Approval.REQUIRED
        self._unmarked = {here.site for here in programme.by_site if programme.certificate.gate is not None}

    def check_sites(self, entries: Iterable[RegisterEntry]) -> None:
        """Pass where every site that some of these still await something from is ours to write to.

        A push that has nothing to do and nobody to number asks no platform.
        """
        awaited = (e for e in entries if e.state not in _SETTLED or to_withdraw(e))
        for site in sorted(self._unmarked & {self.issuers.site_of(e) for e in awaited if self.issuers.hold(e)}):
            check_fence(self._ctx, site)

    def withdraw(self, entries: Sequence[RegisterEntry]) -> tuple[int, list[Refusal]]:
        """Take back what was revoked or is to be reissued; how many were, and who was refused and why."""
        if not entries:
            return 0, []
        by_phone = {entry.phone: entry for entry in entries}
        with self._ctx.store.begin() as tx:
            void = void_codes(tx.register.history(self._programme.key))
        self._leave_marks(entries)
        results = self.issuers.withdraw(entries, void)
        done = [result.key[0] for result in results if result.ok]
        with self._ctx.store.begin() as tx:
            fresh = tx.register.locked(self._programme.key, done)
            tx.register.save([withdrawn(entry, self._ctx.now()) for entry in fresh.values() if to_withdraw(entry)])
        refused = [(by_phone[item.key[0]], item) for item in results if not item.ok]
        return len(done), refused

    def grant(self, entries: Sequence[RegisterEntry]) -> tuple[int, list[Refusal]]:
        """Release the certificates of these entries; how many are released now, and who was refused and why."""
        granted = 0
        refused: list[Refusal] = []
        for start in range(0, len(entries), GRANTS_AT_ONCE):
            self._ctx.safe_point()
            some = entries[start : start + GRANTS_AT_ONCE]
            self._leave_marks(some)
            results = self.issuers.release(some)
            sites = {entry.phone: self.issuers.site_of(entry) for entry in some}
            with self._ctx.store.begin() as tx:
                fresh = tx.register.locked(self._programme.key, [entry.phone for entry in some])
                released = release(fresh.values(), results, self._ctx.now(), approval=self.approval, sites=sites)
                tx.register.save(released.granted)
            granted += len(released.granted)
            refused.extend(released.refused)
            self._progress(start + len(some), len(entries))
        return granted, refused

    def _leave_marks(self, entries: Sequence[RegisterEntry]) -> None:
        """On each site to which something is sent now, once."""
        for site in sorted(self._unmarked & {self.issuers.site_of(entry) for entry in entries}):
            leave_mark(self._ctx, site)
            self._unmarked.remove(site)

    def confirm(self, wait: float) -> tuple[Settlement, list[RegisterEntry], list[RegisterEntry]]:
        """Read the issues back until nobody waits any more or the time is up; register what was issued.

        Gives the last settlement, all that were issued now, and those who still wait.
        """
        issued: list[RegisterEntry] = []
        waited = 0.0
        while True:
            self._ctx.safe_point()
            settlement, waiting = self._confirm_once()
            issued.extend(settlement.issued)
            if not waiting or waited >= wait:
                return settlement, issued, waiting
            self._ctx.wait(POLL_SECONDS)
            waited += POLL_SECONDS

    def _confirm_once(self) -> tuple[Settlement, list[RegisterEntry]]:
        """The platform is asked only while somebody waits; otherwise the mirror has what there is to know."""
        with self._ctx.store.begin() as tx:
            waiting = self._waiting(tx.register.of_programme(self._programme.key).values())
        if waiting:
            self.issuers.refresh(waiting)
        with self._ctx.store.begin() as tx:
            for here, people in self._people:
                note_strays(self._ctx, tx, here, people)
            last = tx.register.open_book(book_of(self._programme))
            register = tx.register.locked(self._programme.key)
            settlement, resumed = self._numbered(tx, register, last)
            tx.register.save(settlement.issued)
            tx.register.close_book(book_of(self._programme), max(last, settlement.last_number))
        if resumed:
            again, waiting = self._confirm_once()
            return replace(again, issued=(*settlement.issued, *again.issued)), waiting
        after = register | {entry.phone: entry for entry in settlement.issued}
        return settlement, self._waiting(after.values())

    def _numbered(self, tx: Transaction, register: Mapping[str, RegisterEntry], last: int) -> tuple[Settlement, bool]:
        """Who is issued now, written into the book of numbers; whether it is a batch that the book had already."""
        unsure = unsure_codes(tx.cases.of_programme(self._programme.key))
        told = self.issuers.issues(tx, register, self._waiting(register.values()), unsure)
        void = void_codes(tx.register.history(self._programme.key))
        with number_book(self._ctx, tx) as written:
            found = checked(tx, book_of(self._programme), written)
            if found.lost:
                told = as_written(told, found.lost, written, own_paper=self._programme.certificate.gate is None)
            settlement = settle(
                register.values(),
                told,
                last_number=last,
                number_text=self._programme.certificate.register_number,
                void=void,
            )
            if found.lost:
                check_same(settlement.issued, found.lost)
            else:
                written.append(given(self._ctx, written, [*found.unwritten, *settlement.issued]))
        return settlement, bool(found.lost)

    def _waiting(self, entries: Iterable[RegisterEntry]) -> list[RegisterEntry]:
        return [one for one in entries if one.state is CertificateState.GRANTED and self.issuers.hold(one)]
