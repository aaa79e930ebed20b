"""The states of a certificate and the acts of people on it: approve, revoke, reissue, deliver. Nothing is written.

::

    due (-> approved) -> granted -> issued (-> delivered)      approval: where the programme asks for it
    any but revoked -> revoked                                 the register number stays, for ever
    issued, delivered, revoked -> reissued -> granted -> ...

A reissue keeps the register number and counts the edition: the person has one certificate, its paper is a new one
(cấp lại), and the codes of earlier papers lead to the history. Circular 03/2023/TT-BNV article 5 knows the reissue
where the issuing body erred (reference/vietnam-facts.md section 4.3); it says nothing of numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.certificates.entry import CertificateEvent, CertificateFacts, RegisterEntry
from connector.errors import ConfigError
from connector.language import _
from connector.model import (
    CertificateState,
    mask_phone,
)

S = CertificateState

NEXT: Mapping[CertificateState, frozenset[CertificateState]] = {
    S.DUE: frozenset({S.APPROVED, S.GRANTED, S.REVOKED}),
    S.APPROVED: frozenset({S.GRANTED, S.REVOKED}),
    S.GRANTED: frozenset({S.ISSUED, S.REVOKED}),
    S.ISSUED: frozenset({S.DELIVERED, S.REVOKED, S.REISSUED}),
    S.DELIVERED: frozenset({S.REVOKED, S.REISSUED}),
    S.REVOKED: frozenset({S.REISSUED}),
    S.REISSUED: frozenset({S.GRANTED, S.REVOKED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does something to a certificate, when and why."""

    by: str
    at: datetime
    reason: str = ""


def state_names() -> dict[CertificateState, str]:
    """What people read for each state."""
    return {
        S.DUE: _("due"),
        S.APPROVED: _("approved"),
        S.GRANTED: _("released, not issued yet"),
        S.ISSUED: _("issued"),
        S.DELIVERED: _("delivered"),
        S.REVOKED: _("revoked"),
        S.REISSUED: _("to be reissued"),
    }


def moved(entry: RegisterEntry, state: CertificateState, **changes: Any) -> RegisterEntry:
    """The entry in this state, with these changes. Raises ConfigError where no way leads there."""
    if state not in NEXT[entry.state]:
        names = state_names()
        raise ConfigError(
            _("The certificate of {person} is '{now}' and cannot become '{wanted}'.").format(
                person=mask_phone(entry.phone), now=names[entry.state], wanted=names[state]
            )
        )
    return replace(entry, state=state, **changes)


def approved(entry: RegisterEntry, act: Act) -> RegisterEntry:
    """The entry as somebody has approved it; only then is it released, where the programme asks for approval."""
    return moved(entry, S.APPROVED, approved_by=act.by)


def delivered(entry: RegisterEntry) -> RegisterEntry:
    """The entry whose paper has been handed over."""
    return moved(entry, S.DELIVERED)


def revoked(entry: RegisterEntry) -> RegisterEntry:
    """The entry that counts no more; its number stays taken."""
    return moved(entry, S.REVOKED, withdrawn_at=None)


def reissued(entry: RegisterEntry, facts: CertificateFacts) -> RegisterEntry:
    """The entry that waits for a new paper with these facts; the old paper's code is void from now on."""
    issued_before = bool(entry.register_no)
    return moved(
        entry,
        S.REISSUED,
        facts=facts,
        serial="",
        issued_at=None,
        withdrawn_at=None,
        edition=entry.edition + issued_before,
    )


def event_of(before: RegisterEntry, after: RegisterEntry, act: Act) -> CertificateEvent:
    """The line of the history for this act: with serial, edition and name as they were until then."""
    return CertificateEvent(
        programme=before.programme,
        phone=before.phone,
        event=after.state,
        at=act.at,
        by=act.by,
        reason=act.reason,
        serial=before.serial,
        register_no=before.register_no,
        edition=before.edition,
        full_name=before.facts.full_name,
    )


def to_withdraw(entry: RegisterEntry) -> bool:
    """True when the platform still has to take back what it released: an old paper, or a gate that is open."""
    return entry.state in (S.REVOKED, S.REISSUED) and entry.withdrawn_at is None


def withdrawn(entry: RegisterEntry, at: datetime) -> RegisterEntry:
    """The entry whose old paper the platform has taken back."""
    return replace(entry, withdrawn_at=at)
