"""Use case: certificates of which register and platform tell different things become cases; a person takes one over."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from connector.certificates.astray import ASTRAY, GONE, REMADE, UNSURE, Stray, astray
from connector.certificates.entry import CertificateEvent
from connector.certificates.states import Act, event_of
from connector.context import Context
from connector.errors import ConfigError
from connector.jobs.mirror import certificate_key
from connector.jobs.people import People
from connector.language import _
from connector.lms import GrantWay
from connector.model import Case, CertificateState
from connector.programmes.definition import Programme
from connector.store.store import Transaction

TAKEN = "taken_over"


def note_strays(ctx: Context, tx: Transaction, here: Programme, people: People) -> int:
    """Open a case for each certificate that is astray on this site and has none; how many were opened.

    A case of a paper that was gone and is shown again is settled by itself. Writes cases only.
    """
    if here.certificate.gate is None:
        return 0
    known = [case for case in tx.cases.of_programme(here.key) if case.kind in ASTRAY]
    found = _strays(tx, here, people)
    had = {(case.kind, case.phone, case.facts["code"]) for case in known}
    living = {issue.code for issue in tx.mirror.issues(here.site, certificate_key(here))}
    for case in known:
        if case.settled_at is None and case.kind in (GONE, REMADE) and case.facts["code"] in living:
            tx.cases.settle(case.number, "connector", _("The platform shows the certificate again."), ctx.now())
    new = [stray for stray in found if (stray.kind, stray.phone, stray.code) not in had]
    for stray in new:
        tx.cases.open(here.key, stray.phone, stray.kind, _facts(stray, here.site), ctx.now())
    return len(new)


def _strays(tx: Transaction, here: Programme, people: People) -> list[Stray]:
    key = certificate_key(here)
    register = tx.register.of_programme(here.key)
    mine = {phone: entry for phone, entry in register.items() if entry.site in ("", here.site)}
    told = [(people.phone_of.get(issue.username, ""), issue) for issue in tx.mirror.issues(here.site, key)]
    phones = sorted({phone for phone, _issue in told if phone})
    verdicts = tx.verdicts.of_phones(here.key, phones)
    completed = {phone: one.completed_at for phone, one in verdicts.items() if one.passed and one.completed_at}
    if here.certificate.gate is not None and here.certificate.gate.way is GrantWay.ALLOWLIST:
        completed = {}  # Open edX tells no moment of a completion: it may be seen only after the paper that followed
    void = void_codes(tx.register.history(here.key))
    return astray(mine, told, tx.mirror.vanished(here.site, key), void=void, completed=completed)


def _facts(stray: Stray, site: str) -> dict[str, Any]:
    facts = {"code": stray.code, "since": stray.since.isoformat(), "site": site}
    if stray.made_at is not None:
        facts |= {"new_code": stray.new_code, "made_at": stray.made_at.isoformat()}
    return facts


def void_codes(history: Iterable[CertificateEvent]) -> set[str]:
    """The codes of papers that were taken back, by revocation or reissue."""
    return {
        event.serial
        for event in history
        if event.serial and event.event in (CertificateState.REVOKED, CertificateState.REISSUED)
    }


def unsure_codes(cases: Iterable[Case]) -> set[tuple[str, str]]:
    """Site and code of papers that no person has taken over: they are never registered by themselves."""
    return {
        (case.facts["site"], case.facts["code"]) for case in cases if case.kind in UNSURE and not case.facts.get(TAKEN)
    }


def take_over(ctx: Context, number: int, *, by: str, reason: str) -> Case:
    """Take the platform's paper of this open case into the register as the person's certificate, and settle the case.

    Of one that was made anew, the new code takes the place of the dead one, under the same number; of one that was
    not granted or is too early, a push may register it from now on. Raises ConfigError where there is nothing to take.
    """
    with ctx.store.begin() as tx:
        case = tx.cases.find(number)
        if case is None or case.settled_at is not None or case.kind not in (REMADE, *UNSURE):
            raise ConfigError(
                _("Case {number} is no open case of a certificate that can be taken over.").format(number=number),
                hint=_("'connector cases list' shows the open ones."),
            )
        if case.kind == REMADE:
            _new_code(tx, ctx, case, Act(by=by, at=ctx.now(), reason=reason))
        tx.cases.add_facts(number, {**case.facts, TAKEN: True})
        tx.cases.settle(number, by, reason, ctx.now())
        return tx.cases.find(number) or case


def _new_code(tx: Transaction, ctx: Context, case: Case, act: Act) -> None:
    """The entry with the new code; the old one leads to its history as that of a replaced paper."""
    entry = tx.register.locked(case.programme, [case.phone]).get(case.phone)
    sites = [one for one in ctx.whole_programme(case.programme).by_site if one.site == case.facts["site"]]
    living = {issue.code for here in sites for issue in tx.mirror.issues(here.site, certificate_key(here))}
    if entry is None or entry.serial != case.facts["code"] or case.facts["new_code"] not in living:
        raise ConfigError(
            _("The certificate has changed since the case was opened."), hint=_("Run 'connector mirror --full' first.")
        )
    after = replace(entry, serial=case.facts["new_code"], edition=entry.edition + 1)
    tx.register.save([after])
    tx.register.note([replace(event_of(entry, after, act), event=CertificateState.REISSUED)])
