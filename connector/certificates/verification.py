"""What somebody is told who has a certificate in hand and asks whether it is true. Never the phone number.

This is the data of a public page: the name as printed, what was earned, and whether it still counts. Who has only a
register number learns no more than who has the code; numbers are easy to guess, so a page should ask for the code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.certificates.entry import CertificateEvent, RegisterEntry
from connector.certificates.number_check import TAKEN_BACK, BookAct, BookLine
from connector.model import CertificateState


class Validity(StrEnum):
    """What a code is worth: `REPLACED` means that the same certificate has a newer paper, with another code,
    `NOT_ON_PLATFORM` that the register has it and the platform that issued it does not show it any more.
    """

    VALID = "valid"
    REVOKED = "revoked"
    REPLACED = "replaced"
    NOT_ISSUED = "not_issued"
    NOT_ON_PLATFORM = "not_on_platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One certificate as the asked code or number finds it. `since` is when it was revoked or replaced."""

    validity: Validity
    entry: RegisterEntry
    since: datetime | None = None


def verify(
    code: str, entry: RegisterEntry, history: Iterable[CertificateEvent], gone_since: datetime | None = None
) -> Verified:
    """What this code (or register number) of this entry is worth, by the entry's own history, oldest act first.

    `gone_since` is when the platform was first seen not to show it any more: then nobody is told that it is valid.
    """
    acts = [event for event in history if event.phone == entry.phone and event.programme == entry.programme]
    taken_back = {event.serial: event for event in acts if event.serial and event.event is CertificateState.REISSUED}
    if code in taken_back and code != entry.serial:
        return Verified(validity=Validity.REPLACED, entry=entry, since=taken_back[code].at)
    if entry.state is CertificateState.REVOKED:
        revoked = [event.at for event in acts if event.event is CertificateState.REVOKED]
        return Verified(validity=Validity.REVOKED, entry=entry, since=revoked[-1] if revoked else None)
    if entry.is_valid and gone_since is not None:
        return Verified(validity=Validity.NOT_ON_PLATFORM, entry=entry, since=gone_since)
    validity = Validity.VALID if entry.is_valid else Validity.NOT_ISSUED
    return Verified(validity=validity, entry=entry)


def taken_back(verified: Verified, lines: Iterable[BookLine]) -> Verified:
    """The same, unless the book of numbers says that this paper was taken back though the register says nothing of it.

    `lines` are those of its code or number, oldest first.
    """
    paper = (verified.entry.register_no, verified.entry.serial)
    latest = [line for line in lines if line.paper == paper][-1:]
    if verified.entry.is_valid and latest and latest[0].act in TAKEN_BACK:
        validity = Validity.REVOKED if latest[0].act is BookAct.REVOKED else Validity.REPLACED
        return Verified(validity=validity, entry=verified.entry, since=latest[0].at)
    return verified


def as_json(verified: Verified) -> dict[str, Any]:
    """The answer as plain values for JSON. Times are ISO 8601 in UTC. Without the phone number, by design."""
    entry, facts = verified.entry, verified.entry.facts
    return {
        "status": verified.validity.value,
        "since": _iso(verified.since),
        "name": facts.full_name,
        "workplace": facts.workplace,
        "title": facts.title,
        "programme": facts.programme_name,
        "from": _iso(facts.starts_at),
        "until": _iso(facts.ends_at),
        "hours": facts.hours,
        "decision": facts.decision,
        "signer": facts.signer,
        "register_no": entry.register_no,
        "issued_at": _iso(entry.issued_at),
        "edition": entry.edition,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
