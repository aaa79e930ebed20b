"""Use case: who has earned a certificate gets it: decided, released on the platform, read back, registered."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from connector.certificates.due import Entered, choose, due, enter
from connector.certificates.grant import release, to_grant
from connector.certificates.overdue import Overdue, overdue
from connector.certificates.settle import Double, settle
from connector.context import Context
from connector.jobs.mirror import certificate_key, mirror_issues
from connector.jobs.people import People, people_of
from connector.jobs.recorded_run import recorded_run
from connector.language import _
from connector.lms import ItemResult, Outcome
from connector.model import (
    CertificateIssue,
    CertificateState,
    Kind,
    RegisterEntry,
    Verdict,
)
from connector.programmes.definition import Programme

JOB = "certify"
GRANTS_AT_ONCE = 400
POLL_SECONDS = 2.0
LATE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOutcome:
    """What a push did: entries newly decided, granted and issued now, and what a person should look at.

    `without_learner` are the phones of people who have passed but are registered no more: a person must decide.
    """

    decided: int
    granted: int
    issued: tuple[RegisterEntry, ...]
    waiting: int
    refused: tuple[tuple[RegisterEntry, ItemResult], ...]
    doubles: tuple[Double, ...]
    unexpected: tuple[CertificateIssue, ...]
    overdue: tuple[Overdue, ...]
    without_learner: tuple[str, ...]


def certificates_due(
    ctx: Context,
    programme_key: str | None = None,
    *,
    provinces: Collection[str] | None = None,
    phones: Collection[str] | None = None,
) -> list[RegisterEntry]:
    """The entries that a push of this selection would release: newly earned ones and those not yet released.

    Nothing is written and the platform is not asked.
    """
    programme = ctx.programme(programme_key)
    people = people_of(ctx, programme)
    entered, register = _decide(ctx, programme, people)
    return choose(to_grant([*register.values(), *entered.entries]), provinces=provinces, phones=phones)


def push_certificates(
    ctx: Context,
    programme_key: str | None = None,
    *,
    provinces: Collection[str] | None = None,
    phones: Collection[str] | None = None,
    wait: float = 0.0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PushOutcome:
    """Release the certificates of this selection and register those that the platform has issued.

    The decision is stored before anything is sent; releasing is putting people into a group, so a push that is
    repeated grants nothing twice. `wait` is how many seconds to poll for the platform's own task to issue; what is
    not issued by then stays granted and is registered by a later push.
    """
    programme = ctx.programme(programme_key)
    people = people_of(ctx, programme)
    with recorded_run(ctx, JOB, programme) as run:
        entered, register = _decide(ctx, programme, people)
        chosen = choose(entered.entries, provinces=provinces, phones=phones)
        with ctx.store.begin() as tx:
            tx.register.save(chosen)
        asked = choose([*register.values(), *chosen], provinces=provinces, phones=phones)
        granted, refused = _grant(ctx, programme, people, to_grant(asked), progress)
        outcome = _confirm(ctx, programme, people, wait)
        run.counts = {"decided": len(chosen), "granted": granted, "issued": len(outcome.issued)}
    return PushOutcome(
        decided=len(chosen),
        granted=granted,
        issued=outcome.issued,
        waiting=outcome.waiting,
        refused=tuple(refused),
        doubles=outcome.doubles,
        unexpected=outcome.unexpected,
        overdue=outcome.overdue,
        without_learner=entered.without_learner,
    )


def _decide(ctx: Context, programme: Programme, people: People) -> tuple[Entered, dict[str, RegisterEntry]]:
    """The entries to be made now, and the register as it is."""
    learners = {item.learner.phone: item.learner for item in people.registrations if item.takes_part}
    with ctx.store.begin() as tx:
        register = tx.register.of_programme(programme.key)
        earned: list[Verdict] = due(tx.verdicts.of_programme(programme.key), register)
    return enter(earned, learners, ctx.now()), register


def _grant(
    ctx: Context,
    programme: Programme,
    people: People,
    entries: Sequence[RegisterEntry],
    progress: Callable[[int, int], None],
) -> tuple[int, list[tuple[RegisterEntry, ItemResult]]]:
    """Put the people of these entries into the group; how many are in it now, and who was refused and why."""
    if not entries:
        return 0, []
    lms = ctx.lms(programme.site)
    gate = programme.certificate.gate
    with ctx.store.begin() as tx:
        ours = tx.ledger.usernames(programme.site, Kind.ACCOUNT)
    granted = 0
    refused: list[tuple[RegisterEntry, ItemResult]] = []
    for start in range(0, len(entries), GRANTS_AT_ONCE):
        some = entries[start : start + GRANTS_AT_ONCE]
        usernames = [people.username_of[entry.phone] for entry in some]
        there = {seen.account.username for seen in lms.accounts([name for name in usernames if name in ours])}
        results = [_no_account(name) for name in usernames if name not in there]
        inside = set(lms.granted(gate, there))
        results += [ItemResult(key=(name,), outcome=Outcome.ALREADY) for name in sorted(inside)]
        results += lms.grant_certificates(gate, sorted(there - inside))
        released = release(some, results, people.phone_of, ctx.now())
        with ctx.store.begin() as tx:
            tx.register.save(released.granted)
        granted += len(released.granted)
        refused.extend(released.refused)
        progress(start + len(some), len(entries))
    return granted, refused


def _no_account(username: str) -> ItemResult:
    return ItemResult(
        key=(username,),
        outcome=Outcome.REFUSED,
        code="no_account",
        message=_("There is no account of ours for this person; run 'connector plan' and 'connector apply'."),
    )


def _confirm(ctx: Context, programme: Programme, people: People, wait: float) -> "_Confirmed":
    """Read the issues back until nobody waits any more or the time is up; register what was issued."""
    issued: list[RegisterEntry] = []
    waited = 0.0
    while True:
        confirmed = _confirm_once(ctx, programme, people)
        issued.extend(confirmed.issued)
        if not confirmed.waiting or waited >= wait:
            return _Confirmed(
                issued=tuple(issued),
                waiting=confirmed.waiting,
                doubles=confirmed.doubles,
                unexpected=confirmed.unexpected,
                overdue=confirmed.overdue,
            )
        ctx.wait(POLL_SECONDS)
        waited += POLL_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Confirmed:
    issued: tuple[RegisterEntry, ...]
    waiting: int
    doubles: tuple[Double, ...]
    unexpected: tuple[CertificateIssue, ...]
    overdue: tuple[Overdue, ...]


def _confirm_once(ctx: Context, programme: Programme, people: People) -> _Confirmed:
    with ctx.store.begin() as tx:
        waiting = _count(tx.register.of_programme(programme.key).values(), CertificateState.GRANTED)
    if waiting:  # otherwise the mirror has what there is to know
        mirror_issues(ctx, programme, people)
    with ctx.store.begin() as tx:
        register = tx.register.of_programme(programme.key)
        settlement = settle(
            register.values(),
            tx.mirror.issues(programme.site, certificate_key(programme)),
            people.phone_of,
            lambda: programme.certificate.register_number(tx.register.next_number(programme.key)),
        )
        tx.register.save(settlement.issued)
    after = register | {entry.phone: entry for entry in settlement.issued}
    return _Confirmed(
        issued=settlement.issued,
        waiting=_count(after.values(), CertificateState.GRANTED),
        doubles=settlement.doubles,
        unexpected=settlement.unexpected,
        overdue=tuple(overdue(after.values(), ctx.now(), LATE_AFTER)),
    )


def _count(entries: Iterable[RegisterEntry], state: CertificateState) -> int:
    return sum(entry.state is state for entry in entries)
