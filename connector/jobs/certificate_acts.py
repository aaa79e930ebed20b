"""Use case: what people do to certificates: approve, revoke, reissue, note the delivery. The register is changed only;
the platform follows with the next push.
"""

from collections.abc import Callable
from functools import partial

from connector.certificates.due import Selection
from connector.certificates.entry import RegisterEntry
from connector.certificates.number_check import BookAct
from connector.certificates.states import Act, approved, delivered, event_of, reissued, revoked
from connector.context import Context
from connector.errors import AccessDenied, ConfigError
from connector.jobs.acts import record_act
from connector.jobs.certificate_facts import decide, facts_of
from connector.jobs.numbering import write_taken_back
from connector.jobs.over_sites import members_on
from connector.jobs.people import registrations_of
from connector.language import _
from connector.lms import GrantWay
from connector.model import CertificateState, mask_phone
from connector.programmes.certificate import Approval
from connector.programmes.definition import Programme
from connector.store.acts import DataAct

BOOK_ACTS = {CertificateState.REVOKED: BookAct.REVOKED, CertificateState.REISSUED: BookAct.REPLACED}

Step = Callable[[RegisterEntry], RegisterEntry]


def approve_certificates(
    ctx: Context, programme_key: str | None, chosen: Selection, *, by: str, reason: str = ""
) -> list[RegisterEntry]:
    """Approve what is due in this selection, newly earned ones included; the entries as they are now.

    Raises AccessDenied when `by` is no approver, ConfigError when the programme asks for no approval.
    """
    programme = ctx.programme(programme_key)
    if programme.certificate.approval is not Approval.REQUIRED:
        raise ConfigError(
            _("The programme '{key}' asks for no approval.").format(key=programme.key),
            hint=_("Set certificate.approval: required in its file, or push at once."),
        )
    act = _act(ctx, by, reason)
    entered, _register = decide(ctx, programme, registrations_of(ctx, programme))
    with ctx.store.begin() as tx:
        tx.register.add([entry for entry in entered.entries if chosen.holds(entry)])
    return _change(ctx, programme.key, chosen, partial(approved, act=act), act=act, of=CertificateState.DUE)


def deliver_certificates(
    ctx: Context, programme_key: str | None, chosen: Selection, *, by: str, reason: str = ""
) -> list[RegisterEntry]:
    """Note that the issued papers of this selection have been handed over; the entries as they are now."""
    act = Act(by=by, at=ctx.now(), reason=reason)
    programme = ctx.programme(programme_key)
    return _change(ctx, programme.key, chosen, delivered, act=act, of=CertificateState.ISSUED)


def _change(
    ctx: Context, programme: str, chosen: Selection, step: Step, *, act: Act, of: CertificateState
) -> list[RegisterEntry]:
    with ctx.store.begin() as tx:
        meant = [e for e in tx.register.locked(programme).values() if e.state is of and chosen.holds(e)]
        changed = [step(entry) for entry in meant]
        tx.register.save(changed)
        tx.register.note(event_of(before, after, act) for before, after in zip(meant, changed, strict=True))
    return changed


def revoke_certificate(ctx: Context, programme_key: str | None, phone: str, *, by: str, reason: str) -> RegisterEntry:
    """Revoke this person's certificate, whatever its state: it stays in the register, and its code is void at once.

    Raises AccessDenied when `by` is no approver, ConfigError when there is nothing to revoke.
    """
    act = _act(ctx, by, reason)
    record_act(ctx, DataAct.REVOKED, phone=phone, by=by, reason=reason)
    return _one(ctx, ctx.programme(programme_key).key, phone, revoked, act)


def reissue_certificate(ctx: Context, programme_key: str | None, phone: str, *, by: str, reason: str) -> RegisterEntry:
    """Have this person's certificate made anew with the name, workplace and grade of now; the old code is void at once.

    The register number stays. Raises AccessDenied when `by` is no approver, ConfigError when nothing was issued or the
    person is registered no more, or the platform gives a new paper no new code.
    """
    programme = ctx.programme(programme_key)
    act = _act(ctx, by, reason)
    registrations = [item for item in registrations_of(ctx, programme) if item.learner.phone == phone]
    members = members_on(ctx, programme, registrations)
    with ctx.store.begin() as tx:
        verdict = tx.verdicts.of_phone(programme.key, phone)
        facts_now = facts_of(tx, programme, members)
    if not members or verdict is None:
        raise ConfigError(
            _("{person} takes no part in the programme '{key}' any more.").format(
                person=mask_phone(phone), key=programme.key
            )
        )
    facts = facts_now(verdict, members[0].learner)

    def step(before: RegisterEntry) -> RegisterEntry:
        _check_new_code(programme, before)
        return reissued(before, facts=facts)

    record_act(ctx, DataAct.REISSUED, phone=phone, by=by, reason=reason)
    return _one(ctx, programme.key, phone, step, act)


def _check_new_code(programme: Programme, entry: RegisterEntry) -> None:
    """Pass where a new paper gets a new code. Open edX keeps a certificate's code for ever, also when it is remade."""
    gates = [here.certificate.gate for here in programme.by_site if entry.site in ("", here.site)]
    if any(gate is not None and gate.way is GrantWay.ALLOWLIST for gate in gates):
        raise ConfigError(
            _("A certificate of Open edX keeps its code, so it cannot be issued anew under another one."),
            hint=_("Correct name or grade on the platform and have the course's staff regenerate the certificate."),
        )


def _one(ctx: Context, programme: str, phone: str, step: Step, act: Act) -> RegisterEntry:
    with ctx.store.begin() as tx:
        before = tx.register.locked(programme, [phone]).get(phone)
        if before is None:
            raise ConfigError(
                _("{person} has no certificate of the programme '{key}'.").format(
                    person=mask_phone(phone), key=programme
                ),
                hint=_("'connector certificates due' lists who is to get one."),
            )
        after = step(before)
        write_taken_back(ctx, tx, before, BOOK_ACTS[after.state])
        tx.register.save([after])
        tx.register.note([event_of(before, after, act)])
    return after


def _act(ctx: Context, by: str, reason: str) -> Act:
    """The act of somebody who may. Raises AccessDenied."""
    approvers = ctx.settings.certificates.approvers
    if approvers and by not in approvers:
        raise AccessDenied(
            _("'{name}' may not decide on certificates.").format(name=by),
            hint=_("Who may stands in the configuration under certificates.approvers."),
        )
    return Act(by=by, at=ctx.now(), reason=reason)
